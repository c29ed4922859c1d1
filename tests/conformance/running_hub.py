"""The hub that recordings are played against: a real server on a port of its own, in this process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from teaching_nb.hub.app import Hub
from teaching_nb.hub.config import Settings
from teaching_nb.hub.delivery import presence
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import ALL, Room
from teaching_nb.hub.server import HubServer
from teaching_nb.hub.store.database import Database
from teaching_nb.schema.events import ACTION

MARKER = "conformance-marker"
PATIENCE_SECONDS = 20.0
INTERVAL_SECONDS = 0.03
_numbers = itertools.count(1)


class RunningHub:
    """A hub, and what a replay has to know about it besides its answers: when it is done with everything."""

    def __init__(self, server: HubServer) -> None:
        self._server = server
        self.url = server.url
        self._rooms_changed = asyncio.Event()
        tell_presence = self._hub.context.rooms.on_change

        def on_change(room: Room) -> None:
            tell_presence(room)
            self._rooms_changed.set()

        self._hub.context.rooms.on_change = on_change

    @property
    def _hub(self) -> Hub:
        assert self._server.app.hub is not None
        return self._server.app.hub

    @property
    def database(self) -> Database:
        """Return the hub's database."""
        return self._hub.context.database

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie."""
        return self._hub.context.settings.cookie_name

    async def cookie_value(self, token: str) -> str:
        """Return the value of a session cookie with a token."""
        return await self._hub.context.credentials.cookie_value(token)

    def knows_socket(self, sid: str) -> bool:
        """Tell whether the hub counts a socket as connected."""
        return self._hub.context.rooms.member(sid) is not None

    @property
    def last_counts(self) -> float:
        """Return when room counts were sent the last time, on the hub's clock."""
        return self._hub._presence._last_flush

    @property
    def is_settled(self) -> bool:
        """Tell whether all room counts that changed are on their way."""
        return self._hub._presence.is_settled.is_set()

    async def settle(self) -> None:
        """Wait until all room counts that changed are on their way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._hub._presence.is_settled.wait()

    async def until_only(self, sids: set[str]) -> None:
        """Wait until the hub has noticed that all other sockets are closed."""
        await self._until(lambda: {member.sid for member in self._hub.context.rooms.members()} <= sids)

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
        self._hub.context.commits.announce(Outcome(None, (Notification(ACTION, marker, (ALL,)),)))
        return marker


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[RunningHub]:
    """Run a hub; it has ended when the block is left.

    Room counts wait for each other less long than in a classroom: which of them come together is not compared.
    """
    server = HubServer(settings)
    usual, presence.INTERVAL_SECONDS = presence.INTERVAL_SECONDS, INTERVAL_SECONDS
    is_listening = asyncio.Event()
    server.on_listening = lambda _url: is_listening.set()
    task = asyncio.create_task(server.run_until_stopped())
    ready = asyncio.create_task(is_listening.wait())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if task.done():
            ready.cancel()
            await task
        yield RunningHub(server)
    finally:
        presence.INTERVAL_SECONDS = usual
        server.should_exit = True
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task
