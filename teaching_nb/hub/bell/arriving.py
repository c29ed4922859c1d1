"""Getting on the line to the other processes of a hub, unless they would not be understood or not heard there."""

from __future__ import annotations

import secrets

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub.bell import redis_line
from teaching_nb.hub.bell.line import Line
from teaching_nb.hub.bell.redis_line import RedisLine
from teaching_nb.hub.config import Settings


async def arrive(settings: Settings, version: str) -> Line | None:
    """Get on the line to the other processes on a PostgreSQL; None for a database that one process has for itself.

    Raises `ConfigurationError` when a hub of another version is there, which would not understand what this one stores,
    or one whose rings another line carries; and that or `Unavailable` when the line cannot be used.
    """
    if settings.redis is not None:
        redis_line.check(settings.redis)
    if not settings.database_url.startswith("postgresql"):
        if settings.redis is not None:
            raise ConfigurationError(
                "--redis is for several processes, which need PostgreSQL (--database postgresql://…), for SQLite is"
                " for one process"
            )
        return None
    line = _line(settings, version)
    try:
        await line.open()
        await _check_others(line, version)
    except BaseException:
        await line.close()
        raise
    return line


def _line(settings: Settings, version: str) -> Line:
    from teaching_nb.hub.store.postgresql_line import PostgresqlLine

    process = secrets.token_hex(6)
    if settings.redis is None:
        return PostgresqlLine(settings.database_url, process=process, version=version)
    directory = PostgresqlLine(settings.database_url, process=process, version=version, kind=redis_line.KIND)
    return RedisLine(settings.redis, directory)


async def _check_others(line: Line, version: str) -> None:
    others = [peer for peer in await line.peers() if peer.process != line.process]
    versions = sorted({peer.version for peer in others} - {version})
    if versions:
        raise ConfigurationError(
            f"a hub of version {versions[0]} serves this database, and this one is of version {version}:"
            " stop all of the other version first"
        )
    if any(peer.kind != line.kind for peer in others):
        raise ConfigurationError(
            "a hub serves this database whose rings this one would not hear: start all with --redis and the address of"
            " the same server, or all without"
        )
