"""A Socket.IO client over a bare socket that notes which writes it hears of: as cheap as can be."""

from __future__ import annotations

import json
import re
import socket

_TEXT, _PING, _PONG = 1, 9, 10
_EVENT = b'42["CHANGED_DOCUMENT"'
_PRESENCE = b'42["CONNECTED_CLIENTS"'
_NUMBER = re.compile(rb'"seq":\s?(\d+)')
_CONNECT_SECONDS = 10.0


class Listener:
    """One connected client."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self.socket = socket.create_connection(address, _CONNECT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._is_joined = False
        self._token = token
        self.presence = 0
        """Messages about who is here."""
        self._open(address)

    def read(self) -> list[int]:
        """Read what has come; return the numbers of the writes that it tells of."""
        received = self.socket.recv(262_144)
        if not received:
            raise ConnectionError("the server has closed the connection of the listener")
        self._buffer += received
        return self._numbers()

    def _numbers(self) -> list[int]:
        frames, self._buffer = split_frames(self._buffer)
        numbers = []
        for opcode, payload in frames:
            if payload.startswith(_EVENT):
                match = _NUMBER.search(payload)
                assert match is not None
                numbers.append(int(match[1]))
            else:
                self.presence += payload.startswith(_PRESENCE)
                self._answer(opcode, payload)
        return numbers

    def _open(self, address: tuple[str, int]) -> None:
        lines = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {address[0]}:{address[1]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            received = self.socket.recv(4096)
            if not received:
                raise ConnectionError(f"no WebSocket at {address}: {head[:200]!r}")
            head += received
        status, _, self._buffer = head.partition(b"\r\n\r\n")
        if b" 101 " not in status[:16]:
            raise ConnectionError(f"no WebSocket at {address}: {status[:200]!r}")
        # The first packet may have come along with the head.
        self._numbers()
        while not self._is_joined:
            self.read()

    def _answer(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self.socket.sendall(client_frame(payload, _PONG))
        elif payload.startswith(b"0"):
            self.socket.sendall(client_frame(b"40" + json.dumps({"token": self._token}).encode()))
        elif payload == b"2":
            self.socket.sendall(client_frame(b"3"))
        elif payload.startswith(b"40"):
            self._is_joined = True
        elif payload.startswith((b"44", b"1")):
            raise ConnectionError(f"the listener was refused: {payload[:200]!r}")


def client_frame(payload: bytes, opcode: int = _TEXT) -> bytes:
    """Return a short masked frame; the mask is 0, so that the payload stays as it is."""
    assert len(payload) < 65_536
    size = len(payload)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def split_frames(received: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Return the opcodes and payloads of all complete frames of a server, and the rest."""
    frames, position = [], 0
    while len(received) - position >= 2:
        size, start = received[position + 1], position + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(received[start : start + width], "big"), start + width
        if start + size > len(received):
            break
        frames.append((received[position] & 15, received[start : start + size]))
        position = start + size
    return frames, received[position:]
