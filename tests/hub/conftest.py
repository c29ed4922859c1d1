"""A real hub on a port of its own, with a database of its own, and the cast of people in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from teaching_nb.hub.config import Settings
from teaching_nb.hub.store.database import Database
from tests.harness.cast import Caller, Cast, Person, seed
from tests.harness.databases import in_database
from tests.harness.listeners import Connect, Listener
from tests.harness.postgresql import PostgresqlServer
from tests.harness.running_hub import SECRET, RunningHub, serving
from tests.harness.several_hubs import serving_twice
from tests.hub import matrix
from tests.hub.scenes import Scene

BOTH = "on_both_databases"
"""Marks tests that run once on SQLite and once on PostgreSQL."""


ALSO_TWICE = "also_on_two_processes"
"""Marks tests that run once on one process, and once on two behind a balancer; `is_by_hand` has the latter not
belong to every run."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", f"{BOTH}: run on SQLite and on PostgreSQL")
    config.addinivalue_line("markers", f"{ALSO_TWICE}(is_by_hand): run on one process, and on two behind a balancer")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run marked tests on both kinds of database."""
    if metafunc.definition.get_closest_marker(BOTH) is not None:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
    twice = metafunc.definition.get_closest_marker(ALSO_TWICE)
    if twice is not None:
        marks = [pytest.mark.by_hand] if twice.kwargs.get("is_by_hand") else []
        counts = [pytest.param(1, id="one process"), pytest.param(2, id="two processes", marks=marks)]
        metafunc.parametrize("process_count", counts, indirect=True)


@pytest.fixture(scope="session")
def a_seeded_template(a_postgresql: PostgresqlServer) -> tuple[str, Cast]:
    """Return the name of a PostgreSQL database with the cast in it, to be copied."""
    name = a_postgresql.create_database()
    return name, in_database(a_postgresql.url(name), seed)


@pytest.fixture
def process_count(request: pytest.FixtureRequest) -> int:
    """Return how many processes serve in this test; one unless the test is marked."""
    return int(getattr(request, "param", 1))


@pytest.fixture
def database_kind(request: pytest.FixtureRequest, process_count: int) -> str:
    """Return what the hub of this test keeps its data in; SQLite unless the test is marked, or several serve."""
    return str(getattr(request, "param", "sqlite" if process_count == 1 else "postgresql"))


@pytest.fixture
def a_seeded_database(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> tuple[str, Cast]:
    """Return the URL of a database of this test alone with the cast in it, and the cast."""
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("a_postgresql")
        template, cast = request.getfixturevalue("a_seeded_template")
        return server.url(server.create_database(template)), cast
    file, cast = request.getfixturevalue("a_seeded_file")
    (tmp_path / "hub").mkdir()
    shutil.copy(file, tmp_path / "hub" / "hub.db")
    return f"sqlite:///{tmp_path / 'hub' / 'hub.db'}", cast


@pytest.fixture
def settings(tmp_path: Path, a_seeded_database: tuple[str, Cast]) -> Settings:
    """Return the settings of a hub on a free port, in a folder of its own with a seeded database of its own."""
    return Settings(data_dir=tmp_path / "hub", port=0, secret=SECRET, database=a_seeded_database[0])


@pytest.fixture
def a_matrix(request: pytest.FixtureRequest, tmp_path: Path, database_kind: str) -> Settings:
    """Return the settings of a hub with all combinations of access in its database."""
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("a_postgresql")
        template = matrix.database_beside(server, request.getfixturevalue("a_seeded_template")[0])
        url = server.url(server.create_database(template))
        return Settings(data_dir=tmp_path / "hub", port=0, secret=SECRET, database=url)
    return matrix.settings_of(tmp_path / "hub", matrix.file_beside(request.getfixturevalue("a_seeded_file")[0]))


@pytest.fixture
async def a_hub(settings: Settings, process_count: int) -> AsyncIterator[RunningHub]:
    """Run a hub until the test ends."""
    async with serving(settings) if process_count == 1 else serving_twice(settings) as hub:
        yield hub


@pytest.fixture
def a_cast(request: pytest.FixtureRequest, database_kind: str) -> Cast:
    """Return the people of two classes, with tokens."""
    seeded = "a_seeded_template" if database_kind == "postgresql" else "a_seeded_file"
    cast: Cast = request.getfixturevalue(seeded)[1]
    return cast


@pytest.fixture
async def a_client(a_hub: RunningHub) -> AsyncIterator[httpx.AsyncClient]:
    """Return an HTTP client for the hub."""
    async with a_hub.client() as client:
        yield client


@pytest.fixture
def as_person(a_client: httpx.AsyncClient) -> Callable[[Person], Caller]:
    """Return what turns a person into a caller of REST."""
    return lambda person: Caller(a_client, person)


@pytest.fixture
def an_admin(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return the admin at the REST interface."""
    return Caller(a_client, a_cast.admin)


@pytest.fixture
def a_teacher(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return the group admin of class A at the REST interface."""
    return Caller(a_client, a_cast.teacher)


@pytest.fixture
def another_teacher(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return the group admin of class B at the REST interface."""
    return Caller(a_client, a_cast.teacher2)


@pytest.fixture
def a_student(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return student 1 of class A at the REST interface."""
    return Caller(a_client, a_cast.student1)


@pytest.fixture
def a_classmate(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return student 2 of class A at the REST interface."""
    return Caller(a_client, a_cast.student2)


@pytest.fixture
def a_stranger(a_client: httpx.AsyncClient, a_cast: Cast) -> Caller:
    """Return student 3, who is in class B alone."""
    return Caller(a_client, a_cast.student3)


@pytest.fixture
def an_empty_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> str:
    """Return the URL of a database without any tables."""
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("a_postgresql")
        return server.url(server.create_database())
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
async def a_database(an_empty_url: str) -> AsyncIterator[Database]:
    """Return an empty database."""
    database = await Database.open(an_empty_url)
    yield database
    await database.close()


@pytest.fixture
def a_scene(a_hub: RunningHub) -> Scene:
    """Return what puts roots and documents into the hub."""
    return Scene(a_hub.database)


@pytest.fixture
async def connect_as(a_hub: RunningHub) -> AsyncIterator[Connect]:
    """Return what connects a person to the hub's socket."""
    listeners: list[Listener] = []

    async def connect(person: Person, *, is_page: bool = False) -> Listener:
        listener = Listener(a_hub, person)
        await listener.connect(auth={"token": person.token, **({"only": "documents"} if is_page else {})})
        listeners.append(listener)
        return listener

    yield connect
    for listener in listeners:
        await listener.disconnect()
