"""Documents with all that is below them: linking one below another, and deleting.

Every function checks before it writes. A document by itself is in `documents`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from teaching_nb.errors import Conflict, Forbidden, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.access import said
from teaching_nb.hub.access.ownership import belongs_to
from teaching_nb.hub.access.rights import Rights
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import assessed, documents
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import allowed_actions
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.records import Document

RELINK = "update@parent_id"
"""The action that must be allowed for a type before its documents may be relinked."""

_children = select(documents_table.c.id).where(
    documents_table.c.parent_id.in_(bindparam("document_ids", expanding=True))
)


def link(tx: Connection, actor: Actor, document_id: str, parent_id: str) -> Outcome[Document]:
    """Put a document below another one of the same author and root, or below what everybody opens and changes there."""
    if document_id == parent_id:
        raise Forbidden("Not allowed to link a model to itself")
    row = documents.find_row(tx, document_id)
    if row is None or not is_writable(Rights.read(tx, row, actor).effective(actor)):
        raise NotFound("Model not found")
    parent = documents.find(tx, actor, parent_id)
    if parent is None:
        raise NotFound("Model linking to not found")
    if row.is_shared_main and not actor.is_elevated:
        raise Forbidden("Not allowed to relink a document that is shared")
    if parent_id in descendants(tx, document_id):
        raise Forbidden("Not allowed to link a model to its own descendant")
    is_everybodys = parent.row.is_shared_main and is_writable(parent.access)
    if parent.row.author_id != row.author_id and not is_everybodys:
        raise Forbidden("Not allowed to relink a model to anothers document")
    if parent.row.root_id != row.root_id:
        raise Forbidden("Not allowed to relink a model to another document root")
    if not _is_relinkable(tx, row.type):
        raise Forbidden("Not allowed to relink this model")
    row, notifications = documents.materialized(tx, row)
    if row.parent_id == parent_id:
        return Outcome(documents.record(row), notifications)
    values = {
        "parent_id": parent_id,
        "main_key": None,
        "is_shared_main": False,
        "revision": row.revision + 1,
        "updated_at": clock.after(row.updated_at),
        "changed": change_numbers.next_number(tx),
    }
    tx.execute(update(documents_table).where(documents_table.c.id == document_id), values)
    linked = documents.record(documents.present_row(tx, document_id))
    receivers = document_events.receivers_of(tx, row, actor.user_id)
    return Outcome(linked, (*notifications, document_events.relinked(linked, receivers)))


def remove(
    tx: Connection, actor: Actor, document_id: str, *, on_behalf_of: bool = False, below: int | None = None
) -> Outcome[None]:
    """Delete a document and everything below it; each is announced, children first.

    `below` is how many documents the caller knows to be below it; with another number nothing is deleted.
    """
    row = documents.find_row(tx, document_id)
    if row is None or not _may_remove(tx, actor, row, on_behalf_of=on_behalf_of):
        raise NotFound("Document not found")
    doomed = (document_id, *descendants(tx, document_id))
    if below not in {None, len(doomed) - 1}:
        raise Conflict(f"{len(doomed) - 1} documents are below this one by now, and not {below}")
    rows = [documents.present_row(tx, each) for each in doomed]
    assessed.check_removal(actor, rows)
    said.check_removal(actor, rows[0], rows[1:])
    return Outcome(None, remove_all(tx, [document_id], actor.user_id))


def remove_all(tx: Connection, document_ids: Sequence[str], caller_id: str) -> tuple[Notification, ...]:
    """Delete documents and everything below them without any check; each is announced, children first."""
    ids = [*document_ids, *(below for document_id in document_ids for below in descendants(tx, document_id))]
    # Whatever stands twice is announced where it stands deepest.
    doomed = [documents.present_row(tx, doomed_id) for doomed_id in dict.fromkeys(reversed(ids))]
    notifications = tuple(
        document_events.deleted(row.id, document_events.receivers_of_record(tx, row, caller_id)) for row in doomed
    )
    change_numbers.documents_deleted(tx, doomed)
    tx.execute(delete(documents_table).where(documents_table.c.id.in_([row.id for row in doomed])))
    return notifications


def _may_remove(tx: Connection, actor: Actor, row: Row[Any], *, on_behalf_of: bool) -> bool:
    """Tell whether the caller may delete; raises `Forbidden` when they may see the document all the same."""
    rights = Rights.read(tx, row, actor)
    if actor.is_admin or (on_behalf_of and rights.looks_after(actor)):
        return True
    access = rights.effective(actor)
    # What is shared belongs to its root, also while its author is the only one who may change it.
    may_belong = actor.is_elevated or not row.is_shared_main
    if may_belong and belongs_to(row, actor.user_id, actor.role, rights.own(actor)) and is_writable(access):
        return True
    if rights.is_author(actor) or is_readable(access):
        raise Forbidden("Not authorized")
    return False


def _is_relinkable(tx: Connection, document_type: str) -> bool:
    query = select(allowed_actions.c.id).where(
        allowed_actions.c.document_type == document_type, allowed_actions.c.action == RELINK
    )
    return tx.execute(query).first() is not None


def descendants(tx: Connection, document_id: str) -> list[str]:
    """Return the ids of all documents below one, parents before children."""
    found: list[str] = []
    level = [document_id]
    while level:
        level = list(tx.execute(_children, {"document_ids": level}).scalars())
        found += level
    return found
