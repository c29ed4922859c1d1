"""A web socket as an ASGI application is handed it, without a web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[Any]
]


class Transport:
    """What a web server has below a connection: can be cut off."""

    def __init__(self) -> None:
        self.aborted = asyncio.Event()
        self.abort = self.aborted.set


class AsgiSocket:
    """The client's side."""

    def __init__(self) -> None:
        self.transport = Transport()
        self._to_application: asyncio.Queue[Message] = asyncio.Queue()
        self._from_application: asyncio.Queue[Message] = asyncio.Queue()
        self.receive = self._to_application.get

    async def send(self, message: Message) -> None:
        """Take in what the application sends."""
        self._from_application.put_nowait(message)

    def say(self, **message: Any) -> None:
        """Send something to the application."""
        self._to_application.put_nowait(message)

    async def text(self) -> str:
        """Return the next text frame; anything else is passed over."""
        return str((await self._next(lambda message: message.get("text") is not None))["text"])

    async def end(self) -> Message:
        """Return the message that closes the connection; anything else is passed over."""
        return await self._next(lambda message: message["type"] == "websocket.close")

    async def _next(self, is_wanted: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(20):
            while True:
                message = await self._from_application.get()
                if is_wanted(message):
                    return message


@asynccontextmanager
async def connected(
    application: Application, path: str, headers: Sequence[tuple[bytes, bytes]] = ()
) -> AsyncIterator[AsgiSocket]:
    """Open a socket with Engine.IO 4; it has ended, and the application with it, when the block is left."""
    socket = AsgiSocket()
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "root_path": "",
        "query_string": b"EIO=4&transport=websocket",
        "headers": [(b"connection", b"upgrade"), (b"upgrade", b"websocket"), (b"host", b"hub.test"), *headers],
    }
    socket.say(type="websocket.connect")
    serving = asyncio.ensure_future(application(scope, socket.receive, socket.send))
    yield socket
    socket.say(type="websocket.disconnect", code=1000)
    async with asyncio.timeout(20):
        await serving
