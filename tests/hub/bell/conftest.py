"""Two hubs on one PostgreSQL, each with its own sockets, as two processes of a school's hub are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from teaching_nb.hub.bell import bell
from teaching_nb.hub.config import Settings
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.postgresql import PostgresqlServer
from tests.harness.running_hub import SECRET, RunningHub, serving
from tests.hub.scenes import Scene


class ConnectTo(Protocol):
    """Connects a person to the socket of one of several hubs."""

    async def __call__(self, hub: RunningHub, person: Person, *, is_page: bool = False) -> Listener:
        """Return the connected socket."""


@pytest.fixture
def a_shared_url(a_postgresql: PostgresqlServer, a_seeded_template: tuple[str, Cast]) -> str:
    """Return the URL of a PostgreSQL database with the cast in it."""
    return a_postgresql.url(a_postgresql.create_database(a_seeded_template[0]))


@pytest.fixture
def shared_settings(tmp_path: Path, a_shared_url: str) -> Settings:
    """Return the settings of each of the hubs."""
    return Settings(data_dir=tmp_path / "hub", port=0, secret=SECRET, database=a_shared_url)


@pytest.fixture
async def two_hubs(shared_settings: Settings) -> AsyncIterator[tuple[RunningHub, RunningHub]]:
    """Run two hubs on one database until the test ends."""
    async with serving(shared_settings) as first, serving(shared_settings) as second:
        yield first, second


@pytest.fixture
def late_loss() -> Iterator[None]:
    """Let silence count as loss after two minutes only: on a slow machine tests take longer than they would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bell, "LOST_SECONDS", 120.0)
        yield


@pytest.fixture
def people(a_seeded_template: tuple[str, Cast]) -> Cast:
    """Return the cast."""
    return a_seeded_template[1]


@pytest.fixture
async def connect_to() -> AsyncIterator[ConnectTo]:
    """Return what connects a person to one of the hubs."""
    listeners: list[Listener] = []

    async def connect(hub: RunningHub, person: Person, *, is_page: bool = False) -> Listener:
        listener = Listener(hub, person)
        await listener.connect(auth={"token": person.token, **({"only": "documents"} if is_page else {})})
        listeners.append(listener)
        return listener

    yield connect
    for listener in listeners:
        await listener.disconnect()


@pytest.fixture
async def call() -> AsyncIterator[Callable[[RunningHub, Person], Caller]]:
    """Return what makes a person a caller of one hub's REST."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx.AsyncClient] = {}

        def caller(hub: RunningHub, person: Person) -> Caller:
            if hub.url not in clients:
                clients[hub.url] = httpx.AsyncClient(base_url=hub.url, timeout=20)
                stack.push_async_callback(clients[hub.url].aclose)
            return Caller(clients[hub.url], person)

        yield caller


@pytest.fixture
async def a_document(two_hubs: tuple[RunningHub, RunningHub], people: Cast) -> str:
    """Return a document of student 1 with the text `x`, which everybody may edit."""
    scene = Scene(two_hubs[0].database)
    return await scene.document(people.student1, await scene.root(shared="RW"))


@pytest.fixture
async def editors(
    two_hubs: tuple[RunningHub, RunningHub], people: Cast, connect_to: ConnectTo, a_document: str
) -> tuple[Editor, Editor]:
    """Return the pages of student 1 at the first hub, and of student 2 at the second one, which follow the document."""
    found = []
    for hub, person in zip(two_hubs, (people.student1, people.student2), strict=True):
        editor = Editor(await connect_to(hub, person, is_page=True), a_document)
        assert (await editor.sync())["ok"]
        found.append(editor)
    return found[0], found[1]


@pytest.fixture
async def a_root(two_hubs: tuple[RunningHub, RunningHub], people: Cast) -> str:
    """Return a root that everybody may write below, and read what others have there."""
    return await Scene(two_hubs[0].database).root(shared="RW")


async def ordered(listener: Listener, hub: RunningHub, *names: str) -> list[dict[str, object]]:
    """Return what somebody was told, after their hub has read everything that was posted."""
    found = hub.hub._bell
    assert found is not None
    await found._read_once()
    return await listener.heard_so_far(*names)
