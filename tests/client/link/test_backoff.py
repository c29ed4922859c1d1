"""The back-off between attempts to connect."""

from __future__ import annotations

import random
from itertools import accumulate

import pytest

from teaching_nb.client.link.backoff import LONGEST_SECONDS, SHORTEST_SECONDS, Backoff
from tests.harness.clocks import HandClock


def longest_delays(clock: HandClock, seconds: float) -> list[float]:
    """Return the longest possible delays while nobody is there for so long."""
    backoff, end, delays = Backoff(lambda _low, high: high, clock), clock.now + seconds, []
    while clock.now < end:
        delays.append(backoff.next_delay(is_absent=True))
        clock.now += delays[-1]
    return delays


def test_backoff_grows_exponentially_up_to_its_limit() -> None:
    """The longest possible delay doubles with every failure and ends at 30 s."""
    backoff = Backoff(uniform=lambda _low, high: high)

    assert [backoff.next_delay() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_hub_that_has_just_gone_is_soon_asked_again() -> None:
    """For half a minute an attempt comes every two and a half seconds at least."""
    assert longest_delays(HandClock(), 30) == [1, 2, *[2.5] * 11]


def test_hub_that_stays_away_is_asked_less_and_less() -> None:
    """The longest delay is a twelfth of the absence, and after six minutes half a minute."""
    delays = longest_delays(HandClock(), 900)

    moments = [0.0, *accumulate(delays)]
    expected = [min(30, max(2.5, gone / 12)) for gone in moments]
    assert delays[2:] == [pytest.approx(longest) for longest in expected[2:-1]]
    assert delays[-1] == LONGEST_SECONDS


def test_absence_is_no_burden() -> None:
    """A hub that cannot serve everybody yet, after a long absence, is left alone longer and longer from there."""
    clock = HandClock()
    backoff = Backoff(lambda _low, high: high, clock)
    for _ in range(20):
        clock.now += backoff.next_delay(is_absent=True)

    assert [backoff.next_delay() for _ in range(6)] == [1, 2, 4, 8, 16, 30]


def test_burdened_hub_that_goes_away_is_soon_asked_again() -> None:
    """What it could not do before says nothing about the one that is started in its place."""
    backoff = Backoff(lambda _low, high: high, HandClock())
    for _ in range(6):
        backoff.next_delay()

    assert backoff.next_delay(is_absent=True) == 2.5


def test_backoff_is_spread_and_never_too_short() -> None:
    """Delays lie between half a second and the limit, and differ."""
    delays = [Backoff().next_delay(is_absent=number % 2 == 0) for number in range(50)]

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
        backoff.next_delay(is_absent=True)

    backoff.reset()

    assert [backoff.next_delay(), backoff.next_delay(is_absent=True)] == [1, 2]


def test_backoff_leaves_the_dice_of_the_notebook_alone() -> None:
    """What somebody has seeded gives the same numbers, whatever the connection does meanwhile."""
    random.seed(7)
    expected = random.random()
    random.seed(7)

    Backoff().next_delay()

    assert random.random() == expected
