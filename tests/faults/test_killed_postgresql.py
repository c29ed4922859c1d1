"""PostgreSQL dies while the hub writes to it: what was acknowledged is there, and the hub goes on by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from teaching_nb.hub.store.database import Database
from teaching_nb.simulator.sockets import SECONDS
from tests.faults.class_at_work import ClassAtWork
from tests.faults.hub_runs import ForkServer, MortalHub
from tests.faults.school import make_school
from tests.faults.writers import finish
from tests.harness.live_writer import write_until_cut
from tests.harness.postgresql import PostgresqlServer, postgresql_server

DEATHS = 6


@pytest.fixture
def a_careful_postgresql() -> Iterator[PostgresqlServer]:
    """Run a server that flushes its disks, but answers commits before it has done so."""
    with postgresql_server(fsync="on", synchronous_commit="off") as server:
        yield server


@pytest.mark.timeout(400)
async def test_killed_postgresql_keeps_every_acknowledged_edit_exactly_once(
    a_careful_postgresql: PostgresqlServer, a_fork_server: ForkServer, tmp_path: Path
) -> None:
    """The hub refuses while its database is dead, comes back with it, and has lost and doubled nothing."""
    server, chance = a_careful_postgresql, random.Random(5)
    url = server.url(server.create_database())
    school = await asyncio.to_thread(make_school, url)
    hub = MortalHub(a_fork_server, tmp_path / "hub", database=url)
    address = await asyncio.to_thread(hub.start)
    try:
        async with aiohttp.ClientSession() as client:
            people = ClassAtWork(school, client, chance)
            for _ in range(DEATHS):
                await people.check(address)
                await work_until_killed(server, people, address, chance)
                assert await status_of(client, f"{address}/api/v1/health") == 200
                await asyncio.to_thread(server.start)
            await people.check(address)
            await people.check_created(address)
    finally:
        hub.close()
    assert sum(len(typist.acknowledged) for typist in people.typists) >= DEATHS
    assert sum(len(lister.acknowledged) for lister in people.listers) >= DEATHS


async def work_until_killed(server: PostgresqlServer, people: ClassAtWork, address: str, chance: random.Random) -> None:
    """Let everybody write until the database is killed, and everybody was told."""
    acknowledged = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(write_until_cut(writer, address, acknowledged.release)) for writer in people.writers]
    for _ in range(chance.randrange(20, 60)):
        async with asyncio.timeout(SECONDS):
            await acknowledged.acquire()
    await asyncio.to_thread(server.kill)
    await finish(*tasks)


async def status_of(client: aiohttp.ClientSession, url: str) -> int:
    """Return the status of an answer."""
    async with client.get(url) as answer:
        return answer.status


async def test_commits_are_waited_for_whatever_the_server_prefers(a_careful_postgresql: PostgresqlServer) -> None:
    """A server that answers commits before they are on the disk is asked to wait with those of the hub."""
    database = await Database.open(a_careful_postgresql.url(a_careful_postgresql.create_database()))
    try:
        found = [
            await database.write(lambda tx: tx.exec_driver_sql("SHOW synchronous_commit").scalar_one())
            for _ in range(2)
        ]
        assert found == ["on", "on"]
        assert database.warnings == ()
    finally:
        await database.close()


async def test_server_that_flushes_nothing_is_complained_about(a_fork_server: ForkServer, tmp_path: Path) -> None:
    """Settings that the hub cannot mend are said in its log and in what it tells of its health."""
    with postgresql_server(full_page_writes="off") as server:
        hub = MortalHub(a_fork_server, tmp_path / "hub", database=server.url(server.create_database()))
        address = await asyncio.to_thread(hub.start)
        async with aiohttp.ClientSession() as client, client.get(f"{address}/api/v1/health") as answer:
            health = await answer.json()
        hub.close()

    assert health["status"] == "ok"
    for name, said in zip(("fsync", "full_page_writes"), health["warnings"], strict=True):
        assert said == f"PostgreSQL runs with {name} = off: a power cut can destroy the whole database; set {name} = on"
        assert said in a_fork_server.log()
