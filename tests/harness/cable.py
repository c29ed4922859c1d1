"""The cable between one person and the hub: it can be cut, it can hang, and it can die without a word."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

PIECE = 65_536


class Cable:
    """A TCP relay on a port of its own, run by a thread of its own."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._loop = asyncio.new_event_loop()
        self._pairs: set[_Pair] = set()
        self._is_dead = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="cable", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """End all connections with a reset, as when somebody pulls a plug that both sides notice."""
        self._each(_Pair.reset)

    def hang(self) -> None:
        """Carry nothing more, in both directions, until `flow`; nothing that was sent is lost."""
        self._each(_Pair.hang)

    def flow(self) -> None:
        """Carry what was held back."""
        self._each(_Pair.flow)

    def die(self) -> None:
        """Swallow what is sent on the present connections, and tell neither side: half-open for ever."""
        self._each(_Pair.die)

    def block(self, *, is_blocked: bool) -> None:
        """Refuse new connections, or take them again."""
        self._is_dead = is_blocked

    def close(self) -> None:
        """Leave nothing behind."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _each(self, action: Callable[[_Pair], None]) -> None:
        async def act() -> None:
            for pair in tuple(self._pairs):
                action(pair)

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(30)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._is_dead:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair((writer, far_writer))
        self._pairs.add(pair)
        try:
            await asyncio.gather(pair.pump(reader, far_writer), pair.pump(far_reader, writer))
        finally:
            pair.reset()
            self._pairs.discard(pair)

    async def _end(self) -> None:
        self._server.close()
        for pair in tuple(self._pairs):
            pair.reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class _Pair:
    """Both ends of one connection."""

    def __init__(self, ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self._ends = ends
        self._flows = asyncio.Event()
        self._flows.set()
        self._swallows = False

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction until its end, which ends both."""
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE):
                await self._flows.wait()
                if not self._swallows:
                    writer.write(data)
                    await writer.drain()
        if not self._swallows:
            self.reset()

    def reset(self) -> None:
        """End both sides at once."""
        for end in self._ends:
            end.transport.abort()

    def hang(self) -> None:
        """Hold back what comes."""
        self._flows.clear()

    def flow(self) -> None:
        """Hold back nothing."""
        self._flows.set()

    def die(self) -> None:
        """Lose what comes."""
        self._swallows = True
