"""The hub that recordings are played against, and when it is done with everything."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection

from teaching_nb.hub.config import Settings
from teaching_nb.hub.delivery import presence
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.room import ALL, Room
from tests.harness.running_hub import RunningHub, serving
from tests.harness.several_hubs import serving_twice

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
        self._presences = [hub.hub._presence for hub in running.hubs]
        self._rooms_changed = asyncio.Event()
        for presence_of_one in self._presences:
            self._notice(presence_of_one._changes)

    def _notice(self, changes: RoomChanges) -> None:
        note = changes.room_changed

        def room_changed(room: Room) -> None:
            note(room)
            self._rooms_changed.set()

        changes.room_changed = room_changed  # type: ignore[method-assign]  # on this instance

    @property
    def is_one_process(self) -> bool:
        """Tell whether one process serves all connections."""
        return len(self._presences) == 1

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie."""
        return self._context.settings.cookie_name

    async def cookie_value(self, token: str) -> str:
        """Return the value of a session cookie with a token."""
        return await self._context.credentials.cookie_value(token)

    async def prepare(self, job: Callable[[Connection], None]) -> None:
        """Change the database as time or somebody outside of the hub would, and let no process believe what was so."""
        await self.database.write(job)
        for hub in self._running.hubs:
            hub.database.people_changes += 1

    def knows_socket(self, sid: str) -> bool:
        """Tell whether the hub counts a socket as connected."""
        return self._running.member(sid) is not None

    @property
    def last_counts(self) -> float:
        """Return when room counts were sent the last time, on the hub's clock."""
        return max(one._last_flush for one in self._presences)

    @property
    def is_settled(self) -> bool:
        """Tell whether all room counts that changed are on their way."""
        return all(one._changes.is_told.is_set() for one in self._presences) and self._running.knows_counts()

    async def settle(self) -> None:
        """Wait until all room counts that changed are on their way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.is_settled:
                for one in self._presences:
                    await one._changes.is_told.wait()
                # Until the others have heard of it, where there are any.
                await asyncio.sleep(0.001)

    async def until_only(self, sids: set[str]) -> None:
        """Wait until the hub has noticed that all other sockets are closed."""
        await self._until(lambda: {member.sid for member in self._running.members()} <= sids)

    async def until_gone(self, sid: str) -> None:
        """Wait until the hub has noticed that a socket is closed."""
        await self._until(lambda: not self.knows_socket(sid))

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something about rooms is so; a socket that comes or goes changes its rooms."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                self._rooms_changed.clear()
                await self._rooms_changed.wait()

    async def send_marker(self) -> dict[str, Any]:
        """Send a marker to every socket, after everything that was published before; return it."""
        marker = {"type": MARKER, "number": next(_numbers)}
        await self._running.send_marker(ALL, marker)
        return marker


@asynccontextmanager
async def replayed(settings: Settings, *, processes: int = 1) -> AsyncIterator[ReplayedHub]:
    """Run a hub, or two behind a balancer; they have ended when the block is left.

    Room counts wait for each other less long than in a classroom: which of them come together is not compared.
    """
    usual, presence.INTERVAL_SECONDS = presence.INTERVAL_SECONDS, INTERVAL_SECONDS
    try:
        async with serving(settings) if processes == 1 else serving_twice(settings) as running:
            yield ReplayedHub(running)
    finally:
        presence.INTERVAL_SECONDS = usual
