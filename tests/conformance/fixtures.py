"""What replays stand on: the school in a database that is made once per kind of database, and copied.

SQLite is a file, which cannot go away under a running hub; scenarios in which the database server is stopped
are therefore played on a PostgreSQL server of their own.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, Self

from teaching_nb.hub.config import Settings
from tests.conformance.recording import Scenario
from tests.conformance.start_state import Credentials, make_school, settings_in
from tests.harness.postgresql import PostgresqlServer, postgresql_server


class Fixture(Protocol):
    """A database with the school in it."""

    credentials: Credentials

    async def settings_for(self, scenario: Scenario, directory: Path) -> Settings:
        """Return the settings of a hub for one scenario, with a copy of the school in its database."""

    async def stop_database(self) -> bool:
        """Take the database away from the hub; returns False when that cannot be done."""

    async def start_database(self) -> None:
        """Give the database back."""


class Fixtures:
    """Makes fixtures when they are first needed; a context manager that ends what they started."""

    def __init__(self, directory: Path, *, is_postgresql: bool = False, processes: int = 1) -> None:
        self._directory = directory
        self.processes = processes
        """How many serve; several need PostgreSQL."""
        self._is_postgresql = is_postgresql or processes > 1
        self._made: dict[type[_FileFixture | _ServerFixture], Fixture] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the database server, if there is one."""
        self._stack.close()

    async def of(self, scenario: Scenario) -> Fixture:
        """Return what a scenario is played on; raises `RuntimeError` when PostgreSQL is needed and missing."""
        kind = _ServerFixture if self._is_postgresql or scenario.stops_database else _FileFixture
        if kind not in self._made:
            self._made[kind] = await kind.make(self._directory, self._stack)
        return self._made[kind]


class _FileFixture:
    """A data directory with a SQLite file."""

    def __init__(self, directory: Path, credentials: Credentials) -> None:
        self._directory = directory
        self.credentials = credentials

    @classmethod
    async def make(cls, directory: Path, _stack: ExitStack) -> _FileFixture:
        template = directory / "template"
        return cls(template, await make_school(settings_in(template)))

    async def settings_for(self, scenario: Scenario, directory: Path) -> Settings:
        shutil.copytree(self._directory, directory)
        return settings_in(directory, scenario)

    async def stop_database(self) -> bool:
        return False

    async def start_database(self) -> None:
        """Do nothing: it was never stopped."""


class _ServerFixture:
    """A database of a PostgreSQL server that nobody else uses."""

    def __init__(self, server: PostgresqlServer, template: str, credentials: Credentials) -> None:
        self._server = server
        self._template = template
        self.credentials = credentials

    @classmethod
    async def make(cls, directory: Path, stack: ExitStack) -> _ServerFixture:
        server = stack.enter_context(postgresql_server())
        template = server.create_database()
        school = settings_in(directory / "postgresql", database=server.url(template))
        return cls(server, template, await make_school(school))

    async def settings_for(self, scenario: Scenario, directory: Path) -> Settings:
        await self.start_database()
        name = await asyncio.to_thread(self._server.create_database, self._template)
        return settings_in(directory, scenario, database=self._server.url(name))

    async def stop_database(self) -> bool:
        await asyncio.to_thread(self._server.stop)
        return True

    async def start_database(self) -> None:
        if not self._server.is_running:
            await asyncio.to_thread(self._server.start)
