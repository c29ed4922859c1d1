"""The recordings of the existing backend, played against two processes on one PostgreSQL behind a balancer."""

from __future__ import annotations

import pytest

from tests.conformance import report
from tests.conformance.conftest import Plays
from tests.conformance.deviations import FILE, OF_TWO, Deviations
from tests.conformance.test_conformance import NAMES

BY_HAND = ("01-", "03-", "20-", "23-", "24-", "25-", "26-", "28-", "29-", "w2-", "w7-")
"""Scenarios of one person who asks and is answered, in which nobody has to hear of anything; not for every run."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.by_hand if name.startswith(BY_HAND) else ()) for name in NAMES],
)
def test_two_processes_answer_as_one(the_plays_on_two: Plays, name: str) -> None:
    """Each connection comes to the next process, and a scenario goes as on one, but for what is declared of two."""
    result = the_plays_on_two.result(name)

    verdict = Deviations.load(FILE, OF_TWO).judge(result.scenario, result.differences)

    assert verdict.is_good, "\n".join(report.lines_of(result, verdict))
    assert result.is_whole, "\n".join(report.lines_of(result, verdict))
