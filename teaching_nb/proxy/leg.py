"""One of the two connections of a relayed socket: its stream, what comes in by it, and its end."""

from __future__ import annotations

import asyncio
import os

from tornado.iostream import IOStream

from teaching_nb.proxy.frames import Closing, FrameScanner, close_frame

READ_BYTES = 65_536
"""What is read at once."""

STUCK_SECONDS = 60.0
"""A side that takes nothing for so long is ended; the hub's heartbeat has given it up before."""

CLOSING_SECONDS = 5.0
"""How long the other end may take to answer a close frame."""


class Leg:
    """A connection to a client, or to the hub."""

    def __init__(self, stream: IOStream, *, is_client: bool, limit: int) -> None:
        """Take a stream whose handshake is over, and from which messages of up to `limit` bytes are taken."""
        # A binary event is two frames: the second would wait for the acknowledgement of the first.
        stream.set_nodelay(True)
        self.stream = stream
        self.incoming = FrameScanner(is_masked=is_client, limit=limit)
        self._is_client = is_client
        self._is_whole = True
        self._farewell: asyncio.Future[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None

    async def read(self) -> bytes:
        """Return what has come; raises `StreamClosedError` at the end."""
        reading = asyncio.ensure_future(self.stream.read_bytes(READ_BYTES, partial=True))
        if reading.done():
            # It was there before we asked, and so may the next be: others must have their turn.
            await asyncio.sleep(0)
        return await reading

    async def write(self, data: bytes, *, is_whole: bool) -> None:
        """Write, and wait until all of it is taken; `is_whole` tells whether it ends with a frame.

        Raises `TimeoutError` when the other end does not read, and `StreamClosedError` when it has gone.
        """
        self._is_whole = is_whole
        writing = self.stream.write(data)
        if not writing.done():
            # Not cancelled by the timeout, which tornado's stream would log as an error.
            done, _ = await asyncio.wait({writing}, timeout=STUCK_SECONDS)
            if not done:
                raise TimeoutError
        writing.result()

    def close(self, closing: Closing) -> None:
        """Say goodbye, once, and give the other end some seconds to answer; within a frame only the connection ends."""
        if self._farewell is not None or self.stream.closed():
            return
        if not self._is_whole:
            self.stream.close()
            return
        frame = close_frame(closing, mask=b"" if self._is_client else os.urandom(4))
        self._deadline = asyncio.get_running_loop().call_later(CLOSING_SECONDS, self.stream.close)
        self._farewell = self.stream.write(frame)

    async def finish(self) -> None:
        """End the connection when our goodbye is sent: the other end has said its own."""
        if self._farewell is not None:
            await asyncio.wait({self._farewell})
        self.cut()

    def cut(self) -> None:
        """End the connection."""
        self.stream.close()
        if self._deadline is not None:
            self._deadline.cancel()
