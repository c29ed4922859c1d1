"""Whether this process hears the bell: it rings itself every second, and is deaf when it has not heard that for long.

A deaf process does not know whose access has ended. So it delivers nothing until it hears again and has looked at the
database. Its callers are answered all the same, for each answer asks the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DEAF_SECONDS = 3.0
"""How long nobody has to miss what the others rang."""

LOST_SECONDS = 8.0
"""After so long others may have stopped ringing for this process: what they posted is not to be read any more."""


class Hearing:
    """When this process has heard itself."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._heard_at = now()
        self.longest = 0.0
        """Longest silence since everything was read anew, in seconds."""
        self._is_current = asyncio.Event()
        self._is_current.set()

    @property
    def silence(self) -> float:
        """Return for how many seconds nothing has been heard."""
        return self._now() - self._heard_at

    @property
    def is_deaf(self) -> bool:
        """Tell whether what was read before must not be believed; true until `recovered`."""
        if self.silence > DEAF_SECONDS:
            self._is_current.clear()
        return not self._is_current.is_set()

    @property
    def hears_again(self) -> bool:
        """Tell whether a deaf process hears itself once more."""
        return self.is_deaf and self.silence <= DEAF_SECONDS

    def heard(self) -> None:
        """Note that this process has heard itself."""
        # Notice first that it was deaf, if nobody has asked meanwhile.
        _ = self.is_deaf
        self.longest = max(self.longest, self.silence)
        self._heard_at = self._now()

    def recovered(self) -> None:
        """Note that everything was read anew after this process heard itself again."""
        self.longest = 0.0
        self._is_current.set()

    async def wait(self) -> None:
        """Return when this process is not deaf, at once when it is not."""
        while self.is_deaf:
            await self._is_current.wait()
