"""Plays scenarios, each against a hub of its own, and gathers how they differ from their recordings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from teaching_nb.schema.events import CHANGED_DOCUMENT
from tests.conformance import start_state
from tests.conformance.comparison import compare_step
from tests.conformance.differences import NOTHING, Difference
from tests.conformance.initial_rows import add_initial
from tests.conformance.placeholders import Bindings
from tests.conformance.player import Player
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario
from tests.conformance.running_hub import running
from tests.conformance.start_state import Template
from tests.conformance.timeline import attendance

_NO_SERVER = "the database is a file of the hub; there is no server that could be stopped"


@dataclass
class Result:
    """How one scenario went."""

    scenario: Scenario
    differences: list[Difference] = field(default_factory=list)
    not_played: dict[int, list[str]] = field(default_factory=dict)
    """Step → what could not be played in it, and why."""
    is_cut: bool = False
    """Whether the rest of the scenario could not be played."""


async def replay(scenario: Scenario, template: Template, directory: Path, prepared: Preparations) -> Result:
    """Play one scenario against a hub whose data directory is `directory`."""
    result = Result(scenario)
    bindings = start_state.bindings_of_school()
    async with running(start_state.copy_of(template, directory, scenario)) as hub:
        await add_initial(hub.database, scenario, bindings)
        player = Player(hub, scenario=scenario, bindings=bindings, credentials=template.credentials, prepared=prepared)
        try:
            await player.start()
            for step, expected in zip(scenario.steps, attendance(scenario), strict=True):
                if result.is_cut or step.of_kind("database"):
                    result.is_cut = True
                    result.not_played[step.number] = [_NO_SERVER]
                    continue
                observed = await player.play(step, expected)
                if observed.not_played:
                    result.not_played[step.number] = observed.not_played
                found = compare_step(step, observed, bindings)
                result.differences += [await _with_reader(one, player, bindings) for one in found]
        finally:
            await player.close()
    return result


async def _with_reader(difference: Difference, player: Player, bindings: Bindings) -> Difference:
    """Say of an event about a document, missing or surplus, whether its receiver may read the document."""
    if difference.aspect != "event":
        return difference
    payload = difference.got if difference.expected == NOTHING else difference.expected
    is_document = difference.context.get("record") == "Document" or difference.context["event"] == CHANGED_DOCUMENT
    if not is_document or not isinstance(payload, dict):
        return difference
    name = payload.get("record", payload).get("id", "")
    readable = await player.can_read(difference.actor, bindings.known(name) or name)
    return replace(difference, context={**difference.context, "readable": readable})
