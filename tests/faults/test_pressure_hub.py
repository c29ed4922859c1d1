"""Somebody does not read: the others do not notice, and the hub's memory stays as it is."""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path

import httpx
import psutil

from teaching_nb.hub.delivery.outbox import ROOM_BYTES
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School, copy_of
from tests.harness.cast import Person
from tests.harness.deaf_reader import DeafReader
from tests.harness.hub_under_watch import watched_hub
from tests.harness.live_writer import LiveWriter
from tests.harness.raw_socket import RawSocket, raw_socket

MEGABYTE = 1_000_000
RECORD_BYTES = 900_000

_numbers = itertools.count()


def memory(hub: MortalHub) -> int:
    """Return the bytes of memory that the hub has in use."""
    resident: int = psutil.Process(hub.pid).memory_info().rss
    return resident


def ports(hub: MortalHub) -> set[int]:
    """Return the ports of the clients whose connections the hub still holds."""
    connections = psutil.Process(hub.pid).net_connections("tcp")
    return {connection.raddr.port for connection in connections if connection.raddr}


async def store(client: httpx.AsyncClient, hub: MortalHub, person: Person, document_id: str) -> None:
    """Store a large record, which is then told to everybody."""
    data = {"text": f"{next(_numbers)}".ljust(RECORD_BYTES, "x")}
    answer = await client.put(f"{hub.url}/api/v1/documents/{document_id}", headers=person.headers, json={"data": data})
    assert answer.status_code == 204, answer.text


async def hears(listener: RawSocket) -> None:
    """Wait for the next CHANGED_DOCUMENT."""
    while not str(await listener._frame()).startswith('42["CHANGED_DOCUMENT"'):
        pass


async def test_memory_stays_flat_beside_readers_that_stop(new_hub: NewHub, a_school: School) -> None:
    """While some sockets take nothing, the others hear every record and every edit, and the hub keeps little of it."""
    hub = new_hub(user_writes_per_second=0)
    hub.start()
    writer, other = a_school.cast.teacher, a_school.cast.student1
    async with httpx.AsyncClient(timeout=30) as client, raw_socket(hub.url, other.headers) as listener:
        for _ in range(5):
            await store(client, hub, writer, a_school.record_id)
            await hears(listener)
        alice, bob = (
            LiveWriter(name, person, a_school.text_id, random.Random(1))
            for name, person in (("a", a_school.cast.student2), ("b", a_school.cast.student3))
        )
        await alice.begin(hub.url)
        await bob.begin(hub.url)
        deaf = [DeafReader(hub.url, f"Bearer {person.token}") for person in a_school.crowd[:3]]
        for reader in deaf:
            reader.follow(a_school.text_id)
        before = memory(hub)

        for _ in range(120):
            await store(client, hub, writer, a_school.record_id)
            await hears(listener)
            await alice.write()
            await bob.write()
        async with asyncio.timeout(30):
            while alice.text != bob.text:
                await asyncio.sleep(0.05)

        grown = memory(hub) - before
        assert alice.text == bob.text
        assert set(alice.text.split(";")) == {word.rstrip(";") for word in (*alice.acknowledged, *bob.acknowledged, "")}
        for reader in deaf:
            reader.close()
        await alice.end()
        await bob.end()
    # What waits may be 16 MB, and as much again is held while it is written and by the allocator.
    assert grown < 60 * MEGABYTE, f"{120 * RECORD_BYTES:,} bytes were told, the hub has grown by {grown:,}"


async def test_socket_that_reads_nothing_is_ended(new_hub: NewHub, a_school: School) -> None:
    """When its heartbeat fails, the connection is cut off although the client neither reads nor goes away."""
    hub = new_hub(user_writes_per_second=0, ping_interval=1, ping_timeout=2)
    hub.start()
    async with httpx.AsyncClient(timeout=30) as client:
        with DeafReader(hub.url, f"Bearer {a_school.crowd[0].token}") as deaf:
            assert deaf.port in ports(hub)

            # Less than what makes the hub give up by itself, more than the system takes.
            for _ in range(12):
                await store(client, hub, a_school.cast.teacher, a_school.record_id)

            async with asyncio.timeout(60):
                while deaf.port in ports(hub):
                    await asyncio.sleep(0.1)
            assert deaf.is_cut_off()


