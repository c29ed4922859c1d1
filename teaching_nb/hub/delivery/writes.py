"""Lets changes of documents that arrive while others are being stored share one transaction.

A class that works sends them all the time; together they cost little more than one. Each caller gets an
answer of their own after the commit, and the outcomes are announced in the order in which they were committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import OperationalError
from teaching_nb.hub.bell.elsewhere import Elsewhere, Posting, Write
from teaching_nb.hub.bell.posted import Sent
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.documents import rows as document_rows
from teaching_nb.hub.documents.changes import Change, Result, change_all
from teaching_nb.hub.documents.quotas import QUOTAS
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Database
from teaching_nb.schema.records import Document

if TYPE_CHECKING:
    from teaching_nb.hub.documents.changes_postgresql import DocumentChanges

logger = logging.getLogger(__name__)

TOGETHER = 100
"""Changes that share one transaction at most, so that none waits long for its answer."""

PATIENCE_SECONDS = 0.002
"""How long a transaction waits for as many changes as the last one had; less than a flush of a disk takes."""


class _Entry(msgspec.Struct, frozen=True):
    change: Change
    sender_sid: str | None
    future: asyncio.Future[Document]


class DocumentWrites:
    """Stores and announces changes of documents."""

    def __init__(self, database: Database, announcements: Announcements, elsewhere: Elsewhere | None = None) -> None:
        self._database = database
        self._announcements = announcements
        self._elsewhere = elsewhere
        """The other processes of this hub; None where there cannot be any."""
        self._quick = _quick(database)
        self._waiting: list[_Entry] = []
        self._task: asyncio.Task[None] | None = None
        self._expected = 1
        self._gathered: asyncio.Event | None = None

    @property
    def waiting(self) -> int:
        """Return how many wait for their transaction."""
        return len(self._waiting)

    async def change(self, change: Change, *, sender_sid: str | None = None) -> Document:
        """Return the document after the commit of its change; raises what refuses the change."""
        entry = _Entry(change, sender_sid, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._gathered is not None and len(self._waiting) >= self._expected:
            self._gathered.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="document-writes")
        return await entry.future

    async def _run(self) -> None:
        """Store what waits, one transaction after another, until nothing does."""
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                self._expected = len(batch)
                await self._store([entry for entry in batch if not entry.future.done()])
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Wait a moment for more changes when the last transaction had more: that costs less than another commit."""
        if len(self._waiting) >= self._expected:
            return
        self._gathered = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._gathered.wait()
        self._gathered = None

    async def _store(self, batch: list[_Entry]) -> None:
        if not batch:
            return
        try:
            results = await self._change_all(batch)
        except OperationalError as error:
            for entry in batch:
                _refuse(entry, error)
        except Exception as error:
            if len(batch) == 1:
                _refuse(batch[0], error)
                return
            logger.exception("%d changes failed together; trying them one by one", len(batch))
            for entry in batch:
                self._expected = len(batch)
                await self._store([entry])
        else:
            for entry, result in zip(batch, results, strict=True):
                _answer(entry, result)

    async def _change_all(self, batch: list[_Entry]) -> list[Result]:
        changes = [entry.change for entry in batch]
        if self._elsewhere is not None:
            with self._elsewhere.writing() as write:
                return await self._change_among_others(self._elsewhere, write, batch)
        committed = partial(self._announce, batch)
        results = None if self._quick is None else await self._quick.change_all(changes, committed=committed)
        if results is not None:
            return results
        return await self._database.write(
            lambda tx: change_all(tx, changes), invalidates_access=False, committed=committed
        )

    async def _change_among_others(self, elsewhere: Elsewhere, write: Write, batch: list[_Entry]) -> list[Result]:
        changes = [entry.change for entry in batch]

        def job(tx: Connection) -> tuple[list[Result], int | None]:
            document_rows.lock(tx, {one.document_id for one in changes}, {one.actor.user_id for one in changes})
            results = change_all(tx, changes)
            return results, elsewhere.post(tx, write, _sent(batch, results))

        def announce(results: list[Result], number: int | None = None) -> None:
            elsewhere.committed(_sent(batch, results), number)

        if self._quick is not None:
            # Of a change that locks nothing others would not hear: that way is for a process that is alone.
            quickly = (
                await self._quick.change_all_locked(
                    changes, posting=Posting(elsewhere, write, partial(_sent, batch)), committed=announce
                )
                if elsewhere.neighbours
                else await self._quick.change_all(changes, committed=announce)
            )
            if quickly is not None:
                return quickly
        results, _ = await self._database.write(
            job, invalidates_access=False, committed=lambda done: announce(*done), locks_first=True
        )
        return results

    def _announce(self, batch: list[_Entry], results: list[Result]) -> None:
        for entry, result in zip(batch, results, strict=True):
            if isinstance(result, Outcome):
                self._announcements.add(result, sender_sid=entry.sender_sid)


def _sent(batch: Sequence[_Entry], results: Sequence[Result]) -> list[Sent]:
    """Return the outcomes among results, with their senders."""
    pairs = zip(batch, results, strict=True)
    return [(result, entry.sender_sid) for entry, result in pairs if isinstance(result, Outcome)]


def _answer(entry: _Entry, result: Result) -> None:
    if not isinstance(result, Outcome):
        _refuse(entry, result)
    elif not entry.future.done():
        entry.future.set_result(result.record)


def _refuse(entry: _Entry, error: Exception) -> None:
    if not entry.future.done():
        entry.future.set_exception(error)


def _quick(database: Database) -> DocumentChanges | None:
    """Return the quicker way of a database to change documents, if it has one."""
    if database.statements is None:
        return None
    from teaching_nb.hub.documents.changes_postgresql import DocumentChanges

    return DocumentChanges(database.statements, database.given.get(QUOTAS))
