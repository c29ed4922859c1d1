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
