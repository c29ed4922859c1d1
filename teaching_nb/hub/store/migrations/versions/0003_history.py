"""The history of live documents, and compressed entries in their logs."""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column."""
    op.add_column("live_updates", sa.Column("is_packed", sa.Boolean(), server_default=sa.false(), nullable=False))
    _create_versions()
    _create_authors()


def downgrade() -> None:
    """Remove them; packed entries are unpacked, for an older hub cannot read them."""
    _unpack()
    op.drop_table("version_authors")
    op.drop_table("document_versions")
    op.drop_column("live_updates", "is_packed")


def _create_versions() -> None:
    op.create_table(
        "document_versions",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_document_versions_document_id_documents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_document_versions")),
    )


def _create_authors() -> None:
    op.create_table(
        "version_authors",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_version_authors_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "number"],
            ["document_versions.document_id", "document_versions.number"],
            name="fk_version_authors_document_versions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "number", "user_id", name=op.f("pk_version_authors")),
    )
    op.create_index(op.f("ix_version_authors_user_id"), "version_authors", ["user_id"], unique=False)


def _unpack() -> None:
    log = sa.table(
        "live_updates",
        sa.column("document_id", sa.String),
        sa.column("number", sa.BigInteger),
        sa.column("update", sa.LargeBinary),
        sa.column("is_packed", sa.Boolean),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(log).where(log.c.is_packed)).all():
        there = (log.c.document_id == row.document_id) & (log.c.number == row.number)
        connection.execute(sa.update(log).where(there).values(update=zlib.decompress(bytes(row.update))))
