"""CONNECTED_CLIENTS: who is told which room counts, and when.

Changes are gathered and sent at most every 250 ms, the last value of each room only. Fed by `Rooms`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable

from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.room import ALL, Room
from teaching_nb.schema import events

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.25
"""Shortest time between two messages to one receiver."""

FIRST_SECONDS = 0.02
"""How long the first change after a quiet time waits for others."""

Send = Callable[[str, object, Collection[str]], Awaitable[None]]
Pairs = tuple[tuple[str, int], ...]


class Presence:
    """Tells sockets how many others are in the rooms that concern them."""

    def __init__(self, rooms: Rooms, send: Send) -> None:
        self._rooms = rooms
        self._send = send
        self._changed: set[Room] = set()
        self._newcomers: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._flush_task: asyncio.Task[None] | None = None
        self._last_flush = float("-inf")
        self._is_stopped = False
        self.is_settled = asyncio.Event()
        """Set while everything that changed has been sent."""
        self.is_settled.set()
        rooms.on_change = self.room_changed

    def room_changed(self, room: Room) -> None:
        """Note that somebody joined or left a room."""
        self._changed.add(room)
        self._schedule()

    def welcome(self, sid: str) -> None:
        """Note that a socket has to learn all counts it may know."""
        self._newcomers.add(sid)
        self._schedule()

    def stop(self) -> None:
        """Send nothing any more."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _schedule(self) -> None:
        if self._timer is not None or self._is_stopped:
            return
        self.is_settled.clear()
        loop = asyncio.get_running_loop()
        moment = max(loop.time() + FIRST_SECONDS, self._last_flush + INTERVAL_SECONDS)
        self._timer = loop.call_at(moment, self._begin_flush)

    def _begin_flush(self) -> None:
        self._timer = None
        self._last_flush = asyncio.get_running_loop().time()
        changed, self._changed = self._changed, set()
        newcomers, self._newcomers = self._newcomers, set()
        messages = plan(self._rooms, changed, newcomers)
        self._flush_task = asyncio.create_task(self._flush(messages))

    async def _flush(self, messages: dict[tuple[str, Pairs], set[str]]) -> None:
        for (kind, pairs), sids in messages.items():
            try:
                await self._send(events.CONNECTED_CLIENTS, {"rooms": [list(p) for p in pairs], "type": kind}, sids)
            except Exception:
                logger.exception("sending room counts failed")
        if self._timer is None and self._flush_task is asyncio.current_task():
            self.is_settled.set()


def plan(rooms: Rooms, changed: Iterable[Room], newcomers: Collection[str]) -> dict[tuple[str, Pairs], set[str]]:
    """Return who gets which message: (type, pairs) → sockets."""
    counts = {room: rooms.count(room) for room in sorted(changed)}
    messages: dict[tuple[str, Pairs], set[str]] = {}
    for member in rooms.members():
        if member.is_page:
            continue
        is_new = member.sid in newcomers
        source = rooms.all_counts() if is_new else counts
        pairs = tuple((room.name, count) for room, count in source.items() if _may_know(member, room))
        if pairs:
            kind = "full" if is_new and member.actor.is_admin else "update"
            messages.setdefault((kind, pairs), set()).add(member.sid)
    return messages


def _may_know(member: Member, room: Room) -> bool:
    actor = member.actor
    if actor.is_admin or (room.kind == "user" and room.id in member.standing.managed_ids):
        return True
    if room == ALL:
        return actor.is_elevated
    return room in member.rooms
