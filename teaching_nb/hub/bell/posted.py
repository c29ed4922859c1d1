"""Announcements as they lie in the database for the other processes: one letter for all that a transaction announces.

They hold what the sockets are told, and who decides who hears it; the numbers of live updates are not among it, for
these lie in the logs of their documents. The permissions of a class are thirty times as long as a change of a document,
and the same for all of its documents: they stand once in a letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from teaching_nb.hub.outcomes import DocumentAudience, Notification, Outcome
from teaching_nb.hub.room import Room
from teaching_nb.schema import events
from teaching_nb.schema.access import Access
from teaching_nb.schema.events import DocumentUpdate, HubEvent

MOST_READ = 32
"""Permissions that are kept as they were read: those of a root come again with each change below it."""

Sent: TypeAlias = tuple[Outcome[Any], str | None]
"""An outcome, and the socket that sent it, which is not told what it did itself."""

_Accesses: TypeAlias = dict[str, tuple[Access, ...]]
_Permissions: TypeAlias = tuple[_Accesses, _Accesses]
"""Of users and of their groups, as in `DocumentAudience`."""

_KINDS: dict[str, type[HubEvent]] = {
    kind.name: kind
    for kind in (
        events.NewRecord,
        events.ChangedRecord,
        events.ChangedDocument,
        events.DeletedRecord,
        events.ChangedSelfCheck,
        events.ForwardedAction,
    )
}


class _Notification(msgspec.Struct, frozen=True, omit_defaults=True):
    """One notification."""

    name: str
    event: msgspec.Raw
    rooms: tuple[Room, ...]
    audience: DocumentAudience | None = None
    """Without the permissions, which have their place in the letter."""
    permissions: int = 0
    """Which of the letter's are meant, if there is an audience."""
    to_self: bool = False
    not_subscribed_to: str | None = None


class _Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """An outcome without its record."""

    notifications: tuple[_Notification, ...] = ()
    access_changed: bool = False
    sender_sid: str | None = None


class _Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one transaction announces."""

    outcomes: tuple[_Outcome, ...] = ()
    permissions: tuple[msgspec.Raw, ...] = ()
    """Each as `_Permissions`."""


def is_to_be_posted(outcome: Outcome[Any]) -> bool:
    """Tell whether others learn anything from an outcome that is not in the log of a live document."""
    return outcome.access_changed or any(not isinstance(each.event, DocumentUpdate) for each in outcome.notifications)


def encoded(sent: Iterable[Sent]) -> bytes:
    """Return what is posted of the outcomes of a transaction."""
    writing = _Writing()
    outcomes = tuple(writing.outcome(*each) for each in sent if is_to_be_posted(each[0]))
    return msgspec.json.encode(_Letter(outcomes, tuple(writing.permissions)))


def decoded(body: bytes) -> list[Sent]:
    """Return the outcomes that another process has posted together."""
    letter = msgspec.json.decode(body, type=_Letter)
    permissions = [_permissions(bytes(raw)) for raw in letter.permissions]
    return [
        (
            Outcome(None, tuple(_told(each, permissions) for each in outcome.notifications), outcome.access_changed),
            outcome.sender_sid,
        )
        for outcome in letter.outcomes
    ]


class _Writing:
    """A letter that is being written."""

    def __init__(self) -> None:
        self.permissions: list[msgspec.Raw] = []
        self._places: dict[tuple[int, int], int] = {}
        """By the identity of both parts: whatever is written is there until the end."""

    def outcome(self, outcome: Outcome[Any], sender_sid: str | None) -> _Outcome:
        """Return what is posted of an outcome."""
        told = (each for each in outcome.notifications if not isinstance(each.event, DocumentUpdate))
        return _Outcome(tuple(map(self._notification, told)), outcome.access_changed, sender_sid)

    def _notification(self, told: Notification) -> _Notification:
        audience = told.audience
        return _Notification(
            name=told.event.name,
            event=msgspec.Raw(msgspec.json.encode(told.event)),
            rooms=told.rooms,
            audience=audience
            if audience is None
            else msgspec.structs.replace(audience, user_accesses={}, group_accesses={}),
            permissions=0 if audience is None else self._place(audience),
            to_self=told.to_self,
            not_subscribed_to=told.not_subscribed_to,
        )

    def _place(self, audience: DocumentAudience) -> int:
        """Return the place of an audience's permissions, where they are written if they are new."""
        found = audience.user_accesses, audience.group_accesses
        place = self._places.setdefault((id(found[0]), id(found[1])), len(self.permissions))
        if place == len(self.permissions):
            self.permissions.append(msgspec.Raw(msgspec.json.encode(found)))
        return place


def _told(posted: _Notification, permissions: Sequence[_Permissions]) -> Notification:
    audience = posted.audience
    if audience is not None:
        of_users, of_groups = permissions[posted.permissions]
        audience = msgspec.structs.replace(audience, user_accesses=of_users, group_accesses=of_groups)
    return Notification(
        msgspec.json.decode(posted.event, type=_KINDS[posted.name]),
        posted.rooms,
        audience,
        to_self=posted.to_self,
        not_subscribed_to=posted.not_subscribed_to,
    )


@lru_cache(MOST_READ)
def _permissions(text: bytes) -> _Permissions:
    """Return permissions, the same object for the same text; nobody changes one."""
    found: _Permissions = msgspec.json.decode(text, type=_Permissions)
    return found
