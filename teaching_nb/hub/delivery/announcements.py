"""What is to be announced, in the order of the commits, until the publisher sends it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.schema.events import DeletedRecord

_VANISHING = frozenset({"Document", "DocumentRoot", "User", "StudentGroup"})
"""Records whose deletion may end a live document or a membership."""


class Announcement(msgspec.Struct, frozen=True):
    """A committed outcome that nobody has been told of yet."""

    outcome: Outcome[Any]
    sender_sid: str | None
    """The caller's own live socket, which is not told what it did itself."""
    changes_access: bool
    last_of: str | None = None
    """The process that has announced everything that comes before this together."""


class Announcements:
    """The queue between those who commit and the publisher."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._queue: asyncio.Queue[Announcement | None] = asyncio.Queue()

    def __len__(self) -> int:
        """Return how many outcomes wait."""
        return self._queue.qsize()

    def add(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Queue the notifications of a committed outcome; what was read of access before counts as outdated now."""
        changes_access = self.outdate(outcome)
        if outcome.notifications or changes_access:
            self._queue.put_nowait(Announcement(outcome, sender_sid, changes_access))

    def outdate(self, outcome: Outcome[Any]) -> bool:
        """Tell whether an outcome changes access; if so, what was read of access before counts as outdated now."""
        changes_access = _changes_access(outcome)
        if changes_access:
            self._rooms.outdate()
        return changes_access

    def add_end(self, process: str) -> None:
        """Say that everything is queued that a process has announced together, this one or another."""
        self._queue.put_nowait(Announcement(Outcome(None), None, changes_access=False, last_of=process))

    def end(self) -> None:
        """Say that nothing more comes."""
        self._queue.put_nowait(None)

    async def next(self) -> Announcement | None:
        """Return the oldest one; None after the last."""
        return await self._queue.get()


def _changes_access(outcome: Outcome[Any]) -> bool:
    return outcome.access_changed or any(map(_tells_of_end, outcome.notifications))


def _tells_of_end(notification: Notification) -> bool:
    event = notification.event
    return isinstance(event, DeletedRecord) and event.type in _VANISHING
