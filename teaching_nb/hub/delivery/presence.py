"""CONNECTED_CLIENTS: who is told which room counts, and when.

Changes are gathered and sent at most every 250 ms, more seldom with more than 250 sockets; the last value of each room
only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Literal, TypeAlias

from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.room import ALL, Room, of_user
from teaching_nb.schema.events import ConnectedClients

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.25
"""Shortest time between two messages to one receiver."""

INTERVAL_SECONDS_PER_SOCKET = 0.001
"""Among very many it is longer: each has to hear of all the others."""

FIRST_SECONDS = 0.02
"""How long the first change after a quiet time waits for others."""

Pairs: TypeAlias = tuple[tuple[str, int], ...]
Kind: TypeAlias = Literal["full", "update"]


class Presence:
    """Tells sockets how many others are in the rooms that concern them."""

    def __init__(
        self,
        rooms: Rooms,
        changes: RoomChanges,
        send: Send,
        tell_elsewhere: Callable[[Collection[Room]], None] | None = None,
    ) -> None:
        self._rooms = rooms
        self._changes = changes
        self._send = send
        self._tell_elsewhere = tell_elsewhere
        """Has other processes learn of rooms whose count has changed."""
        self._last_flush = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to tell of changes."""
        self._task = asyncio.create_task(self._run(), name="presence")

    async def stop(self) -> None:
        """Send nothing any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._changes.wait()
            await asyncio.sleep(max(FIRST_SECONDS, self._last_flush + self._interval - loop.time()))
            self._last_flush = loop.time()
            changed, newcomers = self._changes.take()
            if self._tell_elsewhere is not None:
                self._tell_elsewhere(changed)
            messages = plan(self._rooms, changed, newcomers)
            for (kind, pairs), sids in messages.items():
                await self._tell(kind, pairs, sids)
            self._changes.told()

    @property
    def _interval(self) -> float:
        return max(INTERVAL_SECONDS, INTERVAL_SECONDS_PER_SOCKET * len(self._rooms))

    async def _tell(self, kind: Kind, pairs: Pairs, sids: Collection[str]) -> None:
        try:
            await self._send(ConnectedClients(rooms=list(pairs), type=kind), sids)
        except Exception:
            logger.exception("sending room counts failed")


def plan(rooms: Rooms, changed: Iterable[Room], newcomers: Collection[str]) -> dict[tuple[Kind, Pairs], set[str]]:
    """Return who gets which message: (type, pairs) → sockets. The work grows with what there is to tell."""
    listening = {member.sid: member for member in rooms.members() if not member.is_page or member.follows_presence}
    elevated = [member for member in listening.values() if member.actor.is_elevated]
    told: dict[str, list[tuple[str, int]]] = {}
    for room in sorted(changed):
        pair = room.name, rooms.count(room)
        for sid in _who_may_know(rooms, room, elevated):
            if sid in listening and sid not in newcomers:
                told.setdefault(sid, []).append(pair)
    messages: dict[tuple[Kind, Pairs], set[str]] = {}
    for sid, pairs in told.items():
        messages.setdefault(("update", tuple(pairs)), set()).add(sid)
    for member in filter(None, map(listening.get, newcomers)):
        known = tuple((room.name, count) for room in sorted(_known_to(rooms, member)) if (count := rooms.count(room)))
        if known:
            kind: Kind = "full" if member.actor.is_admin else "update"
            messages.setdefault((kind, known), set()).add(member.sid)
    return messages


def _who_may_know(rooms: Rooms, room: Room, elevated: Iterable[Member]) -> set[str]:
    """Return sockets of those who may know how many are in a room: who is in it, and who looks after it."""
    within = set() if room == ALL else rooms.sids_in([room])
    return within.union(member.sid for member in elevated if _looks_after(member, room))


def _known_to(rooms: Rooms, member: Member) -> set[Room]:
    """Return the rooms with somebody in them, and others, whose count somebody may know."""
    if member.actor.is_admin:
        return set(rooms.all_counts())
    rooms_of_theirs = (room for room in member.rooms if room.is_counted)
    known = {*rooms_of_theirs, *map(of_user, member.person.managed_ids)} - {ALL}
    return known | {ALL} if member.actor.is_elevated else known


def _looks_after(member: Member, room: Room) -> bool:
    is_theirs = room.kind == "user" and room.id in member.person.managed_ids
    return member.actor.is_admin or is_theirs or room == ALL
