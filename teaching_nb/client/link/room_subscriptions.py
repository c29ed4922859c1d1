"""The rooms that somebody in this kernel wants to be in, counted; joined again after each reconnect."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from teaching_nb.client.link.connection import Connection
from teaching_nb.errors import NotConnected, TimedOut
from teaching_nb.schema import events

JOIN_SECONDS = 2.0

_logger = logging.getLogger(__name__)


class Rooms:
    """Counted room subscriptions. Lives on the loop thread."""

    def __init__(self, connection: Connection, note: Callable[[str, bool], None]) -> None:
        self._connection = connection
        self._note = note
        """Takes a room, and whether we are counted there."""
        self._wanted: Counter[str] = Counter()

    async def join(self, room_id: str) -> bool:
        """Count somebody who wants to be in a room; the first one joins. Tells whether the hub let us in."""
        self._wanted[room_id] += 1
        return self._wanted[room_id] > 1 or await self._enter(room_id)

    async def leave(self, room_id: str) -> bool:
        """Count somebody out; the last one leaves."""
        if not self._wanted[room_id]:
            return False
        self._wanted[room_id] -= 1
        if self._wanted[room_id]:
            return True
        del self._wanted[room_id]
        self._note(room_id, False)
        return await self._send(events.LEAVE_ROOM, room_id)

    async def rejoin(self) -> list[str]:
        """Join all wanted rooms on a new connection; return those that the hub let us into."""
        return [room_id for room_id in tuple(self._wanted) if await self._enter(room_id)]

    async def _enter(self, room_id: str) -> bool:
        # The count with us in it comes before the answer.
        self._note(room_id, True)
        is_in = await self._send(events.JOIN_ROOM, room_id)
        if not is_in:
            self._note(room_id, False)
        return is_in

    async def _send(self, event: str, room_id: str) -> bool:
        try:
            # The backend of 2025 says nothing but that it has done so.
            return await self._connection.call(event, room_id, JOIN_SECONDS) is not False
        except (NotConnected, TimedOut) as error:
            _logger.info("%s was not answered: %s", event, error)
            return False
