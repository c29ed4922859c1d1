"""When what runs have put out is sent: soon, seldom enough, and from a thread that no user's code can hold up.

The Jupyter server drops what a kernel says beyond a megabyte a second.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
"""Output goes to the pages at most 20 times a second."""
CHARACTERS_A_SECOND = 400_000
LONGEST_PAUSE_SECONDS = 1.0
"""After a large picture; text of one run is less."""

Flush = Callable[[], int]
"""Sends what there is, and returns how many characters that were."""


class Pacer:
    """Calls whoever has something to send; its thread begins with the first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[object, Flush] = {}
        self._thread: threading.Thread | None = None

    def request(self, owner: object, flush: Flush) -> None:
        """Call `flush` once, soon; never waits."""
        with self._changed:
            # Notified anew each time: an interrupt may have ended an earlier request just here.
            self._due.setdefault(owner, flush)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="tnb-output", daemon=True)
                # Not in the context of the run that happens to be the first one.
                contextvars.Context().run(self._thread.start)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
            time.sleep(FLUSH_SECONDS)
            with self._changed:
                due, self._due = self._due, {}
            time.sleep(min(LONGEST_PAUSE_SECONDS, sum(map(_flushed, due.values())) / CHARACTERS_A_SECOND))


def _flushed(flush: Flush) -> int:
    try:
        return flush()
    except Exception:  # the edge: one widget that is gone must not silence the others
        logger.info("output could not be sent", exc_info=True)
        return 0


pacer = Pacer()
