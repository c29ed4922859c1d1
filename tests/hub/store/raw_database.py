"""A database without a hub: what a version of the past left there is put in as it was."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine


async def in_database(url: str, job: Callable[[Connection], None]) -> None:
    """Do something in one transaction."""
    if url.startswith("sqlite"):
        engine = create_engine(url)
        with engine.begin() as connection:
            job(connection)
        engine.dispose()
        return
    server = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with server.begin() as server_connection:
        await server_connection.run_sync(job)
    await server.dispose()
