"""Plays of the recordings, each made once however many tests look at it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.fixtures import Fixtures
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario, read_folder
from tests.conformance.replay import Result, replay

RECORDINGS = Path(__file__).with_name("recordings")
WRITTEN = Path(__file__).with_name("written")


class Plays:
    """The results of all scenarios, played when they are asked for."""

    def __init__(self, directory: Path, fixtures: Fixtures) -> None:
        self.scenarios = {one.name: one for folder in (RECORDINGS, WRITTEN) for one in read_folder(folder)}
        self._directory = directory
        self._fixtures = fixtures
        self._prepared = Preparations.load()
        self._results: dict[str, Result] = {}

    def result(self, name: str) -> Result:
        """Return how a scenario went."""
        if name not in self._results:
            self._results[name] = asyncio.run(self.play(self.scenarios[name]))
        return self._results[name]

    async def play(self, scenario: Scenario) -> Result:
        """Play a scenario, once more if it was played before."""
        directory = Path(tempfile.mkdtemp(dir=self._directory)) / scenario.name
        return await replay(scenario, self._fixtures, directory, self._prepared)


@pytest.fixture(scope="session")
def the_plays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plays]:
    """Return the plays of this run."""
    directory = tmp_path_factory.mktemp("conformance")
    with Fixtures(directory) as fixtures:
        yield Plays(directory, fixtures)


@pytest.fixture(scope="session")
def the_plays_on_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plays]:
    """Return the plays of this run on two processes behind a balancer."""
    directory = tmp_path_factory.mktemp("conformance-of-two")
    with Fixtures(directory, processes=2) as fixtures:
        yield Plays(directory, fixtures)
