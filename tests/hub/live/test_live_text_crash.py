"""The hub is killed at any moment: everything acknowledged is there afterwards, and nothing twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import documents, live_texts
from teaching_nb.schema import wire
from tests.harness.cast import Cast
from tests.harness.hub_process import HubProcess, hub_process
from tests.harness.live_writer import LiveWriter, write_until_cut

ROUNDS = 3

StartHub = Callable[[], AbstractContextManager[HubProcess]]


async def main_document(hub: HubProcess, cast: Cast) -> dict[str, Any]:
    """Create or read student 1's document, as REST answers it."""
    root = wire.parse_uuid("00000000-0000-4000-8000-000000000001")
    body = {"documentRootId": root, "type": "code", "data": {"code": ""}, "root": {"access": "RW_DocumentRoot"}}
    async with httpx.AsyncClient(base_url=hub.url, headers=cast.student1.headers, timeout=30) as client:
        answer = await client.post("/api/v1/documents/main", json=body)
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


@pytest.fixture
def start_hub(tmp_path: Path, a_seeded_database: tuple[str, Cast]) -> StartHub:
    """Return what starts a hub as a process, on the same database every time."""
    return lambda: hub_process(tmp_path / "hub", "--database", a_seeded_database[0])


async def begun(writers: Sequence[LiveWriter], url: str) -> list[asyncio.Task[None]]:
    """Let everybody write; return when each has had ten edits acknowledged, while they go on."""
    counts = [asyncio.Semaphore(0) for _ in writers]
    tasks = [
        asyncio.create_task(write_until_cut(writer, url, count.release))
        for writer, count in zip(writers, counts, strict=True)
    ]
    async with asyncio.timeout(60):
        for count in counts:
            for _ in range(10):
                await count.acquire()
    return tasks


@pytest.mark.timeout(400)
@pytest.mark.on_both_databases
async def test_acknowledged_words_survive_being_killed_exactly_once(start_hub: StartHub, a_cast: Cast) -> None:
    """Killed again and again while two tabs write, the hub keeps each acknowledged word once."""
    cast = a_cast
    chance = random.Random(7)
    with start_hub() as hub:
        document_id = (await main_document(hub, cast))["id"]
    writers = [LiveWriter(name, cast.student1, document_id, chance) for name in "ab"]

    for _ in range(ROUNDS):
        with start_hub() as hub:
            tasks = await begun(writers, hub.url)
            for _ in range(chance.randrange(200)):
                # Lets the writers go on for a random while, without waiting for a time.
                await asyncio.sleep(0)
            hub.kill()
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks)

    with start_hub() as hub:
        # What REST answers first is what the log of the killed hub holds.
        stored = (await main_document(hub, cast))["data"]["code"]
        words = stored.split(";")[:-1]
        acknowledged = [word.rstrip(";") for writer in writers for word in writer.acknowledged]
        assert len(acknowledged) >= 2 * 10 * ROUNDS
        assert set(acknowledged) <= set(words)
        assert len(words) == len(set(words))

        for writer in (*writers, *writers):
            await writer.begin(hub.url)
            await writer.end()
        final = (await main_document(hub, cast))["data"]["code"]
        assert writers[0].text == writers[1].text == final
        assert len(final.split(";")) == len(set(final.split(";")))


@pytest.mark.on_both_databases
async def test_hub_that_ends_cleanly_has_written_everything_back(
    start_hub: StartHub, a_cast: Cast, a_seeded_database: tuple[str, Cast]
) -> None:
    """After SIGTERM the last edit is in the record itself, and the exit code is 0."""
    cast = a_cast
    with start_hub() as hub:
        document_id = (await main_document(hub, cast))["id"]
        writer = LiveWriter("a", cast.student1, document_id, random.Random(7))
        (writing,) = await begun([writer], hub.url)
        code = await asyncio.to_thread(hub.stop)
        await writing

    database = await Database.open(a_seeded_database[0])
    try:
        query = select(documents.c.data, live_texts.c.head, live_texts.c.materialized).join(live_texts)
        stored = await database.read(lambda tx: tx.execute(query).one())
    finally:
        await database.close()
    assert code == 0
    assert stored.head == stored.materialized > 0
    assert set(writer.acknowledged) <= {f"{word};" for word in stored.data["code"].split(";")}
