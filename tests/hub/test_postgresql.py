"""What only a database server can show: several hubs at once, a server that goes away, moving from SQLite to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection

from teaching_nb.errors import Unavailable
from teaching_nb.hub.config import Settings
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import wire
from tests.harness.cast import Cast
from tests.harness.hub_process import hub_command
from tests.harness.postgresql import PostgresqlServer, postgresql_server
from tests.harness.running_hub import SECRET, RunningHub, serving
from tests.hub.scenes import Scene
from tests.hub.test_cli import CLASS

AT_ONCE = 10


@pytest.fixture
def a_server_url(a_postgresql: PostgresqlServer, a_seeded_template: tuple[str, Cast]) -> str:
    """Return the URL of a PostgreSQL database of this test alone, with the cast in it."""
    return a_postgresql.url(a_postgresql.create_database(a_seeded_template[0]))


@pytest.fixture
def the_cast(a_seeded_template: tuple[str, Cast]) -> Cast:
    """Return the people of that database."""
    return a_seeded_template[1]


@pytest.fixture
async def two_hubs(tmp_path: Path, a_server_url: str) -> AsyncIterator[tuple[RunningHub, RunningHub]]:
    """Run two hubs on one database."""
    first, second = (
        Settings(data_dir=tmp_path / name, port=0, secret=SECRET, database=a_server_url) for name in ("one", "two")
    )
    async with serving(first) as one, serving(second) as two:
        yield one, two


async def test_unique_main_holds_between_hubs(two_hubs: tuple[RunningHub, RunningHub], the_cast: Cast) -> None:
    """Of many simultaneous requests at two hubs exactly one creates the document, the others are told which."""
    root_id = await Scene(two_hubs[0].database).root()
    body = {"type": "code", "documentRootId": root_id, "data": {"code": ""}}

    async with httpx.AsyncClient(headers=the_cast.student1.headers, timeout=60) as client:
        addresses = [f"{hub.url}/api/v1/documents?uniqueMain=true" for hub in two_hubs] * AT_ONCE
        answers = await asyncio.gather(*(client.post(address, json=body) for address in addresses))

    assert sorted(answer.status_code for answer in answers) == [200] + [403] * (2 * AT_ONCE - 1)
    created = next(answer.json()["id"] for answer in answers if answer.status_code == 200)
    named = {answer.json()["errors"][0]["document"]["id"] for answer in answers if answer.status_code == 403}
    assert named == {created}
    assert await Scene(two_hubs[1].database).documents_below(root_id) == [created]


async def test_main_document_and_its_root_are_made_once_between_hubs(
    two_hubs: tuple[RunningHub, RunningHub], the_cast: Cast
) -> None:
    """Whoever asks first at whichever hub, everybody gets the same document."""
    body = {
        "documentRootId": wire.new_id(), "type": "code", "data": {"code": ""}, "root": {"access": "RW_DocumentRoot"}
    }  # fmt: skip

    async with httpx.AsyncClient(headers=the_cast.student1.headers, timeout=60) as client:
        addresses = [f"{hub.url}/api/v1/documents/main" for hub in two_hubs] * AT_ONCE
        answers = await asyncio.gather(*(client.post(address, json=body) for address in addresses))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_changes_at_two_hubs_are_all_counted(two_hubs: tuple[RunningHub, RunningHub], the_cast: Cast) -> None:
    """Writers at two hubs who change one document at once each get a revision of their own, without a gap."""
    scene = Scene(two_hubs[0].database)
    document_id = await scene.document(the_cast.student1, await scene.root())

    async with httpx.AsyncClient(headers=the_cast.student1.headers, timeout=60) as client:
        requests = [
            client.put(f"{hub.url}/api/v1/documents/{document_id}", json={"data": {"code": f"{index} {hub.url}"}})
            for index in range(AT_ONCE)
            for hub in two_hubs
        ]
        answers = await asyncio.gather(*requests)

    revisions = sorted(int(answer.headers["x-document-revision"]) for answer in answers)
    assert revisions == list(range(2, 2 + 2 * AT_ONCE))


def noted_number(tx: Connection) -> int:
    """Take a number in a transaction that writes; a server that dies may give out those of the others again."""
    tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS noted (number bigint)")
    tx.exec_driver_sql("INSERT INTO noted VALUES (1)")
    return change_numbers.next_number(tx)


async def test_database_that_comes_back_is_used_again() -> None:
    """While the server is away jobs are refused as such; afterwards the same hub goes on without being started anew."""
    with postgresql_server() as server:
        database = await Database.open(server.url(server.create_database()))
        try:
            before = await database.write(noted_number)
            await asyncio.to_thread(server.stop)
            with pytest.raises(Unavailable, match="try again"):
                await database.write(change_numbers.next_number)
            with pytest.raises(Unavailable, match="try again"):
                await database.read(change_numbers.high_water_mark)
            await asyncio.to_thread(server.start)

            assert await database.write(noted_number) > before
        finally:
            await database.close()


def test_class_moves_to_a_database_server(tmp_path: Path, a_postgresql: PostgresqlServer) -> None:
    """What was dumped from a file is the same after loading it into a server, and loading twice changes nothing."""
    file, data = tmp_path / "class.json", tmp_path / "data"
    file.write_text(json.dumps(CLASS))
    server = ("--database", a_postgresql.url(a_postgresql.create_database()))

    assert hub_command(data, "load", str(file)).returncode == 0
    dumped = hub_command(data, "dump", "-").stdout
    first = hub_command(data, "load", "-", *server, stdin=dumped)
    again = hub_command(data, "load", "-", *server, stdin=dumped)

    complaints = [line for line in first.stderr.splitlines() if "fsync = off" not in line]
    assert (first.returncode, complaints) == (0, [])
    assert again.stdout == "loaded: nothing had to be changed\n"
    assert hub_command(data, "dump", "-", *server).stdout == dumped
