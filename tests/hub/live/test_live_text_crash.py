"""The hub is killed at any moment: everything acknowledged is there afterwards, and nothing twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pycrdt
import pytest
import socketio
from sqlalchemy import select

from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import documents, live_texts
from teaching_nb.schema import wire
from tests.hub.cast import Cast
from tests.hub.processes import HubProcess, hub_process

ROUNDS = 3

StartHub = Callable[[], AbstractAsyncContextManager[HubProcess]]


class Writer:
    """Somebody who writes numbered words into one document, over connections that break."""

    def __init__(self, token: str, document_id: str) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.acknowledged: list[str] = []
        self._token = token
        self._document_id = document_id
        self._count = 0
        self._is_cut = asyncio.Event()

    @property
    def text(self) -> str:
        """Return the text as this side sees it."""
        return str(self.doc.get("data", type=pycrdt.Map)["code"])

    async def write_until_cut(self, url: str, enough: asyncio.Event) -> None:
        """Sync, push what the hub lacks, then write words until the connection breaks; tell when there are some."""
        client = await self._connected(url)
        try:
            await self._sync(client)
            while True:
                await self._write_word(client)
                if self._count % 10 == 0:
                    enough.set()
        except (socketio.exceptions.SocketIOError, ConnectionError):
            pass
        finally:
            await client.disconnect()

    async def settle(self, url: str) -> None:
        """Connect once more and exchange what either side lacks."""
        client = await self._connected(url)
        await self._sync(client)
        await client.disconnect()

    async def _connected(self, url: str) -> socketio.AsyncClient:
        client = socketio.AsyncClient(reconnection=False)
        self._is_cut = asyncio.Event()
        client.on("disconnect", lambda *_: self._is_cut.set())
        await client.connect(url, auth={"token": self._token}, transports=["websocket"], wait_timeout=30)
        return client

    async def _sync(self, client: socketio.AsyncClient) -> None:
        payload = {"id": self._document_id, "stateVector": self.doc.get_state()}
        answer = await self._call(client, "SYNC_DOCUMENT", payload)
        assert answer["ok"], answer
        self.doc.apply_update(answer["update"])
        await self._send(client, self.doc.get_update(answer["stateVector"]))

    async def _write_word(self, client: socketio.AsyncClient) -> None:
        self._count += 1
        word = f"w{self._count};"
        before = self.doc.get_state()
        text = self.doc.get("data", type=pycrdt.Map)["code"]
        text += word
        await self._send(client, self.doc.get_update(before))
        self.acknowledged.append(word)

    async def _send(self, client: socketio.AsyncClient, update: bytes) -> None:
        answer = await self._call(client, "UPDATE_DOCUMENT", {"id": self._document_id, "update": update})
        assert answer["ok"], answer

    async def _call(self, client: socketio.AsyncClient, event: str, payload: dict[str, Any]) -> Any:
        """Return the hub's answer; raises `ConnectionError` as soon as none can come any more."""
        answer = asyncio.create_task(client.call(event, payload, timeout=30))
        cut = asyncio.create_task(self._is_cut.wait())
        await asyncio.wait({answer, cut}, return_when=asyncio.FIRST_COMPLETED)
        cut.cancel()
        if not answer.done():
            answer.cancel()
            raise ConnectionError("the connection was cut")
        return answer.result()


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


@pytest.mark.timeout(400)
@pytest.mark.on_both_databases
async def test_acknowledged_words_survive_being_killed_exactly_once(start_hub: StartHub, a_cast: Cast) -> None:
    """Killed again and again while two tabs write, the hub keeps each acknowledged word once."""
    cast = a_cast
    chance = random.Random(7)
    async with start_hub() as hub:
        document_id = (await main_document(hub, cast))["id"]
    writers = [Writer(cast.student1.token, document_id) for _ in range(2)]
    writers[1]._count = 100_000

    for _ in range(ROUNDS):
        async with start_hub() as hub:
            signs = [asyncio.Event() for _ in writers]
            tasks = [
                asyncio.create_task(writer.write_until_cut(hub.url, sign))
                for writer, sign in zip(writers, signs, strict=True)
            ]
            async with asyncio.timeout(60):
                await asyncio.gather(*(sign.wait() for sign in signs))
            for _ in range(chance.randrange(200)):
                # Lets the writers go on for a random while, without waiting for a time.
                await asyncio.sleep(0)
            await hub.kill()
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks)

    async with start_hub() as hub:
        # What REST answers first is what the log of the killed hub holds.
        stored = (await main_document(hub, cast))["data"]["code"]
        words = stored.split(";")[:-1]
        acknowledged = [word.rstrip(";") for writer in writers for word in writer.acknowledged]
        assert len(acknowledged) >= 2 * 9 * ROUNDS
        assert set(acknowledged) <= set(words)
        assert len(words) == len(set(words))

        for writer in (*writers, *writers):
            await writer.settle(hub.url)
        final = (await main_document(hub, cast))["data"]["code"]
        assert writers[0].text == writers[1].text == final
        assert len(final.split(";")) == len(set(final.split(";")))


@pytest.mark.on_both_databases
async def test_hub_that_ends_cleanly_has_written_everything_back(
    start_hub: StartHub, a_cast: Cast, a_seeded_database: tuple[str, Cast]
) -> None:
    """After SIGTERM the last edit is in the record itself, and the exit code is 0."""
    cast = a_cast
    async with start_hub() as hub:
        document_id = (await main_document(hub, cast))["id"]
        writer = Writer(cast.student1.token, document_id)
        enough = asyncio.Event()
        writing = asyncio.create_task(writer.write_until_cut(hub.url, enough))
        async with asyncio.timeout(60):
            await enough.wait()
        code = await hub.end()
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
