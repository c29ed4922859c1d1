"""How often somebody may do something: a token bucket per key, in memory."""

from __future__ import annotations

import time
from collections.abc import Callable


class Rate:
    """Allows `per_second` events per key on average, and as many at once."""

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, key: str) -> bool:
        """Count one event; tell whether it is within the rate."""
        now = self._clock()
        tokens, since = self._buckets.get(key, (self._per_second, now))
        tokens = min(self._per_second, tokens + (now - since) * self._per_second)
        is_allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if is_allowed else tokens, now)
        return is_allowed

    def forget(self, key: str) -> None:
        """Drop what is known of a key."""
        self._buckets.pop(key, None)
