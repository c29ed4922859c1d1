"""Socket.IO events: their names and payloads in both directions.

Client → hub: JOIN_ROOM, LEAVE_ROOM, STREAM_UPDATE and ACTION are the existing protocol; SYNC_DOCUMENT,
UPDATE_DOCUMENT, LEAVE_DOCUMENT and AWARENESS are live text. Hub → client: NEW_RECORD, CHANGED_RECORD,
CHANGED_DOCUMENT, DELETED_RECORD, CONNECTED_CLIENTS and ACTION; DOCUMENT_UPDATE, DOCUMENT_AWARENESS and
DOCUMENT_CLOSED are live text. Acknowledgements: a boolean for rooms and actions, `{ok, …}` for live text.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from teaching_nb.schema.access import Access
from teaching_nb.schema.records import RecordType

JOIN_ROOM = "JOIN_ROOM"
LEAVE_ROOM = "LEAVE_ROOM"
STREAM_UPDATE = "STREAM_UPDATE"
ACTION = "ACTION"
SYNC_DOCUMENT = "SYNC_DOCUMENT"
UPDATE_DOCUMENT = "UPDATE_DOCUMENT"
LEAVE_DOCUMENT = "LEAVE_DOCUMENT"
AWARENESS = "AWARENESS"

NEW_RECORD = "NEW_RECORD"
CHANGED_RECORD = "CHANGED_RECORD"
CHANGED_DOCUMENT = "CHANGED_DOCUMENT"
DELETED_RECORD = "DELETED_RECORD"
CONNECTED_CLIENTS = "CONNECTED_CLIENTS"
DOCUMENT_UPDATE = "DOCUMENT_UPDATE"
DOCUMENT_AWARENESS = "DOCUMENT_AWARENESS"
DOCUMENT_CLOSED = "DOCUMENT_CLOSED"

ROOM_ADMIN = "admin"
ROOM_ALL = "all"

SENDER_HEADER = "x-metadata-sid"
"""Names the socket that a REST request must not echo to."""
SENDER_HEADER_OLD = "x-metadata-socketid"
"""The same in the protocol of April 2025."""

ClosedReason = Literal["access", "deleted", "read-only", "resync"]


class Payload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all event payloads."""


class NewRecord(Payload, kw_only=True):
    """NEW_RECORD and CHANGED_RECORD: the record as its receivers may see it."""

    type: RecordType
    record: Any


class DeletedRecord(Payload, kw_only=True):
    """DELETED_RECORD."""

    type: RecordType
    id: str


class ChangedDocument(Payload, kw_only=True):
    """CHANGED_DOCUMENT: the whole new data of a document, stored or streamed."""

    id: str
    data: Any
    updated_at: str
    meta: Any = UNSET
    revision: int | UnsetType = UNSET


class ConnectedClients(Payload, kw_only=True):
    """CONNECTED_CLIENTS: pairs of room name and number of sockets."""

    rooms: list[tuple[str, int]]
    type: Literal["full", "update"]


class StreamUpdate(Payload, kw_only=True):
    """STREAM_UPDATE: a document state that is shown and not stored."""

    room_id: str
    id: str
    data: Any
    meta: Any = UNSET


class Action(Payload, kw_only=True):
    """ACTION from an elevated user."""

    action: Any
    room_ids: list[str]
    user_ids: list[str]


class SyncDocument(Payload, kw_only=True):
    """SYNC_DOCUMENT: subscribe to a live document and say what is already known."""

    id: str
    state_vector: bytes = b""


class Synced(Payload, kw_only=True):
    """The positive acknowledgement of SYNC_DOCUMENT."""

    ok: Literal[True] = True
    update: bytes
    state_vector: bytes
    access: Access
    revision: int


class UpdateDocument(Payload, kw_only=True):
    """UPDATE_DOCUMENT: an edit as a Yjs update (version 1 encoding)."""

    id: str
    update: bytes


class LeaveDocument(Payload, kw_only=True):
    """LEAVE_DOCUMENT."""

    id: str


class Awareness(Payload, kw_only=True):
    """AWARENESS and DOCUMENT_AWARENESS: cursors and names as a y-protocols awareness update."""

    id: str
    state: bytes


class DocumentUpdate(Payload, kw_only=True):
    """DOCUMENT_UPDATE: somebody else's edit."""

    id: str
    update: bytes


class DocumentClosed(Payload, kw_only=True):
    """DOCUMENT_CLOSED: the subscription ended, or was lowered to reading."""

    id: str
    reason: ClosedReason
