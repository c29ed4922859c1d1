"""The back-off between attempts to connect."""

from __future__ import annotations

import random

from teaching_nb.client.backoff import LONGEST_SECONDS, SHORTEST_SECONDS, Backoff


def test_backoff_grows_exponentially_up_to_its_limit() -> None:
    """The longest possible delay doubles with every failure and ends at 30 s."""
    backoff = Backoff(uniform=lambda _low, high: high)

    assert [backoff.next_delay() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_backoff_is_spread_and_never_too_short() -> None:
    """Delays lie between half a second and the limit, and differ."""
    delays = [Backoff().next_delay() for _ in range(50)]

    assert all(SHORTEST_SECONDS <= delay <= LONGEST_SECONDS for delay in delays)
    assert len(set(delays)) > 10


def test_backoff_survives_a_long_outage() -> None:
    """After thousands of failures the delay is still the longest one."""
    backoff = Backoff(uniform=lambda _low, high: high)

    assert {backoff.next_delay() for _ in range(5000)} >= {LONGEST_SECONDS}


def test_backoff_starts_anew_after_a_reset() -> None:
    """A connection that was good makes the next delay short."""
    backoff = Backoff(uniform=lambda _low, high: high)
    for _ in range(6):
        backoff.next_delay()

    backoff.reset()

    assert backoff.next_delay() == 1


def test_backoff_leaves_the_dice_of_the_notebook_alone() -> None:
    """What somebody has seeded gives the same numbers, whatever the connection does meanwhile."""
    random.seed(7)
    expected = random.random()
    random.seed(7)

    Backoff().next_delay()

    assert random.random() == expected
