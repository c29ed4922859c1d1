"""Two hubs on one PostgreSQL behind a balancer, handled as if they were one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import permutations
from typing import Any

import httpx
from sqlalchemy import Connection, select

from teaching_nb.errors import Unavailable
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.config import Settings
from teaching_nb.hub.delivery.rooms import Member
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.room import Room
from teaching_nb.hub.store.tables import posted_announcements
from tests.harness.balancer import Balancer, balanced
from tests.harness.running_hub import RunningHub, serving

PATIENCE_SECONDS = 20.0
INTERVAL_SECONDS = 0.002


class SeveralHubs(RunningHub):
    """Hubs that share a database; every connection comes to the next one in turn."""

    def __init__(self, hubs: Sequence[RunningHub], balancer: Balancer) -> None:
        super().__init__(hubs[0]._server)
        self.url = balancer.url
        self.hubs = tuple(hubs)
        self.balancer = balancer

    def members(self) -> list[Member]:
        """Return the sockets of all hubs."""
        return [member for hub in self.hubs for member in hub.members()]

    def member(self, sid: str) -> Member | None:
        """Return a socket, at whichever hub it is."""
        return next(filter(None, (hub.member(sid) for hub in self.hubs)), None)

    def client(self) -> httpx.AsyncClient:
        """Return an HTTP client whose requests come to the hubs in turn."""
        return httpx.AsyncClient(base_url=self.url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    async def write_back(self) -> None:
        """Write live edits into their documents now, wherever they were made."""
        for hub in self.hubs:
            await hub.write_back()

    async def send_marker(self, room: Room, marker: dict[str, Any]) -> None:
        """Send a marker to a room at each hub, after everything that was published before at any."""
        await self.caught_up()
        for hub in self.hubs:
            await hub.send_marker(room, marker)

    async def caught_up(self) -> None:
        """Return when each hub has announced everything that was stored before."""
        for hub in self.hubs:
            await _until(lambda hub=hub: _is_caught_up(hub))  # type: ignore[misc]  # the default binds the hub

    def knows_counts(self) -> bool:
        """Tell whether each hub knows how many are in the rooms of the others."""
        return all(_knows_counts_of(hub, other) for hub, other in permutations(self.hubs, 2))


@asynccontextmanager
async def serving_twice(settings: Settings) -> AsyncIterator[SeveralHubs]:
    """Run two hubs with the same settings, on a PostgreSQL, and a balancer in front of them."""
    async with (
        serving(settings) as first,
        serving(settings) as second,
        balanced([first.url, second.url]) as balancer,
    ):
        yield SeveralHubs((first, second), balancer)


async def _until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_so():
            await asyncio.sleep(INTERVAL_SECONDS)


async def _is_caught_up(hub: RunningHub) -> bool:
    elsewhere = _elsewhere(hub)
    heads = elsewhere.told.heads()

    def is_behind(tx: Connection) -> bool:
        numbers = tx.execute(select(posted_announcements.c.number)).scalars()
        return any(number not in elsewhere.posted for number in numbers) or any(
            update_log.head(tx, document_id) > number for document_id, number in heads.items()
        )

    try:
        return not await hub.database.read(is_behind)
    except Unavailable:
        # Where nothing can be stored there is nothing to be announced.
        return True


def _knows_counts_of(hub: RunningHub, other: RunningHub) -> bool:
    rooms = other.hub._rooms
    counted = {room: rooms.own_count(room) for room in rooms.occupied()}
    return hub.hub._rooms._elsewhere._counts.get(_elsewhere(other).process, {}) == counted


def _elsewhere(hub: RunningHub) -> Elsewhere:
    assert hub.context.elsewhere is not None, "several hubs need PostgreSQL"
    return hub.context.elsewhere
