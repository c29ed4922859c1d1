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
_versions = sa.table("version_authors", *map(sa.column, ("document_id", "user_id")))
_updates = sa.table("live_updates", *map(sa.column, ("document_id", "author_id")))
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
    for root in tx.execute(sa.select(_roots).where(_roots.c.shared_access != _NOTHING)).all():
        if root.name is None:
            _mark_shared(tx, root)
        else:
            _separate(tx, root)


def downgrade() -> None:
    """Remove the columns. What was separated stays so: an older hub asks for shared documents below other roots."""
    tx = op.get_bind()
    tx.execute(sa.update(_documents).where(_documents.c.is_shared_main).values(main_key=None))
    op.drop_column("documents", "is_shared_main")
    op.drop_column("document_roots", "confirmed_at")


def _separate(tx: sa.Connection, root: Any) -> None:
    """Give what everybody opened below a shared root to a root of its own.

    The oldest document of a type was the one that everybody opened. All others are their authors' own, opened to
    everybody by nothing but the call of somebody else: they stay, and only their authors see them from now on.
    """
    for rows in _by_type(tx, root.id).values():
        shared = _shared(tx, root, rows)
        if shared is None:
            continue
        shared_id = _shared_root(tx, root, shared.type)
        if not root.provisional:
            _leave_a_copy(tx, shared)
        _mark(tx, shared, shared_id)
        _move(tx, shared.id, shared_id)
    closed = {"shared_access": _NOTHING, "access_changed": _number(tx)}
    tx.execute(sa.update(_roots).where(_roots.c.id == root.id).values(**closed))


def _mark_shared(tx: sa.Connection, root: Any) -> None:
    """Give what several people have edited below a root without a slug to that root.

    Roots without a slug may be the existing website's, whose documents are their authors' own also where others
    may see them. It does not edit live, so that what somebody else has edited so was opened by notebooks as shared.
    """
    for rows in _by_type(tx, root.id).values():
        if _is_edited_by_others(tx, rows[0]):
            _leave_a_copy(tx, rows[0])
            _mark(tx, rows[0], root.id)


def _by_type(tx: sa.Connection, root_id: str) -> dict[str, list[Any]]:
    """Return the documents below a root that have no parent, oldest first."""
    query = sa.select(_documents).where(_documents.c.root_id == root_id, _documents.c.parent_id.is_(None))
    found: dict[str, list[Any]] = {}
    for row in tx.execute(query.order_by(_documents.c.created_at, _documents.c.id)).all():
        found.setdefault(row.type, []).append(row)
    return found


def _shared(tx: sa.Connection, root: Any, rows: list[Any]) -> Any:
    """Return the one of these documents that everybody opened; None when there is none.

    As long as no teacher has come, whoever made the root has said that it is shared, and nobody else.
    """
    if not root.provisional:
        return rows[0]
    return next((row for row in rows if row.author_id == root.creator_id or _is_edited_by_others(tx, row)), None)


def _is_edited_by_others(tx: sa.Connection, document: Any) -> bool:
    for table, column in ((_versions, "user_id"), (_updates, "author_id")):
        others = table.c[column] != document.author_id
        query = sa.select(table.c[column]).where(table.c.document_id == document.id, others).limit(1)
        if tx.execute(query).first() is not None:
            return True
    return False


def _leave_a_copy(tx: sa.Connection, document: Any) -> None:
    """Leave a document, with the log of its live text, to a student who may have written it as their own.

    One that a teacher has shared by opening the same slug looks like one that a student has opened as a shared one
    before the teacher came.
    """
    role = tx.execute(sa.select(_users.c.role).where(_users.c.id == document.author_id)).scalar_one()
    if role in {"teacher", "admin"}:
        return
    copy_id = str(uuid.uuid4())
    for name, key, columns in _COPIED:
        table = sa.table(name, *map(sa.column, (key, *columns)))
        copied = sa.select(sa.literal(copy_id), *(table.c[column] for column in columns))
        there = copied.where(table.c[key] == document.id)
        tx.execute(sa.insert(table).from_select([key, *columns], there))
    tx.execute(sa.update(_documents).where(_documents.c.id == document.id).values(main_key=None))
    key = f"{document.root_id}:{document.author_id}:{document.type}"
    is_free = tx.execute(sa.select(_documents.c.id).where(_documents.c.main_key == key)).first() is None
    values = {"main_key": key if is_free else None, "changed": _number(tx)}
    tx.execute(sa.update(_documents).where(_documents.c.id == copy_id).values(**values))


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
        # What is below it may be the main one of somebody only where it was.
        is_below = _documents.c.id.in_(level) & _documents.c.parent_id.is_not(None)
        tx.execute(sa.update(_documents).where(is_below).values(main_key=None))
        level = list(tx.execute(sa.select(_documents.c.id).where(_documents.c.parent_id.in_(level))).scalars())


def _number(tx: sa.Connection) -> int:
    """Return the number of a change, so that clients that come back learn of it."""
    if tx.dialect.name == "postgresql":
        found: int = tx.execute(sa.text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")).scalar_one()
        return found
    tx.execute(sa.update(_counter).values(value=_counter.c.value + 1))
    number: int = tx.execute(sa.select(_counter.c.value)).scalar_one()
    return number
