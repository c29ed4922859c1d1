"""Whose sockets are open in which step. Recordings name every open socket, but not every opening and closing."""

from __future__ import annotations

from dataclasses import dataclass

from tests.conformance.recording import Scenario, Step


@dataclass(frozen=True)
class Attendance:
    """What has to be done to the sockets before a step, quietly."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]


def attendance(scenario: Scenario) -> list[Attendance]:
    """Return for each step which sockets have to be opened and closed before it."""
    plan: list[Attendance] = []
    present: set[str] = _first_receivers(scenario)
    opened_at_start = set(present)
    for index, step in enumerate(scenario.steps):
        own = _opened_by(step)
        needed = step.receivers - own
        closed = (present & own) | (present - step.receivers if step.of_kind("quiet") else set())
        opened = opened_at_start if index == 0 else set()
        opened = (opened | (needed - present)) - closed
        plan.append(Attendance(_sorted(opened), _sorted(closed - opened_at_start if index == 0 else closed)))
        present = (present | needed | own) - (closed - own) - _closed_by(step)
    return plan


def _first_receivers(scenario: Scenario) -> set[str]:
    """Return who is connected when the scenario begins: the receivers of the first step that names any."""
    for step in scenario.steps:
        if step.receivers:
            earlier = {
                actor for before in scenario.steps if before.number <= step.number for actor in _opened_by(before)
            }
            return step.receivers - earlier
    return set()


def _opened_by(step: Step) -> set[str]:
    return {entry["actor"] for entry in step.of_kind("connect")}


def _closed_by(step: Step) -> set[str]:
    closed = {entry["actor"] for entry in step.of_kind("client-disconnect", "disconnect")}
    refused = {entry["actor"] for entry in step.of_kind("connect") if not entry["response"].get("connected")}
    return closed | refused | (step.receivers if step.of_kind("server-exit") else set())


def _sorted(actors: set[str]) -> tuple[str, ...]:
    return tuple(sorted(actors))
