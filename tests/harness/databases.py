"""Databases of tests, filled before a hub serves them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from teaching_nb.hub.store.database import Database

T = TypeVar("T")


def in_database(url: str, job: Callable[[Connection], T]) -> T:
    """Open a database, made when it is missing, write into it, close it, and return what the job has returned."""

    async def write() -> T:
        database = await Database.open(url)
        try:
            return await database.write(job)
        finally:
            await database.close()

    # In a thread of its own: Playwright leaves an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, write()).result()
