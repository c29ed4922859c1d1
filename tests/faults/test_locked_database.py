"""Another process holds the database: whoever writes is told so in words, nothing is lost, everything else goes on."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

from teaching_nb.client import CodeModel, connect
from teaching_nb.schema import events
from teaching_nb.simulator.sockets import Socket
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.faults.writers import request
from tests.harness.live_writer import LiveWriter
from tests.harness.waiting import wait_for, wait_value

PATIENCE = 60.0


@contextmanager
def locked(hub: MortalHub) -> Iterator[None]:
    """Hold the database as a backup program that hangs would: nobody else can write."""
    other = sqlite3.connect(hub.data_dir / "hub.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_writes_to_a_locked_database_are_refused_in_words_and_reads_go_on(
    a_mortal_hub: MortalHub, a_school: School
) -> None:
    """REST and sockets say 503 and what to do, on connections that live on; what is kept is stored afterwards, once."""
    url = await asyncio.to_thread(a_mortal_hub.start)
    author, record = a_school.cast.teacher, f"{url}/api/v1/documents/{a_school.record_id}"
    typist = LiveWriter("w", a_school.cast.student1, a_school.text_id, random.Random(1))
    async with aiohttp.ClientSession() as client:
        await typist.begin(url)
        await typist.write()
        with locked(a_mortal_hub):
            by_rest = asyncio.create_task(answer_of(client, author.headers, record))
            by_socket = asyncio.create_task(typist.try_to_write())
            health = await request(client, "GET", f"{url}/api/v1/health", author)
            seen = await request(client, "GET", record, author)
            were_waiting = not (by_rest.done() or by_socket.done())
            (status, said), answer = await asyncio.gather(by_rest, by_socket)
        after = await answer_of(client, author.headers, record)
        await typist.send_what_is_kept()
        await typist.end()
        stored = (await request(client, "GET", f"{url}/api/v1/documents/{a_school.text_id}", author)).json()

    assert (health.status, seen.status, were_waiting) == (200, 200, True)
    assert (status, answer["error"]["status"]) == (503, 503)
    assert "try again" in said
    assert "try again" in answer["error"]["message"]
    assert after[0] == 204
    assert sorted(stored["document"]["data"]["code"].split(";")) == ["", "w0", "w1"]


async def test_room_whose_first_load_fails_can_be_used_afterwards(a_mortal_hub: MortalHub, a_school: School) -> None:
    """A document that could not be opened says why, to everybody who asks, and opens when asked again."""
    url = await asyncio.to_thread(a_mortal_hub.start)
    sockets = [Socket(), Socket()]
    asked: dict[str, Any] = {"id": a_school.text_id, "stateVector": b"\x00"}
    people = (a_school.cast.student1, a_school.cast.student2)
    for socket, person in zip(sockets, people, strict=True):
        await socket.connect(url, person.token)

    with locked(a_mortal_hub):
        refused = await asyncio.gather(*(socket.call(events.SYNC_DOCUMENT, asked) for socket in sockets))
    opened = [await socket.call(events.SYNC_DOCUMENT, asked) for socket in sockets]
    typist = LiveWriter("w", people[0], a_school.text_id, random.Random(1))
    await typist.begin(url)
    await typist.write()

    assert [answer["error"]["status"] for answer in refused] == [503, 503]
    assert [answer["ok"] for answer in opened] == [True, True]
    assert typist.text == "w0;"
    for socket in sockets:
        await socket.close()
    await typist.end()


def test_kernel_keeps_its_edit_until_the_database_is_free(a_mortal_hub: MortalHub, a_school: School) -> None:
    """The notebook says that the hub cannot save, keeps the edit, and saves it by itself as soon as it can."""
    url = a_mortal_hub.start()
    with connect(url, a_school.cast.student1.token) as room:
        document = room.open_document(a_school.text_id, "code")
        assert isinstance(document, CodeModel)
        document.wait_loaded(PATIENCE)
        with locked(a_mortal_hub):
            document.code = "kept while the database was locked"
            detail = wait_for(document, "save_detail", lambda text: "cannot save just now" in text, PATIENCE)
            state = document.save_state
        wait_value(document, "save_state", "saved", PATIENCE)

        assert state == "offline"
        assert "kept" in detail
        assert document.code == "kept while the database was locked"
        with connect(url, a_school.cast.student2.token) as other:
            seen = other.open_document(a_school.text_id, "code")
            assert isinstance(seen, CodeModel)
            seen.wait_loaded(PATIENCE)
            assert seen.code == "kept while the database was locked"


async def answer_of(client: aiohttp.ClientSession, headers: dict[str, str], url: str) -> tuple[int, str]:
    """Change a document by REST; return status and text of the answer."""
    async with client.put(url, json={"data": {"entries": ["after"]}}, headers=headers) as answer:
        return answer.status, await answer.text()
