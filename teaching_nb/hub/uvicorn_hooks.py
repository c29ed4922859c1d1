"""Everything undocumented of uvicorn that the hub relies on.

`tests/hub/test_uvicorn_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn


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
    """Raise what has kept an application from starting: uvicorn ends the process without a word of it."""
    try:
        yield
    except SystemExit:
        error = failure()
        if error is None:
            raise
        raise error from None


def abort(asgi_send: Any) -> None:
    """Drop a connection and what the system still holds for it; nothing happens to one that has ended.

    ASGI has no word for it. Behind what an application sends with is uvicorn's protocol.
    """
    transport = getattr(getattr(asgi_send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
