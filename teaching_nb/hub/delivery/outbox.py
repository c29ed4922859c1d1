"""What waits for one socket to be written. Counts bytes, and gives up on a socket that does not read.

Made by the Socket.IO server for each connection; `Transport` and its connections look at it. Everything that is
sent passes here, acknowledgements included, so that nothing can grow beside it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from teaching_nb.schema import limits

MAX_WAITING_BYTES = 2 * limits.TRANSPORT_MESSAGE_BYTES
"""What may wait for one socket; two of the largest messages."""

ROOM_BYTES = 1_000_000
"""As long as more than this waits for a socket, nothing that it sends is read: it would only make more answers."""


class Outbox(asyncio.Queue[Any]):
    """Packets for one socket, counted from being put in until they are written. None says that no more come."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting_bytes = 0
        self.given_up = asyncio.Event()
        """Set when the socket is lost; what is put in is dropped then, and it will not hear what it missed.

        Whoever serves the connection has to end it.
        """
        self._on_the_way: deque[int] = deque()
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def is_given_up(self) -> bool:
        """Tell whether the socket is lost."""
        return self.given_up.is_set()

    @property
    def waiting_packets(self) -> int:
        """Return how many packets are not written yet."""
        return self.qsize() + len(self._on_the_way)

    async def room(self) -> None:
        """Wait until the socket has read so much that what it asks next may be answered."""
        await self._has_room.wait()

    def written(self) -> None:
        """Note that the oldest packet that was taken out has been written."""
        if self._on_the_way:
            self.waiting_bytes -= self._on_the_way.popleft()
        self._look_for_room()

    def give_up(self) -> None:
        """Drop everything: the socket does not read, and will be ended."""
        if self.is_given_up:
            return
        self.given_up.set()
        while not self.empty():
            self.get_nowait()
            self.task_done()
        self.waiting_bytes = 0
        self._on_the_way.clear()
        self._has_room.set()
        self.put_nowait(None)

    def _put(self, item: Any) -> None:
        if self.is_given_up and item is not None:
            return
        super()._put(item)
        self.waiting_bytes += _size_of(item)
        if self.waiting_bytes > MAX_WAITING_BYTES and not self.is_given_up:
            # Not here, where the item is still being put in.
            asyncio.get_running_loop().call_soon(self.give_up)
        self._look_for_room()

    def _get(self) -> Any:
        item = super()._get()
        if item is not None:
            self._on_the_way.append(_size_of(item))
        return item

    def _look_for_room(self) -> None:
        if self.is_given_up or self.waiting_bytes <= ROOM_BYTES:
            self._has_room.set()
        else:
            self._has_room.clear()


def _size_of(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, (str, bytes)) else 0
