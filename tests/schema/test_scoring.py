"""How answers of a quiz are scored: the two policies of the platform, by examples and by what always holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.schema.scoring import DeductedPoints, FixedPoints, Marks, marks, points

OPTIONS = st.sets(st.integers(0, 7), max_size=8)
AMOUNTS = st.integers(-20, 20).map(lambda quarters: quarters / 4)


@pytest.mark.parametrize(
    ("chosen", "correct", "multiple", "wanted"),
    [
        ([1], [1], False, Marks(1, 0, 1)),
        ([2], [1], False, Marks(0, 1, 1)),
        ([], [1], False, Marks(0, 1, 1)),
        ([0, 1], [0, 1], True, Marks(2, 0, 2)),
        ([0, 3], [0, 1], True, Marks(1, 2, 2)),
        ([], [0, 1], True, Marks(0, 2, 2)),
        ([5], [], True, Marks(0, 1, 0)),
    ],
)
def test_marks_of_an_answer(chosen: list[int], correct: list[int], multiple: bool, wanted: Marks) -> None:  # noqa: FBT001
    """As the protocol counts hits and misses."""
    assert marks(chosen, correct, multiple=multiple) == wanted


@given(OPTIONS, OPTIONS)
def test_hits_and_misses_count_every_option_once(chosen: set[int], correct: set[int]) -> None:
    """Of all options that are chosen or correct, each is a hit or a miss; twice the same option is once."""
    found = marks([*chosen, *chosen], correct, multiple=True)

    assert found.hits + found.misses == len(chosen | correct)
    assert found.max_hits == len(correct)
    assert (found.misses == 0) == (chosen == correct)


@given(OPTIONS, OPTIONS, st.booleans(), AMOUNTS, AMOUNTS, AMOUNTS)
def test_fixed_points_are_one_of_three(
    chosen: set[int],
    correct: set[int],
    multiple: bool,  # noqa: FBT001
    most: float,
    wrong: float,
    none: float,
) -> None:
    """All of them exactly for the right answer, else those of a wrong one or of none."""
    found = marks(chosen, correct, multiple=multiple)
    policy = FixedPoints(max=most, incorrect=wrong, unanswered=none)

    got = points(found, policy, is_answered=bool(chosen))

    assert got == (most if chosen == correct else wrong if chosen else none)


@given(OPTIONS, OPTIONS, st.booleans(), AMOUNTS.map(abs), AMOUNTS.map(abs), st.booleans())
def test_deducted_points_fall_with_every_miss(
    chosen: set[int],
    correct: set[int],
    multiple: bool,  # noqa: FBT001
    most: float,
    deduction: float,
    allow: bool,  # noqa: FBT001
) -> None:
    """Never more than all, all for the right answer, and below 0 only where that is allowed."""
    found = marks(chosen, correct, multiple=multiple)
    policy = DeductedPoints(max=most, deduction=deduction, allow_negative=allow)

    got = points(found, policy, is_answered=bool(chosen))

    assert got <= most
    assert got == most or chosen != correct
    assert allow or got >= 0
    more = points(found._replace(misses=found.misses + 1), policy, is_answered=True)
    assert more <= got
    if allow:
        assert got - more == deduction
