"""A call that is made at once, and then no more often than so many seconds apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Throttle:
    """Calls made meanwhile become one, as soon as there may be one. Lives on the loop thread."""

    def __init__(self, call: Callable[[], object], spacing: float) -> None:
        self._call = call
        self._spacing = spacing
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0

    def call(self) -> None:
        """Call now, or later when the last call was less than the spacing ago."""
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._free_at:
            self._run()
        else:
            self._timer = loop.call_at(self._free_at, self._run)

    def cancel(self) -> None:
        """Do not make a call that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        self._timer = None
        self._free_at = asyncio.get_running_loop().time() + self._spacing
        self._call()
