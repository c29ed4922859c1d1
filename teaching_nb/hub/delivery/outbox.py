"""What waits for one socket to be written. Counts bytes, and gives up on a socket that does not read.

Made by the Socket.IO server for each connection; `Transport` and its connections look at it. Everything that is
sent passes here, acknowledgements included, so that nothing can grow beside it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from teaching_nb.schema import limits

MAX_WAITING_BYTES = 2 * limits.TRANSPORT_MESSAGE_BYTES
"""What may wait for one socket; two of the largest messages."""

ROOM_BYTES = 1_000_000
"""As long as more than this waits for a socket, nothing that it sends is read: it would only make more answers."""


DUE_BYTES = 262_144
"""What is written to one socket at once, past the queue; what is more waits in it, where it is counted."""


class Message(NamedTuple):
    """A message for many sockets, made once."""

    packets: list[Any]
    """For a queue, one for each part."""
    frames: bytes
    """The same as it is written to a connection."""


class Frames(Protocol):
    """Writes frames to the connection, past its queue."""

    def write(self, frames: bytes) -> bool:
        """Write frames, each of them whole; tell whether the connection has taken them."""


class Outbox(asyncio.Queue[Any]):
    """Packets for one socket, counted from being put in until they are written. None says that no more come.

    A message to many sockets need not pass the queue: where nothing waits it is written with all that is due in the
    same moment, at once. Whatever is put into the queue comes after it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writer: Frames | None = None
        """Set while the connection is served by a server that lets frames be written."""
        self._when_ended: list[Callable[[], object]] = []
        self._due: list[Message] = []
        self._due_bytes = 0
        self.waiting_packets = 0
        """What is not written yet, the end among it."""
        self.waiting_bytes = 0
        self.is_given_up = False
        """Whether the socket is lost."""
        self.given_up = asyncio.Event()
        """Set when the socket is lost; what is put in is dropped then, and it will not hear what it missed.

        Whoever serves the connection has to end it.
        """
        self._on_the_way: deque[int] = deque()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def post(self, message: Message) -> bool:
        """Send a message; tells whether it is the first that is due: then the caller has to call `write_due` soon."""
        size = len(message.frames)
        if self.waiting_packets or self.writer is None or self._due_bytes + size > DUE_BYTES:
            for packet in message.packets:
                self.put_nowait(packet)
            return False
        self._due.append(message)
        self._due_bytes += size
        return len(self._due) == 1

    def write_due(self) -> None:
        """Write what is due, in one piece; into the queue, if the connection does not take it now."""
        due, self._due, self._due_bytes = self._due, [], 0
        if not due or self.is_given_up:
            return
        frames = due[0].frames if len(due) == 1 else b"".join([message.frames for message in due])
        if self.writer is not None and self.writer.write(frames):
            return
        for message in due:
            for packet in message.packets:
                self.put_nowait(packet)

    def add_end_callback(self, callback: Callable[[], object]) -> None:
        """Have something done when the connection is served no more."""
        self._when_ended.append(callback)

    def end(self) -> None:
        """Note that the connection is served no more."""
        self.writer = None
        for callback in self._when_ended:
            callback()

    async def room(self) -> None:
        """Wait until the socket has read so much that what it asks next may be answered."""
        await self._has_room.wait()

    def written(self) -> None:
        """Note that the oldest packet that was taken out has been written."""
        if self._on_the_way:
            self.waiting_packets -= 1
            self.waiting_bytes -= self._on_the_way.popleft()
        self._look_for_room()

    def give_up(self) -> None:
        """Drop everything: the socket does not read, and will be ended."""
        if self.is_given_up:
            return
        self.is_given_up = True
        self.given_up.set()
        self._due, self._due_bytes = [], 0
        while not self.empty():
            self.get_nowait()
            self.task_done()
        self.waiting_packets = self.waiting_bytes = 0
        self._on_the_way.clear()
        self._has_room.set()
        self.put_nowait(None)

    def _put(self, item: Any) -> None:
        if self._due:
            self.write_due()
        if self.is_given_up and item is not None:
            return
        super()._put(item)
        self.waiting_packets += 1
        self.waiting_bytes += _size_of(item)
        if self.waiting_bytes > MAX_WAITING_BYTES and not self.is_given_up:
            # Not here, where the item is still being put in.
            asyncio.get_running_loop().call_soon(self.give_up)
        self._look_for_room()

    def _get(self) -> Any:
        item = super()._get()
        if item is None:
            self.waiting_packets -= 1
        else:
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
