"""What browser pages say about edits that only they and the hub know of: a page with a lane sends these itself. Pure.

A page numbers its edits. Its word is the number of the newest one, and up to which one all are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

SILENT_SECONDS = 45.0
"""A page that waits says so every ten seconds; one that is silent for so long is dead, or cut off."""


@dataclass(frozen=True, slots=True)
class PageWord:
    """The last word of one page."""

    seq: int
    stored: int
    heard_at: float
    number: int
    """Counts the words of all pages."""
    thread: int
    """The thread on which the word came."""

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page has edits that are not stored."""
        return self.stored < self.seq


class PageWords:
    """The last words of all pages that show one document in this kernel."""

    def __init__(self) -> None:
        self._words: dict[str, PageWord] = {}
        self._count = 0

    @property
    def waiting(self) -> dict[str, PageWord]:
        """Return the words of the pages that have edits which are not stored."""
        return {page: word for page, word in self._words.items() if word.is_waiting}

    @property
    def silent_at(self) -> float | None:
        """Return when the first page that waits will have been silent for too long; None when none waits."""
        return min((word.heard_at + SILENT_SECONDS for word in self.waiting.values()), default=None)

    def of(self, page: str) -> PageWord | None:
        """Return the last word of a page; None when it has said nothing, or is gone."""
        return self._words.get(page)

    def hear(self, page: str, *, seq: int, stored: int, now: float, thread: int) -> None:
        """Take the word of a page."""
        self._count += 1
        self._words[page] = PageWord(seq, stored, now, self._count, thread)

    def forget(self, page: str) -> None:
        """Forget a page that is gone: what it had it has given to the kernel."""
        self._words.pop(page, None)

    def drop_silent(self, now: float) -> list[str]:
        """Forget pages that should have said more; return which."""
        silent = [page for page, word in self.waiting.items() if now >= word.heard_at + SILENT_SECONDS]
        for page in silent:
            self.forget(page)
        return silent
