"""A hub with a small school, its people in their notebooks, and a hub that may be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.cast import Cast
from tests.harness.classrooms import a_course, a_hub, alice, bob, connect_as, tina
from tests.harness.hub_process import HubProcess

__all__ = ["a_course", "a_hub", "alice", "bob", "connect_as", "tina"]


@pytest.fixture(scope="session")
def the_second_hub(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> Iterator[HubProcess]:
    """Return a hub that is killed and started again."""
    hub = HubProcess.of(a_seeded_file, tmp_path_factory.mktemp("mortal") / "data")
    yield hub
    hub.stop()


@pytest.fixture
def a_mortal_hub(the_second_hub: HubProcess) -> HubProcess:
    """Return a running hub that the test may kill; the next test starts it again."""
    if not the_second_hub.is_running:
        the_second_hub.start()
    return the_second_hub
