"""Documents that are each person's own: how many people have some below a root, and moving them to another one.

A person's own document is neither a shared main document nor below one. Checks no access: whoever calls has done so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, distinct, func, insert, select, update

from teaching_nb.hub import clock
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.outcomes import Notification
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import document_roots
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import kind

_is_personal = documents_table.c.parent_id.is_(None) & ~documents_table.c.is_shared_main


def count_authors(tx: Connection, root_id: str, *, except_id: str = "") -> int:
    """Return how many people have documents of their own below a root; `except_id` is not counted."""
    query = select(func.count(distinct(documents_table.c.author_id))).where(
        _is_personal, documents_table.c.root_id == root_id, documents_table.c.author_id != except_id
    )
    found: int = tx.execute(query).scalar_one()
    return found


def ids_below(tx: Connection, root_id: str) -> list[str]:
    """Return the documents below a root that are somebody's own, oldest first."""
    query = select(documents_table.c.id).where(_is_personal, documents_table.c.root_id == root_id)
    return list(tx.execute(query.order_by(documents_table.c.created_at, documents_table.c.id)).scalars())


def is_safe(tx: Connection, root_id: str) -> bool:
    """Tell whether below this root, made where it is missing, a person's own document is seen by nobody else.

    A provisional root that others may see is closed for it: whoever has something of their own there wants that.
    """
    row = tx.execute(select(document_roots).where(document_roots.c.id == root_id)).first()
    if row is None:
        return True
    return bool(row.provisional) or kind(row.shared_access) == "None"


def move(tx: Connection, document_ids: Sequence[str], root_id: str, *, name: str | None) -> list[Notification]:
    """Put documents with all that is below them below another root, where only their authors see them.

    The root must be safe; it is made when it is missing. Returns what is to be told.
    """
    _prepare(tx, root_id, name)
    notifications: list[Notification] = []
    for document_id in document_ids:
        row = documents.present_row(tx, document_id)
        values = {**_place(tx, row, root_id), "is_shared_main": False}
        tx.execute(update(documents_table).where(documents_table.c.id == document_id), values)
        family = [document_id, *document_trees.descendants(tx, document_id)]
        moved = {"root_id": root_id, "changed": change_numbers.next_number(tx)}
        tx.execute(update(documents_table).where(documents_table.c.id.in_(family)), moved)
        # What is below a document may be the main one of somebody only where it was.
        tx.execute(update(documents_table).where(documents_table.c.id.in_(family[1:])), {"main_key": None})
        notifications += [_told(tx, member_id) for member_id in family]
    return notifications


def _prepare(tx: Connection, root_id: str, name: str | None) -> None:
    is_there = document_roots.c.id == root_id
    row = tx.execute(select(document_roots.c.provisional).where(is_there)).first()
    if row is None:
        values = {"id": root_id, "name": name, "provisional": True, "created_at": clock.now()}
        tx.execute(insert(document_roots), {**values, "access_changed": change_numbers.next_number(tx)})
    elif row.provisional:
        # What a student has made of it must neither open nor close what is put there.
        plain = {"access": "RW_DocumentRoot", "shared_access": "None_DocumentRoot"}
        tx.execute(update(document_roots).where(is_there), {**plain, "access_changed": change_numbers.next_number(tx)})


def _place(tx: Connection, row: Row[Any], root_id: str) -> dict[str, Any]:
    """Return the columns that make a document its author's main one below a root, unless they have one there."""
    there = documents.candidates(tx, root_id=root_id, document_type=row.type, author_id=row.author_id)
    if not there:
        return {"main_key": documents.main_key(root_id, row.author_id, row.type)}
    # The oldest one is the main one, for clients that look for it themselves.
    return {"main_key": None, "created_at": max(clock.now(), there[-1].created_at + 1)}


def _told(tx: Connection, document_id: str) -> Notification:
    row = documents.present_row(tx, document_id)
    return document_events.relinked(documents.record(row), document_events.receivers_of(tx, row, row.author_id))
