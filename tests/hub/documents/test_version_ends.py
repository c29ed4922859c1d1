"""Where a version ends: how much is much, and how many end at once."""

from __future__ import annotations

import pytest

from teaching_nb.hub.documents.version_ends import MOST_AT_ONCE, PAUSE, Part, Step, much, much_of_others, parts

LARGE = 1_000


def opened(*authors: str) -> Part:
    """Return the version that is open before the steps."""
    return Part("edit", 0, began_at=0, ended_at=0, previous_end=0, authors=set(authors), is_stored=True)


def written_and_removed(author: str, *, first: int, times: int) -> list[Step]:
    """Return what somebody writes and deletes in turn."""
    steps = []
    for number in range(first, first + 2 * times, 2):
        steps.append(Step(number, author, at=0, is_adding=True, size=LARGE))
        steps.append(Step(number + 1, author, at=0, removed={number: LARGE}, size=2 * LARGE))
    return steps


@pytest.mark.parametrize(("size", "expected"), [(0, 10), (30, 10), (60, 20), (90, 30), (LARGE, 30)])
def test_much_is_a_third_of_a_short_text(size: int, expected: int) -> None:
    """It is never fewer than ten characters, and never more than thirty."""
    assert much(size) == expected


@pytest.mark.parametrize(("size", "expected"), [(1, 1), (4, 4), (5, 5), (LARGE, 5)])
def test_much_of_others_is_a_short_line(size: int, expected: int) -> None:
    """Of a text that is shorter still it is all."""
    assert much_of_others(size) == expected


def test_few_versions_of_one_person_end_at_once() -> None:
    """Whoever writes and deletes many times in a second ends a few, and none that others wrote is lost for that."""
    steps = [Step(1, "author", at=0, is_adding=True), *written_and_removed("vandal", first=2, times=50)]

    found = parts(opened("author"), steps)

    assert len(found) <= MOST_AT_ONCE + 2
    assert found[0].is_stored
    assert found[-1].stop == len(steps)
    assert [part.first for part in found[1:]] == [part.stop for part in found[:-1]]


def test_what_an_author_wrote_ends_before_it_is_taken() -> None:
    """The version before holds what the author wrote, and does not name who took it away."""
    steps = [
        Step(1, "author", at=0, is_adding=True, size=0),
        Step(2, "guest", at=1, removed={1: 40}, taken={1: 40}, size=40),
    ]

    first, second = parts(opened("author"), steps)

    assert (first.authors, first.stop) == ({"author"}, 1)
    assert (second.authors, second.kind) == ({"guest"}, "removal")


def test_bit_by_bit_ends_at_the_fullest_state_though_that_is_noted() -> None:
    """Edits that the open version has taken already go over to the next one, with their author and time."""
    noted = [
        Step(1, "author", at=0, is_noted=True, is_adding=True),
        *(Step(number, "author", at=number, is_noted=True, removed={1: 4}, size=LARGE) for number in range(2, 8)),
    ]
    steps = [*noted, *(Step(number, "author", at=number, removed={1: 4}, size=LARGE) for number in range(8, 20))]

    first, second = parts(opened("author"), steps)

    assert (first.stop, first.ended_at) == (1, 0)
    assert (second.began_at, second.ended_at, second.kind) == (2, 19, "removal")


def test_pause_within_the_steps_ends_a_version() -> None:
    """Edits that a killed hub has left in its log, and those of the next day, are not one version."""
    steps = [Step(1, "author", at=0, is_adding=True), Step(2, "author", at=PAUSE, is_adding=True)]

    assert [part.stop for part in parts(opened("author"), steps)] == [1, 2]
