"""When the existing backend hears us: it lets everybody connect, and looks at who they are only then.

It tells a socket of each room that it has joined. Before it is in `all`, nothing that it says is heard; before it is in
the rooms of its groups, nothing of what concerns them comes. A socket that is refused is thrown out without a word.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from teaching_nb.errors import InvalidInput, TimedOut, Unauthorized
from teaching_nb.schema import events, wire

LISTENING_SECONDS = 5.0
GROUPS_SECONDS = 2.0

REFUSED = "the school's backend has not let this connection in: it is tried again with a new token"
SILENT = f"the school's backend has not said within {LISTENING_SECONDS:g} s that it listens: it is tried again"


class Arrival:
    """The rooms that one connection has joined, as far as it was told. Lives on the loop thread."""

    def __init__(self) -> None:
        self._rooms: set[str] = set()
        self._more = asyncio.Event()

    def take(self, payload: Any) -> None:
        """Take a CONNECTED_CLIENTS; the full list of an admin is about others."""
        with contextlib.suppress(InvalidInput):
            told = wire.convert(payload, events.ConnectedClients)
            if told.type == "update":
                self._rooms |= {room for room, count in told.rooms if count > 0}
                self._more.set()

    async def wait_listening(self, lost: asyncio.Event) -> None:
        """Wait until the backend hears what we say.

        Raises `Unauthorized` when it has thrown us out instead, `TimedOut` when it says nothing.
        """
        heard = asyncio.ensure_future(self._wait({events.ROOM_ALL}, LISTENING_SECONDS))
        end = asyncio.ensure_future(lost.wait())
        try:
            await asyncio.wait({heard, end}, return_when=asyncio.FIRST_COMPLETED)
            if not heard.done():
                raise Unauthorized(REFUSED)
            if not heard.result():
                raise TimedOut(SILENT)
        finally:
            heard.cancel()
            end.cancel()
            await asyncio.gather(heard, end, return_exceptions=True)

    async def wait_in(self, rooms: set[str]) -> None:
        """Wait until we are in these rooms, not for long: what is missed is read again later."""
        await self._wait(rooms, GROUPS_SECONDS)

    async def _wait(self, rooms: set[str], seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not rooms <= self._rooms:
                    self._more.clear()
                    await self._more.wait()
        return rooms <= self._rooms
