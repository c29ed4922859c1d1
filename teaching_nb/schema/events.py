"""Socket.IO events: their names and payloads in both directions.

Client → hub: JOIN_ROOM, LEAVE_ROOM, STREAM_UPDATE and ACTION are the existing protocol; SYNC_DOCUMENT,
UPDATE_DOCUMENT, LEAVE_DOCUMENT and AWARENESS are live text; FOLLOW_PRESENCE is for pages, FOLLOW_DOCUMENTS for
overviews. Hub → client: NEW_RECORD, CHANGED_RECORD, CHANGED_DOCUMENT, DELETED_RECORD, CONNECTED_CLIENTS and ACTION;
CHANGED_SELF_CHECK is of quizzes; DOCUMENT_UPDATE, DOCUMENT_AWARENESS and DOCUMENT_CLOSED are live text.
Acknowledgements: a boolean for rooms, actions, presence and overviews, `{ok, …}` for live text.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from teaching_nb.schema.access import Access
from teaching_nb.schema.records import RecordType

JOIN_ROOM: Final = "JOIN_ROOM"
LEAVE_ROOM: Final = "LEAVE_ROOM"
STREAM_UPDATE: Final = "STREAM_UPDATE"
ACTION: Final = "ACTION"
SYNC_DOCUMENT: Final = "SYNC_DOCUMENT"
UPDATE_DOCUMENT: Final = "UPDATE_DOCUMENT"
LEAVE_DOCUMENT: Final = "LEAVE_DOCUMENT"
AWARENESS: Final = "AWARENESS"
FOLLOW_PRESENCE: Final = "FOLLOW_PRESENCE"
FOLLOW_DOCUMENTS: Final = "FOLLOW_DOCUMENTS"

NEW_RECORD: Final = "NEW_RECORD"
CHANGED_RECORD: Final = "CHANGED_RECORD"
CHANGED_DOCUMENT: Final = "CHANGED_DOCUMENT"
DELETED_RECORD: Final = "DELETED_RECORD"
CONNECTED_CLIENTS: Final = "CONNECTED_CLIENTS"
DOCUMENT_UPDATE: Final = "DOCUMENT_UPDATE"
DOCUMENT_AWARENESS: Final = "DOCUMENT_AWARENESS"
DOCUMENT_CLOSED: Final = "DOCUMENT_CLOSED"
CHANGED_SELF_CHECK: Final = "CHANGED_SELF_CHECK"

ROOM_ADMIN: Final = "admin"
ROOM_ALL: Final = "all"

SENDER_HEADER: Final = "x-metadata-sid"
"""Names the socket that a REST request must not echo to."""
SENDER_HEADER_OLD: Final = "x-metadata-socketid"
"""The same in the protocol of April 2025."""

ClosedReason = Literal["access", "deleted", "read-only", "resync"]


class Payload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all event payloads."""


class HubEvent(Payload, frozen=True, kw_only=True):
    """An event that the hub sends, with its name on the wire."""

    name: ClassVar[str]

    @property
    def attached(self) -> bytes | None:
        """Return the bytes in the payload; None for what is JSON as it is."""
        return None

    def payload(self) -> Any:
        """Return what goes along: an object, with the records and bytes in it as they are."""
        values = zip(self.__struct_encode_fields__, self.__struct_fields__, strict=True)
        found = {key: getattr(self, field) for key, field in values}
        return {key: value for key, value in found.items() if value is not UNSET}


class RecordEvent(HubEvent, frozen=True, kw_only=True):
    """A record as its receivers may see it."""

    type: RecordType
    record: Any


class NewRecord(RecordEvent, frozen=True, kw_only=True):
    """NEW_RECORD."""

    name: ClassVar[str] = NEW_RECORD


class ChangedRecord(RecordEvent, frozen=True, kw_only=True):
    """CHANGED_RECORD."""

    name: ClassVar[str] = CHANGED_RECORD


