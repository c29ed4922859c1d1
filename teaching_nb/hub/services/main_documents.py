"""The main document of a user below a root: found, or created together with its root, in one transaction."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from teaching_nb.errors import Forbidden
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.services import document_roots, documents, live_text
from teaching_nb.hub.services.document_roots import RootSettings
from teaching_nb.hub.services.own_accesses import own_access
from teaching_nb.schema.access import effective_access, is_readable, is_writable
from teaching_nb.schema.records import Document


class WantedMain(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of a request for a main document."""

    document_root_id: str
    type: str
    data: Any = None
    root: RootSettings | None = None
    """How the root is created when it does not exist."""
    shared: bool = False
    """Whether the one main document that everybody opens is wanted, instead of the caller's own."""


def find(tx: Connection, actor: Actor, wanted: WantedMain, *, is_fresh: bool = True) -> Document | None:
    """Return the main document when nothing has to be written for it; None otherwise.

    With `is_fresh=False` also one that lacks live edits of the last moment.
    """
    root = document_roots.find(tx, wanted.document_root_id)
    if root is None or (root.provisional and actor.is_elevated and wanted.root is not None):
        return None
    row = _existing(tx, actor, wanted, root)
    if row is None or (is_fresh and live_text.stale_ids(tx, document_ids=[row.id])):
        return None
    return _answer(tx, actor, row)


def get_or_create(
    tx: Connection, actor: Actor, wanted: WantedMain, *, staff_group_id: str | None = None
) -> Outcome[Document]:
    """Return the main document, creating it and its root where they are missing."""
    documents.check_type(wanted.type)
    prepared = document_roots.ensure(tx, actor, wanted.document_root_id, wanted.root, staff_group_id=staff_group_id)
    root = document_roots.find(tx, wanted.document_root_id)
    assert root is not None
    row = _existing(tx, actor, wanted, root)
    if row is None:
        result = _create(tx, actor, wanted, root)
    else:
        written = live_text.materialize(tx, live_text.stale_ids(tx, document_ids=[row.id]))
        row = documents.find_row(tx, row.id)
        assert row is not None
        result = Outcome(_answer(tx, actor, row), written.notifications)
    if prepared is None:
        return result
    notifications = (*prepared.notifications, *result.notifications)
    return Outcome(result.record, notifications, access_changed=prepared.access_changed)


def _create(tx: Connection, actor: Actor, wanted: WantedMain, root: Row[Any]) -> Outcome[Document]:
    if not is_writable(own_access(tx, actor.user_id, root.id, root.access)):
        raise Forbidden("Insufficient access permission")
    body = documents.NewDocument(type=wanted.type, document_root_id=root.id, data=wanted.data)
    return documents.insert_document(tx, actor, body, author_id=actor.user_id, is_main=True)


def _existing(tx: Connection, actor: Actor, wanted: WantedMain, root: Row[Any]) -> Row[Any] | None:
    author_id = None if wanted.shared else actor.user_id
    found = documents.candidates(tx, root_id=root.id, document_type=wanted.type, author_id=author_id)
    own = own_access(tx, actor.user_id, root.id, root.access)
    for row in found:
        is_author = row.author_id == actor.user_id
        is_visible = is_author or is_readable(effective_access(own, root.shared_access, is_author=False))
        if is_visible and (row.parent_id is None or row.main_key is not None):
            return row
    return None


def _answer(tx: Connection, actor: Actor, row: Row[Any]) -> Document:
    own = own_access(tx, actor.user_id, row.root_id, row.access)
    access = effective_access(own, row.shared_access, is_author=row.author_id == actor.user_id)
    return documents.record(row, with_data=is_readable(access))
