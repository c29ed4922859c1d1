"""The hub's clock: milliseconds since the epoch, as the tables store times."""

from __future__ import annotations

import time

DAY = 86_400_000
"""Milliseconds of a day."""


def now() -> int:
    """Return the present time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def after(previous: int) -> int:
    """Return the present time, or one millisecond after `previous` when the clock is not past it."""
    return max(now(), previous + 1)


def steady() -> int:
    """Return milliseconds that begin with the time of this process's start, and go on however the clock is set.

    For what lives for minutes: longer, a machine that sleeps falls behind.
    """
    return _BEGAN + time.monotonic_ns() // 1_000_000


_BEGAN = now() - time.monotonic_ns() // 1_000_000
