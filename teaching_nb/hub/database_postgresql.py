"""PostgreSQL behind the hub: one serializable transaction per job, repeated when it loses a race.

Used by `database` alone; needs the extra `postgresql`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub.migrations import upgrade

logger = logging.getLogger(__name__)

ATTEMPTS = 12
"""How often a job is tried when other processes change the same rows."""

_UNAVAILABLE = "the database cannot be used at the moment; try again"

# Serialization failure, deadlock, and unique violation: in a repetition the job meets the other one's row.
_RACES = {"40001", "40P01", "23505"}

_Job = Callable[[Connection], Any]


class PostgresqlBackend:
    """A pool of connections to a PostgreSQL database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writes = engine.execution_options(isolation_level="SERIALIZABLE")
        self._reads = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @classmethod
    async def open(cls, url: URL) -> PostgresqlBackend:
        """Connect, creating and upgrading the tables."""
        try:
            engine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"),
                pool_size=10,
                max_overflow=10,
                pool_pre_ping=True,
                json_serializer=lambda value: msgspec.json.encode(value).decode(),
                json_deserializer=msgspec.json.decode,
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "PostgreSQL needs asyncpg; install it with pip install 'teaching-nb[postgresql]'"
            ) from error
        backend = cls(engine)
        try:
            await backend.write(upgrade)
        except BaseException:
            await backend.close()
            raise
        return backend

    async def write(self, job: _Job) -> Any:
        """Run the job until it commits; gives up after `ATTEMPTS` lost races."""
        for attempt in range(ATTEMPTS):
            try:
                async with self._writes.begin() as connection:
                    return await connection.run_sync(job)
            except (DBAPIError, OSError) as error:
                if attempt + 1 == ATTEMPTS or _code(error) not in _RACES:
                    raise _readable(error) from error
            await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - spreads repetitions
        raise AssertionError("the last attempt returns or raises")

    async def read(self, job: _Job) -> Any:
        """Run the job against one snapshot."""
        try:
            async with self._reads.connect() as connection:
                return await connection.run_sync(job)
        except (DBAPIError, OSError) as error:
            raise _readable(error) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _code(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _readable(error: Exception) -> Exception:
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_lost or isinstance(error, (OperationalError, InterfaceError, OSError)) or _code(error) in _RACES:
        logger.error("the database refused a job: %s", getattr(error, "orig", None) or error)
        return Unavailable(_UNAVAILABLE)
    return error
