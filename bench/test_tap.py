"""The relay passes everything on and notes the events, with a real Socket.IO server and client."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import socketio
import uvicorn
from frames import EventReader

from tests.harness.processes import Process

_TAP = Path(__file__).with_name("tap.py")


class Hub:
    """A Socket.IO server that answers every SYNC_DOCUMENT and sends the bytes back to everybody."""

    def __init__(self) -> None:
        self.sockets = socketio.AsyncServer(async_mode="asgi", transports=["websocket"])
        self.sockets.on("SYNC_DOCUMENT", self._answer)
        config = uvicorn.Config(socketio.ASGIApp(self.sockets), log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        # Connections wait in the listener's queue until the server takes them, so nobody waits for its start.
        self.listener = socket.create_server(("127.0.0.1", 0))

    async def _answer(self, _sid: str, content: dict[str, object]) -> dict[str, object]:
        await self.sockets.emit("DOCUMENT_UPDATE", {"id": "one", "update": content["update"]})
        return {"ok": True}

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port


@pytest.fixture
async def a_hub() -> AsyncIterator[Hub]:
    """Serve on a port of the system's choice."""
    hub = Hub()
    serving = asyncio.create_task(hub.server.serve([hub.listener]))
    yield hub
    hub.server.should_exit = True
    await serving


@contextmanager
def _tap(port: int, folder: Path) -> Iterator[tuple[str, Path]]:
    with Process([sys.executable, str(_TAP), str(port)], log=folder / "tap.log") as tap:
        yield tap.wait_for_line("listening on "), tap.log


@pytest.mark.parametrize("size", [3, 200, 70_000])
async def test_tap_notes_events_in_both_directions(a_hub: Hub, tmp_path: Path, size: int) -> None:
    """An update of any frame length arrives whole and is noted once on its way there and once on its way back."""
    arrived: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    client = socketio.AsyncClient()
    client.on("DOCUMENT_UPDATE", lambda content: arrived.set_result(content["update"]))

    with _tap(a_hub.port, tmp_path) as (port, log):
        await client.connect(f"http://127.0.0.1:{port}", transports=["websocket"], wait_timeout=20)
        answer = await client.call("SYNC_DOCUMENT", {"id": "one", "update": bytes(size)}, timeout=30)
        update = await asyncio.wait_for(arrived, 30)
        await client.disconnect()

    # A note is written when its event has been passed on: that of a long one may come after that of its answer.
    lines = log.read_text().splitlines()
    notes = sorted((json.loads(line) for line in lines if line.startswith("{")), key=lambda note: note["at"])
    assert answer == {"ok": True}
    assert update == bytes(size)
    assert [(note["direction"], note["event"]) for note in notes] == [
        ("to_hub", "SYNC_DOCUMENT"),
        ("from_hub", "DOCUMENT_UPDATE"),
    ]
    assert all(note["at"] <= note["done"] for note in notes)


def test_reader_waits_for_the_last_attachment() -> None:
    """An event with two attachments counts when the second one is there, however the bytes are cut."""
    text = b'452-["UPDATE_DOCUMENT",{}]'
    stream = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n" + bytes([0x81, len(text)]) + text
    stream += b"\x82\x01a" + b"\x82\x01b"
    reader = EventReader()

    seen = [reader.feed(stream[index : index + 1]) for index in range(len(stream))]

    assert seen[-1] == ["UPDATE_DOCUMENT"]
    assert not any(seen[:-1])


def test_reader_says_nothing_about_plain_http() -> None:
    """A REST request whose body looks like an event is not taken for one."""
    reader = EventReader()

    names = reader.feed(b'PUT /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n\x81\x0942["NAME",{}]')

    assert names == []
