"""Which event of the hub concerns whom. Lives on the loop thread; unknown events and records are ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET

from teaching_nb.client.documents.collections import Collections
from teaching_nb.client.documents.followed_people import FollowedPeople
from teaching_nb.client.documents.open_documents import DocumentStore, OpenDocument
from teaching_nb.client.documents.permissions import Permissions
from teaching_nb.client.documents.quizzes import Quizzes
from teaching_nb.client.link.backend_records import group_of, user_of
from teaching_nb.client.link.written_news import root_in
from teaching_nb.client.stores import GroupStore, Presence, RootStore, UserStore
from teaching_nb.schema import events, wire
from teaching_nb.schema.access import is_writable
from teaching_nb.schema.records import Document, GroupPermission, RootMeta, StudentGroup, UserPermission


class Stores(msgspec.Struct, frozen=True):
    """Everything that events fill."""

    documents: DocumentStore
    collections: Collections
    followed: FollowedPeople
    users: UserStore
    groups: GroupStore
    roots: RootStore
    presence: Presence
    quizzes: Quizzes
    permissions: Permissions


class Router:
    """Takes the hub's events to the stores and documents."""

    def __init__(
        self,
        stores: Stores,
        *,
        resync: Callable[[OpenDocument], None],
        join_group: Callable[[str, bool], None],
        reconsider: Callable[[OpenDocument, RootMeta], None],
    ) -> None:
        self._stores = stores
        self._reconsider = reconsider
        self._resync = resync
        self._join_group = join_group

    def take(self, name: str, payload: Any) -> None:
        """Take one event; raises `InvalidInput` for a payload that is malformed."""
        handler = _HANDLERS.get(name)
        if handler is not None:
            handler(self, payload)

    def joined(self, room_id: str) -> None:
        """Read documents of a room once more: what happens there is heard from now on only."""
        for document in self._below(room_id):
            if not document.syncer.has_subscription:
                self._resync(document)
        self._stores.collections.reload(room_id)
        self._stores.followed.take_list(room_id)

    def live(self, payload: Any) -> None:
        """DOCUMENT_UPDATE."""
        change = wire.convert(payload, events.DocumentUpdate)
        for document in self._stores.documents.of_id(change.id):
            document.syncer.on_update(change.update)

    def awareness(self, payload: Any) -> None:
        """DOCUMENT_AWARENESS."""
        awareness = wire.convert(payload, events.Awareness)
        for document in self._stores.documents.of_id(awareness.id):
            document.syncer.on_awareness(awareness.state)

    def closed(self, payload: Any) -> None:
        """DOCUMENT_CLOSED."""
        closed = wire.convert(payload, events.DocumentClosed)
        for document in self._stores.documents.of_id(closed.id):
            if document.syncer.has_subscription and not document.is_renewed:
                document.syncer.on_closed(closed.reason)
                if closed.reason == "access":
                    self._ask_anew(document)

    def changed_document(self, payload: Any) -> None:
        """CHANGED_DOCUMENT."""
        change = wire.convert(payload, events.ChangedDocument)
        for document in self._stores.documents.of_id(change.id):
            document.syncer.on_changed(change)
        self._stores.collections.take_change(change)
        self._stores.followed.take_change(change)

    def changed_self_check(self, payload: Any) -> None:
        """CHANGED_SELF_CHECK."""
        self._stores.quizzes.take(wire.convert(payload, events.ChangedSelfCheck))

    def clients(self, payload: Any) -> None:
        """CONNECTED_CLIENTS."""
        message = wire.convert(payload, events.ConnectedClients)
        self._stores.presence.take(message.rooms, message.type)

    def new_record(self, payload: Any) -> None:
        """NEW_RECORD."""
        self._record(payload, is_new=True)

    def changed_record(self, payload: Any) -> None:
        """CHANGED_RECORD."""
        self._record(payload, is_new=False)

    def deleted_record(self, payload: Any) -> None:
        """DELETED_RECORD."""
        deleted = wire.convert(payload, events.DeletedRecord)
        if deleted.type == "Document":
            self._document_is_gone(deleted.id)
        elif deleted.type == "DocumentRoot":
            self._stores.roots.remove(deleted.id)
            for document in self._below(deleted.id):
                document.syncer.on_closed("deleted")
            self._stores.collections.reload(deleted.id)
        elif deleted.type == "User":
            self._stores.users.remove(deleted.id)
        elif deleted.type == "StudentGroup":
            self._stores.groups.remove(deleted.id)
            self._join_group(deleted.id, False)
            # What was open to the group may be seen no more.
            self._look_everywhere()
        elif deleted.type in {"UserPermission", "GroupPermission"}:
            self._look_everywhere()

    def action(self, payload: Any) -> None:
        """Take an ACTION: the website steers its pages by others, and kernels are steered by nobody."""
        root_id = root_in(payload)
        if root_id is not None:
            self._look_below(root_id)

    def _record(self, payload: Any, *, is_new: bool) -> None:
        kind = payload.get("type") if isinstance(payload, dict) else None
        record = payload.get("record") if isinstance(payload, dict) else None
        if kind == "Document":
            self._document(wire.convert(record, Document), is_new=is_new)
        elif kind == "User":
            self._stores.users.put(user_of(record))
        elif kind == "StudentGroup":
            self._group(group_of(record), is_new=is_new)
        elif kind == "DocumentRoot":
            root = wire.convert(record, RootMeta)
            self._stores.roots.put(root)
            for document in self._stores.documents:
                self._reconsider(document, root)
            for document in self._below(root.id):
                # Where everybody's text is handed out now, or the other way round, it may be another one.
                document.is_outdated |= bool(document.reference.shared)
            self._look_below(root.id)
        elif kind == "UserPermission":
            self._look_below(wire.convert(record, UserPermission).document_root_id)
        elif kind == "GroupPermission":
            self._look_below(wire.convert(record, GroupPermission).document_root_id)

    def _look_everywhere(self) -> None:
        self._look_again(self._stores.documents)
        self._stores.collections.reload()
        self._stores.permissions.changed()

    def _look_below(self, root_id: str) -> None:
        self._look_again(self._below(root_id))
        self._stores.collections.reload(root_id)
        self._stores.permissions.changed(root_id)

    def _document(self, record: Document, *, is_new: bool) -> None:
        self._stores.collections.take(record)
        self._stores.followed.take_document(record)
        if record.parent_id:
            self._stores.followed.take_below(record.parent_id)
        for document in self._stores.documents.of_id(record.id):
            if document.reference.shared and record.document_root_id != document.reference.root_id:
                self._ask_anew(document)
            else:
                document.syncer.on_record(record)
        for document in self._stores.documents:
            if document.awaits(record):
                self._resync(document)
            elif is_new and _may_replace(record, document):
                self._ask_anew(document)

    def _ask_anew(self, document: OpenDocument) -> None:
        """Have the hub asked which document is shared under a name now: it may be another one."""
        if document.reference.shared:
            document.is_outdated = True
            self._resync(document)

    def _group(self, group: StudentGroup, *, is_new: bool) -> None:
        self._stores.groups.put(group)
        if is_new:
            self._join_group(group.id, True)
            self._look_everywhere()
        else:
            self._stores.permissions.changed()

    def _document_is_gone(self, document_id: str) -> None:
        self._stores.collections.drop(document_id)
        self._stores.followed.take_gone(document_id)
        for document in self._stores.documents:
            # The hub says it twice of a live text; whoever has opened it anew meanwhile waits for another one.
            if document_id in (document.model.id, document.model.parent_id) and not document.is_renewed:
                document.syncer.on_closed("deleted")

    def _look_again(self, documents: Any) -> None:
        """Ask anew what we may do, where the hub would not tell us by itself."""
        for document in documents:
            access = document.model.gate.facts.access
            if not document.syncer.has_subscription or access is None or not is_writable(access):
                # Who may see what is withheld is known to whoever opens it, and what staff have written as well.
                document.is_outdated |= document.reference.is_awaited
                self._resync(document)

    def _below(self, root_id: str) -> list[OpenDocument]:
        return [d for d in self._stores.documents if root_id in (d.model.root_id, d.reference.root_id)]


def _may_replace(record: Document, document: OpenDocument) -> bool:
    """Tell whether a new document may be the one that a shared name stands for.

    At a hub without revisions two people who come at once make two, and the older one counts, whoever is told first.
    """
    reference, is_main = document.reference, record.parent_id is None and record.id != document.model.id
    is_same_place = (reference.root_id, reference.type_name) == (record.document_root_id, record.type)
    return is_main and is_same_place and bool(reference.shared) and record.revision is UNSET


_HANDLERS: dict[str, Callable[[Router, Any], None]] = {
    events.NEW_RECORD: Router.new_record,
    events.CHANGED_RECORD: Router.changed_record,
    events.CHANGED_DOCUMENT: Router.changed_document,
    events.CHANGED_SELF_CHECK: Router.changed_self_check,
    events.DELETED_RECORD: Router.deleted_record,
    events.CONNECTED_CLIENTS: Router.clients,
    events.DOCUMENT_UPDATE: Router.live,
    events.DOCUMENT_AWARENESS: Router.awareness,
    events.DOCUMENT_CLOSED: Router.closed,
    events.ACTION: Router.action,
}
