"""Live text in memory: one Doc per document that somebody follows, fed by the update log.

The log is the truth: an update is acknowledged and broadcast after its commit only. The Doc in memory runs
ahead by the updates whose commits are under way; it checks new updates and answers SYNC_DOCUMENT. It lives
on the event loop, as pycrdt demands, and is thrown away whenever it might differ from the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Literal

import pycrdt
from sqlalchemy import Connection

from teaching_nb.errors import (
    Forbidden,
    InternalError,
    NotFound,
    OperationalError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from teaching_nb.hub.access.live import live_access
from teaching_nb.hub.access.standing import standings
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.crdt.client_ids import ClientIds
from teaching_nb.hub.crdt.document import STATE_BYTES, Damaged, LiveDoc
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.documents import live_log, quotas
from teaching_nb.hub.live.awareness import Awareness
from teaching_nb.hub.live.room import LiveRoom
from teaching_nb.hub.outcomes import CommittedUpdate, LogPosition, Notification, Outcome
from teaching_nb.hub.rates import Rate
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import events, limits
from teaching_nb.schema.access import Access, is_writable

logger = logging.getLogger(__name__)

MATERIALIZE_SECONDS = 1.0
"""Shortest time between two announcements of one document to those who do not follow it live."""

HARMS_PER_SECOND, HARMS_AT_ONCE = 1, 10
"""Edits of one person that are refused after they have touched a document in memory, which then is read anew."""

Effect = Literal["grows", "changes", "deletes"]
"""What an update does: make a document larger, put something in another's place, or only take something away."""

_ATTEMPTS = 5


