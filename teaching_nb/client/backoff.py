"""How long to wait before the next attempt to connect. Pure but for the dice."""

from __future__ import annotations

import random
from collections.abc import Callable

SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


# Not the module's own dice: those belong to whoever works in this kernel, and who may have seeded them.
_dice = random.Random()  # noqa: S311 - spreads attempts


class Backoff:
    """Exponential back-off with jitter, so that a class does not come back in the same moment."""

    def __init__(self, uniform: Callable[[float, float], float] = _dice.uniform) -> None:
        self._uniform = uniform
        self._failures = 0

    def next_delay(self) -> float:
        """Count a failure and return the seconds to wait."""
        self._failures += 1
        ceiling = min(LONGEST_SECONDS, SHORTEST_SECONDS * 2.0 ** min(self._failures, 16))
        return self._uniform(SHORTEST_SECONDS, ceiling)

    def reset(self) -> None:
        """Forget the failures."""
        self._failures = 0
