"""Reads what other processes have posted, and has it announced here, in the order of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from teaching_nb.hub.bell import posted
from teaching_nb.hub.bell.elsewhere import Announce, Elsewhere
from teaching_nb.hub.numbers import Numbers
from teaching_nb.hub.store import posted_announcements
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.posted_announcements import MOST_LATE, Page, Posted


class Found(NamedTuple):
    """What one look at the database has found."""

    posted: Page
    announce_updates: Callable[[], None]
    """Announces updates of live documents, which everything in `posted` has to come before."""


@dataclass(slots=True)
class _Gap:
    """Numbers that are missing: their transactions are under way, or were undone."""

    up_to: int
    decided_at: int
    """When all transactions before this one are over, what is still missing was undone."""


class PostedReader:
    """What was posted, as far as this process has not announced it."""

    def __init__(self, database: Database, elsewhere: Elsewhere, announce: Announce) -> None:
        self._database = database
        self._elsewhere = elsewhere
        self._announce = announce
        self._gap: _Gap | None = None
        self._stuck_at = -1
        """Up to where everything was announced at the last look, which found more behind a gap."""

    async def begin(self) -> None:
        """Take everything that is to be seen now for told; what comes late in between is not."""
        newest = await self._database.read(posted_announcements.newest)
        page = await self._database.read(lambda tx: posted_announcements.after(tx, max(0, newest - MOST_LATE)))
        self._elsewhere.tell_all_own()
        numbers = self._elsewhere.posted = Numbers(max(0, newest - MOST_LATE))
        for row in page.rows:
            numbers.note(row.number)
        self._gap = None

    def announce(self, page: Page) -> bool:
        """Announce what was read, up to what is committed here and not known here yet; tell whether that was all."""
        for row in page.rows:
            if row.number in self._elsewhere.posted:
                continue
            if row.process == self._elsewhere.process and self._elsewhere.is_awaited(row.number):
                # It is announced in a moment, and this again after it.
                return False
            self._announce_row(row)
        self._settle(page)
        self._elsewhere.tell_own()
        return True

    async def mark_gap(self) -> None:
        """Find out when numbers that are missing for longer than one look can be given up."""
        numbers = self._elsewhere.posted
        if self._gap is None and numbers.beyond and numbers.head == self._stuck_at:
            up_to = max(numbers.beyond)
            self._gap = _Gap(up_to, await self._database.read(posted_announcements.mark))
        self._stuck_at = numbers.head

    def _announce_row(self, row: Posted) -> None:
        self._elsewhere.posted.note(row.number)
        own = self._elsewhere.take_own(row.number)
        for outcome, sender_sid in posted.decoded(row.body) if own is None else own:
            self._announce(outcome, sender_sid=sender_sid)
        self._elsewhere.announced(row.process)

    def _settle(self, page: Page) -> None:
        """Give up the numbers that nobody will post under any more."""
        if self._gap is not None and page.oldest_running >= self._gap.decided_at:
            self._elsewhere.posted.settle(self._gap.up_to)
            self._gap = None
