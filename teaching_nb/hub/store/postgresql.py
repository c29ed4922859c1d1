"""PostgreSQL behind the hub: one transaction per job, serializable or with locks, repeated when it loses a race.

Used by `database` alone; needs the extra `postgresql`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub.store.commit_order import CommitOrder
from teaching_nb.hub.store.database import Committed, nothing
from teaching_nb.hub.store.migrations import upgrade
from teaching_nb.hub.store.postgresql_errors import RACES, code, is_lost, readable
from teaching_nb.hub.store.postgresql_statements import Statements

logger = logging.getLogger(__name__)

ATTEMPTS = 12
PATIENCE_SECONDS = 5.0
"""A job is tried so often, and so long, when other processes change the same rows: whoever waits is better served."""

_Job = Callable[[Connection], Any]


class PostgresqlBackend:
    """A pool of connections to a PostgreSQL database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writes = engine.execution_options(isolation_level="SERIALIZABLE")
        self._locking_writes = engine.execution_options(isolation_level="READ COMMITTED")
        self._reads = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._order = CommitOrder()
        self.statements = Statements(engine, self._order)
        self.reading_statements = Statements(engine, self._order, is_reading=True)
        self.warnings: tuple[str, ...] = ()
        event.listen(engine.sync_engine, "connect", _wait_for_commits)

    @classmethod
    async def open(cls, url: URL) -> PostgresqlBackend:
        """Connect, creating and upgrading the tables."""
        try:
            engine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"),
                pool_size=10,
                max_overflow=10,
                json_serializer=lambda value: msgspec.json.encode(value).decode(),
                json_deserializer=msgspec.json.decode,
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "PostgreSQL needs asyncpg; install it with pip install 'teaching-nb[postgresql]'"
            ) from error
        backend = cls(engine)
        try:
            await backend.write(upgrade, invalidates_access=True, committed=nothing, locks_first=False)
            backend.warnings = await backend.read(_weak_settings)
        except BaseException:
            await backend.close()
            raise
        for warning in backend.warnings:
            logger.warning("%s", warning)
        return backend

    async def write(
        self,
        job: _Job,
        *,
        invalidates_access: bool,  # noqa: ARG002 - the interface of backends
        committed: Committed[Any],
        locks_first: bool,
    ) -> Any:
        """Run the job until it commits; gives up after `ATTEMPTS` lost races in `PATIENCE_SECONDS`."""
        engine = self._locking_writes if locks_first else self._writes
        begun = time.monotonic()
        for attempt in itertools.count():
            is_done = False
            try:
                async with engine.connect() as connection:
                    result = await connection.run_sync(job)
                    is_done = True
                    turn = self._order.take()
                    try:
                        await connection.commit()
                        turn.answered(partial(committed, result))
                    finally:
                        turn.answered()
                await turn.over()
                return result
            except (DBAPIError, OSError) as error:
                is_stale = attempt == 0 and not is_done and is_lost(error)
                is_over = attempt + 1 >= ATTEMPTS and time.monotonic() - begun > PATIENCE_SECONDS
                if is_over or not (is_stale or code(error) in RACES):
                    raise readable(error) from error
            if not is_stale:
                await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - spreads repetitions
        raise AssertionError("each attempt returns, raises, or is followed by another")

    async def read(self, job: _Job) -> Any:
        """Run the job against one snapshot."""
        for attempt in range(2):
            try:
                async with self._reads.connect() as connection:
                    return await connection.run_sync(job)
            except (DBAPIError, OSError) as error:
                if attempt == 1 or not is_lost(error):
                    raise readable(error) from error
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Close all connections."""
        await self.statements.close()
        await self.reading_statements.close()
        await self._engine.dispose()


def _wait_for_commits(driver: Any, _record: object) -> None:
    """Have commits answered when they are on the disk, whatever the server's default is: the hub promises that."""

    async def insist(connection: Any) -> None:
        if await connection.fetchval("SHOW synchronous_commit") == "off":
            await connection.execute("SET synchronous_commit = on")

    driver.run_async(insist)


def _weak_settings(tx: Connection) -> tuple[str, ...]:
    query = text("SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'")
    return tuple(
        f"PostgreSQL runs with {name} = off: a power cut can destroy the whole database; set {name} = on"
        for name in sorted(tx.execute(query).scalars())
    )
