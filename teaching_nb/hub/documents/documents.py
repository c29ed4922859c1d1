"""Documents: reading one, and creating. Access follows the strict rule.

Every function checks before it writes. Changing them is in `changes`; what several documents at once look like in
`root_loads` and `lists`; linking and deleting, which concern whatever is below a document, in `trees`; live text in
`update_log`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import BindParameter, Connection, Row, bindparam, func, insert, select

from teaching_nb.errors import Forbidden, InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.access.facts import own_access
from teaching_nb.hub.access.rights import NOT_FOUND, Rights
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import assessed, messages, quotas, update_log
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.documents.rows import DocumentRow
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import users
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import document_roots
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_readable, is_writable
from teaching_nb.schema.documents import with_line_feeds
from teaching_nb.schema.records import Document
from teaching_nb.schema.removal import THREAD

TYPE_LENGTH = 100

MainKind = Literal["own", "shared"]
"""A main document is its author's, or the one that everybody opens."""

SHARED = "shared"
"""Whom the main document that everybody opens belongs to, in its key."""

NOT_UNIQUE = "[not unique] Main document already exists for this user"

_NO_CREATE = "Insufficient access permission"

_id: BindParameter[str] = bindparam("document_id")
_root: BindParameter[str] = bindparam("root_id")

_with_root = select(
    documents_table,
    document_roots.c.access,
    document_roots.c.shared_access,
    document_roots.c.provisional,
    document_roots.c.creator_id,
).join(document_roots, documents_table.c.root_id == document_roots.c.id)
_by_id = _with_root.where(documents_table.c.id == _id)
_main_documents = _with_root.where(
    documents_table.c.root_id == _root,
    documents_table.c.type == bindparam("document_type"),
).order_by(documents_table.c.created_at, documents_table.c.id)
_main_documents_of = _main_documents.where(
    documents_table.c.author_id == bindparam("author_id"), ~documents_table.c.is_shared_main
)
_shared_mains = _main_documents.where(documents_table.c.is_shared_main)
_quizzes_of = select(documents_table.c.data).where(
    documents_table.c.root_id == _root,
    documents_table.c.author_id == bindparam("author_id"),
    documents_table.c.type == assessed.QUIZ,
)
_newest = select(func.max(documents_table.c.created_at)).where(documents_table.c.root_id == _root)


class NewDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of a new document."""

    type: str
    document_root_id: str
    data: Any
    parent_id: str | None = None
    author_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A document with what its reader may do with it."""

    row: Row[Any]
    access: Access


def record(row: Row[Any] | DocumentRow, *, with_data: bool = True) -> Document:
    """Return the wire record of a document row."""
    return Document(
        id=row.id,
        author_id=row.author_id,
        type=row.type,
        data=row.data if with_data else None,
        parent_id=row.parent_id,
        document_root_id=row.root_id,
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        revision=row.revision,
    )


def find_row(tx: Connection, document_id: str) -> Row[Any] | None:
    """Return a document's row with the columns of its root that decide who may do what."""
    return tx.execute(_by_id, {"document_id": document_id}).first()


def find(tx: Connection, actor: Actor, document_id: str) -> Found | None:
    """Return a document that the caller may know of; None otherwise.

    Elevated callers who manage the author get the author's access where their own hides it. The author
    gets their document whatever their access is; the caller of this function leaves out the data then.
    """
    row = find_row(tx, document_id)
    if row is None:
        return None
    rights = Rights.read(tx, row, actor)
    access = rights.effective(actor)
    if is_readable(access) or rights.is_author(actor):
        return Found(row, access)
    return Found(row, rights.of_author()) if rights.looks_after(actor) else None


def create(
    tx: Connection, actor: Actor, wanted: NewDocument, *, on_behalf_of: bool, unique_main: bool
) -> Outcome[Document]:
    """Create a document of the caller, or on behalf of somebody whom an elevated caller manages."""
    root = tx.execute(select(document_roots).where(document_roots.c.id == wanted.document_root_id)).first()
    if root is None:
        raise NotFound("Document root not found")
    is_on_behalf = on_behalf_of and actor.is_elevated and wanted.author_id is not None
    author_id = actor.user_id
    if is_on_behalf:
        author_id = cast("str", wanted.author_id)
        if users.by_id(tx, author_id) is None or not users.is_managed(tx, actor, author_id):
            raise NotFound("On Behalf Of user not found or no required access")
    parent = _checked_parent(tx, actor, wanted) if wanted.parent_id else None
    check_type(wanted.type)
    messages.check_new(wanted.type, wanted.data, is_in_thread=parent is not None and parent.type == THREAD)
    if unique_main:
        _check_unique(tx, actor, wanted, author_id)
    check_assessed(tx, actor, wanted)
    if not is_on_behalf and not is_writable(own_access(tx, actor.user_id, root.id, root.access)):
        raise Forbidden(_NO_CREATE)
    return insert_document(tx, actor, wanted, author_id=author_id, main="own" if unique_main else None)


def changeable(tx: Connection, actor: Actor, document_id: str, *, on_behalf_of: bool) -> Row[Any]:
    """Return a document that the actor may change; raises `Forbidden` when they only see it, else `NotFound`."""
    row = find_row(tx, document_id)
    if row is None:
        raise NotFound(NOT_FOUND)
    Rights.read(tx, row, actor).check_changeable(actor, on_behalf_of=on_behalf_of)
    return row


def present_row(tx: Connection, document_id: str) -> Row[Any]:
    """Return the row of a document that exists."""
    row = find_row(tx, document_id)
    assert row is not None
    return row


