"""What carries rings between the processes on one PostgreSQL: LISTEN and NOTIFY, on a connection kept for that.

NOTIFY takes a lock of the whole server for the moment of a commit. So it is used in transactions of its own, never in
one that stores something, and several rings are sent together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub.store.postgresql_errors import WRONG_SETTINGS, code

CHANNEL = "teaching_nb"

NOTIFY = "notify"
"""The kind of line on which PostgreSQL carries the rings itself."""

_NAME = "teaching-nb"
_CONNECT_SECONDS, _ASK_SECONDS = 10, 2
_RING = "SELECT pg_notify($1, ring) FROM unnest($2::text[]) AS ring"
_PEERS = (
    "SELECT application_name FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE $1 ORDER BY backend_start"
)


_RENAME = "SELECT set_config('application_name', $1, false)"
_HUB = (
    "SELECT left(encode(sha256(convert_to(system_identifier || '/' || current_database(), 'UTF8')), 'hex'), 16)"
    " FROM pg_control_system()"
)


_KEEPALIVES = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


class Peer(NamedTuple):
    """A process on the line."""

    process: str
    version: str
    kind: str
    """What carries its rings; those of different kinds do not hear each other."""


class PostgresqlLine:
    """One process on the line."""

    name = "PostgreSQL"

    def __init__(self, url: str, *, process: str, version: str, kind: str = NOTIFY) -> None:
        self.process = process
        self.kind = kind
        self._version = version
        # Whether a ring survives a power cut is all the same; everybody on the line is known by the connection's name.
        # A process whose machine has lost its power is not to be waited for as long as TCP would.
        settings = {"application_name": self._connection_name(), "synchronous_commit": "off", **_KEEPALIVES}
        try:
            self._engine: AsyncEngine = create_async_engine(
                make_url(url).set(drivername="postgresql+asyncpg"),
                poolclass=NullPool,
                connect_args={"server_settings": settings, "timeout": _CONNECT_SECONDS},
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "PostgreSQL needs asyncpg; install it with pip install 'teaching-nb[postgresql]'"
            ) from error
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._turn = asyncio.Lock()
        """The driver does one thing at a time."""

    @property
    def is_open(self) -> bool:
        """Tell whether the connection holds, as far as this end can know."""
        return self._driver is not None and not self._driver.is_closed()

    async def open(self) -> None:
        """Connect, or connect anew."""
        await self._leave()
        try:
            self._connection = await self._engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection
        except (DBAPIError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            if code(error) in WRONG_SETTINGS:
                raise ConfigurationError(f"PostgreSQL refuses the connection: {cause}; see --database") from error
            raise Unavailable(f"PostgreSQL cannot be reached: {str(cause) or type(cause).__name__}") from error

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Have every ring of everybody told from now on, as long as the connection holds."""

        def heard(_driver: object, _pid: int, _channel: str, text: str) -> None:
            hear(text)

        await self._asking(lambda driver: driver.add_listener(CHANNEL, heard))

    async def ring(self, texts: list[str]) -> None:
        """Send to everybody on the line, this process too, in this order."""
        await self._asking(lambda driver: driver.execute(_RING, CHANNEL, texts, timeout=_ASK_SECONDS))

    async def peers(self) -> list[Peer]:
        """Return everybody on the line, this process too."""
        rows = await self._asking(lambda driver: driver.fetch(_PEERS, f"{_NAME} % % %", timeout=_ASK_SECONDS))
        words = [str(row[0]).removeprefix(f"{_NAME} ").rsplit(" ", 2) for row in rows]
        return [Peer(process, version, kind) for version, kind, process in words]

    async def rename(self, kind: str) -> None:
        """Let the others see what carries the rings of this process."""
        self.kind = kind
        await self._asking(lambda driver: driver.execute(_RENAME, self._connection_name(), timeout=_ASK_SECONDS))

    async def hub(self) -> str:
        """Return what names the database in the world: the same at whatever address it is asked for."""
        return str(await self._asking(lambda driver: driver.fetchval(_HUB, timeout=_ASK_SECONDS)))

    async def close(self) -> None:
        """Leave the line."""
        await self._leave()
        await self._engine.dispose()

    def _connection_name(self) -> str:
        return f"{_NAME} {self._version} {self.kind} {self.process}"[:63]

    async def _asking(self, ask: Callable[[Any], Any]) -> Any:
        try:
            if not self.is_open:
                raise ConnectionError("the connection has ended")
            async with self._turn:
                return await ask(self._driver)
        except Exception as error:
            # Whatever it was: a new connection is made, which costs nothing that is stored.
            self._terminate()
            raise Unavailable(f"PostgreSQL does not pass on rings: {str(error) or type(error).__name__}") from error

    def _terminate(self) -> None:
        if self._driver is not None:
            self._driver.terminate()

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        self._terminate()
        self._driver = None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
