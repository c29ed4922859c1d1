"""The main document of a user below a root: found, or created together with its root, in one transaction."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from teaching_nb.errors import Forbidden
from teaching_nb.hub.access.facts import own_access
from teaching_nb.hub.access.rights import Rights
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents, messages, root_wishes, update_log
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents.root_wishes import Wish
from teaching_nb.hub.documents.roots import RootSettings
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.schema.access import is_readable, is_writable, kind
from teaching_nb.schema.records import Document, OpenedDocument

_NO_ACCESS = "Insufficient access permission"

_HIDDEN = (
    "somebody else has opened this name as their own, and until a teacher opens it, nobody sees what others write there"
)


class WantedMain(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of a request for a main document."""

    document_root_id: str
    type: str
    data: Any = None
    root: RootSettings | None = None
    """How the root is to be; it is made when it does not exist."""
    shared: bool = False
    """Whether the one main document that everybody opens is wanted, instead of the caller's own."""
    own_root_id: str | None = None
    """For a shared one under a slug: the root of each person's own documents under the same slug."""

    @property
    def wish(self) -> Wish:
        """Return what is asked of the root."""
        return Wish(
            root_id=self.document_root_id,
            type_name=self.type,
            settings=self.root,
            is_shared=self.shared,
            own_root_id=self.own_root_id,
        )


def find(tx: Connection, actor: Actor, wanted: WantedMain, *, is_fresh: bool = True) -> OpenedDocument | None:
    """Return the main document when nothing has to be written for it; None otherwise.

    With `is_fresh=False` also one that lacks live edits of the last moment.
    """
    wanted.wish.check()
    root = document_roots.find(tx, wanted.document_root_id)
    if root is None or root_wishes.is_pending(tx, actor, root, wanted.wish):
        return None
    row = _existing(tx, actor, wanted, root)
    if row is None or (is_fresh and update_log.stale_ids(tx, document_ids=[row.id])):
        return None
    return _opened(tx, actor, wanted, root, documents.record(row, with_data=_may_read(tx, actor, row)))


def get_or_create(
    tx: Connection, actor: Actor, wanted: WantedMain, *, staff_group_id: str | None = None
) -> Outcome[OpenedDocument]:
    """Return the main document, creating it and its root where they are missing."""
    documents.check_type(wanted.type)
    wanted.wish.check()
    prepared = root_wishes.follow(tx, actor, wanted.wish, staff_group_id=staff_group_id)
    root = document_roots.find(tx, wanted.document_root_id)
    assert root is not None
    row = _existing(tx, actor, wanted, root)
    result = _create(tx, actor, wanted, root) if row is None else _fresh(tx, actor, row)
    opened = _opened(tx, actor, wanted, root, result.record)
    before = prepared.notifications if prepared else ()
    is_access_changed = prepared is not None and prepared.access_changed
    return Outcome(opened, (*before, *result.notifications), access_changed=is_access_changed)


def _create(tx: Connection, actor: Actor, wanted: WantedMain, root: Row[Any]) -> Outcome[Document]:
    if wanted.shared and not actor.is_elevated and not root.provisional and kind(root.shared_access) != "RW":
        raise root_wishes.not_opened_yet()
    if not is_writable(own_access(tx, actor.user_id, root.id, root.access)):
        raise Forbidden(_NO_ACCESS)
    body = documents.NewDocument(type=wanted.type, document_root_id=root.id, data=wanted.data)
    messages.check_new(wanted.type, wanted.data, is_in_thread=False)
    documents.check_assessed(tx, actor, body)
    kind_of_main: documents.MainKind = "shared" if wanted.shared else "own"
    return documents.insert_document(tx, actor, body, author_id=actor.user_id, main=kind_of_main)


def _fresh(tx: Connection, actor: Actor, row: Row[Any]) -> Outcome[Document]:
    row, notifications = documents.materialized(tx, row)
    return Outcome(documents.record(row, with_data=_may_read(tx, actor, row)), notifications)


def _existing(tx: Connection, actor: Actor, wanted: WantedMain, root: Row[Any]) -> Row[Any] | None:
    """Return the document; raises `NotFound` or `Forbidden` for a shared one that is not for the caller."""
    if not wanted.shared:
        found = documents.candidates(tx, root_id=root.id, document_type=wanted.type, author_id=actor.user_id)
        return next((row for row in found if row.parent_id is None or row.main_key is not None), None)
    if wanted.wish.is_hand_out and root.provisional and not actor.is_elevated:
        raise root_wishes.not_opened_yet()
    row = documents.shared_main(tx, root_id=root.id, document_type=wanted.type)
    if row is not None and not _may_read(tx, actor, row):
        if wanted.wish.is_withheld:
            raise root_wishes.not_opened_yet()
        is_others = root.provisional and kind(root.shared_access) == "None"
        raise Forbidden(_HIDDEN if is_others else _NO_ACCESS)
    return row


def _may_read(tx: Connection, actor: Actor, row: Row[Any]) -> bool:
    return is_readable(Rights.read(tx, row, actor).effective(actor))


def _opened(tx: Connection, actor: Actor, wanted: WantedMain, root: Row[Any], document: Document) -> OpenedDocument:
    sharing = root_wishes.sharing_of(tx, actor, root, wanted.wish)
    return OpenedDocument(**msgspec.structs.asdict(document), sharing=sharing)
