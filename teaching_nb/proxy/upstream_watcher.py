"""Looking out for a hub that has just gone: once for all sockets that wait for it.

A hub is often back within seconds, restarted by its administrator or by what watches over it. Until then sockets
wait here, where the hub's return is seen first, instead of asking for it themselves.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 60.0
"""How long after a hub has gone it is looked for. Then only those who come ask for it, less and less often."""

WAIT_SECONDS = 8.0
"""How long one socket waits: its client gives up after 15 s, and connecting takes some time, too."""

BETWEEN_LOOKS_SECONDS = (0.5, 2.0)
"""Bounds of the random time between two looks: a school has many Jupyter servers that look out for one hub."""


class UpstreamWatcher:
    """When a hub has gone, and whether it is back."""

    def __init__(self, answers: Callable[[], Awaitable[bool]]) -> None:
        self._answers = answers
        self._gone_since: float | None = None
        self._looking: asyncio.Task[None] | None = None

    def lost(self) -> None:
        """Note that the hub did not answer."""
        if self._gone_since is None:
            self._gone_since = asyncio.get_running_loop().time()

    def found(self) -> None:
        """Note that it did: nobody need wait any longer."""
        self._gone_since = None
        if self._looking is not None:
            self._looking.cancel()

    async def is_back(self) -> bool:
        """Wait a while for a hub that has just gone; tell whether it is back."""
        if self._is_over():
            return False
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="upstream_watcher")
        await asyncio.wait({self._looking}, timeout=WAIT_SECONDS)
        return self._gone_since is None

    async def stop(self) -> None:
        """Look no longer."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        while not self._is_over():
            await asyncio.sleep(random.uniform(*BETWEEN_LOOKS_SECONDS))  # noqa: S311 - spreads looks
            if await self._answers():
                self._gone_since = None

    def _is_over(self) -> bool:
        """Tell whether there is nothing to look for, or no more hope."""
        now = asyncio.get_running_loop().time()
        return self._gone_since is None or now - self._gone_since > PATIENCE_SECONDS
