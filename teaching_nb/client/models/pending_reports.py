"""What pages report of edits that they send to the hub themselves, and that the kernel has not got. Pure.

A page numbers its edits. Its report is the number of the newest one, and up to which one all are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

SILENT_SECONDS = 45.0
"""A page that waits says so every ten seconds; one that is silent for so long is dead, or cut off."""


@dataclass(frozen=True, slots=True)
class PendingReport:
    """The last report of one page."""

    seq: int
    stored: int
    heard_at: float
    number: int
    """Counts the reports of all pages."""
    thread: int
    """The thread on which the report came."""

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page has edits that are not stored."""
        return self.stored < self.seq


class PendingReports:
    """The last reports of all pages that show one document in this kernel."""

    def __init__(self) -> None:
        self._reports: dict[str, PendingReport] = {}
        self._count = 0

    @property
    def waiting(self) -> dict[str, PendingReport]:
        """Return the reports of the pages that have edits which are not stored."""
        return {page: report for page, report in self._reports.items() if report.is_waiting}

    @property
    def silent_at(self) -> float | None:
        """Return when the first page that waits will have been silent for too long; None when none waits."""
        return min((report.heard_at + SILENT_SECONDS for report in self.waiting.values()), default=None)

    def of(self, page: str) -> PendingReport | None:
        """Return the last report of a page; None when it has made none, or is gone."""
        return self._reports.get(page)

    def take(self, page: str, *, seq: int, stored: int, now: float, thread: int) -> None:
        """Take the report of a page."""
        self._count += 1
        self._reports[page] = PendingReport(seq, stored, now, self._count, thread)

    def forget(self, page: str) -> None:
        """Forget a page that is gone: what it had it has given to the kernel."""
        self._reports.pop(page, None)

    def drop_silent(self, now: float) -> list[str]:
        """Forget pages that should have said more; return which."""
        silent = [page for page, report in self.waiting.items() if now >= report.heard_at + SILENT_SECONDS]
        for page in silent:
            self.forget(page)
        return silent
