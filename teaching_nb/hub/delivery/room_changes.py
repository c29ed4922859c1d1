"""What there is to tell about room counts: noted by `Rooms`, taken and told by `Presence`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from teaching_nb.hub.room import Room


class RoomChanges:
    """Rooms whose count has changed, and sockets that know no counts yet, until somebody takes them."""

    def __init__(self) -> None:
        self._rooms: set[Room] = set()
        self._newcomers: set[str] = set()
        self._is_any = asyncio.Event()
        self.is_told = asyncio.Event()
        """Set while everything that changed has been sent."""
        self.is_told.set()

    def room_changed(self, room: Room) -> None:
        """Note that somebody joined or left a room."""
        self._rooms.add(room)
        self._note()

    def rooms_changed(self, rooms: Collection[Room]) -> None:
        """Note that the counts of several rooms have changed, if there are any."""
        self._rooms.update(rooms)
        if rooms:
            self._note()

    def has_come(self, sid: str) -> None:
        """Note that a socket has to learn all counts it may know."""
        self._newcomers.add(sid)
        self._note()

    async def wait(self) -> None:
        """Wait until there is something to tell."""
        await self._is_any.wait()

    def take(self) -> tuple[set[Room], set[str]]:
        """Return the rooms and the newcomers; whoever takes them says when they are told."""
        rooms, self._rooms = self._rooms, set()
        newcomers, self._newcomers = self._newcomers, set()
        self._is_any.clear()
        return rooms, newcomers

    def told(self) -> None:
        """Note that what was taken has been sent."""
        if not self._is_any.is_set():
            self.is_told.set()

    def _note(self) -> None:
        self._is_any.set()
        self.is_told.clear()