class LiveRooms:
    """All live documents of this process."""

    def __init__(self, database: Database, commits: Commits, rooms: Rooms, send: Send) -> None:
        self._database = database
        self._commits = commits
        self._rooms = rooms
        self._send = send
        self._awareness = Awareness()
        self._client_ids = ClientIds(self._awareness.user_of)
        self._harms = Rate(HARMS_PER_SECOND, burst=HARMS_AT_ONCE)
        self._open: dict[str, LiveRoom] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._committed: dict[str, list[CommittedUpdate]] = {}
        """Document that is being loaded → what others committed meanwhile, which its log may lack when it is read."""
        self._uncertain_commits: dict[str, int] = {}
        """Document → entries of its log before one that may have been stored although storing it failed."""
        self._writing: dict[str, set[asyncio.Future[None]]] = {}
        self._unwritten: set[str] = set()
        self._ticker: asyncio.Task[None] | None = None

    async def sync(self, member: Member, document_id: str, state_vector: bytes) -> events.Synced:
        """Let a socket follow a document; return what it lacks.

        Everything committed later reaches it as DOCUMENT_UPDATE, after this answer.
        """
        for _ in range(_ATTEMPTS):
            generation = self._rooms.generation
            access = await self._database.read(self._access_job(member, document_id))
            room = await self._room(document_id)
            if generation != self._rooms.generation:
                continue
            update, known = room.doc.update_since(state_vector), room.doc.state_vector
            self._rooms.subscribe(member, document_id, access, generation)
            missed = await self._settle(room, member.sid)
            if room.is_lost:
                continue
            if document_id not in member.live:
                raise NotFound(f"there is no document {document_id}")
            whole = pycrdt.merge_updates(update, *missed) if missed else update
            access = member.live[document_id]
            return events.Synced(update=whole, state_vector=known, access=access, revision=room.revision)
        self._rooms.unsubscribe(member, document_id)
        raise Unavailable("the document changes its owner or state too fast at the moment; try again")

    async def update(self, member: Member, document_id: str, update: bytes) -> int:
        """Store an edit; return the revision of the record after its commit."""
        limits.check_size("update", len(update), limits.LIVE_UPDATE_BYTES)
        if self._harms.is_used_up(member.actor.user_id):
            raise TooManyRequests("too many of your last edits had to be refused; try again in a second", retryAfter=1)
        is_checked = self._is_checked(member, document_id)
        if is_checked:
            _demand_writable(member.live[document_id])
        else:
            _demand_writable(await self._database.read(self._access_job(member, document_id)))
        room = await self._room(document_id)
        size, vector = room.doc.content_bytes, room.doc.state_vector
        if not self._apply_pending(room, update, member.actor.user_id):
            await self._settle(room)
            if room.is_lost:
                raise Unavailable("the document could not be stored; try again")
            return room.revision
        effect: Effect = "grows" if room.doc.content_bytes > size else "changes"
        effect = effect if room.doc.state_vector != vector else "deletes"
        return (await self._store(member, room, update, effect)).revision

    async def leave(self, member: Member, document_id: str) -> None:
        """End following a document."""
        self._rooms.unsubscribe(member, document_id)
        gone = self._awareness.remove(document_id, member.sid)
        if gone:
            await self._send_awareness(document_id, gone, member.sid)

    async def drop_member(self, member: Member) -> None:
        """End all that a socket follows, for it is gone."""
        for document_id in list(member.live):
            await self.leave(member, document_id)

    async def close(self, member: Member, document_id: str, reason: events.ClosedReason) -> None:
        """End following a document on the hub's own account."""
        await self.leave(member, document_id)
        await self.announce_closed(member, document_id, reason)

    async def announce_closed(self, member: Member, document_id: str, reason: events.ClosedReason) -> None:
        """Tell a socket that it lost a document, or the right to change it."""
        await self._send(events.DocumentClosed(id=document_id, reason=reason), {member.sid})

    async def awareness(self, member: Member, document_id: str, state: bytes) -> None:
        """Pass on the cursors of a socket that follows a document."""
        if document_id not in member.live:
            return
        limits.check_size("awareness state", len(state), limits.AWARENESS_BYTES)
        shown = self._awareness.update(document_id, member.sid, state, member.actor)
        if shown:
            await self._send_awareness(document_id, shown, member.sid)

    async def send_present_awareness(self, member: Member, document_id: str) -> None:
        """Show a newcomer the cursors of the others."""
        present = self._awareness.present(document_id, except_sid=member.sid)
        if present and document_id in member.live:
            await self._send(events.DocumentAwareness(id=document_id, state=present), {member.sid})

    async def start(self) -> None:
        """Begin to write live documents back every second."""
        self._ticker = asyncio.create_task(self._tick(), name="live-text")

    async def stop(self) -> None:
        """Write everything back and end."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        await self._materialize()

    def _is_checked(self, member: Member, document_id: str) -> bool:
        return member.generation == self._rooms.generation and member.checked.get(document_id) == self._rooms.generation

    def _access_job(self, member: Member, document_id: str) -> Callable[[Connection], Access]:
        actor = member.actor
        is_current = member.generation == self._rooms.generation

        def job(tx: Connection) -> Access:
            return live_access(tx, actor if is_current else _current(tx, actor), document_id)

        return job

    def _writable_job(self, member: Member, document_id: str) -> Callable[[Connection], None]:
        """Return what checks, inside the writing transaction, that the member may still change it."""
        if self._is_checked(member, document_id):
            return _allow
        access = self._access_job(member, document_id)
        return lambda tx: _demand_writable(access(tx))

    async def _room(self, document_id: str) -> LiveRoom:
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

    def _loaded(self, document_id: str, task: asyncio.Task[None]) -> None:
        del self._loading[document_id]
        if not task.cancelled():
            # Whoever asked may have gone meanwhile, and then nobody looks at what went wrong.
            task.exception()

    async def _load(self, document_id: str) -> None:
        committed = self._committed[document_id] = []
        try:
            # Commits of a room that was thrown away must be in the log before it is read.
            await self._written(document_id)
            state = await self._database.read(lambda tx: live_log.load(tx, document_id))
            if state is None:
                state = await self._database.write(
                    lambda tx: live_log.create(tx, document_id), invalidates_access=False
                )
        finally:
            del self._committed[document_id]
        try:
            doc = LiveDoc(state.type_name, state.updates)
        except ValueError as error:
            raise InternalError("the update log of a live document cannot be read") from error
        room = LiveRoom(document_id, doc, state.head, state.revision, sum(map(len, state.updates)))
        # In steps of the whole, so that leaving and coming back does not begin a new one.
        room.counted_bytes = room.log_bytes - room.log_bytes % quotas.LIVE_STEP_BYTES
        self._open[document_id] = room
        for update in committed:
            self._apply_to(room, update)
        if self._uncertain_commits.pop(document_id, state.head) < state.head:
            self._commits.announce(Outcome(None, (_told(document_id, doc.update_since()),)))

    def _apply_pending(self, room: LiveRoom, update: bytes, user_id: str) -> bool:
        """Apply somebody's update to the Doc in memory; tell whether it changed anything."""
        try:
            has_changed = room.doc.apply(update, self._client_ids.of(room.document_id, user_id))
            room.log_bytes += len(update) if has_changed else 0
            if room.log_bytes > STATE_BYTES:
                room.log_bytes = len(room.doc.update_since())
            if room.log_bytes > STATE_BYTES:
                raise Damaged(
                    TooLarge(f"the document's history has {room.log_bytes} bytes, the limit is {STATE_BYTES}")
                )
        except Damaged as error:
            self._harmed(room, user_id)
            raise error.refusal from error
        except OperationalError:
            raise
        except Exception:
            # Nobody knows what a bug has left in the Doc.
            self._harmed(room, user_id)
            raise
        return has_changed

    async def _store(self, member: Member, room: LiveRoom, update: bytes, effect: Effect) -> LogPosition:
        """Append an update to the log, of which the others are told; return where it stands there."""
        document_id, author_id = room.document_id, member.actor.user_id
        check = self._writable_job(member, document_id)
        uncounted = room.log_bytes - room.counted_bytes
        # Whatever is stored, something can always be taken away.
        is_counted = uncounted > quotas.LIVE_STEP_BYTES and effect != "deletes"

        def job(tx: Connection) -> Outcome[LogPosition]:
            check(tx)
            if is_counted:
                quotas.check_log(tx, member.actor, document_id, uncounted, is_growing=effect == "grows")
            position = live_log.append(tx, document_id, update, author_id)
            return Outcome(position, (_told(document_id, update, position),))

        def committed(position: LogPosition) -> None:
            room.note(position)
            room.counted_bytes += uncounted if is_counted else 0
            self._unwritten.add(document_id)

        done = self._begin_writing(document_id)
        try:
            return await self._commits.write(job, sender_sid=member.sid, invalidates_access=False, committed=committed)
        except TooLarge:
            self._harmed(room, author_id)
            raise
        except BaseException:
            # A database that is gone in the middle of a commit has perhaps made it, and nobody was told.
            self._uncertain_commits.setdefault(document_id, room.head)
            self._throw_away(room)
            raise
        finally:
            self._end_writing(document_id, done)

    def _begin_writing(self, document_id: str) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writing.setdefault(document_id, set()).add(done)
        return done

    def _end_writing(self, document_id: str, done: asyncio.Future[None]) -> None:
        done.set_result(None)
        writing = self._writing[document_id]
        writing.discard(done)
        if not writing:
            del self._writing[document_id]

    async def _written(self, document_id: str) -> None:
        writing = self._writing.get(document_id)
        if writing:
            await asyncio.wait(list(writing))

    async def _settle(self, room: LiveRoom, sid: str | None = None) -> list[bytes]:
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

    def _harmed(self, room: LiveRoom, user_id: str) -> None:
        self._throw_away(room)
        self._harms.allows(user_id)

    def _throw_away(self, room: LiveRoom) -> None:
        room.is_lost = True
        if self._open.get(room.document_id) is room:
            del self._open[room.document_id]

    def apply_committed(self, update: CommittedUpdate, sids: Collection[str]) -> Collection[str]:
        """Take in a committed update; return the sockets that are told now, the others get it with SYNC.

        For the publisher, which sends what is stored by whomever in the order of the commits.
        """
        document_id = update.event.id
        if document_id in self._committed:
            self._committed[document_id].append(update)
        room = self._open.get(document_id)
        if room is None or not self._apply_to(room, update):
            return sids
        for waiting in room.joining.values():
            waiting.append(update.event.update)
        return [sid for sid in sids if sid not in room.joining]

    def _apply_to(self, room: LiveRoom, update: CommittedUpdate) -> bool:
        """Bring a committed update into the Doc in memory; tell whether the room can be used any longer."""
        try:
            if update.position is not None:
                room.apply_committed(update.event.update, update.position)
        except Damaged:
            self._throw_away(room)
        return not room.is_lost

    async def _send_awareness(self, document_id: str, state: bytes, except_sid: str) -> None:
        others = self._rooms.subscribers(document_id) - {except_sid}
        if others:
            await self._send(events.DocumentAwareness(id=document_id, state=state), others)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(MATERIALIZE_SECONDS)
            try:
                await self._materialize()
                self._unload()
            except Exception:
                logger.exception("writing live documents back failed; trying again")

    async def _materialize(self) -> None:
        ids, self._unwritten = self._unwritten, set()
        if not ids:
            return
        known = {room.document_id: live_log.Snapshot(room.head, room.doc.data()) for room in self._exact(ids)}
        try:
            await self._commits.write(lambda tx: live_log.materialize(tx, ids, known=known), invalidates_access=False)
        except BaseException:
            self._unwritten |= ids
            raise

    def _exact(self, ids: Collection[str]) -> list[LiveRoom]:
        """Return the rooms whose Doc is exactly what the log says, without commits under way."""
        return [self._open[id_] for id_ in ids if id_ in self._open and id_ not in self._writing]

    def _unload(self) -> None:
        """Forget the documents that nobody follows any more."""
        followed = set(self._rooms.live_documents())
        for document_id in list(self._open):
            if document_id not in followed | self._unwritten and document_id not in self._writing:
                self._throw_away(self._open[document_id])
        self._client_ids.keep(self._open.keys() | followed)
        for document_id in self._uncertain_commits.keys() - followed:
            # Nobody is left who could lack what was perhaps stored; who comes later gets the whole log.
            del self._uncertain_commits[document_id]


def _told(document_id: str, update: bytes, position: LogPosition | None = None) -> Notification:
    """Return what those who follow a document are told of an update."""
    return Notification(events.DocumentUpdate(id=document_id, update=update), (), position=position)


def _allow(_tx: Connection) -> None:
    """Check nothing: the access is known to be current."""


def _current(tx: Connection, actor: Actor) -> Actor:
    found = standings(tx, [actor])
    if actor not in found:
        raise Unauthorized("the account or its session has ended")
    return found[actor].actor


def _demand_writable(access: Access) -> None:
    if not is_writable(access):
        raise Forbidden(f"the document is read-only for you: {access}")
