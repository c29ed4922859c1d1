"""A browser, or a hub, that does not read what the Jupyter server relays."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import psutil
import pytest

from teaching_nb.proxy import leg
from teaching_nb.schema.closing import TRY_AGAIN_LATER
from tests.faults.conftest import NewHub
from tests.faults.school import School
from tests.harness.deaf_reader import DeafReader
from tests.harness.jupyter import BASE_URL, JUPYTER_TOKEN, Jupyter, jupyter_in_loop, jupyter_process
from tests.harness.jupyter_server import private_folders
from tests.harness.raw_socket import raw_socket
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import until

SOCKET_PATH = f"{BASE_URL}teaching/socket.io/"
RECORD_BYTES = 900_000
RECORDS = 100
SECONDS = 60.0


@pytest.fixture
async def a_back_end() -> AsyncIterator[RecordingHub]:
    """Return a back end that floods, or stops to read, when it is told to."""
    hub = await RecordingHub().start()
    yield hub
    hub.reading.set()
    await hub.stop()


@pytest.fixture
async def a_relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, a_back_end: RecordingHub) -> AsyncIterator[Jupyter]:
    """Return a Jupyter server in the test's loop that soon loses patience."""
    for name, value in private_folders(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(leg, "STUCK_SECONDS", 0.5)
    config = {"TeachingNB": {"hub_url": a_back_end.url, "hub_token": "token-of-the-hub-0123456789"}}
    async with jupyter_in_loop(tmp_path, config) as jupyter:
        yield jupyter


async def test_relay_ends_a_client_that_takes_nothing(a_relay: Jupyter, a_back_end: RecordingHub) -> None:
    """A browser that stops reading is let go after a while, and so is its connection at the hub."""
    connections = a_relay.extension.context.connections
    async with a_relay.socket() as socket:
        socket._reader._protocol.pause_reading()
        await socket.send_str("send flood")

        await until(lambda: len(connections) == 0, SECONDS)
        assert a_back_end.sockets[0]._writer is not None
        await until(a_back_end.sockets[0]._writer.transport.is_closing, SECONDS)
        socket._reader._protocol.resume_reading()


async def test_relay_ends_a_socket_whose_hub_takes_nothing(a_relay: Jupyter, a_back_end: RecordingHub) -> None:
    """A hub that stops reading costs the browser this connection, not a place among those that it may have."""
    connections = a_relay.extension.context.connections
    async with a_relay.socket() as socket:
        await until(lambda: a_back_end.sockets)
        a_back_end.reading.clear()

        async def fill() -> None:
            while True:
                await socket.send_bytes(bytes(1_000_000))

        filling = asyncio.create_task(fill())
        echo, closing = [await socket.receive(timeout=SECONDS) for _ in range(2)]
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)

        assert echo.type is aiohttp.WSMsgType.BINARY
        assert (socket.close_code, closing.extra) == (TRY_AGAIN_LATER, "hub unavailable")
        await until(lambda: len(connections) == 0, SECONDS)


async def test_relay_stays_small_beside_a_stuck_browser(tmp_path: Path, new_hub: NewHub, a_school: School) -> None:
    """Megabytes for a page that reads nothing stay out of the Jupyter server, and its other page hears them all."""
    hub = new_hub(user_writes_per_second=0)
    hub.start()
    reader, writer = a_school.cast.student1, a_school.cast.teacher
    options = (f"--TeachingNB.hub_url={hub.url}", f"--TeachingNB.hub_token={reader.token}")
    jupyter = jupyter_process(tmp_path / "jupyter", *options).launch().wait_ready()
    server = psutil.Process(jupyter.process.pid)
    token, numbers = f"token {JUPYTER_TOKEN}", itertools.count()
    try:
        async with (
            raw_socket(f"{jupyter.url}teaching", {"Authorization": token}) as listener,
            httpx.AsyncClient(timeout=30) as client,
        ):

            async def tell() -> None:
                """Have one record stored and heard."""
                body = {"data": {"text": f"{next(numbers)}".ljust(RECORD_BYTES, "x")}}
                path = f"{hub.url}/api/v1/documents/{a_school.record_id}"
                answer = await client.put(path, headers=writer.headers, json=body)
                assert answer.status_code == 204, answer.text
                while not str(await listener._frame()).startswith('42["CHANGED_DOCUMENT"'):
                    pass

            for _ in range(5):
                await tell()
            before = server.memory_info().rss
            with DeafReader(jupyter.url, token, path=SOCKET_PATH):
                for _ in range(RECORDS):
                    await tell()
                grown = server.memory_info().rss - before
    finally:
        jupyter.stop()
    assert grown < 40_000_000, f"{RECORDS * RECORD_BYTES:,} bytes were told, the Jupyter server has grown by {grown:,}"
