"""Signing in with cookies, catching up after a break, settings of an editor."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHANGE_NUMBERS = (("users", "access_changed"), ("document_roots", "access_changed"), ("documents", "changed"))


def upgrade() -> None:
    """Add the tables and columns."""
    for table, column in _CHANGE_NUMBERS:
        op.add_column(table, sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("one_time_tokens", sa.Column("sealed_token", sa.String(length=300), nullable=True))
    _create_changes()
    _create_hub_secrets()
    _create_cms_settings()


def downgrade() -> None:
    """Remove them."""
    for table in ("cms_settings", "hub_secrets", "change_counter", "deleted_documents"):
        op.drop_table(table)
    for table, column in (*_CHANGE_NUMBERS, ("one_time_tokens", "sealed_token")):
        op.drop_column(table, column)


def _create_changes() -> None:
    op.create_table(
        "deleted_documents",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("root_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["root_id"],
            ["document_roots.id"],
            name=op.f("fk_deleted_documents_root_id_document_roots"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_deleted_documents")),
    )
    op.create_index(op.f("ix_deleted_documents_root_id"), "deleted_documents", ["root_id"], unique=False)
    counter = op.create_table(
        "change_counter",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_counter")),
    )
    # What was there before has number 0, so that nobody misses it who begins with what is there now.
    op.bulk_insert(counter, [{"id": 1, "value": 1, "forgotten": 0}])


def _create_hub_secrets() -> None:
    table = op.create_table(
        "hub_secrets",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hub_secrets")),
    )
    op.bulk_insert(table, [{"name": "cookie", "value": secrets.token_hex(32)}])


def _create_cms_settings() -> None:
    op.create_table(
        "cms_settings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("active_branch", sa.String(), nullable=True),
        sa.Column("active_path", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_cms_settings_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cms_settings")),
        sa.UniqueConstraint("user_id", name=op.f("uq_cms_settings_user_id")),
    )
