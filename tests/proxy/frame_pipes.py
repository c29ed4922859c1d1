"""Both ends of the socket relay as bare connections: a hub and a client that shake hands and then speak any bytes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.frames import Frame, Opcode

from teaching_nb.proxy.frames import Closing, FrameScanner
from tests.harness.jupyter import JUPYTER_TOKEN, Jupyter

SECONDS = 30.0
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "


def up(opcode: Opcode, payload: bytes = b"", *, is_final: bool = True) -> bytes:
    """Return a frame as a client sends it."""
    return Frame(opcode, payload, fin=is_final).serialize(mask=True)


def down(opcode: Opcode, payload: bytes = b"", *, is_final: bool = True) -> bytes:
    """Return a frame as a hub sends it."""
    return Frame(opcode, payload, fin=is_final).serialize(mask=False)


def declared(size: int, *, is_masked: bool) -> bytes:
    """Return the header of a binary frame of so many bytes."""
    return bytes([0x82, 0xFF if is_masked else 0x7F]) + struct.pack(">Q", size) + (bytes(4) if is_masked else b"")


class FramePipe:
    """One end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Write bytes, and wait until they are taken."""
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), SECONDS)

    async def take(self, count: int) -> bytes:
        """Return the next bytes."""
        return await asyncio.wait_for(self.reader.readexactly(count), SECONDS)

    async def ended(self) -> bytes:
        """Wait for the end of the connection; return what came before it."""
        received = b""
        try:
            while piece := await asyncio.wait_for(self.reader.read(65_536), SECONDS):
                received += piece
        except ConnectionError:
            pass
        return received

    async def closing(self, *, is_masked: bool) -> Closing | None:
        """Take what comes up to a close frame, and return what that says; None when there is none."""
        scanner = FrameScanner(is_masked=is_masked, limit=1 << 30)
        while scanner.closing is None and (piece := await asyncio.wait_for(self.reader.read(65_536), SECONDS)):
            scanner.take(piece)
        return scanner.closing

    def vanish(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Cut the connection, and wait until nothing of it is left."""
        self.vanish()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@dataclass
class FrameHub:
    """Takes connections, and hands them to the test, which opens their other ends here as well."""

    extra: str = ""
    """More headers of its answer to a handshake."""
    url: str = ""
    pipes: asyncio.Queue[FramePipe] = field(default_factory=asyncio.Queue)
    """Connections of the relay."""
    _ends: list[FramePipe] = field(default_factory=list)

    @asynccontextmanager
    async def serve(self, context: ssl.SSLContext | None = None) -> AsyncIterator[FrameHub]:
        """Listen on a port of the system's choice; in the end, cut everything."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=context)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for end in self._ends:
                await end.gone()

    async def meet(self, jupyter: Jupyter, context: ssl.SSLContext | None = None) -> tuple[FramePipe, FramePipe]:
        """Open a relayed socket; return both ends, the client's first, when they are joined."""
        client = await self.client(jupyter, context)
        hub = await asyncio.wait_for(self.pipes.get(), SECONDS)
        await hub.send(down(Opcode.PONG))
        assert await client.take(2) == down(Opcode.PONG)
        return client, hub

    async def client(self, jupyter: Jupyter, context: ssl.SSLContext | None = None) -> FramePipe:
        """Open a relayed socket."""
        reader, writer = await asyncio.open_connection("127.0.0.1", jupyter.server.port, ssl=context)
        self._ends.append(FramePipe(reader, writer))
        lines = [
            f"GET {jupyter.server.base_url}teaching/socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{jupyter.server.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            f"Authorization: token {JUPYTER_TOKEN}",
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return self._ends[-1]

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        found = re.search(r"sec-websocket-key: (\S+)", asked, re.IGNORECASE)
        assert found
        accepted = base64.b64encode(hashlib.sha1(f"{found[1]}{_MAGIC}".encode()).digest()).decode()  # noqa: S324 - RFC 6455
        writer.write(f"{_UPGRADED}{accepted}\r\n{self.extra}\r\n".encode())
        self._ends.append(FramePipe(reader, writer))
        self.pipes.put_nowait(self._ends[-1])
