"""A widget's `send` that keeps what was sent, so that a test can wait for it."""

from __future__ import annotations

import threading
from typing import Any

SECONDS = 30.0


class Sent:
    """Everything that was sent to the pages; callable like `Widget.send`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.messages: list[dict[str, Any]] = []

    def __call__(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Keep one message."""
        with self._changed:
            self.messages.append({**content, "buffers": list(buffers or [])})
            self._changed.notify_all()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of one kind."""
        return [message for message in self.messages if message["kind"] == kind]

    def wait(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Return the `count`-th message of one kind as soon as it is there."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(kind)) >= count, SECONDS), (
                f"no {kind} among {self.messages}"
            )
            return self.of(kind)[count - 1]
