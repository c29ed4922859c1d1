"""A WebSocket to a hub that speaks Engine.IO and Socket.IO frame by frame, so that it can also speak them wrongly."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

_ACK = re.compile(r"(?:43|46\d+-)(\d+)(.*)", re.DOTALL)
"""An acknowledgement, without or with attachments: its number and its arguments."""


class RawSocket:
    """One connection; keeps every frame that came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.frames: list[str | bytes] = []
        """Everything that the hub has sent, but pings."""

    async def open(self) -> None:
        """Shake hands; raises `ConnectionError` when the hub says no."""
        await self._frame()
        await self.send("40")
        answer = await self._frame()
        if not str(answer).startswith("40"):
            raise ConnectionError(f"the hub answers {answer!r}")

    async def send(self, *frames: str | bytes) -> None:
        """Send frames as they are."""
        for frame in frames:
            await (self._socket.send_bytes(frame) if isinstance(frame, bytes) else self._socket.send_str(frame))

    async def ask(self, arguments: str, attachments: tuple[bytes, ...] = ()) -> str:
        """Send an event whose arguments are given as the inside of a JSON list; return its acknowledgement."""
        id_ = next(self._ids)
        await self.send(*event_frames(arguments, attachments, ack=str(id_)))
        while True:
            frame = await self._frame()
            match = _ACK.fullmatch(str(frame))
            if match and match[1] == str(id_):
                return match[2]

    async def answer_heartbeats(self, count: int) -> None:
        """Answer so many, and say nothing else; raises `ConnectionError` when the connection has ended."""
        while count:
            async with asyncio.timeout(60):
                message = await self._socket.receive()
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                raise ConnectionError(f"the connection has ended with {self._socket.close_code}")
            if message.data == "2":
                count -= 1
                await self.send("3")

    async def ended(self) -> int:
        """Wait until the hub has closed the connection, and return the WebSocket's close code."""
        async with asyncio.timeout(20):
            while not self._socket.closed:
                await self._socket.receive()
        return self._socket.close_code or 0

    def vanish(self) -> None:
        """Cut the connection as a lost network would, without a farewell."""
        transport = self._socket._writer.transport
        assert transport is not None
        transport.abort()

    async def _frame(self) -> str | bytes:
        """Return the next frame; raises `ConnectionError` when the connection has ended."""
        async with asyncio.timeout(20):
            while True:
                message = await self._socket.receive()
                if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                    raise ConnectionError(f"the connection has ended with {self._socket.close_code}")
                if message.data == "2":
                    await self.send("3")
                    continue
                frame: str | bytes = message.data
                self.frames.append(frame)
                return frame


def event_frames(arguments: str, attachments: tuple[bytes, ...] = (), *, ack: str = "") -> list[str | bytes]:
    """Return the frames of one event."""
    kind = f"45{len(attachments)}-" if attachments else "42"
    return [f"{kind}{ack}[{arguments}]", *attachments]


@asynccontextmanager
async def raw_socket(url: str, headers: dict[str, str], *, is_open: bool = True) -> AsyncIterator[RawSocket]:
    """Connect to a hub; without `is_open` nothing is said yet."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{url}/socket.io/?EIO=4&transport=websocket", headers=headers, max_msg_size=0, autoping=True
        ) as socket,
    ):
        raw = RawSocket(socket)
        if is_open:
            await raw.open()
        yield raw
