"""A light Socket.IO client for hubs that die: whatever waits for an answer ends with the connection.

The stock client waits until its time is up, which is a minute for each of hundreds of deaths, and costs several times
as much processor time.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
from socketio.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, CONNECT_ERROR, EVENT, Packet

SECONDS = 60.0
"""How long an answer may take on a slow machine."""

MESSAGE = "4"
"""What Engine.IO puts before a packet of Socket.IO."""


class Cut(Exception):
    """The hub is gone, or cannot store just now."""


class Socket:
    """One connection, which is used once."""

    def __init__(self, on_event: Callable[[str, Any], None] = lambda _name, _payload: None) -> None:
        self._on_event = on_event
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._admitted: asyncio.Future[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._unfinished: Packet | None = None

    async def connect(self, url: str, token: str, *, is_page: bool = False) -> None:
        """Shake hands as the owner of a token; raises `Cut` when nobody answers.

        A page hears of documents that it follows alone; a kernel hears of all records that concern its user.
        """
        self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(SECONDS):
                self._socket = await self._session.ws_connect(
                    f"{url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0
                )
        except (aiohttp.ClientError, OSError) as error:
            raise Cut from error
        self._admitted = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read())
        await self._send(Packet(CONNECT, data={"token": token} | ({"only": "documents"} if is_page else {})))
        async with asyncio.timeout(SECONDS):
            await self._admitted

    async def call(self, event: str, payload: Any) -> Any:
        """Send an event and return its acknowledgement; raises `Cut` when the connection ends first."""
        if self._reading is None or self._reading.done():
            raise Cut
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._send(Packet(EVENT, data=[event, payload], id=number))
        async with asyncio.timeout(SECONDS):
            return await answer

    async def emit(self, event: str, payload: Any) -> None:
        """Send an event without asking for an acknowledgement; raises `Cut`."""
        await self._send(Packet(EVENT, data=[event, payload]))

    async def ended(self) -> None:
        """Return when the connection has ended."""
        if self._reading is not None:
            await asyncio.wait({self._reading})

    def cut(self) -> None:
        """Be gone without a farewell, as a lost network would have it."""
        lost = None if self._socket is None else self._socket.get_extra_info("socket")
        if lost is not None:
            with contextlib.suppress(OSError):
                lost.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def _send(self, packet: Packet) -> None:
        assert self._socket is not None
        encoded = packet.encode()
        frames = encoded if isinstance(encoded, list) else [encoded]
        try:
            for frame in frames:
                if isinstance(frame, bytes):
                    await self._socket.send_bytes(frame)
                else:
                    await self._socket.send_str(MESSAGE + frame)
        except (ConnectionError, aiohttp.ClientError) as error:
            raise Cut from error

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for message in self._socket:
                await self._take(message.data)
        finally:
            waiting = [*self._waiting.values(), *([self._admitted] if self._admitted else [])]
            for future in waiting:
                if not future.done():
                    future.set_exception(Cut())
                    # Nobody may be left to ask.
                    future.exception()

    async def _take(self, frame: str | bytes) -> None:
        assert self._socket is not None
        if frame == "2":
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await self._socket.send_str("3")
        elif isinstance(frame, bytes):
            assert self._unfinished is not None
            if self._unfinished.add_attachment(frame):
                self._handle(self._unfinished)
        elif frame.startswith(MESSAGE):
            packet = Packet(encoded_packet=frame[1:])
            if packet.attachment_count:
                self._unfinished = packet
            else:
                self._handle(packet)

    def _handle(self, packet: Packet) -> None:
        assert self._admitted is not None
        if packet.packet_type == CONNECT and not self._admitted.done():
            self._admitted.set_result(None)
        elif packet.packet_type == CONNECT_ERROR and not self._admitted.done():
            self._admitted.set_exception(Cut(str(packet.data)))
        elif packet.packet_type in {ACK, BINARY_ACK}:
            answer = self._waiting.pop(packet.id, None)
            if answer is not None and not answer.done():
                answer.set_result(packet.data[0] if packet.data else None)
        elif packet.packet_type in {EVENT, BINARY_EVENT}:
            self._on_event(packet.data[0], packet.data[1] if len(packet.data) > 1 else None)
