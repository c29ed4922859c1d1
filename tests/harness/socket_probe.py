"""A bare Socket.IO connection to the hub for tests without a loop, for what a widget would never try.

python-socketio's client with threads handles each frame in a thread of its own, so that the attachments of one
answer change places on a busy machine; here one loop takes them in their order.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from teaching_nb.simulator.sockets import SECONDS, Socket

T = TypeVar("T")


class SocketProbe:
    """A socket with a thread of its own (Playwright's loop occupies the main one); it keeps everything it hears."""

    def __init__(self, url: str, token: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._url = url
        self._token = token
        self._socket = Socket(lambda event, payload: self.heard.append((event, payload)))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="probe", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._socket.connect(self._url, self._token))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._do(self._socket.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

    def call(self, event: str, payload: Any) -> Any:
        """Send an event and return its acknowledgement."""
        return self._do(self._socket.call(event, payload))

    def emit(self, event: str, payload: Any) -> None:
        """Send an event that is not acknowledged."""
        self._do(self._socket.emit(event, payload))

    def heard_of(self, *words: str) -> list[tuple[str, Any]]:
        """Return the events that name one of the words."""
        return [event for event in self.heard if any(word in repr(event) for word in words)]

    def _do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * SECONDS)
