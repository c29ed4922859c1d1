"""A bare Socket.IO connection to the hub, for what a widget would never try."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

import socketio

_SECONDS = 30.0


class SocketProbe:
    """A socket in a thread of its own (Playwright's loop occupies the main one); it keeps everything it hears."""

    def __init__(self, url: str, token: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._hear)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(
            self._socket.connect(self._url, headers=self._headers, transports=["websocket"], wait_timeout=_SECONDS)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._socket.disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def call(self, event: str, payload: Any) -> Any:
        """Send an event and return its acknowledgement."""
        return self._wait(self._socket.call(event, payload, timeout=_SECONDS))

    def emit(self, event: str, payload: Any) -> None:
        """Send an event that is not acknowledged."""
        self._wait(self._socket.emit(event, payload))

    def heard_of(self, *words: str) -> list[tuple[str, Any]]:
        """Return the events that name one of the words."""
        return [event for event in self.heard if any(word in repr(event) for word in words)]

    async def _hear(self, event: str, *payload: Any) -> None:
        self.heard.append((event, payload))

    def _wait(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * _SECONDS)
