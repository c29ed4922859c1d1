"""A balancer in front of several hubs, as a school has one: it carries connections and reads nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Balancer:
    """Takes connections on a port of its own, each to the next hub in turn; where one does not answer, to the next."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._targets = [(each.hostname or "", each.port or 80) for each in map(urlsplit, urls)]
        self._turns = itertools.cycle(range(len(urls)))
        self.taken = [0] * len(urls)
        """How many connections each hub was given."""
        self._ends: set[_End] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return the address that clients use."""
        assert self._server is not None, "start() comes first"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Begin to take connections."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _End(self._ends, self._came), "127.0.0.1", 0)

    async def stop(self) -> None:
        """Take none any more, and end those that there are."""
        assert self._server is not None, "start() comes first"
        self._server.close()
        for end in tuple(self._ends):
            end.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _came(self, client: _End) -> None:
        client.transport.pause_reading()
        task = asyncio.create_task(self._connect(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: _End) -> None:
        """Give a client a hub; where none answers its connection ends."""
        for _ in self._targets:
            turn = next(self._turns)
            with contextlib.suppress(OSError):
                loop = asyncio.get_running_loop()
                _, hub = await loop.create_connection(lambda: _End(self._ends), *self._targets[turn])
                self.taken[turn] += 1
                client.other, hub.other = hub, client
                client.transport.resume_reading()
                return
        client.transport.abort()


class _End(asyncio.Protocol):
    """One side of a connection; what it hears the other side is sent, and nothing is lost when one ends."""

    transport: asyncio.Transport

    def __init__(self, ends: set[_End], came: object = None) -> None:
        self._ends = ends
        self._came = came
        self.other: _End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ends.add(self)
        if callable(self._came):
            self._came(self)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        if self.other is not None and self.other.transport.can_write_eof():
            self.other.transport.write_eof()
        # The other direction goes on.
        return True

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        self._ends.discard(self)
        if self.other is not None:
            self.other.transport.close()


@asynccontextmanager
async def balanced(urls: Sequence[str]) -> AsyncIterator[Balancer]:
    """Run a balancer until the block ends."""
    balancer = Balancer(urls)
    await balancer.start()
    try:
        yield balancer
    finally:
        await balancer.stop()
