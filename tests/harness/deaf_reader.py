"""A client that stops reading: a bare TCP socket that shakes hands, says what it has to, and then takes nothing.

Its receive buffer is small, so that what it does not take stays with whoever sends it.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from typing import Self
from urllib.parse import urlsplit

BUFFER_BYTES = 8_192
SECONDS = 30.0


class DeafReader:
    """One Socket.IO connection over a socket of one's own."""

    def __init__(self, url: str, token: str, *, path: str = "/socket.io/", origin: str | None = None) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.settimeout(SECONDS)
        self._socket.connect((parts.hostname, parts.port))
        self.port = self._socket.getsockname()[1]
        """By which the other side can be told from all its connections."""
        self._buffer = b""
        self._upgrade(f"{parts.hostname}:{parts.port}", token, path=path, origin=origin)
        self._frame()
        self.send("40")
        answer = self._frame()
        assert answer.startswith(b"40"), answer

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._write(0x81, text.encode())

    def follow(self, document_id: str) -> None:
        """Follow a live document, and take the answer: the last thing that is read."""
        self.ask_for(document_id, "1")
        while not self._frame().startswith((b"462-1", b"431")):
            pass

    def ask_for(self, document_id: str, number: str) -> None:
        """Ask for a live document without waiting for the answer."""
        asked = json.dumps(["SYNC_DOCUMENT", {"id": document_id, "stateVector": {"_placeholder": True, "num": 0}}])
        self._write(0x81, f"451-{number}{asked}".encode())
        self._write(0x82, b"\x00")

    def wake(self) -> None:
        """Take from now on as much at once as others do."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000_000)

    def read_until(self, beginning: bytes) -> bytes:
        """Read again, until a frame begins so; heartbeats are answered."""
        while True:
            frame = self._frame()
            if frame.startswith(beginning):
                return frame
            if frame == b"2":
                self.send("3")

    def is_cut_off(self) -> bool:
        """Tell whether the connection has ended, after taking what is still there."""
        try:
            while self._socket.recv(1_000_000):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _upgrade(self, host: str, token: str, *, path: str, origin: str | None) -> None:
        lines = [
            f"GET {path}?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Authorization: {token}",
            *([f"Origin: {origin}"] if origin else []),
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def _write(self, kind: int, payload: bytes) -> None:
        assert len(payload) < 65_536
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack(">BH", 0x80 | 126, len(payload))
        # Masked with zeros, which leaves the payload as it is.
        self._socket.sendall(bytes([kind]) + length + bytes(4) + payload)

    def _frame(self) -> bytes:
        head = self._take(2)
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        return self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _fill(self) -> None:
        received = self._socket.recv(1_000_000)
        if not received:
            raise ConnectionError("the other side has closed the connection")
        self._buffer += received
