"""The load: a few who change documents, and a crowd of Socket.IO clients that hears of every change.

One epoll loop without asyncio, as in `write_load`, whose writers it uses.
"""

from __future__ import annotations

import gc
import itertools
import select
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from socketio_listener import Listener
from write_load import Author, Writer, is_bound, now, seconds_held_up

_AT_ONCE = 32
"""Connections that are begun at the same time."""

_LAST_SECONDS = 20.0
"""How long events may take after the last change."""


@dataclass
class Told:
    """What one measurement saw; times in seconds."""

    seconds: float = 0.0
    changes: int = 0
    delays: list[float] = field(default_factory=list)
    """From the request, or from when it was due, to the arrival of its event: one for each client and change."""
    lost: int = 0
    """Events that never arrived."""
    busy: float = 0.0
    """The generator's share of a core."""
    held_up: float = 0.0

    @property
    def per_second(self) -> float:
        """Return events that arrived, per second."""
        return len(self.delays) / self.seconds

    @property
    def is_bound_by_generator(self) -> bool:
        """Tell whether the server might have done more for a quicker generator."""
        return is_bound(self.busy, self.held_up)


class Crowd:
    """Clients that hear of everything, connected at once, to the servers in turn."""

    def __init__(self, urls: Sequence[str], tokens: Sequence[str]) -> None:
        addresses = itertools.cycle(map(address_of, urls))
        start = now()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self.listeners = list(pool.map(Listener, addresses, tokens))
        self.connect_seconds = now() - start
        """Until the last one was let in."""

    @property
    def presence(self) -> float:
        """Return how many messages about who is here each has had."""
        return sum(listener.presence for listener in self.listeners) / len(self.listeners)

    def stay(self, seconds: float) -> None:
        """Do nothing for a time but read, and answer heartbeats."""
        listeners = {listener.socket.fileno(): listener for listener in self.listeners}
        with select.epoll() as poll:
            for descriptor in listeners:
                poll.register(descriptor, select.EPOLLIN)
            end = now() + seconds
            while (left := end - now()) > 0:
                for descriptor, _ in poll.poll(left):
                    listeners[descriptor].read()

    def close(self) -> None:
        """Let go of all connections."""
        for listener in self.listeners:
            listener.socket.close()


def drive(
    urls: Sequence[str],
    authors: Sequence[Author],
    crowd: Crowd,
    *,
    seconds: float,
    first: int,
    rate: float | None = None,
) -> Told:
    """Have changes made for a time, and wait until everybody has heard of them.

    Without a rate each author makes the next one when everybody has heard of the one before; so many are under way at
    once as there are authors, who use the servers in turn. `first` numbers the changes of a run on.
    """
    writers = list(map(Writer, itertools.cycle(map(address_of, urls)), authors))
    gc.collect()
    gc.disable()
    try:
        return _Run(writers, crowd, first, rate).drive(seconds)
    finally:
        gc.enable()
        for writer in writers:
            writer.socket.close()


class _Run:
    """One measurement under way."""

    def __init__(self, writers: list[Writer], crowd: Crowd, first: int, rate: float | None) -> None:
        self.told = Told()
        self._writers = {writer.socket.fileno(): writer for writer in writers}
        self._listeners = {listener.socket.fileno(): listener for listener in crowd.listeners}
        self._idle = deque(writers)
        self._number = first
        self._rate = rate
        self._begun = 0
        self._since: dict[int, float] = {}
        """Change → when it was made, or due."""
        self._missing: dict[int, int] = {}
        """Change → events and answers that have not come; whoever made it waits for all without a rate."""
        self._by: dict[int, Writer] = {}
        self._of: dict[Writer, int] = {}
        self._poll = select.epoll()
        for descriptor in (*self._writers, *self._listeners):
            self._poll.register(descriptor, select.EPOLLIN)

    def drive(self, seconds: float) -> Told:
        """Make changes for a time, then wait for what is still to come."""
        cpu, held_up, start = time.process_time(), seconds_held_up(), now()
        end = start
        while (passed := now() - start) < seconds or (self._missing and passed < seconds + _LAST_SECONDS):
            if passed < seconds:
                self._begin(start, passed)
            for descriptor, _ in self._poll.poll(0.001 if self._rate else 0.1):
                writer = self._writers.get(descriptor)
                if writer is None:
                    self._hear(self._listeners[descriptor])
                elif writer.is_answered():
                    self._come(self._of.pop(writer), 1)
                    if self._rate:
                        self._idle.append(writer)
                end = now()
        told = self.told
        told.seconds = end - start
        told.busy = (time.process_time() - cpu) / told.seconds
        told.held_up = (seconds_held_up() - held_up) / told.seconds
        told.lost = sum(self._missing.values())
        return told

    def _begin(self, start: float, passed: float) -> None:
        while self._idle and (self._rate is None or self._begun < passed * self._rate):
            writer, number = self._idle.popleft(), self._number
            writer.send(number)
            self._since[number] = writer.sent_at if self._rate is None else start + self._begun / self._rate
            self._missing[number] = len(self._listeners) + 1
            self._by[number], self._of[writer] = writer, number
            self._number += 1
            self._begun += 1
            self.told.changes += 1

    def _hear(self, listener: Listener) -> None:
        numbers, at = listener.read(), now()
        for number in numbers:
            if number in self._missing:
                self.told.delays.append(at - self._since[number])
                self._come(number, 1)

    def _come(self, number: int, count: int) -> None:
        self._missing[number] -= count
        if not self._missing[number]:
            del self._missing[number], self._since[number]
            writer = self._by.pop(number)
            if self._rate is None:
                self._idle.append(writer)


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of a server."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80
