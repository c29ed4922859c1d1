"""What the relay relies on in tornado. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketError, WebSocketHandler

from teaching_nb.proxy import tornado_hooks

MOVED = "; mend proxy/tornado_hooks.py"


class Taken(WebSocketHandler):
    """A handler whose stream is taken, and that is open until the test lets it go."""

    opened: asyncio.Queue[tuple[Taken, IOStream]]

    def initialize(self, opened: asyncio.Queue[tuple[Taken, IOStream]]) -> None:
        """Take where to tell that one is open."""
        self.opened = opened
        self.leave = asyncio.Event()
        self.left = asyncio.Event()
        self.heard: list[str | bytes] = []

    async def open(self) -> None:
        """Tell it, and stay."""
        self.opened.put_nowait((self, tornado_hooks.take_stream(self)))
        await self.leave.wait()

    def on_message(self, message: str | bytes) -> None:
        """Remember what tornado should not have read."""
        self.heard.append(message)

    def on_close(self) -> None:
        """Tell that tornado has done with it."""
        self.left.set()


@pytest.fixture
async def opened() -> AsyncIterator[asyncio.Queue[tuple[Taken, IOStream]]]:
    """Return where handlers of a server tell that they are open; its port is an attribute."""
    queue: asyncio.Queue[tuple[Taken, IOStream]] = asyncio.Queue()
    server = HTTPServer(Application([("/", Taken, {"opened": queue})]))
    (bound,) = bind_sockets(0, "127.0.0.1")
    server.add_sockets([bound])
    queue.port = bound.getsockname()[1]  # type: ignore[attr-defined]
    yield queue
    server.stop()
    await server.close_all_connections()


async def test_tornado_shakes_hands_and_reads_nothing(opened: asyncio.Queue[tuple[Taken, IOStream]]) -> None:
    """Both ends of a connection are streams that carry any bytes, and a handler that returns has its end."""
    async with asyncio.timeout(20):
        near = await tornado_hooks.connect(HTTPRequest(f"ws://127.0.0.1:{opened.port}/"))  # type: ignore[attr-defined]
        handler, far = await opened.get()
        # A masked text frame, which tornado would understand; and a ping, which it would answer.
        for sender, taker in ((near, far), (far, near)):
            await sender.write(b"\x81\x81\x00\x00\x00\x00x\x89\x80\x00\x00\x00\x00")
            taken = await taker.read_bytes(13)
            assert taken[6:7] == b"x", "tornado reads from a stream that was taken" + MOVED
        await near.write(b"\x81\x81\x00\x00\x00\x00y")

        handler.leave.set()
        await handler.left.wait()
        assert handler.heard == [], "tornado reads frames after `open`, although client_terminated is set" + MOVED
        with pytest.raises(StreamClosedError):
            await near.read_bytes(1)


async def test_streams_send_at_once_when_they_are_told(opened: asyncio.Queue[tuple[Taken, IOStream]]) -> None:
    """What the hooks return is the connection itself."""
    async with asyncio.timeout(20):
        near = await tornado_hooks.connect(HTTPRequest(f"ws://127.0.0.1:{opened.port}/"))  # type: ignore[attr-defined]
        _, far = await opened.get()
        for stream in (near, far):
            stream.set_nodelay(True)
            no_delay = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert no_delay, "IOStream.set_nodelay does not reach the socket" + MOVED
        near.close()


@pytest.mark.parametrize(
    "answer",
    [
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: h2c\r\nConnection: Upgrade",
    ],
    ids=["a wrong key", "no key", "another protocol"],
)
async def test_wrong_handshake_is_an_error_like_others(answer: str, caplog: pytest.LogCaptureFixture) -> None:
    """A server that answers 101 without knowing WebSocket is told apart by an error, not by a failed assertion."""
    ended = asyncio.Event()

    async def shake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{answer}\r\n\r\n".encode())
        assert await reader.read() == b""
        writer.close()
        ended.set()

    server = await asyncio.start_server(shake, "127.0.0.1", 0)
    async with asyncio.timeout(20):
        with pytest.raises(WebSocketError, match="does not shake hands"):
            await tornado_hooks.connect(HTTPRequest(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
        await ended.wait()
    server.close()
    await server.wait_closed()
    assert caplog.text == "", "a handshake that fails is logged by tornado" + MOVED
