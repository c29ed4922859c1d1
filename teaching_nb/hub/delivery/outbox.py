"""What waits for one socket to be written. Counts bytes, and gives up on a socket that does not read.

Made by the Socket.IO server for each connection; `Transport` and its connections look at it. Everything that is
sent passes here, acknowledgements included, so that nothing can grow beside it.

There is one for each client, and most of the time nothing waits in it. So there is no `asyncio.Queue` and no
`asyncio.Event` behind it: with those an empty one takes 5 kB, a tenth of all that a client costs.
"""

from __future__ import annotations

import asyncio
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


class Waiter:
    """Whoever waits for something, one at most at a time; takes room only while somebody does."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Wait until woken; whoever waits looks then whether there is what they waited for."""
        if self._future is not None:
            raise RuntimeError("somebody waits here already")
        self._future = asyncio.get_running_loop().create_future()
        try:
            await self._future
        finally:
            self._future = None

    def wake(self) -> None:
        """Wake whoever waits."""
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


class Outbox:
    """Packets for one socket, counted from being put in until they are written. None says that no more come.

    A message to many sockets need not pass the queue: where nothing waits it is written with all that is due in the
    same moment, at once. Whatever is put into the queue comes after it. To python-engineio it is what an
    `asyncio.Queue` without a bound is, with one reader.
    """

    __slots__ = (
        "_due",
        "_due_bytes",
        "_joined",
        "_on_the_way",
        "_packets",
        "_reader",
        "_room",
        "_unfinished",
        "_when_ended",
        "_when_given_up",
        "is_given_up",
        "waiting_bytes",
        "waiting_packets",
        "writer",
    )

    def __init__(self) -> None:
        self.writer: Frames | None = None
        """Set while the connection is served by a server that lets frames be written."""
        self._when_ended: list[Callable[[], object]] = []
        self._when_given_up: list[Callable[[], object]] = []
        self._due: list[Message] = []
        self._due_bytes = 0
        self.waiting_packets = 0
        """What is not written yet, the end among it."""
        self.waiting_bytes = 0
        self.is_given_up = False
        """Whether the socket is lost; what is put in is dropped then, and it will not hear what it missed."""
        # Lists, although they are read from the front: they are short, and an empty deque takes ten times as much.
        self._packets: list[Any] = []
        self._on_the_way: list[int] = []
        """Sizes of what was taken out and is not written yet."""
        self._unfinished = 0
        self._reader, self._room = Waiter(), Waiter()
        self._joined: asyncio.Event | None = None

    async def put(self, packet: Any) -> None:
        """Put a packet in; there is always room."""
        self.put_nowait(packet)

    def put_nowait(self, packet: Any) -> None:
        """Put a packet in behind all that is there; one too much of them has the socket given up."""
        if self._due:
            self.write_due()
        self._unfinished += 1
        if self.is_given_up and packet is not None:
            self.task_done()
            return
        self._packets.append(packet)
        self.waiting_packets += 1
        self.waiting_bytes += _size_of(packet)
        if self.waiting_bytes > MAX_WAITING_BYTES and not self.is_given_up:
            # Not here, where the packet is still being put in.
            asyncio.get_running_loop().call_soon(self.give_up)
        self._reader.wake()

    async def get(self) -> Any:
        """Return the next packet as soon as there is one, to the one reader."""
        while not self._packets:
            await self._reader.wait()
        return self.get_nowait()

    def get_nowait(self) -> Any:
        """Return the next packet; raises `asyncio.QueueEmpty`."""
        if not self._packets:
            raise asyncio.QueueEmpty
        packet = self._packets.pop(0)
        if packet is None:
            self.waiting_packets -= 1
        else:
            self._on_the_way.append(_size_of(packet))
        return packet

    def empty(self) -> bool:
        """Tell whether nothing waits to be taken out."""
        return not self._packets

    def task_done(self) -> None:
        """Note that whoever took a packet out is through with it."""
        self._unfinished -= 1
        if not self._unfinished and self._joined is not None:
            self._joined.set()
            self._joined = None

    async def join(self) -> None:
        """Wait until all that was put in has been taken out, and whoever took it is through with it."""
        if self._unfinished:
            self._joined = self._joined or asyncio.Event()
            await self._joined.wait()

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

    def add_given_up_callback(self, callback: Callable[[], object]) -> None:
        """Have something done when the socket is lost, or now: whoever serves the connection has to end it."""
        if self.is_given_up:
            callback()
        else:
            self._when_given_up.append(callback)

    def end(self) -> None:
        """Note that the connection is served no more."""
        self.writer = None
        for callback in self._when_ended:
            callback()

    async def room(self) -> None:
        """Wait until the socket has read so much that what it asks next may be answered."""
        while not self._has_room():
            await self._room.wait()

    def written(self) -> None:
        """Note that the oldest packet that was taken out has been written."""
        if self._on_the_way:
            self.waiting_packets -= 1
            self.waiting_bytes -= self._on_the_way.pop(0)
        if self._has_room():
            self._room.wake()

    def give_up(self) -> None:
        """Drop everything: the socket does not read, and will be ended."""
        if self.is_given_up:
            return
        self.is_given_up = True
        self._due, self._due_bytes = [], 0
        while not self.empty():
            self.get_nowait()
            self.task_done()
        self.waiting_packets = self.waiting_bytes = 0
        self._on_the_way.clear()
        self._room.wake()
        self.put_nowait(None)
        for callback in self._when_given_up:
            callback()

    def _has_room(self) -> bool:
        return self.is_given_up or self.waiting_bytes <= ROOM_BYTES


def _size_of(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, (str, bytes)) else 0
