"""What the relay relies on in tornado. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import asyncio
import socket

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from teaching_nb.proxy import tornado_hooks

MOVED = "; mend proxy/tornado_hooks.py"


class Remembered(WebSocketHandler):
    """A handler that can be looked at."""

    opened: asyncio.Queue[Remembered]

    def initialize(self, opened: asyncio.Queue[Remembered]) -> None:
        """Take where to tell that one is open."""
        self.opened = opened

    def open(self) -> None:
        """Tell it."""
        self.opened.put_nowait(self)


async def test_tornado_has_what_the_relay_reaches_for() -> None:
    """A socket towards the hub that sends at once, and a handler that knows whether its socket is open."""
    opened: asyncio.Queue[Remembered] = asyncio.Queue()
    server = HTTPServer(Application([("/", Remembered, {"opened": opened})]))
    (bound,) = bind_sockets(0, "127.0.0.1")
    server.add_sockets([bound])

    async with asyncio.timeout(20):
        client = await websocket_connect(f"ws://127.0.0.1:{bound.getsockname()[1]}/")
        handler = await opened.get()
        tornado_hooks.send_at_once(client)
        assert client.protocol is not None
        assert client.protocol.stream is not None
        no_delay = client.protocol.stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert no_delay, "WebSocketClientConnection.protocol.stream is not the socket any more" + MOVED
        assert tornado_hooks.is_open(handler), "WebSocketHandler.ws_connection is not set while open" + MOVED
        handler.close()
        assert not tornado_hooks.is_open(handler), "WebSocketHandler.ws_connection outlives close()" + MOVED
        assert await client.read_message() is None
        client.close()
    server.stop()
    await server.close_all_connections()
