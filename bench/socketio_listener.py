"""Socket.IO clients over bare sockets: one notes as cheaply as can be which writes it hears of, one edits a text."""

from __future__ import annotations

import base64
import json
import re
import socket

_TEXT, _BINARY, _PING, _PONG = 1, 2, 9, 10
_EVENT = b'42["CHANGED_DOCUMENT"'
_PRESENCE = b'42["CONNECTED_CLIENTS"'
_NUMBER = re.compile(rb'"seq":\s?(\d+)')
_EDIT = b'42["DOCUMENT_UPDATE"'
_ACK = re.compile(rb"4(?:3|6\d+-)(\d+)\[(.*)", re.DOTALL)
_OK = re.compile(rb'"ok":\s?true')
_CONNECT_SECONDS = 10.0


class Listener:
    """One connected client."""

    def __init__(self, address: tuple[str, int], token: str, **wishes: object) -> None:
        self.socket = socket.create_connection(address, _CONNECT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._is_joined = False
        self._auth = {"token": token, **wishes}
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
            elif opcode != _BINARY:
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
            self.socket.sendall(client_frame(b"40" + json.dumps(self._auth).encode()))
        elif payload == b"2":
            self.socket.sendall(client_frame(b"3"))
        elif payload.startswith(b"40"):
            self._is_joined = True
        elif payload.startswith((b"44", b"1")):
            raise ConnectionError(f"the listener was refused: {payload[:200]!r}")


class LivePage(Listener):
    """A page with one live text open; edits travel in one frame in both directions."""

    def __init__(self, address: tuple[str, int], token: str, document_id: str) -> None:
        self.edits = 0
        """Edits of others that it has heard of."""
        self._document_id = document_id
        self._asked = 0
        self._answered = 0
        super().__init__(address, token, only="documents", inline=True)
        # Everything from the beginning: what it has is told by nobody else.
        self._ask("SYNC_DOCUMENT", stateVector=_base64(b"\0"))
        while not self.is_answered:
            self.read()

    @property
    def is_answered(self) -> bool:
        """Tell whether everything that was asked has been answered."""
        return self._answered == self._asked

    def send(self, update: bytes) -> None:
        """Send an edit; it is stored when it is answered."""
        self._ask("UPDATE_DOCUMENT", update=_base64(update))

    def _ask(self, event: str, **payload: object) -> None:
        self._asked += 1
        body = json.dumps([event, {"id": self._document_id, **payload}])
        self.socket.sendall(client_frame(f"42{self._asked}{body}".encode()))

    def _answer(self, opcode: int, payload: bytes) -> None:
        self.edits += payload.startswith(_EDIT)
        answer = _ACK.match(payload)
        if answer is None:
            super()._answer(opcode, payload)
            return
        if not _OK.search(answer[2]):
            raise RuntimeError(f"an edit was refused: {payload[:500]!r}")
        self._answered = int(answer[1])


def client_frame(payload: bytes, opcode: int = _TEXT) -> bytes:
    """Return a short masked frame; the mask is 0, so that the payload stays as it is."""
    assert len(payload) < 65_536
    size = len(payload)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


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
