"""Roots are found by who has created them and by what they share, without looking at all of them."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COLUMNS = ("creator_id", "shared_access")


def upgrade() -> None:
    """Add the indexes."""
    for column in _COLUMNS:
        op.create_index(f"ix_document_roots_{column}", "document_roots", [column])


def downgrade() -> None:
    """Remove them."""
    for column in _COLUMNS:
        op.drop_index(f"ix_document_roots_{column}", "document_roots")
