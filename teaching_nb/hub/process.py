"""What a hub asks of its Python process: when its cyclic collector looks, and which modules it does without."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

COLLECT_AFTER_OBJECTS = 20_000
"""Objects that may have been made, and not gone away, before the cyclic collector looks at them."""

COLLECT_AFTER_CONNECTIONS = 100
"""Ended connections after which it looks at everything: what a connection was made of refers to itself."""

HTTP_CLIENTS = ("aiohttp", "requests", "tornado", "websocket")
"""What python-socketio's clients are made of, and its server for tornado. Its server cannot be imported alone.

Importing these as well takes ten times as long as the server: 0.25 s of CPU time where a hub starts in 0.8 s.
"""


def pause_collector() -> None:
    """Have the cyclic collector wait until the hub has started: looking at what stays was a fifth of the start."""
    gc.disable()


def calm_collector() -> None:
    """Let the cyclic collector look again, but less often, and never at what was made by starting.

    Almost everything that a request makes goes away by counting references, and a third of the hub's time
    went into looking for the rest.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 20, 20)
    gc.enable()


class EndedConnections:
    """Counts the connections that have ended, and has their remains collected."""

    def __init__(self) -> None:
        self._count = 0

    def add(self) -> None:
        """Count one more connection that has ended."""
        self._count += 1
        if self._count >= COLLECT_AFTER_CONNECTIONS:
            self._count = 0
            gc.collect()


@contextlib.contextmanager
def not_installed(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports go on as if these modules were not installed; those that are loaded already stay as they are.

    For libraries that do without them, and for a process that is ours alone.
    """
    hidden = [name for name in names if name not in sys.modules]
    # The import system's own way to say that there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
