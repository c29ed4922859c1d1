"""A hub that serves in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from teaching_nb.hub.app import Hub
from teaching_nb.hub.config import Settings
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.delivery.rooms import Member
from teaching_nb.hub.live.rooms import LiveRooms
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import Room
from teaching_nb.hub.server import HubServer
from teaching_nb.hub.store.database import Database
from teaching_nb.schema.events import ForwardedAction

SECRET = "5e" * 32

SECONDS = 30
"""How long a hub may take to start, or to end, on a slow machine."""


class RunningHub:
    """A hub that serves in the test's own event loop."""

    def __init__(self, server: HubServer) -> None:
        assert server.app.hub is not None
        self.hub: Hub = server.app.hub
        self.url = server.url
        self._server = server
        self.hubs: tuple[RunningHub, ...] = (self,)
        """The processes that serve, as far as they are of this test."""

    @property
    def context(self) -> HubContext:
        """Return the parts of the hub."""
        return self.hub.context

    @property
    def live(self) -> LiveRooms:
        """Return the hub's live documents."""
        return self.hub._live

    @property
    def database(self) -> Database:
        """Return the hub's database."""
        return self.context.database

    async def write_back(self) -> None:
        """Write live edits into their documents now, instead of within a second."""
        await self.live.write_back.write()

    def forget_unfollowed(self) -> None:
        """Forget the live documents that nobody follows now, instead of within a second."""
        self.live.write_back.forget_unfollowed()

    def members(self) -> list[Member]:
        """Return all sockets."""
        return self.context.rooms.members()

    def member(self, sid: str) -> Member | None:
        """Return a socket; None when the hub does not count it as connected."""
        return self.context.rooms.member(sid)

    def knows_counts(self) -> bool:
        """Tell whether each process knows how many are in the rooms of the others; there are none."""
        return True

    def client(self) -> httpx.AsyncClient:
        """Return an HTTP client for the hub."""
        return httpx.AsyncClient(base_url=self.url, timeout=30)

    async def send_marker(self, room: Room, marker: dict[str, Any]) -> None:
        """Send ACTION with a marker to a room, after everything that was published before."""
        self.live.kernel_pace.tell_all()
        self.context.commits.announce(Outcome(None, (Notification(ForwardedAction(action=marker), (room,)),)))


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[RunningHub]:
    """Run a hub; it has ended when the block is left."""
    is_listening = asyncio.Event()
    server = HubServer(settings, on_listening=lambda _url: is_listening.set())
    task = asyncio.create_task(server.run_until_stopped())
    ready = asyncio.create_task(is_listening.wait())
    async with asyncio.timeout(SECONDS):
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        ready.cancel()
        await task
    try:
        yield RunningHub(server)
    finally:
        server.should_exit = True
        async with asyncio.timeout(SECONDS):
            await task
