"""How often somebody may do something, per key, in the memory of this process; told of what others have let pass.

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

OnUsed = Callable[[str], None]
"""Called with the key whenever an event was let pass."""


class Rate:
    """A token bucket per key: `per_second` events on average, and `burst` at once (as many, if not given)."""

    def __init__(
        self,
        per_second: float,
        *,
        burst: float | None = None,
        clock: Clock = time.monotonic,
        on_used: OnUsed | None = None,
    ) -> None:
        self._per_second = per_second
        self._burst = per_second if burst is None else burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._on_used = on_used

    def allows(self, key: str) -> bool:
        """Count one event; tell whether it is within the rate."""
        now = self._clock()
        tokens = self._tokens(key, now)
        is_allowed = tokens >= 1
        self._keep(key, tokens - 1 if is_allowed else tokens, now)
        if is_allowed and self._on_used is not None:
            self._on_used(key)
        return is_allowed

    def note(self, key: str, count: int) -> None:
        """Count events that were let pass elsewhere; what is too much is missing for as long as it takes."""
        now = self._clock()
        self._keep(key, self._tokens(key, now) - count, now)

    def _keep(self, key: str, tokens: float, now: float) -> None:
        self._buckets.pop(key, None)
        self._buckets[key] = tokens, now
        if len(self._buckets) > MAX_KEYS:
            del self._buckets[next(iter(self._buckets))]

    def is_used_up(self, key: str) -> bool:
        """Tell whether the next event would be beyond the rate, without counting one."""
        return self._tokens(key, self._clock()) < 1

    def _tokens(self, key: str, now: float) -> float:
        tokens, since = self._buckets.get(key, (self._burst, now))
        return min(self._burst, tokens + (now - since) * self._per_second)

    def forget(self, key: str) -> None:
        """Drop what is known of a key."""
        self._buckets.pop(key, None)


def writes_of_users(per_second: int, on_used: OnUsed | None = None) -> Rate:
    """Return how often each user may write in one way, REST or live."""
    return Rate(per_second, burst=per_second * BURST_SECONDS, on_used=on_used)


class Attempts:
    """At most `limit` events per key within any `seconds`; refused ones do not count."""

    def __init__(
        self, limit: int, seconds: float, *, clock: Clock = time.monotonic, on_used: OnUsed | None = None
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._on_used = on_used

    def wait(self, key: str) -> int:
        """Count one event; return 0 when it is allowed, else after how many whole seconds the next one is."""
        now = self._clock()
        times = self._recent(key, now)
        if len(times) >= self._limit:
            return max(1, math.ceil(times[-self._limit] + self._seconds - now))
        times.append(now)
        if self._on_used is not None:
            self._on_used(key)
        return 0

    def note(self, key: str, count: int) -> None:
        """Count events that were let pass elsewhere."""
        now = self._clock()
        self._recent(key, now).extend([now] * min(count, self._limit))

    def _recent(self, key: str, now: float) -> deque[float]:
        """Return when the events of a key were that count still, now the last key to be forgotten."""
        times = self._times.pop(key, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        self._times[key] = times
        if len(self._times) > MAX_KEYS:
            del self._times[next(iter(self._times))]
        return times
