"""The database: group commit, isolation of jobs, order, faults, durability."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.sqlite import SqliteBackend
from teaching_nb.hub.store.tables import allowed_actions, metadata


def adding(number: int) -> Callable[[Connection], int]:
    """Return a job that inserts a row and returns its number."""

    def job(tx: Connection) -> int:
        tx.execute(insert(allowed_actions), {"id": f"{number:036d}", "document_type": f"t{number}", "action": "x"})
        return number

    return job


def numbers(tx: Connection) -> list[int]:
    """Return the numbers of the inserted rows in the order in which they were inserted."""
    rows = tx.execute(text("SELECT document_type FROM allowed_actions WHERE action = 'x' ORDER BY rowid"))
    return [int(row[0][1:]) for row in rows]


class HeldWriter:
    """Holds the writer thread, so that further jobs gather into one batch."""

    def __init__(self, database: Database) -> None:
        self._released = threading.Event()
        self._begun = threading.Event()
        self._job = asyncio.ensure_future(database.write(self._wait))

    def _wait(self, _tx: Connection) -> None:
        self._begun.set()
        assert self._released.wait(30)

    async def begun(self) -> None:
        """Return when the writer is held."""
        assert await asyncio.to_thread(self._begun.wait, 10)

    async def release(self) -> None:
        """Let the writer go on."""
        self._released.set()
        await self._job


def writer_of(database: Database) -> SqliteBackend:
    """Return the SQLite side of a database."""
    backend = database._backend
    assert isinstance(backend, SqliteBackend)
    return backend


async def test_waiting_jobs_share_one_commit(a_database: Database) -> None:
    """Jobs that were queued while the disk was busy are committed together, in order."""
    commits: list[int] = []
    event.listen(writer_of(a_database)._writer._engine, "commit", lambda _connection: commits.append(1))
    held = HeldWriter(a_database)
    await held.begun()
    jobs = [asyncio.ensure_future(a_database.write(adding(number))) for number in range(50)]
    await asyncio.sleep(0)

    await held.release()
    results = await asyncio.gather(*jobs)

    assert results == list(range(50))
    assert await a_database.read(numbers) == list(range(50))
    assert len(commits) == 2, "one for the job that holds the writer, one for all others"


async def test_job_that_fails_undoes_itself_alone(a_database: Database) -> None:
    """Neighbours in the same transaction are stored; the failure goes to the one who asked."""

    def failing(tx: Connection) -> None:
        adding(100)(tx)
        raise LookupError("on purpose")

    held = HeldWriter(a_database)
    await held.begun()
    jobs = [asyncio.ensure_future(a_database.write(job)) for job in (adding(1), failing, adding(1), adding(2))]
    await asyncio.sleep(0)
    await held.release()
    first, failed, duplicate, second = await asyncio.gather(*jobs, return_exceptions=True)

    assert (first, second) == (1, 2)
    assert isinstance(failed, LookupError)
    assert isinstance(duplicate, IntegrityError)
    assert await a_database.read(numbers) == [1, 2]


async def test_after_a_failure_jobs_run_once_each(a_database: Database) -> None:
    """Whoever has their writes refused again and again does not make the writer do everything twice."""
    runs: list[str] = []

    def noting(name: str, error: Exception | None = None) -> Callable[[Connection], None]:
        def job(_tx: Connection) -> None:
            runs.append(name)
            if error is not None:
                raise error

        return job

    for round_ in range(2):
        held = HeldWriter(a_database)
        await held.begun()
        names = [f"{name}{round_}" for name in ("before", "refused", "after")]
        errors = [None, LookupError("on purpose"), None]
        jobs = [asyncio.ensure_future(a_database.write(noting(*pair))) for pair in zip(names, errors, strict=True)]
        await asyncio.sleep(0)
        await held.release()
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(result) for result in results] == [type(None), LookupError, type(None)]

    first = ["before0", "refused0"]
    assert runs == [*first, "before0", "refused0", "after0", "before1", "refused1", "after1"]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), StopIteration(1)])
async def test_writer_survives_what_a_job_raises(a_database: Database, error: BaseException) -> None:
    """Not even an exit in a job ends the hub's only writer."""

    def job(_tx: Connection) -> None:
        raise error

    with pytest.raises(RuntimeError, match=type(error).__name__):
        await a_database.write(job)

    assert await a_database.write(adding(1)) == 1


async def test_job_that_ends_the_transaction_fails_its_batch(a_database: Database) -> None:
    """When SQLite gave up the transaction nobody of the batch is told that theirs was stored, and work goes on."""
    held = HeldWriter(a_database)
    await held.begun()
    jobs = [
        asyncio.ensure_future(a_database.write(job))
        for job in (adding(1), lambda tx: tx.exec_driver_sql("ROLLBACK"), adding(2))
    ]
    await asyncio.sleep(0)
    await held.release()
    results = await asyncio.gather(*jobs, return_exceptions=True)

    assert [type(result) for result in results] == [Unavailable] * 3
    assert await a_database.read(numbers) == []
    assert await a_database.write(adding(3)) == 3


