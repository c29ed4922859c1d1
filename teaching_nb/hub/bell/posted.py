"""Announcements as they lie in the database for the other processes.

They hold what the sockets are told, and who decides who hears it; the numbers of live updates are not among it, for
these lie in the logs of their documents.
"""

from __future__ import annotations

from typing import Any

import msgspec

from teaching_nb.hub.outcomes import DocumentAudience, Notification, Outcome
from teaching_nb.hub.room import Room
from teaching_nb.schema import events
from teaching_nb.schema.events import DocumentUpdate, HubEvent

_KINDS: dict[str, type[HubEvent]] = {
    kind.name: kind
    for kind in (
        events.NewRecord,
        events.ChangedRecord,
        events.ChangedDocument,
        events.DeletedRecord,
        events.ForwardedAction,
    )
}


class _Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One notification."""

    name: str
    event: msgspec.Raw
    rooms: tuple[Room, ...]
    audience: DocumentAudience | None = None
    to_self: bool = False
    not_subscribed_to: str | None = None


class _Letters(msgspec.Struct, frozen=True, omit_defaults=True):
    """An outcome without its record."""

    notifications: tuple[_Letter, ...] = ()
    access_changed: bool = False


def is_to_be_posted(outcome: Outcome[Any]) -> bool:
    """Tell whether others learn anything from an outcome that is not in the log of a live document."""
    return outcome.access_changed or any(not isinstance(each.event, DocumentUpdate) for each in outcome.notifications)


def encoded(outcome: Outcome[Any]) -> bytes:
    """Return what is posted of an outcome."""
    letters = tuple(_letter(each) for each in outcome.notifications if not isinstance(each.event, DocumentUpdate))
    return msgspec.json.encode(_Letters(letters, outcome.access_changed))


def decoded(body: bytes) -> Outcome[None]:
    """Return the outcome that another process has posted."""
    letters = msgspec.json.decode(body, type=_Letters)
    return Outcome(None, tuple(map(_notification, letters.notifications)), letters.access_changed)


def _letter(told: Notification) -> _Letter:
    return _Letter(
        name=told.event.name,
        event=msgspec.Raw(msgspec.json.encode(told.event)),
        rooms=told.rooms,
        audience=told.audience,
        to_self=told.to_self,
        not_subscribed_to=told.not_subscribed_to,
    )


def _notification(letter: _Letter) -> Notification:
    return Notification(
        msgspec.json.decode(letter.event, type=_KINDS[letter.name]),
        letter.rooms,
        letter.audience,
        to_self=letter.to_self,
        not_subscribed_to=letter.not_subscribed_to,
    )
