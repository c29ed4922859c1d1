"""Between the history of one document and the pages that show it: questions of a page, answers for it alone.

A page asks on a comm thread, the answers come from the client's loop thread. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from teaching_nb.client.models.history import History, Version
from teaching_nb.widgets.live_link import Send

NO_HUB = "this document is not connected to a hub"


class HistoryLink:
    """Answers pages; `to` and `ask` of an answer name the page and its question."""

    def __init__(self, history: History | None, send: Send) -> None:
        self._history = history
        self._send = send

    def list_versions(self, peer: str, ask: int) -> None:
        """Send a page who edited when."""

        def answer(versions: list[Version]) -> None:
            self._answer(peer, ask, "history", versions=[_shown(version) for version in versions])

        if history := self._demanded(peer, ask):
            history.request_versions(answer, self._refusing(peer, ask))

    def show(self, peer: str, ask: int, number: int) -> None:
        """Send a page the text of a version."""
        if history := self._demanded(peer, ask):
            history.request_text(
                number, lambda text: self._answer(peer, ask, "version", text=text), self._refusing(peer, ask)
            )

    def restore(self, peer: str, ask: int, number: int) -> None:
        """Bring a version back, and tell the page that asked for it."""
        if history := self._demanded(peer, ask):
            history.request_restore(number, lambda _: self._answer(peer, ask, "restored"), self._refusing(peer, ask))

    def _demanded(self, peer: str, ask: int) -> History | None:
        if self._history is None:
            self._refusing(peer, ask)(NO_HUB)
        return self._history

    def _refusing(self, peer: str, ask: int) -> Callable[[str], None]:
        return lambda words: self._answer(peer, ask, "history_refused", words=words)

    def _answer(self, peer: str, ask: int, kind: str, **content: Any) -> None:
        self._send({"kind": kind, "to": peer, "ask": ask, **content})


def _shown(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "kind": version.kind,
        "at": version.created_at,
        "authors": list(version.authors),
    }
