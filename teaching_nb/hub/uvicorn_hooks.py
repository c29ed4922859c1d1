"""Everything undocumented of uvicorn that the hub relies on.

`tests/hub/test_uvicorn_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

CONGESTED_BYTES = 65_536
"""With more than this in its buffer a connection is congested: uvicorn stops writing at this size, too."""

_FAILED = "Application startup failed. Exiting."


class WebServer(uvicorn.Server):
    """A web server that tells when it has started, leaves signals alone, and raises what kept it from starting."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the server: uvicorn would raise them again, and the process not end with 0."""
        yield


@contextlib.contextmanager
def failure_of_start(failure: Callable[[], Exception | None]) -> Iterator[None]:
    """Raise what has kept an application from starting: uvicorn ends the process without a word of it.

    Whoever gets it says what it is; that uvicorn has noticed needs no line of its own.
    """
    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(_tells_more)
    try:
        yield
    except SystemExit:
        error = failure()
        if error is None:
            raise
        raise error from None
    finally:
        logger.removeFilter(_tells_more)


def _tells_more(record: logging.LogRecord) -> bool:
    return record.getMessage() != _FAILED


class FrameWriter:
    """Writes finished frames to a WebSocket connection, past ASGI: of one broadcast the same bytes to everybody.

    ASGI would have every frame built anew, by a task of the connection that has to be woken for it.
    """

    __slots__ = ("_is_closing", "_protocol", "_waiting", "_write")

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        transport = protocol.transport
        # This is run for everybody who hears something.
        self._is_closing, self._waiting, self._write = (
            transport.is_closing,
            transport.get_write_buffer_size,
            transport.write,
        )

    def write(self, frames: bytes) -> bool:
        """Write frames, each of them whole, if the connection is open and the system has most of what was before."""
        protocol = self._protocol
        if not protocol.handshake_complete or protocol.close_sent:
            return False
        if self._is_closing() or self._waiting() > CONGESTED_BYTES:
            return False
        self._write(frames)
        return True


def frame_writer(asgi_send: Any) -> FrameWriter | None:
    """Return what writes frames to the connection that an application sends to; None when ASGI is the only way."""
    protocol = getattr(asgi_send, "__self__", None)
    needed = ("transport", "handshake_complete", "close_sent")
    return FrameWriter(protocol) if all(hasattr(protocol, name) for name in needed) else None


def abort(asgi_send: Any) -> None:
    """Drop a connection and what the system still holds for it; nothing happens to one that has ended.

    ASGI has no word for it. Behind what an application sends with is uvicorn's protocol.
    """
    transport = getattr(getattr(asgi_send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
