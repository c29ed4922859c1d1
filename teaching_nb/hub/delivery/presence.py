"""CONNECTED_CLIENTS: who is told which room counts, and when.

Changes are gathered and sent at most every 250 ms, the last value of each room only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.room import ALL, Room
from teaching_nb.schema.events import ConnectedClients

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.25
"""Shortest time between two messages to one receiver."""

FIRST_SECONDS = 0.02
"""How long the first change after a quiet time waits for others."""

Pairs: TypeAlias = tuple[tuple[str, int], ...]
Kind: TypeAlias = Literal["full", "update"]


class Presence:
    """Tells sockets how many others are in the rooms that concern them."""

    def __init__(self, rooms: Rooms, changes: RoomChanges, send: Send) -> None:
        self._rooms = rooms
        self._changes = changes
        self._send = send
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
            await asyncio.sleep(max(FIRST_SECONDS, self._last_flush + INTERVAL_SECONDS - loop.time()))
            self._last_flush = loop.time()
            messages = plan(self._rooms, *self._changes.take())
            for (kind, pairs), sids in messages.items():
                await self._tell(kind, pairs, sids)
            self._changes.told()

    async def _tell(self, kind: Kind, pairs: Pairs, sids: Collection[str]) -> None:
        try:
            await self._send(ConnectedClients(rooms=list(pairs), type=kind), sids)
        except Exception:
            logger.exception("sending room counts failed")


def plan(rooms: Rooms, changed: Iterable[Room], newcomers: Collection[str]) -> dict[tuple[Kind, Pairs], set[str]]:
    """Return who gets which message: (type, pairs) → sockets."""
    counts = {room: rooms.count(room) for room in sorted(changed)}
    messages: dict[tuple[Kind, Pairs], set[str]] = {}
    for member in rooms.members():
        if member.is_page and not member.follows_presence:
            continue
        is_new = member.sid in newcomers
        source = rooms.all_counts() if is_new else counts
        pairs = tuple((room.name, count) for room, count in source.items() if _may_know(member, room))
        if pairs:
            kind: Kind = "full" if is_new and member.actor.is_admin else "update"
            messages.setdefault((kind, pairs), set()).add(member.sid)
    return messages


def _may_know(member: Member, room: Room) -> bool:
    actor = member.actor
    if actor.is_admin or (room.kind == "user" and room.id in member.person.managed_ids):
        return True
    if room == ALL:
        return actor.is_elevated
    return room in member.rooms
