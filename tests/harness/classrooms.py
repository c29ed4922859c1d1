"""People with kernels: classrooms that are connected to a hub, and closed at the end.

The fixtures are for tests with a hub as a process of its own; whoever uses them imports them into a conftest.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeVar

import pytest

from teaching_nb.client import Classroom, DocumentModel, connect
from tests.harness.cast import ALICE, BOB, TEACHER, Cast, Person
from tests.harness.hub_process import HubProcess

SECONDS = 60.0
"""How long a kernel may take to connect, or to save, on a slow machine."""

M = TypeVar("M", bound=DocumentModel)

ConnectAs = Callable[..., Classroom]
"""Takes one of the cast, and a hub when it is not `a_hub`."""


class Classrooms:
    """Classrooms of one test."""

    def __init__(self) -> None:
        self._rooms: list[Classroom] = []

    def start(self, url: str, person: Person, course: str = "course") -> Classroom:
        """Connect a person and wait until they are live."""
        room = connect(url, person.token, course)
        self._rooms.append(room)
        room.wait_live(SECONDS)
        return room

    def close(self) -> None:
        """Disconnect everybody, without waiting for what cannot be saved."""
        for room in self._rooms:
            room.close(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def opened(room: Classroom, document_id: str, as_model: type[M]) -> M:
    """Open a document and wait for the hub."""
    model = room.open_document(document_id)
    assert isinstance(model, as_model)
    model.wait_loaded(SECONDS)
    return model


def join(room: Classroom, room_id: str) -> None:
    """Have somebody hear what happens in a room, from now on."""
    room.join_room(room_id)
    # The hub takes a socket's events one after the other: with the answer to this one they are in the room.
    assert room._loop.ask(room._connection.call("JOIN_ROOM", room_id)) is True


@pytest.fixture(scope="session")
def a_hub(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> Iterator[HubProcess]:
    """Run one hub for all tests that leave it alive."""
    hub = HubProcess.of(a_seeded_file, tmp_path_factory.mktemp("hub") / "data").start()
    yield hub
    hub.stop()


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


@pytest.fixture
def a_course() -> str:
    """Return a course of the test's own, so that its slugs are nobody else's."""
    return f"course-{uuid.uuid4()}"


@pytest.fixture
def connect_as(request: pytest.FixtureRequest, a_course: str) -> Iterator[ConnectAs]:
    """Return what connects one of the cast to a hub; everybody is disconnected at the end."""
    with Classrooms() as classrooms:

        def start(name: str, hub: HubProcess | None = None) -> Classroom:
            hub = hub or request.getfixturevalue("a_hub")
            return classrooms.start(hub.url, hub.person(name), a_course)

        yield start


@pytest.fixture
def alice(connect_as: ConnectAs) -> Classroom:
    """Connect a student."""
    return connect_as(ALICE)


@pytest.fixture
def bob(connect_as: ConnectAs) -> Classroom:
    """Connect another student of the class."""
    return connect_as(BOB)


@pytest.fixture
def tina(connect_as: ConnectAs) -> Classroom:
    """Connect the teacher of the class."""
    return connect_as(TEACHER)
