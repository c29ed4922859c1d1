"""Which processes of a hub announce at the moment, so that a crowd is told of what they all have in one piece.

To write to a socket costs as much as to put a dozen events into its outbox. A process that is alone stores what comes
together in one transaction, and writes once for all of it; with two, half comes from each, and would be written twice.
"""

from __future__ import annotations

from collections.abc import Callable

SECONDS_PER_SOCKET, MOST_SECONDS = 0.00008, 0.012
"""How long a crowd waits for what others are about to announce: some times what it takes to write to all of it."""

RECENT_SECONDS = 0.1
"""Who has announced something so lately is about to announce more: a class that works, not somebody now and then."""


class Gathering:
    """Who has announced something since the crowd was written to last."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last: dict[str, float] = {}
        """Process → when it announced something, as far as that is recent."""
        self._come: set[str] = set()

    def came(self, process: str) -> None:
        """Note that a process has announced something, this one or another."""
        self._last[process] = self._now()
        self._come.add(process)

    def is_complete(self) -> bool:
        """Tell whether everybody has who is about to."""
        since = self._now() - RECENT_SECONDS
        self._last = {process: at for process, at in self._last.items() if at >= since}
        return self._last.keys() <= self._come

    @staticmethod
    def patience(sockets: int) -> float:
        """Return for how many seconds so many sockets may wait."""
        return min(MOST_SECONDS, sockets * SECONDS_PER_SOCKET)

    def begin_anew(self) -> None:
        """Note that everything was written."""
        self._come.clear()
