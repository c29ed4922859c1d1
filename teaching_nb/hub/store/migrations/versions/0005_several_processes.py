"""Several processes on one database: what each announces to the sockets of the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of announcements that are posted for other processes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "posted_announcements",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("process", sa.String(40), nullable=False),
        sa.Column("sender_sid", sa.String(200), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_posted_announcements"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("posted_announcements")
