"""Writes live documents back into their records, at most once a second, and lets go of those that nobody follows.

Edits wait for the same writer: so each document is written in a transaction of its own, and all of them less often when
they are many.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from teaching_nb.hub.crdt.client_ids import ClientIds
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.live.open_rooms import OpenRooms

logger = logging.getLogger(__name__)

MATERIALIZE_SECONDS = 1.0
"""Shortest time between two announcements of one document to those who do not follow it live."""

REST = 3.0
"""After writing back for some time there is at least so many times as long for other work."""


class WriteBack:
    """The documents whose log is newer than their record."""

    def __init__(self, documents: OpenRooms, client_ids: ClientIds, *, commits: Commits, rooms: Rooms) -> None:
        self._documents = documents
        self._client_ids = client_ids
        self._commits = commits
        self._rooms = rooms
        self._unwritten: set[str] = set()
        self._ticker: asyncio.Task[None] | None = None

    def note(self, document_id: str) -> None:
        """Note that an update of a document has been stored."""
        self._unwritten.add(document_id)

    async def start(self) -> None:
        """Begin to write back every second."""
        self._ticker = asyncio.create_task(self._tick(), name="live-text")

    async def stop(self) -> None:
        """Write everything back and end."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        await self.write()

    async def write(self) -> None:
        """Write back what was stored since the last time."""
        ids, self._unwritten = self._unwritten, set()
        try:
            for document_id in tuple(ids):
                await self._write(document_id)
                ids.remove(document_id)
        except BaseException:
            self._unwritten |= ids
            raise

    async def _write(self, document_id: str) -> None:
        exact = self._documents.exact([document_id])
        known = {room.document_id: update_log.Snapshot(room.head, room.doc.data()) for room in exact}
        job = partial(update_log.materialize_alone, document_ids=[document_id], known=known)
        await self._commits.write(job, invalidates_access=False, locks_first=True)

    def forget_unfollowed(self) -> None:
        """Let go of the documents that nobody follows any more."""
        followed = self._rooms.live_documents()
        self._documents.forget(followed=followed, needed=self._unwritten)
        self._client_ids.keep({*self._documents.ids, *followed})

    async def _tick(self) -> None:
        loop, seconds = asyncio.get_running_loop(), MATERIALIZE_SECONDS
        while True:
            await asyncio.sleep(seconds)
            begun = loop.time()
            try:
                await self.write()
                self.forget_unfollowed()
            except Exception:
                logger.exception("writing live documents back failed; trying again")
            seconds = max(MATERIALIZE_SECONDS, REST * (loop.time() - begun))
