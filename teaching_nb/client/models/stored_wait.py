"""One call of `wait_saved`: which changes it is about, and whether they are stored. Pure."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from teaching_nb.client.models.pending_reports import PendingReport, PendingReports
from teaching_nb.client.models.saving import Facts, is_stored

SILENT = "a page in which somebody was typing has fallen silent; its last edits may not be saved"
UNHEARD = (
    "somebody is typing in a page, and this front end passes on what pages say only between cells: "
    "call wait_saved in the next cell"
)


@dataclass(slots=True)
class _Page:
    """A page that had edits on their way when the wait began."""

    after: int
    """The number of the report that was known then: only a later one knows of all edits until then."""
    seq: int | None = None
    """The edit up to which all have to be stored."""
    is_lost: bool = False


class StoredWait:
    """What one thread waits for.

    It is looked at whenever something has changed: a moment in which all was stored counts although newer
    changes have come since, otherwise somebody who writes all the time would be waited for in vain.
    """

    def __init__(self, edits: int, reports: PendingReports) -> None:
        self.is_over = False
        self.trouble = ""
        """Why it will never be over."""
        self._edits = edits
        self._pages = {page: _Page(report.number) for page, report in reports.waiting.items()}
        if any(report.thread == threading.get_ident() for report in reports.waiting.values()):
            self.trouble = UNHEARD

    def look(self, facts: Facts, taken_over: int, reports: PendingReports) -> None:
        """Take how things are now: facts, how many assignments the loop thread has taken over, and pages' reports."""
        for page, awaited in tuple(self._pages.items()):
            if not awaited.is_lost and _has_stored(awaited, reports.of(page)):
                del self._pages[page]
        if not self._pages and is_stored(facts) and taken_over >= self._edits:
            self.is_over = True

    def lose(self, page: str) -> None:
        """Wait no longer for a page that has fallen silent."""
        if page in self._pages and not self.is_over:
            self._pages[page].is_lost = True
            self.trouble = SILENT


def _has_stored(awaited: _Page, report: PendingReport | None) -> bool:
    if report is None:
        # The page has left; what it had is the kernel's.
        return True
    if awaited.seq is None and report.number > awaited.after:
        awaited.seq = report.seq
    return awaited.seq is not None and report.stored >= awaited.seq
