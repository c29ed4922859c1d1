"""Which versions are kept: all of the last minutes, fewer with age, never more than a fixed number."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from teaching_nb.hub.clock import DAY
from teaching_nb.hub.documents.version_ends import MINUTE
from teaching_nb.hub.documents.version_thinning import (
    KEPT_BEFORE_REMOVALS,
    KEPT_BEFORE_RESTORES,
    MOST_BEFORE_REMOVALS,
    MOST_BYTES,
    NEWEST_KEPT,
    Kept,
    superfluous,
)

HOUR = 60 * MINUTE
NOW = 3_650 * DAY

MOST = NEWEST_KEPT + 60 + 144 + 31 + 54 + KEPT_BEFORE_RESTORES + MOST_BEFORE_REMOVALS + 3
"""Versions of each span, one more for each border between two spans, and the start."""


def history(ages: list[int], *, size: int = 100, restores: tuple[int, ...] = ()) -> list[Kept]:
    """Return versions of these ages, newest first; `restores` are positions among them."""
    last = len(ages)
    return [
        Kept(last - position, "restore" if position in restores else "edit", NOW - age, size)
        for position, age in enumerate(ages)
    ]


def kept(found: list[Kept], now: int = NOW) -> list[Kept]:
    """Return what is not superfluous."""
    doomed = superfluous(found, now)
    return [version for version in found if version.number not in doomed]


def test_last_minutes_are_kept_whole() -> None:
    """Ten minutes of work lose nothing."""
    found = history([seconds * 1_000 for seconds in range(0, 600, 10)])

    assert kept(found) == found


def test_older_versions_become_fewer() -> None:
    """One per minute of the last hour, one per ten minutes of the day, one per day of the month, one per week."""
    found = history([age * MINUTE // 2 for age in range(2 * 24 * 60 * 60)])

    ages = [NOW - version.created_at for version in kept(found)]

    assert len([age for age in ages if 10 * MINUTE < age <= HOUR]) in {50, 51}
    assert len([age for age in ages if HOUR < age <= DAY]) in {138, 139}
    assert len([age for age in ages if DAY < age <= 30 * DAY]) in {29, 30}
    assert len([age for age in ages if age > 30 * DAY]) in {4, 5, 6}


def test_newest_of_a_span_is_kept() -> None:
    """Of two versions of the same ten minutes the later one stays."""
    base = 2 * HOUR - NOW % (10 * MINUTE)
    found = history([0, base + MINUTE, base + 2 * MINUTE])

    assert [version.number for version in kept(found)] == [3, 2]


def test_what_is_older_than_a_year_goes_but_for_the_start() -> None:
    """The text that a teacher began with stays as long as the document."""
    found = [Kept(3, "edit", NOW, 1), Kept(2, "edit", NOW - 400 * DAY, 1), Kept(1, "start", NOW - 800 * DAY, 1)]

    assert [version.number for version in kept(found)] == [3, 1]


def test_what_a_restore_replaced_stays_for_a_day() -> None:
    """A restore can be undone although the version before it was followed by another within the minute."""
    found = history([20 * MINUTE - 30_000 + second * 1_000 for second in (0, 1, 2, 3)], restores=(1,))

    assert [version.number for version in kept(found)] == [4, 2]
    assert [version.number for version in kept(found, NOW + DAY)] == [4]


BEGUN = NOW + HOUR


def removals(count: int, *, size: int = 100, first: int = 3) -> list[Kept]:
    """Return what somebody wrote and removed again, once a second, newest first."""
    vandal = frozenset({"vandal"})
    return [Kept(number, "removal", BEGUN + number * 1_000, size, vandal) for number in range(first + count, first, -1)]


A_TEXT = [
    Kept(3, "removal", BEGUN, 50, frozenset({"vandal"})),
    Kept(2, "edit", BEGUN - 3_000, 2_000, frozenset({"author"})),
]
"""What an author wrote, and what was left of it."""


def test_text_that_was_taken_away_stays_for_a_day() -> None:
    """It can be brought back although another version followed within the minute; after a day it is one of many."""
    followed = [Kept(4, "edit", BEGUN + 20_000, 50), *A_TEXT]

    assert [version.number for version in kept(followed, BEGUN + 20 * MINUTE)] == [4, 2]
    assert [version.number for version in kept(followed, BEGUN + 2 * DAY)] == [4]


def test_writing_and_deleting_in_a_loop_pushes_nobody_out() -> None:
    """Of a person who does that few versions are kept, and those of others stay, at once and for the day."""
    found = [*removals(500), *A_TEXT]

    for later in (500_000, 20 * MINUTE, 3 * HOUR):
        numbers = [version.number for version in kept(found, BEGUN + later)]

        assert 2 in numbers
        assert len(numbers) <= KEPT_BEFORE_REMOVALS + 12


def test_large_text_in_a_loop_pushes_nobody_out() -> None:
    """The bytes of a document are shared, too: large versions of one person leave room for those of others."""
    found = [*removals(20, size=MOST_BYTES // 3), *A_TEXT]

    sizes = [version.size for version in kept(found, BEGUN + 30_000)]

    assert 2_000 in sizes
    assert sum(sizes[1:]) <= MOST_BYTES


def test_newest_version_stays_however_large() -> None:
    """The limit of bytes takes the oldest, never the last one."""
    found = history([0, 1, 2], size=MOST_BYTES)

    assert [version.number for version in kept(found)] == [3]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1_000, MINUTE, HOUR, DAY]))
def test_number_of_versions_is_bounded(seed: int, pace: int) -> None:
    """Whoever edits, removes and restores how fast and for how long ever, no more than a fixed number is kept."""
    chance = random.Random(seed)
    found: list[Kept] = []
    now = NOW
    for number in range(1, 1_500):
        now += chance.randrange(2 * pace)
        kind, author = chance.choice(["edit", "edit", "restore", "removal"]), str(chance.randrange(30))
        found = [Kept(number, kind, now, 100, frozenset({author})), *found]
        if number % 10 == 0:
            found = kept(found, now)

            assert found[0].number == number
            assert len(found) <= MOST