def materialized(tx: Connection, row: Row[Any]) -> tuple[Row[Any], tuple[Notification, ...]]:
    """Return the row with what its log holds, and whom that concerns."""
    stale = update_log.stale_ids(tx, document_ids=[row.id])
    if not stale:
        return row, ()
    notifications = update_log.materialize(tx, stale).notifications
    return present_row(tx, row.id), notifications


def insert_document(
    tx: Connection, actor: Actor, wanted: NewDocument, *, author_id: str, main: MainKind | None
) -> Outcome[Document]:
    """Insert a document without any check and announce it; `main` says whose main one it is, if it is one.

    The answer is what the author may see: without data when they are shut out.
    """
    size = wire.check_storable(wanted.data, "data")
    quotas.check_new_document(tx, actor, author_id=author_id, root_id=wanted.document_root_id)
    is_of_class = main == "shared" and not _is_provisional(tx, wanted.document_root_id)
    place = quotas.place(author_id, wanted.document_root_id, is_of_class=is_of_class)
    quotas.check_growth(tx, actor, place, size=size)
    now = _creation_time(tx, wanted.document_root_id)
    owner = SHARED if main == "shared" else author_id
    values = {
        "id": wire.new_id(),
        "author_id": author_id,
        "root_id": wanted.document_root_id,
        "parent_id": wanted.parent_id or None,
        "type": wanted.type,
        "data": with_line_feeds(wanted.type, wanted.data),
        "main_key": None if main is None else main_key(wanted.document_root_id, owner, wanted.type),
        "is_shared_main": main == "shared",
        "revision": 1,
        "created_at": now,
        "updated_at": now,
        "changed": change_numbers.next_number(tx),
    }
    tx.execute(insert(documents_table), values)
    row = present_row(tx, cast("str", values["id"]))
    receivers = document_events.receivers_of_record(tx, row, actor.user_id)
    answer = record(row, with_data=is_readable(own_access(tx, author_id, row.root_id, row.access)))
    told = document_events.created(record(row), receivers)
    return Outcome(answer, (told, *assessed.told_of_key(row, None, row.data)))


def check_assessed(tx: Connection, actor: Actor, wanted: NewDocument) -> None:
    """Raise `Forbidden` for a document that would change what was assessed of the caller's."""
    if actor.is_elevated or not assessed.is_part_of_a_quiz(wanted.type, wanted.data):
        return
    theirs = {"root_id": wanted.document_root_id, "author_id": actor.user_id}
    assessed.check_creation(wanted.data, tx.execute(_quizzes_of, theirs).scalars())


def _is_provisional(tx: Connection, root_id: str) -> bool:
    query = select(document_roots.c.provisional).where(document_roots.c.id == root_id)
    return bool(tx.execute(query).scalar_one())


def main_key(root_id: str, owner: str, document_type: str) -> str:
    """Return what is unique among main documents; `owner` is the author, or `SHARED`."""
    return f"{root_id}:{owner}:{document_type}"


def shared_main(tx: Connection, *, root_id: str, document_type: str) -> Row[Any] | None:
    """Return the main document of a type that everybody opens below a root."""
    return tx.execute(_shared_mains, {"root_id": root_id, "document_type": document_type}).first()


def candidates(tx: Connection, *, root_id: str, document_type: str, author_id: str | None = None) -> list[Row[Any]]:
    """Return the documents of a type below a root, oldest first; of one author, if one is given, their own only."""
    query = _main_documents if author_id is None else _main_documents_of
    wanted = {"root_id": root_id, "document_type": document_type, "author_id": author_id}
    return list(tx.execute(query, wanted))


def check_type(document_type: str) -> None:
    """Raise `InvalidInput` when a type cannot be stored."""
    if not 0 < len(document_type) <= TYPE_LENGTH:
        raise InvalidInput(f"type has {len(document_type)} characters, it needs 1 to {TYPE_LENGTH}")


def _creation_time(tx: Connection, root_id: str) -> int:
    """Return the present time, but never one before that of an older document of the root.

    The oldest shared document is the one that everybody opens: a clock that was set back must not make a
    newer one the oldest. On PostgreSQL hubs write side by side, and looking at each other's documents here
    would make them wait for each other; their machines have to keep their clocks.
    """
    if tx.dialect.name == "postgresql":
        return clock.now()
    newest = tx.execute(_newest, {"root_id": root_id}).scalar_one()
    return clock.now() if newest is None else clock.after(newest)


def _checked_parent(tx: Connection, actor: Actor, wanted: NewDocument) -> Row[Any]:
    row = find_row(tx, cast("str", wanted.parent_id))
    rights = None if row is None else Rights.read(tx, row, actor)
    if row is None or rights is None or not (is_readable(rights.effective(actor)) or rights.is_author(actor)):
        raise NotFound("Parent document not found")
    if row.root_id != wanted.document_root_id:
        raise InvalidInput("the parent document belongs to another document root")
    may_add = rights.is_author(actor) or is_writable(rights.effective(actor)) or rights.looks_after(actor)
    if not may_add:
        raise Forbidden(_NO_CREATE)
    return row


def _check_unique(tx: Connection, actor: Actor, wanted: NewDocument, author_id: str) -> None:
    found = candidates(tx, root_id=wanted.document_root_id, document_type=wanted.type, author_id=author_id)
    if not found:
        return
    rows = sorted(found, key=lambda row: row.parent_id is not None)
    raise Forbidden(NOT_UNIQUE, document=record(rows[0], with_data=Rights.read(tx, rows[0], actor).may_read(actor)))


def is_equal(old: Any, new: Any) -> bool:
    """Tell whether two JSON values are the same."""
    # Python takes 1, 1.0 and True for equal.
    return msgspec.json.encode(old, order="deterministic") == msgspec.json.encode(new, order="deterministic")
