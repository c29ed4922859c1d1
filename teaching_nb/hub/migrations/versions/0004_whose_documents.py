"""Whose documents: what is shared belongs to its root, and lies below another one than each person's own."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_roots = sa.table(
    "document_roots",
    *map(sa.column, ("id", "name", "access", "shared_access", "provisional", "creator_id", "confirmed_at")),
    *map(sa.column, ("created_at", "access_changed")),
)
_documents = sa.table(
    "documents",
    *map(sa.column, ("id", "author_id", "root_id", "parent_id", "type", "main_key", "is_shared_main")),
    *map(sa.column, ("created_at", "changed")),
)
_users = sa.table("users", *map(sa.column, ("id", "role")))
_counter = sa.table("change_counter", sa.column("value"))
_permissions = {
    "user_permissions": "user_id",
    "group_permissions": "group_id",
}
_COPIED = (
    (
        "documents",
        "id",
        ("author_id", "root_id", "type", "data", "revision", "created_at", "updated_at", "changed"),
    ),
    ("live_texts", "document_id", ("head", "materialized", "touched_at")),
    ("live_updates", "document_id", ("number", "update", "author_id", "created_at", "is_packed")),
)
"""Table, key, and the columns of a document that a copy of it has too."""
_NOTHING = "None_DocumentRoot"


def upgrade() -> None:
    """Add the columns, and separate what has been shared from what is people's own."""
    op.add_column("document_roots", sa.Column("confirmed_at", sa.BigInteger(), nullable=True))
    op.add_column("documents", sa.Column("is_shared_main", sa.Boolean(), server_default=sa.false(), nullable=False))
    tx = op.get_bind()
    tx.execute(sa.update(_roots).where(~_roots.c.provisional).values(confirmed_at=_roots.c.created_at))
    is_concerned = (_roots.c.shared_access != _NOTHING) & _roots.c.name.is_not(None)
    for root in tx.execute(sa.select(_roots).where(is_concerned)).all():
        _separate(tx, root)


def downgrade() -> None:
    """Remove the columns. What was separated stays so: an older hub asks for shared documents below other roots."""
    tx = op.get_bind()
    keys = _documents.c.root_id + ":" + _documents.c.author_id + ":" + _documents.c.type
    tx.execute(sa.update(_documents).where(_documents.c.is_shared_main).values(main_key=keys))
    op.drop_column("documents", "is_shared_main")
    op.drop_column("document_roots", "confirmed_at")


def _separate(tx: sa.Connection, root: Any) -> None:
    """Give what everybody opened below a shared root to the root, and to one of its own where a slug names it.

    The oldest document of a type was the one that everybody opened. All others are their authors' own, opened to
    everybody by nothing but the call of somebody else: they stay, and only their authors see them from now on. Roots
    without a slug, the existing website's among them, stay as they are.
    """
    of_type: dict[str, list[Any]] = {}
    query = sa.select(_documents).where(_documents.c.root_id == root.id, _documents.c.parent_id.is_(None))
    for row in tx.execute(query.order_by(_documents.c.created_at, _documents.c.id)).all():
        of_type.setdefault(row.type, []).append(row)
    for type_name, rows in of_type.items():
        shared_id = _shared_root(tx, root, type_name)
        if not root.provisional and _is_student(tx, rows[0].author_id):
            _leave_a_copy(tx, rows[0].id)
        _mark(tx, rows[0], shared_id)
        _move(tx, rows[0].id, shared_id)
    closed = {"shared_access": _NOTHING, "access_changed": _number(tx)}
    tx.execute(sa.update(_roots).where(_roots.c.id == root.id).values(**closed))


def _is_student(tx: sa.Connection, user_id: str) -> bool:
    query = sa.select(_users.c.role).where(_users.c.id == user_id)
    return tx.execute(query).scalar_one() not in {"teacher", "admin"}


def _leave_a_copy(tx: sa.Connection, document_id: str) -> None:
    """Leave a document, with the log of its live text, to its author, who may have written it as their own.

    A student's document that a teacher has shared by opening the same slug looks like one that the student has
    opened as a shared one before the teacher came.
    """
    copy_id = str(uuid.uuid4())
    for name, key, columns in _COPIED:
        table = sa.table(name, *map(sa.column, (key, *columns)))
        copied = sa.select(sa.literal(copy_id), *(table.c[column] for column in columns))
        there = copied.where(table.c[key] == document_id)
        tx.execute(sa.insert(table).from_select([key, *columns], there))
    values = {"changed": _number(tx)}
    tx.execute(sa.update(_documents).where(_documents.c.id == document_id).values(main_key=None))
    keys = _documents.c.root_id + ":" + _documents.c.author_id + ":" + _documents.c.type
    tx.execute(sa.update(_documents).where(_documents.c.id == copy_id).values(main_key=keys, **values))


def _mark(tx: sa.Connection, row: Any, root_id: str) -> None:
    values = {"is_shared_main": True, "main_key": f"{root_id}:shared:{row.type}"}
    tx.execute(sa.update(_documents).where(_documents.c.id == row.id).values(**values))


def _shared_root(tx: sa.Connection, root: Any, type_name: str) -> str:
    """Make the root for what is shared of one type under a slug, with all that holds of the one before."""
    shared_id = str(uuid.uuid5(uuid.UUID(root.id), f"shared {type_name}"))
    copied = {name: getattr(root, name) for name in ("name", "access", "shared_access", "provisional", "creator_id")}
    times = {"created_at": root.created_at, "confirmed_at": root.confirmed_at, "access_changed": _number(tx)}
    tx.execute(sa.insert(_roots).values(id=shared_id, **copied, **times))
    for name, column in _permissions.items():
        table = sa.table(name, *map(sa.column, ("id", "root_id", column, "access")))
        for row in tx.execute(sa.select(table).where(table.c.root_id == root.id)).all():
            values = {"id": str(uuid.uuid4()), "root_id": shared_id, column: getattr(row, column)}
            tx.execute(sa.insert(table).values(access=row.access, **values))
    return shared_id


def _move(tx: sa.Connection, document_id: str, root_id: str) -> None:
    """Put a document with all that is below it below another root."""
    level = [document_id]
    while level:
        values = {"root_id": root_id, "changed": _number(tx)}
        tx.execute(sa.update(_documents).where(_documents.c.id.in_(level)).values(**values))
        level = list(tx.execute(sa.select(_documents.c.id).where(_documents.c.parent_id.in_(level))).scalars())


def _number(tx: sa.Connection) -> int:
    """Return the number of a change, so that clients that come back learn of it."""
    if tx.dialect.name == "postgresql":
        found: int = tx.execute(sa.text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")).scalar_one()
        return found
    tx.execute(sa.update(_counter).values(value=_counter.c.value + 1))
    number: int = tx.execute(sa.select(_counter.c.value)).scalar_one()
    return number
