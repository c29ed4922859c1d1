"""When Python's cyclic collector looks for garbage in the hub's process."""

from __future__ import annotations

import gc

COLLECT_AFTER_OBJECTS = 20_000
"""Objects that may have been made, and not gone away, before the cyclic collector looks at them."""

COLLECT_AFTER_CONNECTIONS = 100
"""Ended connections after which it looks at everything: what a connection was made of refers to itself."""


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
        """Take that one more connection has ended."""
        self._count += 1
        if self._count >= COLLECT_AFTER_CONNECTIONS:
            self._count = 0
            gc.collect()
