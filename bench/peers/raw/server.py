"""The least that a broadcast takes: uvloop, one prepared frame, one write for each connection.

It answers PUT with 204 and writes the body to every WebSocket as a CHANGED_DOCUMENT of Socket.IO. It checks and stores
nothing, and no client stays longer than its first missed heartbeat.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from typing import cast

import uvloop

_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_SECRET = re.compile(rb"sec-websocket-key: (\S+)", re.IGNORECASE)
_OPEN = b'0{"sid":"raw","upgrades":[],"pingInterval":600000,"pingTimeout":600000,"maxPayload":1000000}'
_LET_IN = b'40{"sid":"raw"}'

_told: set[asyncio.Transport] = set()


class Connection(asyncio.Protocol):
    """A client: somebody who writes, or somebody who hears."""

    def __init__(self) -> None:
        self._received = b""
        self._is_socket = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers go to."""
        # uvloop's are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - called by asyncio
        """Forget the client."""
        if self._transport is not None:
            _told.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Answer a request; what comes through a WebSocket can only be that it wants to be let in."""
        transport = self._transport
        assert transport is not None
        if self._is_socket:
            if transport not in _told:
                transport.write(frame(_LET_IN))
                _told.add(transport)
            return
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        if secret := _SECRET.search(head):
            self._is_socket = True
            accept = base64.b64encode(hashlib.sha1(secret[1] + _KEY, usedforsecurity=False).digest())
            answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            transport.write(answer + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + frame(_OPEN))
            return
        length = _LENGTH.search(head)
        if length is not None and len(rest) >= int(length[1]):
            self._received = b""
            transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            told = frame(b'42["CHANGED_DOCUMENT",' + rest + b"]")
            for each in _told:
                each.write(told)


def frame(text: bytes) -> bytes:
    """Return a text as a frame of a WebSocket."""
    size = len(text)
    return bytes((0x81, size)) + text if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big") + text


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=4_096)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
