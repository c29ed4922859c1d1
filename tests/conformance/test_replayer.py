"""The replayer itself: what it takes for the same, and what it does not let pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance import room_counts
from tests.conformance.deviations import Deviations
from tests.conformance.differences import NOTHING, Difference
from tests.conformance.placeholders import MISSING, Bindings, Mismatch
from tests.conformance.recording import Scenario, read_scenario
from tests.conformance.start_state import bindings_of_school
from tests.conformance.timeline import Attendance, attendance

A_UUID = "0b8f4a0e-9c1d-4f0a-8a51-0c7f4f5f2a10"
ANOTHER_UUID = "5d1f9b9e-2f64-4d5b-9a40-6c2f3a1b7e21"


@pytest.fixture
def a_scenario(tmp_path: Path) -> Scenario:
    """Return a scenario of two steps, between which a socket is opened and another closed."""
    lines = [
        {"kind": "meta", "scenario": "00-example", "title": "Example"},
        {"step": 1, "kind": "http", "actor": "admin", "request": {}, "response": {}},
        {"step": 1, "kind": "quiet", "actors": ["admin", "student1"]},
        {"step": 2, "kind": "http", "actor": "admin", "request": {}, "response": {}},
        {"step": 2, "kind": "quiet", "actors": ["admin", "student2"]},
    ]
    path = tmp_path / "00-example.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return read_scenario(path)


def test_placeholder_is_bound_to_the_first_id_that_it_meets() -> None:
    """The same placeholder stands for the same id afterwards, and for no other."""
    bindings = Bindings()

    assert bindings.compare({"id": "<doc:1>"}, {"id": A_UUID}) == []
    assert bindings.fill("/documents/<doc:1>") == f"/documents/{A_UUID}"
    assert bindings.compare("<doc:1>", ANOTHER_UUID) == [Mismatch("$", "<doc:1>", ANOTHER_UUID)]


def test_two_placeholders_are_never_the_same_id() -> None:
    """An id that another placeholder of the kind stands for does not fit."""
    bindings = Bindings({"<doc:1>": A_UUID})

    assert bindings.compare("<doc:2>", A_UUID) == [Mismatch("$", "<doc:2>", A_UUID)]


@pytest.mark.parametrize("time", ["2026-01-01T10:00:00", "2026-01-01T10:00:00Z", "yesterday"])
def test_time_needs_milliseconds_and_zone(time: str) -> None:
    """A time in any other form than ours is a mismatch."""
    assert Bindings().compare("<ts>", time) == [Mismatch("$", "<ts>", time)]


def test_lists_of_the_database_have_no_order() -> None:
    """Permissions may come in any order, content may not."""
    bindings = Bindings()

    assert bindings.compare({"userIds": ["a", "b"]}, {"userIds": ["b", "a"]}) == []
    assert len(bindings.compare({"data": ["a", "b"]}, {"data": ["b", "a"]})) == 2


def test_surplus_key_is_a_mismatch() -> None:
    """A key that the recording does not have is reported."""
    assert Bindings().compare({}, {"revision": 1}) == [Mismatch("$.revision", MISSING, 1)]


def test_room_counts_may_come_together() -> None:
    """Two recorded updates may be one of ours; the rooms of single sockets and `all` are not told to students."""
    bindings = bindings_of_school()
    group = bindings.fill("<group:classA>")
    recorded = [
        {"rooms": [[room, count]], "type": "update"}
        for room, count in (("<sid:student1>", 1), ("all", 3), ("<group:classA>", 1), ("<group:classA>", 2))
    ]

    told = [{"rooms": [[group, 2]], "type": "update"}]
    wrong = [{"rooms": [[group, 1], ["admin", 1]], "type": "update"}]

    assert room_counts.compare(recorded, told, actor="student1", is_newcomer=False, bindings=bindings) == []
    assert room_counts.compare(recorded, wrong, actor="student1", is_newcomer=False, bindings=bindings) == [
        Mismatch(group, 2, 1),
        Mismatch("admin", MISSING, 1),
    ]


def test_sockets_are_opened_and_closed_between_steps(a_scenario: Scenario) -> None:
    """Who is named for the first time is connected before the step, who is not named any more is disconnected."""
    assert attendance(a_scenario) == [
        Attendance(opened=("admin", "student1"), closed=()),
        Attendance(opened=("student2",), closed=("student1",)),
    ]


def test_undeclared_difference_fails(a_scenario: Scenario, tmp_path: Path) -> None:
    """A difference that no entry covers makes the scenario fail."""
    deviations = _deviations(tmp_path, '[[rule]]\nrule = "HUB-2"\nwe = "acknowledge"\naspect = "ack"\n')

    verdict = deviations.judge(a_scenario, [Difference(1, "event", "admin", NOTHING, {"id": "x"})])

    assert not verdict.is_good
    assert len(verdict.undeclared) == 1


def test_declared_difference_that_does_not_occur_fails(a_scenario: Scenario, tmp_path: Path) -> None:
    """Every named step has to differ in the named way."""
    entry = (
        '[[deviation]]\nscenario = "00-example"\nsteps = [1, 2]\nrule = "HUB-2"\nwe = "acknowledge"\naspect = "ack"\n'
    )
    deviations = _deviations(tmp_path, entry)

    verdict = deviations.judge(a_scenario, [Difference(1, "ack", "admin", NOTHING, [False])])

    assert verdict.undeclared == []
    assert verdict.outdated == ["step 2: declared, but it does not occur: acknowledge"]


def test_declaration_needs_a_reason(tmp_path: Path) -> None:
    """An entry that does not say by which rule we differ is refused."""
    with pytest.raises(ValueError, match="needs `rule` and `we`"):
        _deviations(tmp_path, '[[rule]]\nwe = "acknowledge"\n')


def _deviations(tmp_path: Path, text: str) -> Deviations:
    path = tmp_path / "deviations.toml"
    path.write_text(text)
    return Deviations.load(path)
