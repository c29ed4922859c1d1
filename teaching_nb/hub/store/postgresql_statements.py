"""Single statements on PostgreSQL, straight through asyncpg: each is a transaction of its own, and serializable.

Or a few that lock first what they change, in a transaction of theirs, where other processes change the same. For what
is asked so often that a job's price counts: BEGIN, COMMIT and every statement of a job is a way to the server and back,
and SQLAlchemy takes more time over one than the server does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from teaching_nb.errors import Unavailable
from teaching_nb.hub.store.commit_order import CommitOrder, Turn, tell_safely
from teaching_nb.hub.store.postgresql_errors import RACES, code, readable, unavailable
from teaching_nb.hub.store.postgresql_functions import Function
from teaching_nb.hub.store.statements import Statement

# To plan a statement anew for every list of values takes several times as long as to run it.
_PLANS = "SET plan_cache_mode = 'force_generic_plan'"
_SERIALIZABLE, _READ_COMMITTED = "serializable", "read committed"
_READ_ONLY = "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on"
# Few rows of large tables are read. A plan that was made while a table was small would go through all of it, until the
# server has counted its rows.
_BY_INDEX = "; ".join(f"SET enable_{way} = off" for way in ("seqscan", "hashjoin", "mergejoin"))


# It may not make temporary objects, or there is no PL/pgSQL.
_NO_FUNCTIONS = {"42501", "42704"}

logger = logging.getLogger(__name__)

T = TypeVar("T")

Fetch: TypeAlias = Callable[[Statement, Mapping[str, Any]], Awaitable[list[Any]]]
"""Runs a statement, and returns its rows."""


class LostRace(Exception):
    """Somebody else has changed the same at the same time; the statement has done nothing."""


class _MayNotMake(Exception):
    """The server lets this account make no functions."""


def statement(element: Executable) -> Statement:
    """Return a statement as asyncpg runs it."""
    make_dialect: Any = dialect
    return Statement(element, make_dialect())


class Statements:
    """Runs statements one after the other on a connection that is kept for them."""

    def __init__(self, engine: AsyncEngine, order: CommitOrder, *, is_reading: bool = False) -> None:
        self._engine = engine
        self._order = order
        self._settings = "; ".join((_PLANS, *((_READ_ONLY, _BY_INDEX) if is_reading else (_isolated(_SERIALIZABLE),))))
        self._isolation = _SERIALIZABLE
        """Of statements that are transactions of their own."""
        self._made: set[Function] = set()
        """The functions that the connection has."""
        self._may_make = True
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._turn = asyncio.Lock()

    async def read(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows of a statement that changes nothing; asks twice when the connection has ended."""
        try:
            return await self._fetch(statement, values)
        except Unavailable:
            if not self._is_lost():
                raise
            return await self._fetch(statement, values)

    async def write(
        self, statement: Statement, values: Mapping[str, Any], *, committed: Callable[[list[Any]], None]
    ) -> list[Any]:
        """Return the rows of a statement after its commit, of which `committed` has been told.

        When the connection ends, nobody knows whether it was made. In its turn among the jobs that commit.
        """
        turn: Turn | None = None
        try:
            async with self._asking() as driver:
                await self._isolate(driver, _SERIALIZABLE)
                turn = self._order.take()
                rows = await _fetch(driver, statement, values)
            turn.answered(partial(committed, rows))
        finally:
            if turn is not None:
                turn.answered()
        await turn.over()
        return rows

    async def call(
        self, function: Function, values: Mapping[str, Any], *, committed: Callable[[list[Any]], None]
    ) -> list[Any] | None:
        """Return the rows of a function after its commit, of which `committed` has been told.

        It waits for locks, so what was sent later may be committed before it: the numbers that it notes tell the order,
        and it has no turn. When the connection ends, nobody knows whether it was committed.
        None when the server lets this account make no functions.
        """
        if not self._may_make:
            return None
        try:
            async with self._asking() as driver:
                await self._isolate(driver, _READ_COMMITTED)
                await self._make(driver, function)
                rows: list[Any] = await driver.fetch(function.call, *function.bound(values))
        except _MayNotMake as error:
            logger.info("the database lets us make no function, so changes take more ways to it: %s", error.__cause__)
            self._may_make = False
            return None
        tell_safely(partial(committed, rows))
        return rows

    async def write_locked(self, job: Callable[[Fetch], Awaitable[T]], *, committed: Callable[[T], None]) -> T:
        """Return what a job returns after the commit of its statements, of which `committed` has been told.

        The job locks what it changes with its first statement; each later one sees what was committed before it. What
        it raises undoes everything. When the connection ends, nobody knows whether it was committed.
        """
        turn: Turn | None = None
        try:
            async with self._asking() as driver:
                await driver.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                try:
                    result = await job(partial(_fetch, driver))
                    turn = self._order.take()
                    await driver.execute("COMMIT")
                except BaseException:
                    await _roll_back(driver)
                    raise
            turn.answered(partial(committed, result))
        finally:
            if turn is not None:
                turn.answered()
        await turn.over()
        return result

    async def close(self) -> None:
        """Let go of the connection."""
        async with self._turn:
            await self._disconnect()

    async def _isolate(self, driver: Any, isolation: str) -> None:
        """Have statements that are transactions of their own isolated so."""
        if self._isolation != isolation:
            await driver.execute(_isolated(isolation))
            self._isolation = isolation

    async def _make(self, driver: Any, function: Function) -> None:
        """Have the connection know a function; raises `_MayNotMake`."""
        if function in self._made:
            return
        try:
            await driver.execute(function.definition)
        except Exception as error:
            if code(error) in _NO_FUNCTIONS:
                raise _MayNotMake from error
            raise
        self._made.add(function)

    async def _fetch(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        async with self._asking() as driver:
            return await _fetch(driver, statement, values)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Any]:
        """Hand out asyncpg's connection when it is our turn; raises what a caller can understand."""
        async with self._turn:
            try:
                if self._is_lost():
                    await self._disconnect()
                    await self._connect()
                yield self._driver
            except Exception as error:
                if code(error) in RACES:
                    raise LostRace from error
                raise (unavailable(error) if self._is_lost() else readable(error)) from error

    def _is_lost(self) -> bool:
        return self._driver is None or self._driver.is_closed()

    async def _connect(self) -> None:
        self._connection = await self._engine.connect()
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        await driver.execute(self._settings)
        self._driver, self._isolation, self._made = driver, _SERIALIZABLE, set()

    async def _disconnect(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            # Not back into the pool: its settings are not those of the others.
            await connection.invalidate()
            await connection.close()


async def _fetch(driver: Any, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    rows: list[Any] = await driver.fetch(statement.sql, *statement.bound(values))
    return rows


def _isolated(isolation: str) -> str:
    return f"SET default_transaction_isolation = '{isolation}'"


async def _roll_back(driver: Any) -> None:
    """End a transaction that has failed; a connection that cannot even do that is not used any more."""
    try:
        await driver.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - what went wrong first is raised
        driver.terminate()
