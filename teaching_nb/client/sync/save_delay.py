"""When a changed document is saved: some time after the last change, and not too long after the first one."""

from __future__ import annotations

import asyncio

DELAY_SECONDS = 1.0
"""A change is saved so long after the last one …"""
LONGEST_DELAY_SECONDS = 5.0
"""… and at the latest so long after the first one."""


class SaveDelay:
    """The time to the next save of one document. Lives on the loop thread."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._save_at = 0.0
        self._is_hurried = False
        self._wake = asyncio.Event()

    def changed(self, *, is_urgent: bool) -> None:
        """Count from a change; an urgent one is saved at once."""
        now = asyncio.get_running_loop().time()
        if self._first is None:
            self._first = now
        delay = 0.0 if is_urgent else DELAY_SECONDS
        self._save_at = min(now + delay, self._first + LONGEST_DELAY_SECONDS)

    def settled(self) -> None:
        """Begin anew with the next change: there is nothing unsaved."""
        self._first = None

    def hurry(self) -> None:
        """Wait no longer."""
        self._is_hurried = True
        self._wake.set()

    def sent(self) -> None:
        """Count anew: what changes while something is on its way is the first change of the next save."""
        self._is_hurried = False
        self._first = None

    async def wait(self) -> None:
        """Wait until it is time to save."""
        while not self._is_hurried:
            left = self._save_at - asyncio.get_running_loop().time()
            if left <= 0:
                return
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), left)
            except TimeoutError:
                continue
