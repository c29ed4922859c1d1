"""The one way from a write to its announcement.

Whoever stores something hands in a job and gets its record back after the commit. What the job has to announce goes to
the publisher where the commit becomes known, not where the caller waits: in the order of the commits, and also when the
caller is gone by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Database, Job

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Commits:
    """Runs writing jobs, and hands what they announce to the publisher once it is committed."""

    def __init__(self, database: Database, announcements: Announcements, elsewhere: Elsewhere | None = None) -> None:
        self._database = database
        self._announcements = announcements
        self._elsewhere = elsewhere
        """The other processes of this hub; None where there cannot be any."""

    async def write(
        self,
        job: Job[Outcome[T]],
        *,
        sender_sid: str | None = None,
        invalidates_access: bool = True,
        committed: Callable[[T], None] | None = None,
        locks_first: bool = False,
    ) -> T:
        """Run a job; return its record after the commit, when what it announces is on its way.

        `sender_sid` names the caller's own live socket, which is not told what it did itself. `committed` is called
        with the record before anything is announced. All else is as in `Database.write`; when that raises, nothing is
        announced.
        """

        def follow(outcome: Outcome[T]) -> None:
            try:
                if committed is not None:
                    committed(outcome.record)
            except Exception:
                logger.exception("what follows from a commit failed; it is announced all the same")

        def announce(outcome: Outcome[T]) -> None:
            follow(outcome)
            self._announcements.add(outcome, sender_sid=sender_sid)

        if self._elsewhere is not None:
            return await self._write_among_others(
                self._elsewhere,
                job,
                sender_sid=sender_sid,
                follow=follow,
                invalidates_access=invalidates_access,
                locks_first=locks_first,
            )
        outcome = await self._database.write(
            job, invalidates_access=invalidates_access, committed=announce, locks_first=locks_first
        )
        return outcome.record

    async def _write_among_others(
        self,
        elsewhere: Elsewhere,
        job: Job[Outcome[T]],
        *,
        sender_sid: str | None,
        follow: Callable[[Outcome[T]], None],
        invalidates_access: bool,
        locks_first: bool,
    ) -> T:
        def posting(tx: Connection) -> tuple[Outcome[T], int | None]:
            outcome = job(tx)
            return outcome, elsewhere.post(tx, write, [(outcome, sender_sid)])

        def announce(done: tuple[Outcome[T], int | None]) -> None:
            outcome, number = done
            follow(outcome)
            elsewhere.committed([(outcome, sender_sid)], number)

        with elsewhere.writing() as write:
            outcome, _ = await self._database.write(
                posting, invalidates_access=invalidates_access, committed=announce, locks_first=locks_first
            )
        return outcome.record

    async def tell(self, outcome: Outcome[None], *, sender_sid: str | None = None) -> None:
        """Announce to the sockets of all processes what is stored nowhere: streams and actions."""
        elsewhere = self._elsewhere
        if elsewhere is None or not elsewhere.neighbours or not elsewhere.is_told(outcome):
            self.announce(outcome, sender_sid=sender_sid)
            return

        def job(tx: Connection) -> Outcome[None]:
            elsewhere.begin(tx)
            return outcome

        await self.write(job, sender_sid=sender_sid, invalidates_access=False)

    def announce(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Announce to the sockets of this process what needs no commit: what time or another process has changed."""
        self._announcements.add(outcome, sender_sid=sender_sid)
