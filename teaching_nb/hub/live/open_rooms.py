"""The documents in memory: read from their logs, kept in step with them, and thrown away where they may differ.

A Doc runs ahead of the log by the updates whose commits are under way. It lives on the event loop, as pycrdt demands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, KeysView
from contextlib import contextmanager

from teaching_nb.errors import InternalError
from teaching_nb.hub.bell.told import Told
from teaching_nb.hub.crdt.document import Damaged, LiveDoc
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.documents import quotas, update_log
from teaching_nb.hub.live.room import LiveRoom
from teaching_nb.hub.outcomes import CommittedUpdate, LogPosition, Notification, Outcome
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import events


class OpenRooms:
    """The live documents of this process that are in memory, and the writes to their logs that are under way."""

    def __init__(self, database: Database, commits: Commits, told_numbers: Told | None = None) -> None:
        self._database = database
        self._told = told_numbers
        """Where other processes write into the same logs: what the followers here were told."""
        self._commits = commits
        self._open: dict[str, LiveRoom] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._committed: dict[str, list[CommittedUpdate]] = {}
        """Document that is being loaded → what others committed meanwhile, which its log may lack when it is read."""
        self._uncertain_commits: dict[str, int] = {}
        """Document → entries of its log before one that may have been stored although storing it failed."""
        self._writing: dict[str, set[asyncio.Future[None]]] = {}

    @property
    def ids(self) -> KeysView[str]:
        """Return which documents are in memory."""
        return self._open.keys()

    async def get(self, document_id: str) -> LiveRoom:
        """Return a document in memory, reading its log, or beginning it, when it is not there.

        Whoever asks while it is being read shares the answer, and the refusal too: a class that waited one
        after the other for a database that is locked would wait for minutes.
        """
        while document_id not in self._open:
            loading = self._loading.get(document_id)
            if loading is None:
                loading = asyncio.create_task(self._load(document_id), name=f"loading {document_id}")
                self._loading[document_id] = loading
                loading.add_done_callback(lambda task: self._loaded(document_id, task))
            await asyncio.shield(loading)
        return self._open[document_id]

    def throw_away(self, room: LiveRoom) -> None:
        """Forget a document; whoever still has it is told that it is lost, and the next one reads the log."""
        room.is_lost = True
        if self._open.get(room.document_id) is room:
            del self._open[room.document_id]

    def lose(self, document_id: str) -> None:
        """Forget a document, if it is in memory."""
        room = self._open.get(document_id)
        if room is not None:
            self.throw_away(room)

    def doubt(self, room: LiveRoom) -> None:
        """Note that storing an update failed; it may be stored all the same if the database was lost in the commit."""
        self._uncertain_commits.setdefault(room.document_id, room.head)
        self.throw_away(room)

    @contextmanager
    def writing(self, document_id: str) -> Iterator[None]:
        """Keep a document in memory, and others waiting in `settle`, while the block stores an update of it."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writing.setdefault(document_id, set()).add(done)
        try:
            yield
        finally:
            done.set_result(None)
            writing = self._writing[document_id]
            writing.discard(done)
            if not writing:
                del self._writing[document_id]

    async def settle(self, room: LiveRoom, sid: str | None = None) -> list[bytes]:
        """Wait for the commits under way; return what was committed meanwhile and kept back from `sid`."""
        if room.document_id not in self._writing:
            return []
        if sid is not None:
            room.joining[sid] = []
        try:
            await self._written(room.document_id)
        finally:
            missed = room.joining.pop(sid, []) if sid is not None else []
        return missed

    def apply_committed(self, update: CommittedUpdate, sids: Collection[str]) -> Collection[str]:
        """Apply a committed update; return the sockets to tell now, for others get it with SYNC_DOCUMENT.

        For the publisher, which sends what is stored by whomever in the order of the commits.
        """
        document_id = update.event.id
        if self._told is not None:
            self._told.note(update)
        if document_id in self._committed:
            self._committed[document_id].append(update)
        room = self._open.get(document_id)
        if room is None or not self._apply_to(room, update):
            return sids
        for waiting in room.joining.values():
            waiting.append(update.event.update)
        return [sid for sid in sids if sid not in room.joining]

    def exact(self, ids: Collection[str]) -> list[LiveRoom]:
        """Return the rooms whose Doc is exactly what the log says, without commits under way."""
        return [self._open[id_] for id_ in ids if id_ in self._open and id_ not in self._writing]

    def forget(self, *, followed: Collection[str], needed: Collection[str]) -> None:
        """Forget the documents that nobody follows any more, but those that are needed or being stored."""
        kept = {*followed, *needed, *self._writing}
        for document_id in self._open.keys() - kept:
            self.throw_away(self._open[document_id])
        for document_id in self._uncertain_commits.keys() - {*followed}:
            # Nobody is left who could lack what was perhaps stored; who comes later gets the whole log.
            del self._uncertain_commits[document_id]
        if self._told is not None:
            self._told.keep({*self._open, *followed})

    async def written(self, document_ids: Collection[str]) -> None:
        """Wait for the commits of these documents that are under way now."""
        for document_id in document_ids:
            await self._written(document_id)

    def _loaded(self, document_id: str, task: asyncio.Task[None]) -> None:
        del self._loading[document_id]
        if self._told is not None:
            self._told.failed(document_id)
        if not task.cancelled():
            # Whoever asked may have gone meanwhile, and then nobody looks at what went wrong.
            task.exception()

    async def _load(self, document_id: str) -> None:
        committed = self._committed[document_id] = []
        if self._told is not None:
            self._told.expect(document_id)
        try:
            # Commits of a room that was thrown away must be in the log before it is read.
            await self._written(document_id)
            state = await self._database.read(lambda tx: update_log.load(tx, document_id))
            if state is None:
                state = await self._database.write(
                    lambda tx: update_log.create(tx, document_id), invalidates_access=False
                )
        finally:
            del self._committed[document_id]
        try:
            doc = LiveDoc(state.type_name, state.updates)
        except ValueError as error:
            raise InternalError("the update log of a live document cannot be read") from error
        room = LiveRoom(document_id, doc, state.head, state.revision, sum(map(len, state.updates)))
        room.is_in_thread = state.is_in_thread
        # In steps of the whole, so that leaving and coming back does not begin a new one.
        room.counted_bytes = room.log_bytes - room.log_bytes % quotas.LIVE_STEP_BYTES
        self._open[document_id] = room
        if self._told is not None:
            self._told.begin(document_id, state.head)
        for update in committed:
            if self._told is not None:
                self._told.note(update)
            self._apply_to(room, update)
        if self._uncertain_commits.pop(document_id, state.head) < state.head:
            self._commits.announce(Outcome(None, (told(document_id, doc.update_since()),)))

    async def _written(self, document_id: str) -> None:
        writing = self._writing.get(document_id)
        if writing:
            await asyncio.wait(list(writing))

    def _apply_to(self, room: LiveRoom, update: CommittedUpdate) -> bool:
        """Bring a committed update into the Doc in memory; tell whether the room can be used any longer."""
        try:
            if update.position is not None:
                room.apply_committed(update.event.update, update.position)
        except Damaged:
            self.throw_away(room)
        return not room.is_lost


def told(document_id: str, update: bytes, position: LogPosition | None = None) -> Notification:
    """Return what those who follow a document are told of an update."""
    return Notification(events.DocumentUpdate(id=document_id, update=update), (), position=position)
