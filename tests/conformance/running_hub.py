"""The hub that recordings are played against, and when it is done with everything."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from teaching_nb.hub.config import Settings
from teaching_nb.hub.delivery import presence
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.room import ALL, Room
from tests.harness.running_hub import RunningHub, serving

MARKER = "conformance-marker"
PATIENCE_SECONDS = 20.0
INTERVAL_SECONDS = 0.03
_numbers = itertools.count(1)


class ReplayedHub:
    """A hub, and what a replay has to know about it besides its answers."""

    def __init__(self, running: RunningHub) -> None:
        self.url = running.url
        self.database = running.database
        self._running = running
        self._context = running.context
        self._presence = running.hub._presence
        self._changes: RoomChanges = self._presence._changes
        self._rooms_changed = asyncio.Event()
        note = self._changes.room_changed

        def room_changed(room: Room) -> None:
            note(room)
            self._rooms_changed.set()

        self._changes.room_changed = room_changed  # type: ignore[method-assign]  # on this instance

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie."""
        return self._context.settings.cookie_name

    async def cookie_value(self, token: str) -> str:
        """Return the value of a session cookie with a token."""
        return await self._context.credentials.cookie_value(token)

    def knows_socket(self, sid: str) -> bool:
        """Tell whether the hub counts a socket as connected."""
        return self._context.rooms.member(sid) is not None

    @property
    def last_counts(self) -> float:
        """Return when room counts were sent the last time, on the hub's clock."""
        return self._presence._last_flush

    @property
    def is_settled(self) -> bool:
        """Tell whether all room counts that changed are on their way."""
        return self._changes.is_told.is_set()

    async def settle(self) -> None:
        """Wait until all room counts that changed are on their way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._changes.is_told.wait()

    async def until_only(self, sids: set[str]) -> None:
        """Wait until the hub has noticed that all other sockets are closed."""
        await self._until(lambda: {member.sid for member in self._context.rooms.members()} <= sids)

    async def until_gone(self, sid: str) -> None:
        """Wait until the hub has noticed that a socket is closed."""
        await self._until(lambda: not self.knows_socket(sid))

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something about rooms is so; a socket that comes or goes changes its rooms."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                self._rooms_changed.clear()
                await self._rooms_changed.wait()

    def send_marker(self) -> dict[str, Any]:
        """Send a marker to every socket, after everything that was published before; return it."""
        marker = {"type": MARKER, "number": next(_numbers)}
        self._running.send_marker(ALL, marker)
        return marker


@asynccontextmanager
async def replayed(settings: Settings) -> AsyncIterator[ReplayedHub]:
    """Run a hub; it has ended when the block is left.

    Room counts wait for each other less long than in a classroom: which of them come together is not compared.
    """
    usual, presence.INTERVAL_SECONDS = presence.INTERVAL_SECONDS, INTERVAL_SECONDS
    try:
        async with serving(settings) as running:
            yield ReplayedHub(running)
    finally:
        presence.INTERVAL_SECONDS = usual
