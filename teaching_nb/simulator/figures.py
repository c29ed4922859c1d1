"""What is measured while a class works."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Figures:
    """Times in seconds, and counts."""

    seen: list[float] = field(default_factory=list)
    """From typing a letter to its coming to another page."""
    acknowledged: list[float] = field(default_factory=list)
    """From typing a letter to the hub's word that it is stored."""
    opened: list[float] = field(default_factory=list)
    """From coming to having all texts, at the beginning, when all come at once."""
    returned: list[float] = field(default_factory=list)
    """The same after an interruption."""
    presence: int = 0
    """Messages about who is here."""
    done: Counter[str] = field(default_factory=Counter)
    """What people did, and what happened to them."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest rank; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def summary(values: Sequence[float]) -> dict[str, float | int | None]:
    """Return count, percentiles and maximum, in milliseconds; None where nothing was measured."""
    found: dict[str, float | int | None] = {"count": len(values)}
    for name, percent in (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100)):
        found[name] = round(percentile(values, percent) * 1000, 2) if values else None
    return found
