"""SQLite behind the hub: one writer thread with group commit, a few reader threads.

Used by `database` alone. A commit costs a disk flush; jobs that wait while one is under way share the next.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, Transaction, create_engine, event
from sqlalchemy.exc import OperationalError

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub.store.commit_order import tell_safely
from teaching_nb.hub.store.database import MEMORY, Committed, nothing
from teaching_nb.hub.store.migrations import upgrade

logger = logging.getLogger(__name__)

READERS = 3
"""Threads that read at the same time."""

BATCH_JOBS = 200
"""Jobs that share one commit at most, so that none waits long for its answer."""

APART = 50
"""After a job has raised, so many batches run each job within a savepoint of its own, and none of them twice."""

BUSY_SECONDS = 5.0
"""How long a job waits for another process that writes."""

_VERSION = "teaching-nb-version"
"""Where in `Connection.info` lies what SQLite calls the present state of the file."""

_UNAVAILABLE = "the database cannot be used at the moment; try again"

_Job = Callable[[Connection], Any]


@dataclass(slots=True)
class _Entry:
    job: _Job
    future: asyncio.Future[Any]
    invalidates_access: bool
    committed: Committed[Any]


@dataclass(slots=True)
class _Answer:
    value: Any = None
    error: Exception | None = None


class _TransactionLost(Exception):
    """SQLite has rolled back the whole transaction on its own."""


class SqliteBackend:
    """A SQLite file in write-ahead mode."""

    statements = reading_statements = None

    def __init__(self, url: URL, loop: asyncio.AbstractEventLoop) -> None:
        self._read_engine = _engine(url, begin="BEGIN", read_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="hub-reader")
        self._writer = _Writer(_engine(url, begin="BEGIN IMMEDIATE", read_only=False), loop)
        self._loop = loop
        self._is_closed = False
        self.warnings: tuple[str, ...] = ()

    @classmethod
    async def open(cls, url: URL) -> SqliteBackend:
        """Open the file, creating and upgrading its tables."""
        if not url.database or url.database == ":memory:":
            raise ConfigurationError("the hub needs a database file; name one as in sqlite:////path/to/hub.db")
        if not Path(url.database).parent.is_dir():
            raise ConfigurationError(f"the directory of the database does not exist: {Path(url.database).parent}")
        backend = cls(url.set(drivername="sqlite+pysqlite"), asyncio.get_running_loop())
        backend._writer.start()
        try:
            await backend.write(upgrade, invalidates_access=True, committed=nothing, locks_first=False)
        except BaseException:
            await backend.close()
            raise
        return backend

    async def write(
        self,
        job: _Job,
        *,
        invalidates_access: bool,
        committed: Committed[Any],
        locks_first: bool,  # noqa: ARG002 - there is one writer
    ) -> Any:
        """Queue the job for the writer thread; return after the commit."""
        if self._is_closed:
            raise Unavailable("the hub is shutting down")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._writer.entries.put(_Entry(job, future, invalidates_access, committed))
        return await future

    async def read(self, job: _Job) -> Any:
        """Run the job on a reader thread."""
        if self._is_closed:
            raise Unavailable("the hub is shutting down")
        return await self._loop.run_in_executor(self._readers, self._read, job)

    async def close(self) -> None:
        """Let queued jobs finish, then end the threads."""
        if self._is_closed:
            return
        self._is_closed = True
        self._writer.entries.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        self._read_engine.dispose()

    def _read(self, job: _Job) -> Any:
        try:
            with self._read_engine.begin() as connection:
                return job(connection)
        except OperationalError as error:
            logger.exception("reading failed")
            raise Unavailable(_UNAVAILABLE) from error


class _Writer(threading.Thread):
    """Takes whatever is queued, runs it in one transaction, commits, answers in order."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="hub-writer", daemon=True)
        self.entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._engine = engine
        self._loop = loop
        self._connection: Connection | None = None
        self._apart = 0
        """How many of the next batches get savepoints."""
        self._is_ending = False

    def run(self) -> None:
        """Serve until told to end; no job's exception ends the thread."""
        while not self._is_ending:
            batch = self._take()
            if batch:
                self._answer(batch, self._commit(batch))
        self._disconnect()
        self._engine.dispose()

    def _take(self) -> list[_Entry]:
        entry = self.entries.get()
        batch: list[_Entry] = []
        while entry is not None:
            if not entry.future.cancelled():
                batch.append(entry)
            if len(batch) >= BATCH_JOBS:
                return batch
            try:
                entry = self.entries.get_nowait()
            except queue.Empty:
                return batch
        self._is_ending = True
        return batch

    def _commit(self, batch: list[_Entry]) -> list[_Answer]:
        try:
            connection = self._connected()
            if len(batch) == 1:
                return [_run(connection, connection.begin(), batch[0])]
            if not self._apart:
                answers = _run_together(connection, batch)
                if answers is not None:
                    return answers
                self._apart = APART
            self._apart -= 1
            with connection.begin():
                return [_run(connection, connection.begin_nested(), entry) for entry in batch]
        except Exception:
            logger.exception("a transaction with %d jobs failed", len(batch))
            self._disconnect()
            return [_Answer(error=Unavailable(_UNAVAILABLE)) for _ in batch]

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except Exception:
            logger.exception("closing a broken database connection failed")

    def _answer(self, batch: list[_Entry], answers: list[_Answer]) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, batch, answers)
        except RuntimeError:
            logger.warning("the event loop ended before %d jobs were answered", len(batch))


