"""The load: writers that PUT without a pause, and at most one Socket.IO client that hears of it.

One epoll loop without asyncio, so that the generator costs less than what it measures. Every writer has an
HTTP connection, a document and a token of its own, and one request under way at a time.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from socketio_listener import Listener

now = time.perf_counter

_TEXT = "x = 1  # ä\n" * 46
"""About 512 characters, as long as a cell of a beginner."""

_ANSWER_SECONDS = 20.0
"""How long answers and events may take after the last request."""


@dataclass(frozen=True)
class Author:
    """Who writes what."""

    document_id: str
    token: str


@dataclass
class Load:
    """What one measurement saw; times in seconds."""

    seconds: float = 0.0
    responses: list[float] = field(default_factory=list)
    """From the request to its complete answer."""
    events: list[float] = field(default_factory=list)
    """From the request to the arrival of its event at the listener."""
    lost: int = 0
    """Events of acknowledged requests that never arrived."""
    busy: float = 0.0
    """The generator's share of a core; near 1 it was the limit."""

    @property
    def rate(self) -> float:
        """Return acknowledged requests per second."""
        return len(self.responses) / self.seconds


class _Writer:
    """One keep-alive connection."""

    def __init__(self, address: tuple[str, int], author: Author) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._buffer = b""
        self._head = (
            f"PUT /api/v1/documents/{author.document_id} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n"
            f"Authorization: Bearer {author.token}\r\nContent-Type: application/json\r\n"
        )

    def send(self, number: int) -> None:
        body = json.dumps({"data": {"seq": number, "code": _TEXT}}, ensure_ascii=False).encode()
        request = f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self.sent_at = now()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read; tell whether the answer is complete. Raises for every answer but 204, which has no body."""
        self._buffer += self.socket.recv(65536)
        if not self._buffer:
            raise ConnectionError("the server has closed the connection of a writer")
        if not self._buffer.endswith(b"\r\n\r\n") and b"\r\n\r\n" not in self._buffer:
            return False
        if self._buffer[9:12] != b"204":
            raise RuntimeError(f"a write was refused: {self._buffer[:500]!r}")
        self._buffer = b""
        return True


def drive(url: str, authors: list[Author], *, seconds: float, first: int, listener_token: str | None = None) -> Load:
    """Let all authors write for a time; `first` numbers the requests of a run on."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    listener = Listener(address, listener_token) if listener_token else None
    writers = [_Writer(address, author) for author in authors]
    gc.collect()
    gc.disable()
    try:
        return _drive(writers, listener, seconds, first)
    finally:
        gc.enable()
        for writer in writers:
            writer.socket.close()
        if listener is not None:
            listener.socket.close()


def _drive(writers: list[_Writer], listener: Listener | None, seconds: float, number: int) -> Load:
    load, sent_at = Load(), {}
    by_descriptor = {writer.socket.fileno(): writer for writer in writers}
    poll = select.epoll()
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    if listener is not None:
        poll.register(listener.socket.fileno(), select.EPOLLIN)
    cpu, start = time.process_time(), now()
    for writer in writers:
        writer.send(number)
        sent_at[number] = writer.sent_at
        number += 1
    under_way, end = len(writers), start
    waiting = set(sent_at) if listener is not None else set()
    while under_way or waiting:
        for descriptor, _ in poll.poll(0.1):
            found = by_descriptor.get(descriptor)
            if found is None:
                assert listener is not None
                numbers, at = listener.read(), now()
                load.events += [at - sent_at[seen] for seen in numbers if seen in waiting]
                waiting.difference_update(numbers)
            elif found.is_answered():
                end = now()
                load.responses.append(end - found.sent_at)
                if end - start >= seconds:
                    under_way -= 1
                    continue
                found.send(number)
                sent_at[number] = found.sent_at
                if listener is not None:
                    waiting.add(number)
                number += 1
        if now() - start > seconds + _ANSWER_SECONDS:
            break
    load.busy = (time.process_time() - cpu) / (now() - start)
    load.seconds, load.lost = end - start, len(waiting) + under_way
    return load
