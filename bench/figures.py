"""Median, 95th percentile and the tables: plain functions of numbers, no I/O."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence

HOPS = (
    "browser A → proxy A",
    "proxy A → hub → proxy B",
    "proxy B → browser B",
)
"""The parts of the way, in order; their times add up to the whole."""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return the figures by which a series is told, in milliseconds."""
    return {
        "median": statistics.median(values),
        "p95": percentile(values, 95),
        "least": min(values),
        "most": max(values),
    }


def split(stations: Sequence[float]) -> list[float]:
    """Return the time between each two neighbouring stations."""
    return [after - before for before, after in itertools.pairwise(stations)]


def shares(samples: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    """Return the figures of every hop; its share is its median's part of the sum of all medians."""
    hops = [summary(hop) for hop in zip(*samples, strict=True)]
    whole = sum(hop["median"] for hop in hops)
    return [{**hop, "share": hop["median"] / whole} for hop in hops]


def paths_table(series: Mapping[str, Sequence[float]], *, lost: Mapping[str, int]) -> str:
    """Return the comparison, with the ratio of the medians to the last row."""
    last = statistics.median(list(series.values())[-1])
    rows = [
        [name, str(len(values)), str(lost[name]), *_figures(values), f"{statistics.median(values) / last:.2f}"]
        for name, values in series.items()
    ]
    return table(["keystroke in A → text in B", "samples", "lost", "median ms", "p95 ms", "max ms", "ratio"], rows)


def hops_table(samples: Sequence[Sequence[float]]) -> str:
    """Return the parts of our way."""
    rows = [
        [name, f"{hop['median']:.1f}", f"{hop['p95']:.1f}", f"{hop['share']:.0%}"]
        for name, hop in zip(HOPS, shares(samples), strict=True)
    ]
    return table(["hop", "median ms", "p95 ms", "share"], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown with aligned columns."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    written = [_row(line, widths) for line in lines]
    rule = _row(["-" * width for width in widths], widths)
    return "\n".join([written[0], rule, *written[1:]])


def _figures(values: Sequence[float]) -> list[str]:
    figures = summary(values)
    return [f"{figures[key]:.1f}" for key in ("median", "p95", "most")]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        cell.rjust(width) if index else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join([first, *others])} |"
