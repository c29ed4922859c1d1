"""All that a transaction announces is one row, in which several may have sent something: who has stands in the body."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forget what earlier versions have posted, which nobody waits for any more, and who has sent it."""
    op.execute("DELETE FROM posted_announcements")
    op.drop_column("posted_announcements", "sender_sid")


def downgrade() -> None:
    """Have a place for who has sent something again."""
    op.execute("DELETE FROM posted_announcements")
    op.add_column("posted_announcements", sa.Column("sender_sid", sa.String(200), nullable=True))
