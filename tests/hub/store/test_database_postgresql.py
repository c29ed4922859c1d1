"""What is PostgreSQL's alone: connections that end by themselves, and transactions that lose a race."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, event, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from teaching_nb.errors import Unavailable
from teaching_nb.hub.store import postgresql
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.postgresql import PostgresqlBackend
from teaching_nb.hub.store.tables import allowed_actions

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

_END_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
)
_END_MYSELF = text("SELECT pg_terminate_backend(pg_backend_pid())")


def _add(tx: Connection, number: int = 1) -> None:
    tx.execute(insert(allowed_actions), {"id": str(number), "document_type": f"t{number}", "action": "x"})


def _count(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).where(allowed_actions.c.action == "x")).scalar_one())


def _backend_of(database: Database) -> PostgresqlBackend:
    backend = database._backend
    assert isinstance(backend, PostgresqlBackend)
    return backend


async def _end_connections(database: Database) -> None:
    """End all connections that lie in the pool."""
    other = await Database.open(_backend_of(database)._engine.url.render_as_string(hide_password=False))
    assert await other.write(lambda tx: tx.execute(_END_OTHERS).scalar_one()) >= 1
    await other.close()


async def test_connections_that_have_ended_are_replaced(a_database: Database) -> None:
    """Neither a write nor a read fails because the server has ended what lay in the pool."""
    await _end_connections(a_database)
    await a_database.write(_add)
    await _end_connections(a_database)
    assert await a_database.read(_count) == 1


async def test_job_whose_connection_ends_again_and_again_is_refused(a_database: Database) -> None:
    """It is tried twice; nothing was stored, and work goes on."""
    attempts: list[int] = []

    def job(tx: Connection) -> None:
        attempts.append(1)
        _add(tx)
        tx.execute(_END_MYSELF)

    with pytest.raises(Unavailable):
        await a_database.write(job)

    assert len(attempts) == 2
    assert await a_database.read(_count) == 0
    await a_database.write(_add)
    assert await a_database.read(_count) == 1


async def test_lost_commit_is_not_repeated(a_database: Database) -> None:
    """Nobody knows whether it was stored, so the job does not run once more."""
    attempts: list[int] = []

    def job(tx: Connection) -> None:
        attempts.append(1)
        _add(tx)

    engine = _backend_of(a_database)._writes.sync_engine
    event.listen(engine, "commit", lambda connection: connection.execute(_END_MYSELF))
    with pytest.raises(Unavailable):
        await a_database.write(job)

    assert len(attempts) == 1


async def test_jobs_that_change_the_same_row_all_succeed(a_database: Database) -> None:
    """Transactions that lose the race for a row are repeated until each has counted on."""
    await a_database.write(_add)

    def found(tx: Connection) -> str:
        return str(tx.execute(select(allowed_actions.c.document_type).where(allowed_actions.c.id == "1")).scalar_one())

    def job(tx: Connection) -> None:
        number = int(found(tx).removeprefix("t"))
        tx.execute(update(allowed_actions).where(allowed_actions.c.id == "1").values(document_type=f"t{number + 1}"))

    await asyncio.gather(*(a_database.write(job) for _ in range(5)))

    assert await a_database.read(found) == "t6"


_LOSE = text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")


async def test_job_that_loses_many_races_is_not_given_up_at_once(a_database: Database) -> None:
    """Whoever waits is better served than by being told to try again."""
    attempts: list[int] = []

    def job(tx: Connection) -> None:
        attempts.append(1)
        if len(attempts) <= postgresql.ATTEMPTS:
            tx.execute(_LOSE)
        _add(tx)

    await a_database.write(job)

    assert await a_database.read(_count) == 1


async def test_job_that_only_loses_races_is_given_up(a_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused once its patience is over, after so many attempts at least."""
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 0.0)
    attempts: list[int] = []

    def job(tx: Connection) -> None:
        attempts.append(1)
        tx.execute(_LOSE)

    with pytest.raises(Unavailable, match="try again"):
        await a_database.write(job)

    assert len(attempts) == postgresql.ATTEMPTS


@pytest.mark.parametrize("sqlstate", ["53100", "57014", "58030"])
async def test_trouble_of_the_server_is_told_as_such(a_database: Database, sqlstate: str) -> None:
    """A full disk, a cancelled query or a file that cannot be read is no mistake of the hub, and may pass."""

    def job(tx: Connection) -> None:
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{sqlstate}'; END $$"))

    for run in (a_database.write, a_database.read):
        with pytest.raises(Unavailable, match="try again"):
            await run(job)


async def test_commit_whose_answer_is_late_is_told_of_in_its_turn(
    a_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has seen what it stored, and commits meanwhile, is told of after it."""
    told: list[int] = []
    is_committed, may_answer = asyncio.Event(), asyncio.Event()
    commit = AsyncConnection.commit

    async def late(self: AsyncConnection) -> None:
        await commit(self)
        if not is_committed.is_set():
            is_committed.set()
            await may_answer.wait()

    monkeypatch.setattr(AsyncConnection, "commit", late)
    async with asyncio.timeout(30):
        first = asyncio.create_task(a_database.write(_add, committed=lambda _: told.append(1)))
        await is_committed.wait()
        second = asyncio.create_task(a_database.write(_count, committed=lambda _: told.append(2)))
        await asyncio.sleep(0.1)
        is_early = second.done() or bool(told)
        may_answer.set()
        await first
        seen = await second

    assert (is_early, seen) == (False, 1)
    assert told == [1, 2]
