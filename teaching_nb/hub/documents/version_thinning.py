"""Which versions of a live document are kept, and for how long. Pure; `versions` deletes the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from teaching_nb.hub.clock import DAY
from teaching_nb.hub.documents.version_ends import MINUTE

SPACINGS: tuple[tuple[int, int], ...] = (
    (10 * MINUTE, 0),
    (60 * MINUTE, MINUTE),
    (DAY, 10 * MINUTE),
    (30 * DAY, DAY),
    (365 * DAY, 7 * DAY),
)
"""(age, span): up to this age one version is kept of each span, the newest; older ones go. Of a span 0 all are kept."""

NEWEST_KEPT = 100
"""Versions that are kept of a span 0; further ones are kept as those of the next age."""

KEPT_BEFORE_RESTORES = 20
"""Versions that a restore of the last day has replaced, and that are kept whatever came soon after."""

KEPT_BEFORE_REMOVALS = 10
"""Versions of each person from which much was taken away on the last day, and that are kept whatever came soon after.

Of further ones none is kept for the sake of its age of a few minutes: nobody who writes and deletes in a loop
pushes out what others wrote."""

MOST_BEFORE_REMOVALS = 100
"""The same of all people together."""

MOST_BYTES = 2_000_000
"""Compressed bytes of all versions of one document; what does not fit goes, the oldest first. The newest one stays."""

MOST_PROTECTED_BYTES = MOST_BYTES // 2
"""Bytes of those versions that are kept whatever came soon after; they come first."""

MOST_BYTES_OF_ONE = MOST_BYTES // 10
"""The same of one person's versions from which much was taken away."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What thinning needs to know of a closed version."""

    number: int
    kind: str
    created_at: int
    size: int
    """Compressed bytes."""
    authors: frozenset[str] = frozenset()


def superfluous(newest_first: Sequence[Kept], now: int) -> set[int]:
    """Return the numbers of the versions that need not be kept."""
    rapid = [older for newer, older in pairwise(newest_first) if newer.kind == "removal" and _is_of_today(newer, now)]
    shares = _fair_shares(rapid)
    protected = _fitting(newest_first, shares | _always_kept(newest_first, now))
    hasty = {version.number for version in rapid} - shares
    kept: set[int] = set()
    taken: set[tuple[int, int]] = set()
    size = sum(version.size for version in newest_first[1:] if version.number in protected)
    for position, version in enumerate(newest_first):
        place = _place(version, now, is_crowded=position >= NEWEST_KEPT or version.number in hasty)
        is_safe = position == 0 or version.number in protected
        fits = is_safe or size + version.size <= MOST_BYTES
        if not is_safe and (place is None or place in taken or not fits):
            continue
        kept.add(version.number)
        if place is not None:
            taken.add(place)
        if version.number not in protected or position == 0:
            size += version.size
    return {version.number for version in newest_first} - kept


def _always_kept(newest_first: Sequence[Kept], now: int) -> set[int]:
    """Return what is kept although newer versions are near: the start, and what restores have replaced lately."""
    start = {version.number for version in newest_first if version.kind == "start"}
    replaced = [
        older.number for newer, older in pairwise(newest_first) if newer.kind == "restore" and _is_of_today(newer, now)
    ]
    return start.union(replaced[:KEPT_BEFORE_RESTORES])


def _fair_shares(rapid: Iterable[Kept]) -> set[int]:
    """Return the newest versions from which much was removed, of each person as many as their limits allow."""
    found: set[int] = set()
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for version in rapid:
        authors = version.authors or {""}
        is_within = any(
            counts[author] < KEPT_BEFORE_REMOVALS and sizes[author] + version.size <= MOST_BYTES_OF_ONE
            for author in authors
        )
        if is_within and len(found) < MOST_BEFORE_REMOVALS:
            found.add(version.number)
            counts.update(authors)
            sizes.update(dict.fromkeys(authors, version.size))
    return found


def _fitting(newest_first: Sequence[Kept], wanted: set[int]) -> set[int]:
    """Return those of the wanted versions that fit into `MOST_PROTECTED_BYTES`, the newest first."""
    found: set[int] = set()
    size = 0
    for version in newest_first:
        if version.number in wanted and size + version.size <= MOST_PROTECTED_BYTES:
            found.add(version.number)
            size += version.size
    return found


def _place(version: Kept, now: int, *, is_crowded: bool) -> tuple[int, int] | None:
    """Return the span of time that a version stands for, of which one is kept; None when it is too old."""
    span = next((span for limit, span in SPACINGS if now - version.created_at <= limit), None)
    if span == 0 and is_crowded:
        span = SPACINGS[1][1]
    if span is None:
        return None
    return (span, version.created_at // span) if span else (0, version.number)


def _is_of_today(version: Kept, now: int) -> bool:
    return now - version.created_at < DAY
