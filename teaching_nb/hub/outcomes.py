"""What a service hands back: a result, and who has to be told after the commit. Services never emit."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import msgspec

from teaching_nb.hub.room import Room
from teaching_nb.schema.access import Access
from teaching_nb.schema.events import DocumentUpdate, HubEvent

T = TypeVar("T")


class LogPosition(NamedTuple):
    """Where an update stands in the log of its live document."""

    number: int
    """Number in the log, without gaps, given by the database in the transaction that stores the update."""
    revision: int
    """Revision of the document's record with this update."""


class CommittedUpdate(NamedTuple):
    """An update of a live document that is stored."""

    event: DocumentUpdate
    position: LogPosition | None
    """Where it stands; None when it repeats entries of the log."""


class DocumentAudience(msgspec.Struct, frozen=True):
    """Everything needed to decide, without the database, whether a user may see one document."""

    document_id: str
    author_id: str
    root_access: Access
    shared_access: Access
    user_accesses: dict[str, tuple[Access, ...]]
    """User id → user permissions on the root."""
    group_accesses: dict[str, tuple[Access, ...]]
    """User id → permissions of the groups on the root that contain the user."""
    managers: frozenset[str]
    """Elevated users who manage the author (who is not among them)."""
    is_shared_main: bool = False
    """Whether it belongs to its root, as the next two say; see `ownership`."""
    provisional: bool = False
    creator_id: str | None = None
    is_said: bool = False
    """Whether it is what somebody has said, which nobody else changes; known of those who follow it live."""


class Notification(msgspec.Struct, frozen=True):
    """One event for everybody whom it concerns, emitted by the publisher after the commit."""

    event: HubEvent
    rooms: tuple[Room, ...]
    """Union of rooms; a socket in several of them is served once."""
    audience: DocumentAudience | None = None
    """Set for events with document content: each receiver is filtered by it."""
    to_self: bool = False
    """Whether the sender's own socket is served too."""
    not_subscribed_to: str | None = None
    """Leave out the sockets that follow this document live."""
    position: LogPosition | None = None
    """Where a DOCUMENT_UPDATE that is an entry of the log stands there."""
    only: frozenset[str] | None = None
    """Set where some sockets are told what others have heard before: these, as far as it concerns them still."""


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """The result of a service and the notifications that its commit causes, in order."""

    record: T
    notifications: tuple[Notification, ...] = ()
    access_changed: bool = False
    """Memberships, roles, permissions or roots changed: living sockets must be re-examined."""