def _run_together(connection: Connection, batch: list[_Entry]) -> list[_Answer] | None:
    """Run jobs in one transaction without savepoints, which cost as much as an edit; None when one of them raises.

    Then nothing of them has happened: as on PostgreSQL, a job that has not been answered may run once more.
    """
    around = connection.begin()
    answers = []
    for entry in batch:
        try:
            answers.append(_Answer(_value(connection, entry)))
        except _TransactionLost:
            raise
        except BaseException:  # noqa: BLE001 - it runs once more, and is answered then
            around.rollback()
            connection.info[MEMORY] = {}
            return None
    around.commit()
    return answers


def _run(connection: Connection, around: Transaction, entry: _Entry) -> _Answer:
    """Run a job within a transaction, or a savepoint of it, of its own."""
    try:
        value = _value(connection, entry)
    except _TransactionLost:
        raise
    except BaseException as error:  # noqa: BLE001 - whoever asked is told
        around.rollback()
        return _Answer(error=_job_error(error))
    around.commit()
    return _Answer(value)


def _value(connection: Connection, entry: _Entry) -> Any:
    """Return the result of a job; raises what it raises."""
    if entry.invalidates_access:
        connection.info.pop(MEMORY, None)
    try:
        value = entry.job(connection)
    except BaseException as error:
        # Errors such as a full disk end the transaction itself; then earlier jobs of the batch are lost too.
        if not _driver(connection).in_transaction:
            raise _TransactionLost(str(error)) from error
        raise
    finally:
        if entry.invalidates_access:
            connection.info[MEMORY] = {}
    if not _driver(connection).in_transaction:
        # The driver commits nothing without complaint, and the job would count as stored.
        raise _TransactionLost("a job has ended the transaction")
    return value


def _job_error(error: BaseException) -> Exception:
    if isinstance(error, (OperationalError, sqlite3.OperationalError)):
        logger.error("a job failed", exc_info=error)
        unavailable = Unavailable(_UNAVAILABLE)
        unavailable.__cause__ = error
        return unavailable
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    # A future refuses StopIteration, and SystemExit in a job must not end the hub.
    return RuntimeError(f"a database job raised {type(error).__name__}")


def _resolve(batch: list[_Entry], answers: list[_Answer]) -> None:
    for entry, answer in zip(batch, answers, strict=True):
        if answer.error is None:
            tell_safely(partial(entry.committed, answer.value))
        if entry.future.done():
            continue
        if answer.error is not None:
            entry.future.set_exception(answer.error)
        else:
            entry.future.set_result(answer.value)


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def _engine(url: URL, *, begin: str, read_only: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": NullPool}
    if read_only:
        pool = {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 0}
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: it would do so too late, and without IMMEDIATE.
        driver.isolation_level = None
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
        if not read_only:
            _forget_if_changed(connection)

    return engine


def _forget_if_changed(connection: Connection) -> None:
    """Drop the memory of jobs when somebody else has written to the file since the last transaction."""
    (version,) = _driver(connection).execute("PRAGMA data_version").fetchone()
    if connection.info.get(_VERSION) != version:
        connection.info[_VERSION], connection.info[MEMORY] = version, {}