async def test_failed_commit_fails_all_its_jobs(a_database: Database) -> None:
    """An answer means stored: a commit that fails is told to everybody in it."""

    def break_commit(_connection: Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    engine = writer_of(a_database)._writer._engine
    event.listen(engine, "commit", break_commit)
    results = await asyncio.gather(*(a_database.write(adding(n)) for n in range(3)), return_exceptions=True)
    event.remove(engine, "commit", break_commit)

    assert [type(result) for result in results] == [Unavailable] * 3
    assert await a_database.read(numbers) == []
    assert await a_database.write(adding(7)) == 7


async def test_full_disk_is_told_as_unavailable(a_database: Database) -> None:
    """A page limit stands for a full disk; what was there stays readable, and freeing space helps."""
    limits = await a_database.write(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar_one())
    await a_database.write(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count = {limits}"))

    def big(tx: Connection) -> None:
        tx.execute(insert(allowed_actions), {"id": "1", "document_type": "x" * 5_000_000, "action": "big"})

    with pytest.raises(Unavailable):
        await a_database.write(big)

    assert await a_database.read(numbers) == []
    await a_database.write(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count = 100000"))
    assert await a_database.write(adding(1)) == 1


async def test_foreign_lock_is_told_as_unavailable(a_database: Database, tmp_path: Path) -> None:
    """Another process that does not let go of the file is a refusal, not a hang; afterwards work goes on."""
    await a_database.write(lambda tx: tx.exec_driver_sql("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable):
        await a_database.write(adding(1))
    other.execute("ROLLBACK")
    other.close()

    assert await a_database.write(adding(2)) == 2


async def test_write_is_on_disk_before_it_is_answered(a_database: Database, tmp_path: Path) -> None:
    """Another connection to the file sees a write as soon as it was answered."""
    await a_database.write(adding(1))

    other = sqlite3.connect(tmp_path / "hub.db")
    found = other.execute("SELECT count(*) FROM allowed_actions WHERE action = 'x'").fetchone()
    other.close()

    assert found == (1,)


async def test_data_survives_reopening(tmp_path: Path) -> None:
    """Closing and opening again keeps everything; the migrations run only once."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    first = await Database.open(url)
    await first.write(adding(4))
    await first.close()

    second = await Database.open(url)
    found = await second.read(numbers)
    await second.close()

    assert found == [4]


async def test_close_finishes_what_was_handed_in(tmp_path: Path) -> None:
    """Jobs that wait when the hub ends are stored and answered; later ones are refused."""
    database = await Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    held = HeldWriter(database)
    await held.begun()
    jobs = [asyncio.ensure_future(database.write(adding(number))) for number in range(10)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(database.close())
    await held.release()

    assert await asyncio.gather(*jobs) == list(range(10))
    await closing
    with pytest.raises(Unavailable):
        await database.write(adding(11))
    with pytest.raises(Unavailable):
        await database.read(numbers)


async def test_cancelled_caller_disturbs_nobody(a_database: Database) -> None:
    """Whoever gives up waiting leaves the others their answers."""
    held = HeldWriter(a_database)
    await held.begun()
    given_up = asyncio.ensure_future(a_database.write(adding(1)))
    kept = asyncio.ensure_future(a_database.write(adding(2)))
    await asyncio.sleep(0)
    given_up.cancel()
    await held.release()

    assert await kept == 2
    assert given_up.cancelled()


async def test_readers_do_not_wait_for_the_writer(a_database: Database) -> None:
    """A read sees what is committed while a write is under way."""
    held = HeldWriter(a_database)
    await held.begun()

    async with asyncio.timeout(30):
        found = await a_database.read(lambda tx: tx.execute(select(func.count()).select_from(allowed_actions)).scalar())
    await held.release()

    assert found == 2


async def test_readers_cannot_write(a_database: Database) -> None:
    """A read job that writes is a mistake that shows at once."""
    with pytest.raises(Unavailable):
        await a_database.read(adding(1))


async def test_migrations_make_the_declared_tables(a_database: Database) -> None:
    """The revisions and the tables in the code say the same."""

    def differences(tx: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(tx), metadata))

    assert await a_database.read(differences) == []


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "mysql://host/name", "sqlite:////nowhere/at/all/hub.db"])
async def test_url_that_cannot_work_is_explained(url: str) -> None:
    """A wrong setting is told as such."""
    with pytest.raises(ConfigurationError):
        await Database.open(url)


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Opening something else leaves it as it is."""
    path = tmp_path / "hub.db"
    path.write_text("this is no database, and long enough to look at" * 50)
    before = path.read_bytes()

    with pytest.raises(Unavailable):
        await Database.open(f"sqlite:///{path}")

    assert path.read_bytes() == before
