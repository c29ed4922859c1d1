"""The hub's database: short synchronous jobs against one `sqlalchemy.Connection`, awaited by the event loop.

`write` returns only after the commit, `read` sees everything that was committed before it began. A job
is a plain function, so that the same services run on SQLite and on PostgreSQL. Jobs never emit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError

from teaching_nb.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from teaching_nb.hub.store.postgresql_statements import Statements

T = TypeVar("T")

Job = Callable[[Connection], T]

Committed = Callable[[T], None]
"""Told of the result of a job after its commit."""

MEMORY = "teaching-nb-memory"
"""Where in `Connection.info` the memory of jobs lies."""


_VANISHED = "what this belongs to, perhaps the account, was removed a moment ago; try again"


def memory_of(tx: Connection) -> dict[Any, Any]:
    """Return where a job may keep, for later ones, what it has read of accounts, groups, roots and permissions.

    It is emptied as soon as any of that may have changed, by a job, a lost transaction or another process; where
    nobody can tell, as on PostgreSQL, it is new for every call.
    """
    memory: dict[Any, Any] = tx.info.get(MEMORY, {})
    return memory


class Backend(Protocol):
    """What a kind of database must offer."""

    warnings: tuple[str, ...]
    """What is wrong with the settings of the server, in sentences for whoever runs it."""

    @property
    def statements(self) -> Statements | None:
        """What runs single statements; None where a job costs as little."""

    @property
    def reading_statements(self) -> Statements | None:
        """Return what runs single statements that write nothing, and wait for none that do; None on the same terms."""

    async def write(
        self, job: Job[Any], *, invalidates_access: bool, committed: Committed[Any], locks_first: bool
    ) -> Any:
        """Run the job in a transaction and return after its commit, of which `committed` has been told."""

    async def read(self, job: Job[Any]) -> Any:
        """Run the job against one snapshot."""

    async def close(self) -> None:
        """Finish what was asked for, then let go of the database."""


class Database:
    """One open database."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.given: dict[str, Any] = {}
        """What every writing job finds in `Connection.info`."""
        self.people_changes = 0
        """Grows with every write that may have changed accounts, sessions, groups or permissions."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return why what is stored may be lost all the same, in sentences for whoever runs the hub."""
        return self._backend.warnings

    @property
    def statements(self) -> Statements | None:
        """Return what runs single statements without a job around them; None where a job costs as little."""
        return self._backend.statements

    @property
    def reading_statements(self) -> Statements | None:
        """Return what runs single statements that write nothing, and wait for none that do; None on the same terms."""
        return self._backend.reading_statements

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the database behind a SQLAlchemy URL and bring its tables up to date.

        Raises `ConfigurationError` for a URL that cannot work and `Unavailable` for a database that
        cannot be reached.
        """
        return cls(await _backend(url))

    async def write(
        self,
        job: Job[T],
        *,
        invalidates_access: bool = True,
        committed: Committed[T] | None = None,
        locks_first: bool = False,
    ) -> T:
        """Run a job in a transaction of its own and return its result after the commit.

        `committed` is called with the result as soon as the commit is known, in the order of the commits, also when
        nobody waits for the result any more. It runs on the event loop; what it raises is logged.

        A job that writes nothing but the content of documents may say so with `invalidates_access=False`; no other
        one finds a memory (`memory_of`).

        A job that locks what it changes before it reads anything may say so with `locks_first=True`: on PostgreSQL each
        of its statements then sees what was committed before that statement, and others are waited for, where a
        serializable transaction would be repeated. Without the locks it would mix states.

        What the job raises undoes the job and is raised here. Raises `Unavailable` when the database
        is locked, full or gone, or when another process has just removed what the job refers to, the caller's account
        above all; then nothing was stored, unless PostgreSQL went away in the middle of a commit.
        """
        try:
            result: T = await self._backend.write(
                self._with_given(job),
                invalidates_access=invalidates_access,
                committed=committed or nothing,
                locks_first=locks_first,
            )
            return result
        except IntegrityError as error:
            if not _is_dangling(error):
                raise
            # Whoever asks again is looked up anew.
            self.people_changes += 1
            raise Unavailable(_VANISHED) from error
        finally:
            if invalidates_access:
                self.people_changes += 1

    def _with_given(self, job: Job[T]) -> Job[T]:
        def prepared(tx: Connection) -> T:
            tx.info.update(self.given)
            return job(tx)

        return prepared if self.given else job

    async def read(self, job: Job[T]) -> T:
        """Run a job that changes nothing against one consistent snapshot."""
        result: T = await self._backend.read(job)
        return result

    async def close(self) -> None:
        """Finish the jobs that were handed in, then close; later jobs raise `Unavailable`."""
        await self._backend.close()


def nothing(_result: object) -> None:
    """Do nothing about a commit."""


def _is_dangling(error: IntegrityError) -> bool:
    """Tell whether something was to be stored that refers to what is not there any more."""
    return getattr(error.orig, "sqlstate", None) == "23503" or "FOREIGN KEY" in str(error.orig)


async def _backend(url: str) -> Backend:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("the database URL cannot be read; use sqlite:///FILE or postgresql://…") from error
    if parsed.get_backend_name() == "sqlite":
        from teaching_nb.hub.store.sqlite import SqliteBackend

        return await SqliteBackend.open(parsed)
    if parsed.get_backend_name() == "postgresql":
        from teaching_nb.hub.store.postgresql import PostgresqlBackend

        return await PostgresqlBackend.open(parsed)
    raise ConfigurationError(f"no support for {parsed.get_backend_name()} databases; use sqlite or postgresql")
