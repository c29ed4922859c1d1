"""The recordings of the existing backend, played against our hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import report
from tests.conformance.conftest import RECORDINGS, WRITTEN, Plays
from tests.conformance.deviations import Deviations

NAMES = sorted(path.stem for folder in (RECORDINGS, WRITTEN) for path in folder.glob("*.jsonl"))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", NAMES)
def test_hub_answers_as_recorded_and_declared(the_plays: Plays, name: str) -> None:
    """A scenario is played from beginning to end, and goes as recorded but for what `deviations.toml` declares."""
    result = the_plays.result(name)

    verdict = Deviations.load().judge(result.scenario, result.differences)

    assert verdict.is_good, "\n".join(report.lines_of(result, verdict))
    assert result.is_whole, "\n".join(report.lines_of(result, verdict))


@pytest.mark.timeout(600)
def test_deviations_are_all_needed(the_plays: Plays) -> None:
    """Every general rule of `deviations.toml` occurs in some recording, every named scenario exists."""
    deviations = Deviations.load()

    for name in NAMES:
        result = the_plays.result(name)
        deviations.judge(result.scenario, result.differences)

    named = {declaration.scenario for declaration in deviations.declarations} - {None}
    assert deviations.unused_rules() == []
    assert named <= set(NAMES)


def test_recordings_name_what_they_are(the_plays: Plays) -> None:
    """Each file holds the scenario that its name says."""
    assert sorted(the_plays.scenarios) == [Path(name).name for name in NAMES]
