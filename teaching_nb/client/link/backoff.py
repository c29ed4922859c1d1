"""How long to wait before the next attempt to connect. Pure but for the dice and the clock.

The pages' half, `js/src/live/backoff.ts`, keeps the same rule.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
LONGEST_AT_FIRST_SECONDS = 2.5
"""The longest wait for a hub that has just gone: 300 kernels that come back within that keep a hub busy for 4 s."""
SHARE_OF_ABSENCE = 1 / 12
"""Who waits for a hub that has been gone for long need not be there at once: that much later is soon enough."""

# Not the module's own dice: those belong to whoever works in this kernel, and who may have seeded them.
_dice = random.Random()  # noqa: S311 - spreads attempts


class Backoff:
    """Exponential back-off with jitter, so that a class does not come back in the same moment.

    What an attempt costs the hub decides how far it grows. One that found a hub which could not serve it was a burden:
    from then on the longest wait doubles, up to half a minute. One that found nobody was none, and the hub is
    probably starting: then the longest wait is short at first, and grows with the time that the hub has been gone.
    """

    def __init__(
        self, uniform: Callable[[float, float], float] = _dice.uniform, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._uniform = uniform
        self._clock = clock
        self._since: float | None = None
        self._attempts = 0
        self._burdens = 0

    def next_delay(self, *, is_absent: bool = False) -> float:
        """Count a failure and return the seconds to wait; `is_absent`: nobody was there."""
        now = self._clock()
        self._since = now if self._since is None else self._since
        self._attempts += 1
        if is_absent:
            longest = max(LONGEST_AT_FIRST_SECONDS, (now - self._since) * SHARE_OF_ABSENCE)
            ceiling = min(longest, _doubled(self._attempts))
        else:
            self._burdens += 1
            ceiling = _doubled(self._burdens)
        return self._uniform(SHORTEST_SECONDS, min(LONGEST_SECONDS, ceiling))

    def reset(self) -> None:
        """Forget the failures."""
        self._since = None
        self._attempts = self._burdens = 0


def _doubled(times: int) -> float:
    return SHORTEST_SECONDS * 2.0 ** min(times, 16)
