"""The replayer itself: what it takes for the same, and what it does not let pass."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import matrix, room_counts
from tests.conformance.conftest import Plays
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


def _written(folder: Path, *entries: dict[str, Any], initial: dict[str, Any] | None = None) -> Scenario:
    meta = {"kind": "meta", "scenario": "00-example", "title": "Example", "initial": initial or {}}
    path = folder / "00-example.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in (meta, *entries)))
    return read_scenario(path)


def test_unknown_kinds_and_fields_are_not_passed_over(tmp_path: Path) -> None:
    """Whatever the format does not know is named, in entries of any kind and in the rows of the start."""
    scenario = _written(
        tmp_path,
        {"step": 1, "kind": "order", "about": "who was first"},
        {"step": 2, "kind": "http", "repeat": 3, "request": {"form": 1}, "response": {}},
        {"step": 3, "kind": "quiet", "actors": []},
        initial={"clocks": {}},
    )

    assert [step.not_understood for step in scenario.steps] == [
        ["unknown kind of entry 'order': who was first"],
        ["http with the unknown field 'repeat'", "http with the unknown field 'request.form'"],
        [],
    ]
    assert scenario.not_understood == ["unknown rows in `initial`: 'clocks'"]


@pytest.mark.timeout(120)
def test_what_was_not_played_is_no_success(tmp_path: Path) -> None:
    """The line of the scenario, the last line and the exit status say that not everything was played."""
    _written(tmp_path, {"step": 1, "kind": "order"}, {"step": 2, "kind": "matrix", "access": "RW_DocumentRoot"})

    command = [sys.executable, "-m", "tests.conformance", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])

    assert done.returncode == 3
    lines = done.stdout.splitlines()
    assert lines[0] == "PART 00-example: 0 of 2 steps equal; NOT PLAYED"
    assert lines[1:3] == [
        "     step 1: not played: unknown kind of entry 'order'",
        "     step 2: not played: matrix.access: cannot tell what is meant by 'RW_DocumentRoot'",
    ]
    assert lines[-1] == "0 of 1 scenarios as recorded and declared; 1 NOT PLAYED completely"


def test_matrix_is_played_as_one_request_per_cell() -> None:
    """A row with a status per role, and a cell with a request of its own; what is neither is named."""
    entry = {
        "kind": "matrix",
        "step": 1,
        "rows": [{"request": {"method": "GET", "path": "/a"}, "statuses": {"nobody": 401, "student1#2": 200}}],
        "cells": [{"actor": "admin", "method": "PUT", "path": "/b", "status": 403}],
        "legend": "x",
    }

    found, strange = matrix.cells(entry)

    asked = [(cell.entry["actor"], cell.entry.get("session"), cell.entry["request"]["path"]) for cell in found]
    assert asked == [("admin", False, "/a"), ("student1#2", None, "/a"), ("admin", None, "/b")]
    assert [cell.entry["response"]["status"] for cell in found] == [401, 200, 403]
    assert strange == ["matrix.legend: cannot tell what is meant by 'x'"]


def test_differing_cell_of_a_matrix_is_a_difference(the_plays: Plays, tmp_path: Path) -> None:
    """A status in a table that our hub does not give is reported with its request."""
    request = {"method": "GET", "path": "/api/v1/user"}
    scenario = _written(tmp_path, {"step": 1, "kind": "matrix", "request": request, "statuses": {"student1": 204}})

    result = asyncio.run(the_plays.play(scenario))

    assert [(one.aspect, one.actor, one.expected, one.got["status"]) for one in result.differences] == [
        ("answer", "student1", {"status": 204}, 200)
    ]


def test_database_is_really_away(the_plays: Plays, tmp_path: Path) -> None:
    """Between the steps that say so the hub has no database: it says so, and goes on when the database is back."""
    ask = {"kind": "http", "actor": "student1", "request": {"method": "GET", "path": "/api/v1/user"}}
    scenario = _written(
        tmp_path,
        {"step": 1, "kind": "database", "about": "the database server is stopped"},
        {"step": 2, **ask, "response": {"status": 503}},
        {"step": 3, "kind": "database", "about": "the database server is started again"},
        {"step": 4, **ask, "response": {"status": 200}},
    )

    result = asyncio.run(the_plays.play(scenario))

    assert result.is_whole
    assert [one for one in result.differences if one.aspect == "answer"] == []


def test_later_steps_follow_from_an_earlier_refusal(the_plays: Plays, tmp_path: Path) -> None:
    """What our hub has refused to create is missing later, and differences about it say so."""
    create = {"method": "POST", "path": "/api/v1/studentGroups", "body": {"name": "x", "description": ""}}
    refused = {"status": 200, "contentType": "application/json", "body": {"id": "<group:new>"}}
    read = {"method": "GET", "path": "/api/v1/studentGroups/<group:new>"}
    scenario = _written(
        tmp_path,
        {"step": 1, "kind": "http", "actor": "student1", "request": create, "response": refused},
        {"step": 2, "kind": "http", "actor": "teacher", "request": read, "response": refused},
        {
            "step": 3,
            "kind": "http",
            "actor": "teacher",
            "request": read | {"path": "/api/v1/user"},
            "response": {"status": 204},
        },
    )

    result = asyncio.run(the_plays.play(scenario))

    marked = {one.step: one.context.get("missing") for one in result.differences}
    assert marked == {1: None, 2: "<group:new>", 3: None}


def _deviations(tmp_path: Path, text: str) -> Deviations:
    path = tmp_path / "deviations.toml"
    path.write_text(text)
    return Deviations.load(path)
