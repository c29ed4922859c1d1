"""A hub that may be killed, and the school on its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.hub_runs import ForkServer, MortalHub
from tests.faults.school import School, copy_of, make_school
from tests.harness.postgresql import PostgresqlServer

NewHub = Callable[..., MortalHub]


@pytest.fixture(scope="session")
def a_seeded_school(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, School]:
    """Return a database file with a school in it; made once, because making one takes its time."""
    path = tmp_path_factory.mktemp("school") / "hub.db"
    return path, make_school(f"sqlite:///{path}")


@pytest.fixture
def a_school(a_seeded_school: tuple[Path, School]) -> School:
    """Return the school that is in the data of `a_mortal_hub`."""
    return a_seeded_school[1]


@pytest.fixture(scope="session")
def a_fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """Return what starts hubs quickly, one at a time."""
    fork_server = ForkServer(tmp_path_factory.mktemp("fork-server") / "hubs.log")
    yield fork_server
    fork_server.close()


@pytest.fixture
def new_hub(tmp_path: Path, a_fork_server: ForkServer, a_seeded_school: tuple[Path, School]) -> Iterator[NewHub]:
    """Return what makes a hub on a copy of the school's data; it is not started, and gone at the end."""
    hubs: list[MortalHub] = []

    def make(**settings: Any) -> MortalHub:
        data_dir = copy_of(a_seeded_school[0], tmp_path / f"hub{len(hubs)}")
        hubs.append(MortalHub(a_fork_server, data_dir, **settings))
        return hubs[-1]

    yield make
    for hub in hubs:
        hub.close()


@pytest.fixture
def a_mortal_hub(new_hub: NewHub) -> MortalHub:
    """Return a hub on a copy of the school's data, not yet started."""
    return new_hub()


@pytest.fixture
def a_shared_school(a_postgresql: PostgresqlServer) -> tuple[str, School]:
    """Return the URL of a PostgreSQL database, and the school in it."""
    url = a_postgresql.url(a_postgresql.create_database())
    return url, make_school(url)
