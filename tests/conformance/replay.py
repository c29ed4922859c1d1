"""Plays scenarios, each against a hub of its own, and gathers how they differ from their recordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance import start_state
from tests.conformance.circumstances import Circumstances
from tests.conformance.comparison import compare_step
from tests.conformance.differences import Difference
from tests.conformance.fixtures import Fixtures
from tests.conformance.initial_rows import add_initial
from tests.conformance.player import Player
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario
from tests.conformance.running_hub import replayed
from tests.conformance.timeline import attendance


@dataclass
class Result:
    """How one scenario went."""

    scenario: Scenario
    differences: list[Difference] = field(default_factory=list)
    not_played: dict[int, list[str]] = field(default_factory=dict)
    """Step → what could not be played in it, and why; step 0 stands for the start."""

    @property
    def is_whole(self) -> bool:
        """Tell whether everything was played."""
        return not self.not_played


async def replay(scenario: Scenario, fixtures: Fixtures, directory: Path, prepared: Preparations) -> Result:
    """Play one scenario against a hub whose data directory is `directory`."""
    result = Result(scenario)
    try:
        fixture = await fixtures.of(scenario)
    except RuntimeError as error:
        result.not_played = {step.number: [str(error)] for step in scenario.steps}
        return result
    if scenario.not_understood:
        result.not_played[0] = scenario.not_understood
    bindings = start_state.bindings_of_school()
    settings = await fixture.settings_for(scenario, directory)
    async with replayed(settings, processes=fixtures.processes) as hub:
        await add_initial(hub.database, scenario, bindings, prepared)
        player = Player(hub, scenario=scenario, bindings=bindings, fixture=fixture, prepared=prepared)
        circumstances = Circumstances(scenario, player, bindings)
        try:
            await player.start()
            for step, expected in zip(scenario.steps, attendance(scenario), strict=True):
                await circumstances.before(step)
                observed = await player.play(step, expected)
                if observed.not_played:
                    result.not_played[step.number] = observed.not_played
                found = compare_step(step, observed, bindings)
                result.differences += await circumstances.judged(step, observed, found)
        finally:
            await player.close()
            await fixture.start_database()
    return result