class DeletedRecord(HubEvent, frozen=True, kw_only=True):
    """DELETED_RECORD."""

    name: ClassVar[str] = DELETED_RECORD

    type: RecordType
    id: str


class ChangedDocument(HubEvent, frozen=True, kw_only=True):
    """CHANGED_DOCUMENT: the whole new data of a document, stored or streamed."""

    name: ClassVar[str] = CHANGED_DOCUMENT

    id: str
    data: Any
    updated_at: str
    meta: Any = UNSET
    revision: int | UnsetType = UNSET


class ChangedSelfCheck(HubEvent, frozen=True, kw_only=True):
    """CHANGED_SELF_CHECK: students may check a quiz themselves now, or no longer; of what is right it tells nothing."""

    name: ClassVar[str] = CHANGED_SELF_CHECK

    id: str
    """The root of the quiz's key."""


class ConnectedClients(HubEvent, frozen=True, kw_only=True):
    """CONNECTED_CLIENTS: pairs of room name and number of sockets."""

    name: ClassVar[str] = CONNECTED_CLIENTS

    rooms: list[tuple[str, int]]
    type: Literal["full", "update"]


class StreamUpdate(Payload, frozen=True, kw_only=True):
    """STREAM_UPDATE: a document state that is shown and not stored."""

    room_id: str
    id: str
    data: Any
    meta: Any = UNSET


class Action(Payload, frozen=True, kw_only=True):
    """ACTION from an elevated user."""

    action: Any
    room_ids: list[str]
    user_ids: list[str]


class ForwardedAction(HubEvent, frozen=True, kw_only=True):
    """ACTION as those get it whom an elevated user addresses: its payload is the action, any JSON."""

    name: ClassVar[str] = ACTION

    action: Any

    def payload(self) -> Any:
        """Return the action."""
        return self.action


class SyncDocument(Payload, frozen=True, kw_only=True):
    """SYNC_DOCUMENT: subscribe to a live document and say what is already known."""

    id: str
    state_vector: bytes = b""


class Synced(Payload, frozen=True, kw_only=True):
    """The positive acknowledgement of SYNC_DOCUMENT."""

    ok: Literal[True] = True
    update: bytes
    state_vector: bytes
    access: Access
    revision: int


class UpdateDocument(Payload, frozen=True, kw_only=True):
    """UPDATE_DOCUMENT: an edit as a Yjs update (version 1 encoding)."""

    id: str
    update: bytes


class LeaveDocument(Payload, frozen=True, kw_only=True):
    """LEAVE_DOCUMENT."""

    id: str


class Awareness(Payload, frozen=True, kw_only=True):
    """AWARENESS: cursors and names as a y-protocols awareness update."""

    id: str
    state: bytes


class FollowPresence(Payload, frozen=True, kw_only=True):
    """FOLLOW_PRESENCE: a page wants to hear CONNECTED_CLIENTS, which others hear unasked."""

    on: bool


class FollowDocuments(Payload, frozen=True, kw_only=True):
    """FOLLOW_DOCUMENTS: hear of everything that somebody has, as their teacher, without counting as being with them."""

    user_id: str
    on: bool


class DocumentAwareness(HubEvent, frozen=True, kw_only=True):
    """DOCUMENT_AWARENESS: the cursors of others, under their own names."""

    name: ClassVar[str] = DOCUMENT_AWARENESS

    id: str
    state: bytes

    @property
    def attached(self) -> bytes:
        """Return the cursors."""
        return self.state


class DocumentUpdate(HubEvent, frozen=True, kw_only=True):
    """DOCUMENT_UPDATE: somebody else's edit."""

    name: ClassVar[str] = DOCUMENT_UPDATE

    id: str
    update: bytes

    @property
    def attached(self) -> bytes:
        """Return the edit."""
        return self.update


class DocumentClosed(HubEvent, frozen=True, kw_only=True):
    """DOCUMENT_CLOSED: the subscription ended, or was lowered to reading."""

    name: ClassVar[str] = DOCUMENT_CLOSED

    id: str
    reason: ClosedReason
