"""Live updates that other processes have stored: read from the logs, and announced here as if they were new.

Called by the bell, for which the same look at the database finds what was posted. What is announced takes the
publisher's road, which applies it to the document in memory and tells those who follow it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from teaching_nb.hub.bell.reading import Found
from teaching_nb.hub.bell.told import Told
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.documents.log_entries import LogEntry, Missed
from teaching_nb.hub.live.open_rooms import OpenRooms, told
from teaching_nb.hub.live.write_back import WriteBack
from teaching_nb.hub.outcomes import LogPosition, Outcome
from teaching_nb.hub.store.database import Database

if TYPE_CHECKING:
    from teaching_nb.hub.documents.unheard_postgresql import Unheard

Look = Callable[[Mapping[str, int], int], Awaitable["Unheard"]]
"""Given the numbers up to which documents are told, and the one up to which announcements are, reads what is not."""

NoteAuthor = Callable[[str, str, bytes], None]
"""Notes who has written an update of a document: whom its Yjs client ids belong to."""


class LiveCatchUp:
    """Brings the followers at this process up to the logs."""

    def __init__(
        self,
        database: Database,
        documents: OpenRooms,
        numbers: Told,
        *,
        look: Look,
        commits: Commits,
        write_back: WriteBack,
        note_author: NoteAuthor,
    ) -> None:
        self._database = database
        self._look = look
        self._documents = documents
        self._told = numbers
        self._commits = commits
        self._write_back = write_back
        self._note_author = note_author

    async def read(self, rung: Mapping[str, int] | None, posted: int) -> Found:
        """Read what some documents lack, or all that are open, and what was posted with a higher number."""
        heads = self._told.heads()
        wanted = {
            document_id: head
            for document_id, head in heads.items()
            if rung is None or not self._told.has(document_id, rung.get(document_id, 0))
        }
        found = await self._look(wanted, posted)
        # What was stored here is told here by its own commit.
        await self._documents.written(found.logs)
        return Found(found.posted, partial(self._announce, found.logs))

    async def take_over(self) -> None:
        """Have written back what a process that was killed has stored and not written back."""
        for document_id in await self._database.read(update_log.stale_ids):
            self._write_back.note(document_id)

    def _announce(self, found: Mapping[str, Missed]) -> None:
        for document_id, missed in found.items():
            entries = [entry for entry in missed.entries if not self._told.has(document_id, entry.number)]
            if any(entry.is_merged for entry in entries):
                self._documents.lose(document_id)
            for entry in entries:
                self._announce_entry(document_id, entry, missed.behind)
            self._told.settle(document_id, missed.head)

    def _announce_entry(self, document_id: str, entry: LogEntry, behind: int) -> None:
        if entry.author_id is not None:
            self._note_author(document_id, entry.author_id, entry.update)
        position = None if entry.is_merged else LogPosition(entry.number, entry.number + behind)
        self._commits.announce(Outcome(None, (told(document_id, entry.update, position),)))
