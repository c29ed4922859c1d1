"""The one way from a write to its announcement.

Whoever stores something hands in a job and gets its record back after the commit. What the job has to announce goes to
the publisher where the commit becomes known, not where the caller waits: in the order of the commits, and also when the
caller is gone by then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Database, Job

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Commits:
    """Runs writing jobs, and hands what they announce to the publisher once it is committed."""

    def __init__(self, database: Database, announcements: Announcements) -> None:
        self._database = database
        self._announcements = announcements

    async def write(
        self,
        job: Job[Outcome[T]],
        *,
        sender_sid: str | None = None,
        invalidates_access: bool = True,
        committed: Callable[[T], None] | None = None,
    ) -> T:
        """Run a job; return its record after the commit, when what it announces is on its way.

        `sender_sid` names the caller's own live socket, which is not told what it did itself. `committed` is called
        with the record before anything is announced. Raises as `Database.write`, and then nothing is announced.
        """

        def announce(outcome: Outcome[T]) -> None:
            try:
                if committed is not None:
                    committed(outcome.record)
            except Exception:
                logger.exception("what follows from a commit failed; it is announced all the same")
            self._announcements.add(outcome, sender_sid=sender_sid)

        outcome = await self._database.write(job, invalidates_access=invalidates_access, committed=announce)
        return outcome.record

    def announce(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Announce what needs no commit: streams and actions, and what time or another process has changed."""
        self._announcements.add(outcome, sender_sid=sender_sid)
