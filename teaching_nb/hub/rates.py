"""How often somebody may do something, per key, in the memory of this process.

Clocks are monotonic: setting the time of the machine neither opens nor closes anything. What is remembered
is bounded, however many keys are made up.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

MAX_KEYS = 20_000
"""Keys that are remembered; beyond them the one that has been quiet for longest is forgotten."""

BURST_SECONDS = 5
"""A user may write at once what the rate allows in this time."""

Clock = Callable[[], float]


class Rate:
    """A token bucket per key: `per_second` events on average, and `burst` at once (as many, if not given)."""

    def __init__(self, per_second: float, *, burst: float | None = None, clock: Clock = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = per_second if burst is None else burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, key: str) -> bool:
        """Count one event; tell whether it is within the rate."""
        now = self._clock()
        tokens = self._tokens(key, now)
        is_allowed = tokens >= 1
        self._buckets.pop(key, None)
        self._buckets[key] = (tokens - 1 if is_allowed else tokens, now)
        if len(self._buckets) > MAX_KEYS:
            del self._buckets[next(iter(self._buckets))]
        return is_allowed

    def is_used_up(self, key: str) -> bool:
        """Tell whether the next event would be beyond the rate, without counting one."""
        return self._tokens(key, self._clock()) < 1

    def _tokens(self, key: str, now: float) -> float:
        tokens, since = self._buckets.get(key, (self._burst, now))
        return min(self._burst, tokens + (now - since) * self._per_second)

    def forget(self, key: str) -> None:
        """Drop what is known of a key."""
        self._buckets.pop(key, None)


def writes_of_users(per_second: int) -> Rate | None:
    """Return how often each user may write in one way, REST or live; None when there is no limit."""
    return Rate(per_second, burst=per_second * BURST_SECONDS) if per_second else None


class Attempts:
    """At most `limit` events per key within any `seconds`; refused ones do not count."""

    def __init__(self, limit: int, seconds: float, *, clock: Clock = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def wait(self, key: str) -> int:
        """Count one event; return 0 when it is allowed, else after how many whole seconds the next one is."""
        now = self._clock()
        times = self._times.pop(key, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        is_allowed = len(times) < self._limit
        if is_allowed:
            times.append(now)
        self._times[key] = times
        if len(self._times) > MAX_KEYS:
            del self._times[next(iter(self._times))]
        return 0 if is_allowed else max(1, math.ceil(times[0] + self._seconds - now))
