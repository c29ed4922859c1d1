"""A hub with a small school, and its people in their notebooks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from teaching_nb.client import Classroom, connect
from tests.client.hub_process import SCHOOL, HubProcess

ConnectAs = Callable[..., Classroom]


def _running(home: Path) -> Iterator[HubProcess]:
    hub = HubProcess(home)
    hub.load(SCHOOL)
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture(scope="session")
def a_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """Run one hub for all tests that leave it alive."""
    yield from _running(tmp_path_factory.mktemp("hub"))


@pytest.fixture(scope="session")
def the_second_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """Run a hub that is killed and started again."""
    yield from _running(tmp_path_factory.mktemp("mortal"))


@pytest.fixture
def a_mortal_hub(the_second_hub: HubProcess) -> HubProcess:
    """Return a running hub that the test may kill; the next test starts it again."""
    if not the_second_hub.is_running:
        the_second_hub.start()
    return the_second_hub


@pytest.fixture
def a_course() -> str:
    """Return a course of the test's own, so that its slugs are nobody else's."""
    return f"course-{uuid.uuid4()}"


@pytest.fixture
def connect_as(request: pytest.FixtureRequest, a_course: str) -> Iterator[ConnectAs]:
    """Return what connects a person to a hub; everybody is disconnected at the end."""
    rooms: list[Classroom] = []

    def connect_person(name: str, hub: HubProcess | None = None) -> Classroom:
        hub = hub or request.getfixturevalue("a_hub")
        room = connect(hub.url, hub.token(name), a_course)
        rooms.append(room)
        room.wait_live(15)
        return room

    yield connect_person
    for room in rooms:
        room.close(1)


@pytest.fixture
def ann(connect_as: ConnectAs) -> Classroom:
    """Connect a student."""
    return connect_as("ann")


@pytest.fixture
def ben(connect_as: ConnectAs) -> Classroom:
    """Connect another student of the class."""
    return connect_as("ben")


@pytest.fixture
def tina(connect_as: ConnectAs) -> Classroom:
    """Connect the teacher of the class."""
    return connect_as("teacher")
