"""Plays of the recordings, each made once however many tests look at it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest

from tests.conformance import start_state
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario, read_folder
from tests.conformance.replay import Result, replay

RECORDINGS = Path(__file__).with_name("recordings")


class Plays:
    """The results of all scenarios, played when they are asked for."""

    def __init__(self, directory: Path) -> None:
        self.scenarios = {scenario.name: scenario for scenario in read_folder(RECORDINGS)}
        self._directory = directory
        self._prepared = Preparations.load()
        self._template: start_state.Template | None = None
        self._results: dict[str, Result] = {}

    def result(self, name: str) -> Result:
        """Return how a scenario went."""
        if name not in self._results:
            self._results[name] = asyncio.run(self._play(self.scenarios[name]))
        return self._results[name]

    async def _play(self, scenario: Scenario) -> Result:
        if self._template is None:
            self._template = await start_state.make_template(self._directory / "template")
        return await replay(
            scenario, self._template, Path(tempfile.mkdtemp(dir=self._directory)) / scenario.name, self._prepared
        )


@pytest.fixture(scope="session")
def the_plays(tmp_path_factory: pytest.TempPathFactory) -> Plays:
    """Return the plays of this run."""
    return Plays(tmp_path_factory.mktemp("conformance"))
