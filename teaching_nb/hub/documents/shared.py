"""Shared main documents, which belong to their roots: when they do not any more, and when their author goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from teaching_nb.hub.actors import is_elevated_role
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.outcomes import Notification
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import document_roots, users
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import Access, kind


def give_back(tx: Connection, root: Row[Any], shared_access: Access, *, of_type: str | None = None) -> None:
    """Make shared main documents of students their own, when an elevated person opens it for reading or for nobody.

    A hand-out (of this type, if one is given) is made by elevated people, and what nobody else is to see belongs to
    who has written it.
    """
    if kind(shared_access) == "RW":
        return
    is_main = (documents_table.c.root_id == root.id) & documents_table.c.is_shared_main
    query = select(documents_table.c.id, documents_table.c.author_id, documents_table.c.type, users.c.role)
    for row in tx.execute(query.join(users, users.c.id == documents_table.c.author_id).where(is_main)).all():
        is_concerned = kind(shared_access) == "None" or of_type in {None, row.type}
        if is_elevated_role(row.role) or not is_concerned:
            continue
        own = documents.candidates(tx, root_id=root.id, document_type=row.type, author_id=row.author_id)
        key = None if own else documents.main_key(root.id, row.author_id, row.type)
        values = {"is_shared_main": False, "main_key": key, "changed": change_numbers.next_number(tx)}
        tx.execute(update(documents_table).where(documents_table.c.id == row.id).values(**values))


def hand_over(tx: Connection, author_id: str, *, to: str) -> list[Notification]:
    """Put the shared main documents of somebody under the name of who has opened the root, or of `to`.

    Only the names change: who may do what with such a document follows from its root. Documents of others below
    them stay where they are; those of the author are not handed over. Returns what is to be told.
    """
    query = (
        select(documents_table.c.id, document_roots.c.creator_id, document_roots.c.provisional)
        .join(document_roots, document_roots.c.id == documents_table.c.root_id)
        .where(documents_table.c.author_id == author_id, documents_table.c.is_shared_main)
        .order_by(documents_table.c.created_at, documents_table.c.id)
    )
    return [
        _handed_over(tx, row.id, to if row.provisional or row.creator_id in {None, author_id} else row.creator_id)
        for row in tx.execute(query).all()
    ]


def _handed_over(tx: Connection, document_id: str, user_id: str) -> Notification:
    values = {"author_id": user_id, "changed": change_numbers.next_number(tx)}
    tx.execute(update(documents_table).where(documents_table.c.id == document_id), values)
    row = documents.present_row(tx, document_id)
    return document_events.relinked(documents.record(row), document_events.receivers_of(tx, row, user_id))
