"""Reads Socket.IO events from the bytes of one direction of one connection; knows nothing of sockets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BINARY = 2
_TEXT = 1
_EVENT = re.compile(rb'4(?:2|5(?P<attachments>\d+)-)\d*\["(?P<name>[A-Z_]+)"')
"""An engine.io message (4) with a Socket.IO event (2), or a binary one (5) with its number of attachments."""


@dataclass
class EventReader:
    """Finds the names of the events that a stream of bytes completes.

    An event with binary attachments counts as complete with the last of them, since the receiver can
    do nothing before. Connections that are no WebSocket yield nothing.
    """

    _rest: bytes = b""
    _is_upgraded: bool = False
    _waiting: str = ""
    _missing: int = 0
    _names: list[str] = field(default_factory=list)

    def feed(self, chunk: bytes) -> list[str]:
        """Take the next bytes and return the names of the events that are complete now."""
        self._names = []
        self._rest += chunk
        if not self._is_upgraded:
            self._skip_handshake()
        if self._is_upgraded:
            while self._take_frame():
                pass
        return self._names

    def _skip_handshake(self) -> None:
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            return
        self._is_upgraded = b"upgrade: websocket" in head.lower()
        self._rest = rest if self._is_upgraded else b""

    def _take_frame(self) -> bool:
        """Take one WebSocket frame from the bytes at hand; tell whether there was a whole one."""
        if len(self._rest) < 2:
            return False
        opcode, length, is_masked, start = self._rest[0] & 0x0F, self._rest[1] & 0x7F, self._rest[1] & 0x80, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, start = int.from_bytes(self._rest[2 : 2 + size]), 2 + size
        key, start = (self._rest[start : start + 4], start + 4) if is_masked else (bytes(4), start)
        if len(self._rest) < start + length:
            return False
        payload, self._rest = self._rest[start : start + length], self._rest[start + length :]
        self._take_message(opcode, _unmask(payload, key))
        return True

    def _take_message(self, opcode: int, payload: bytes) -> None:
        if opcode == _BINARY and self._missing:
            self._missing -= 1
            if not self._missing:
                self._names.append(self._waiting)
        elif opcode == _TEXT and (event := _EVENT.match(payload)):
            name, attachments = event["name"].decode(), int(event["attachments"] or 0)
            if attachments:
                self._waiting, self._missing = name, attachments
            else:
                self._names.append(name)


def _unmask(payload: bytes, key: bytes) -> bytes:
    length = len(payload)
    mask = (key * (length // 4 + 1))[:length]
    return (int.from_bytes(payload) ^ int.from_bytes(mask)).to_bytes(length)
