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
from pathlib import Path
from urllib.parse import urlsplit

from socketio_listener import Listener

now = time.perf_counter

_TEXT = "x = 1  # ä\n" * 46
"""About 512 characters, as long as a cell of a beginner."""

_GENERATOR_LIMIT = 0.8
"""Above this share of a core requests and answers wait for the generator."""

_SCHEDULER_STATISTICS = Path("/proc/thread-self/schedstat")

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
    """The generator's share of a core."""
    held_up: float = 0.0
    """The share of the time in which the generator could have worked, had something else not used its core."""

    @property
    def is_bound_by_generator(self) -> bool:
        """Tell whether the server might have done more for a quicker generator."""
        return is_bound(self.busy, self.held_up)

    @property
    def rate(self) -> float:
        """Return acknowledged requests per second."""
        return len(self.responses) / self.seconds


class Writer:
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
        """Send the request of this number."""
        body = json.dumps({"data": {"seq": number, "code": _TEXT}}, ensure_ascii=False).encode()
        request = f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self.sent_at = now()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read; tell whether the answer is complete. Raises for every answer but 204, which has no body."""
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the server has closed the connection of a writer")
        self._buffer += received
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
    writers = [Writer(address, author) for author in authors]
    gc.collect()
    gc.disable()
    try:
        return _Run(writers, listener, first).drive(seconds)
    finally:
        gc.enable()
        for writer in writers:
            writer.socket.close()
        if listener is not None:
            listener.socket.close()


class _Run:
    """One measurement under way."""

    def __init__(self, writers: list[Writer], listener: Listener | None, first: int) -> None:
        self.load = Load()
        self._writers = {writer.socket.fileno(): writer for writer in writers}
        self._listener = listener
        self._number = first
        self._sent_at: dict[int, float] = {}
        self._unheard: set[int] = set()
        self._under_way = 0
        self._poll = select.epoll()
        for descriptor in self._writers:
            self._poll.register(descriptor, select.EPOLLIN)
        if listener is not None:
            self._poll.register(listener.socket.fileno(), select.EPOLLIN)

    def drive(self, seconds: float) -> Load:
        """Write for a time, then wait for what is still to come."""
        cpu, held_up, start = time.process_time(), seconds_held_up(), now()
        for writer in self._writers.values():
            self._send(writer)
        end = start
        while (self._under_way or self._unheard) and now() - start < seconds + _ANSWER_SECONDS:
            for descriptor, _ in self._poll.poll(0.1):
                writer = self._writers.get(descriptor)
                if writer is None:
                    self._hear()
                elif writer.is_answered():
                    end = now()
                    self._under_way -= 1
                    self.load.responses.append(end - writer.sent_at)
                    if end - start < seconds:
                        self._send(writer)
        passed = now() - start
        self.load.busy = (time.process_time() - cpu) / passed
        self.load.held_up = (seconds_held_up() - held_up) / passed
        if not self.load.responses:
            raise RuntimeError(f"the server has answered nothing within {passed:.0f} s")
        self.load.seconds, self.load.lost = end - start, len(self._unheard) + self._under_way
        return self.load

    def _send(self, writer: Writer) -> None:
        writer.send(self._number)
        self._under_way += 1
        if self._listener is not None:
            self._sent_at[self._number] = writer.sent_at
            self._unheard.add(self._number)
        self._number += 1

    def _hear(self) -> None:
        assert self._listener is not None
        numbers, at = self._listener.read(), now()
        self.load.events += [at - self._sent_at[seen] for seen in numbers if seen in self._unheard]
        self._unheard.difference_update(numbers)


def is_bound(busy: float, held_up: float) -> bool:
    """Tell whether requests and answers have waited for a generator with these shares of a core."""
    return busy + held_up > _GENERATOR_LIMIT


def seconds_held_up() -> float:
    """Return how long this thread has waited for a core; 0 where the system does not tell."""
    try:
        return int(_SCHEDULER_STATISTICS.read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
