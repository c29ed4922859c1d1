"""Versions that a hub without revisions tells of, and that may be overwritten already: what is stored decides.

Such a hub stamps a write before it stores it. Of two that meet, the one with the later time may be stored first, and
then be overwritten by the other one; its event looks like news all the same. Whoever takes it for what is stored takes
the words of the other one for deleted. Lives on the loop thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.sync.blind_writes import Told
from teaching_nb.errors import NotConnected, OperationalError
from teaching_nb.schema.records import Document

Look = Callable[[], Awaitable[Document | None]]
Settle = Callable[[list[Told], Document], None]


class Doubts:
    """Reads the document once for all versions that are doubted meanwhile."""

    def __init__(self, look: Look, newest: Callable[[], int], settle: Settle) -> None:
        self._look, self._newest, self._settle = look, newest, settle
        self._told: list[Told] = []
        self._tasks = Tasks()

    def add(self, told: Told) -> None:
        """Doubt a version, and read what is stored."""
        self._told.append(told)
        if len(self._told) == 1:
            self._tasks.start(self._resolve())

    async def _resolve(self) -> None:
        try:
            known, found = None, None
            while known != self._newest():
                # What has come meanwhile may have been stored after it was read.
                known = self._newest()
                found = await self._look()
        except (NotConnected, OperationalError):
            # What is stored is read again when the connection is back; a refusal comes to light with the next save.
            found = None
        told, self._told = sorted(self._told, key=lambda each: each.at), []
        if found is not None:
            self._settle(told, found)
