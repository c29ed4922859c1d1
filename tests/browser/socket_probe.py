"""A bare Socket.IO connection to the hub, for what a widget would never try."""

from __future__ import annotations

from typing import Any, Self

import socketio

_SECONDS = 30.0


class SocketProbe:
    """A socket with threads of its own (Playwright's loop occupies the main one); it keeps everything it hears."""

    def __init__(self, url: str, token: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._socket = socketio.Client(reconnection=False)
        self._socket.on("*", lambda event, *payload: self.heard.append((event, payload)))

    def __enter__(self) -> Self:
        self._socket.connect(self._url, headers=self._headers, transports=["websocket"], wait_timeout=_SECONDS)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.disconnect()

    def call(self, event: str, payload: Any) -> Any:
        """Send an event and return its acknowledgement."""
        return self._socket.call(event, payload, timeout=_SECONDS)

    def emit(self, event: str, payload: Any) -> None:
        """Send an event that is not acknowledged."""
        self._socket.emit(event, payload)

    def heard_of(self, *words: str) -> list[tuple[str, Any]]:
        """Return the events that name one of the words."""
        return [event for event in self.heard if any(word in repr(event) for word in words)]