async def test_reader_that_goes_away_is_forgotten_at_once(tmp_path: Path, a_seeded_school: tuple[Path, School]) -> None:
    """However much waits for it, and although its next heartbeat is far away."""
    file, school = a_seeded_school
    async with watched_hub(copy_of(file, tmp_path / "hub"), tmp_path / "hub.log", ping_interval=600) as hub:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.put(
                f"{hub.url}/api/v1/documents/{school.text_id}",
                headers=school.cast.teacher.headers,
                json={"data": {"code": "x" * RECORD_BYTES}},
            )
            assert answer.status_code == 204, answer.text
        deaf = await asyncio.to_thread(DeafReader, hub.url, f"Bearer {school.cast.student1.token}")
        for number in range(40):
            deaf.ask_for(school.text_id, f"{number + 100}")
        async with asyncio.timeout(60):
            while (await hub.look())["longest"]["bytes"] <= ROOM_BYTES:
                await asyncio.sleep(0.1)

        deaf.close()

        await hub.look_when_empty()


async def test_questions_of_a_client_wait_until_it_takes_the_answers(new_hub: NewHub, a_school: School) -> None:
    """Hundreds of questions with large answers cost the hub little, and are all answered once the client reads."""
    hub = new_hub(user_writes_per_second=0)
    hub.start()
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.put(
            f"{hub.url}/api/v1/documents/{a_school.text_id}",
            headers=a_school.cast.teacher.headers,
            json={"data": {"code": "x" * RECORD_BYTES}},
        )
        assert answer.status_code == 204, answer.text
        with DeafReader(hub.url, f"Bearer {a_school.cast.student1.token}") as deaf:
            deaf.follow(a_school.text_id)
            before = memory(hub)

            for number in range(100):
                deaf.ask_for(a_school.text_id, f"{number + 100}")
            # Everybody else is served meanwhile, and the hub has had its chance to answer into nothing.
            async with raw_socket(hub.url, a_school.cast.student2.headers) as other:
                for _ in range(20):
                    await other.ask(f'"LEAVE_DOCUMENT",{{"id":"{a_school.text_id}"}}')
                    await store(client, hub, a_school.cast.teacher, a_school.record_id)

            grown = memory(hub) - before
            deaf.close()
    assert grown < 60 * MEGABYTE, f"{100 * RECORD_BYTES:,} bytes were asked for, the hub has grown by {grown:,}"


async def test_slow_reader_gets_all_its_answers(new_hub: NewHub, a_school: School) -> None:
    """A client that asks for much before it reads anything is not cut off, and misses no answer."""
    hub = new_hub()
    hub.start()
    async with httpx.AsyncClient(timeout=30) as client:
        await client.put(
            f"{hub.url}/api/v1/documents/{a_school.text_id}",
            headers=a_school.cast.teacher.headers,
            json={"data": {"code": "x" * RECORD_BYTES}},
        )
    with DeafReader(hub.url, f"Bearer {a_school.cast.student1.token}") as slow:
        for number in range(40):
            slow.ask_for(a_school.text_id, f"{number + 100}")
        # While somebody else gets as many answers, the hub would have made all of these.
        async with raw_socket(hub.url, a_school.cast.student2.headers) as other:
            placeholder = '{"_placeholder":true,"num":0}'
            for _ in range(60):
                await other.ask(
                    f'"SYNC_DOCUMENT",{{"id":"{a_school.text_id}","stateVector":{placeholder}}}', (b"\x00",)
                )

        for number in range(40):
            frame = await asyncio.to_thread(slow.read_until, f"462-{number + 100}".encode())
            assert b'"ok":true' in frame
