"""Live text: what the sockets do with the documents that they follow.

The log is the truth: an update is acknowledged and broadcast after its commit only. The Doc in memory (`open_rooms`)
checks new updates and answers SYNC_DOCUMENT; it is thrown away whenever it might differ from the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pycrdt
from sqlalchemy import Connection

from teaching_nb.errors import InvalidInput, NotFound, OperationalError, TooLarge, TooManyRequests, Unavailable
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.crdt.client_ids import ClientIds
from teaching_nb.hub.crdt.document import STATE_BYTES, Damaged
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.documents import messages, quotas, update_log
from teaching_nb.hub.live.cursors import Cursors
from teaching_nb.hub.live.kernel_pace import KernelPace
from teaching_nb.hub.live.member_access import MemberAccess, demand_writable
from teaching_nb.hub.live.open_rooms import OpenRooms, told
from teaching_nb.hub.live.room import LiveRoom
from teaching_nb.hub.live.write_back import WriteBack
from teaching_nb.hub.outcomes import LogPosition, Outcome
from teaching_nb.hub.rates import OnUsed, Rate
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import events, limits
from teaching_nb.schema.access import Access

HARMS_PER_SECOND, HARMS_AT_ONCE = 1, 10
"""Edits of one person that are refused after they have touched a document in memory, which then is read anew."""

Effect = Literal["grows", "changes", "deletes"]
"""What an update does: make a document larger, put something in another's place, or only take something away."""

_ATTEMPTS = 5


class LiveRooms:
    """All live documents of this process."""

    def __init__(
        self, database: Database, commits: Commits, rooms: Rooms, send: Send, elsewhere: Elsewhere | None = None
    ) -> None:
        self._database = database
        self._elsewhere = elsewhere
        self._commits = commits
        self._rooms = rooms
        self._send = send
        self._access = MemberAccess(rooms, elsewhere)
        self._harms = _harms() if elsewhere is None else elsewhere.uses.share("harms", _harms)
        self.cursors = Cursors(rooms, send, elsewhere)
        told_numbers = None if elsewhere is None else elsewhere.told
        self.documents = OpenRooms(database, commits, told_numbers)
        self.kernel_pace = KernelPace(rooms, commits.announce)
        self.client_ids = ClientIds(self.cursors.user_of)
        self.write_back = WriteBack(self.documents, self.client_ids, commits=commits, rooms=rooms)

    async def sync(self, member: Member, document_id: str, state_vector: bytes) -> events.Synced:
        """Let a socket follow a document; return what it lacks.

        Everything committed later reaches it as DOCUMENT_UPDATE, after this answer.
        """
        for _ in range(_ATTEMPTS):
            generation = self._rooms.generation
            try:
                access, head = await self._database.read(self._sync_job(member, document_id))
            except NotFound:
                member.lose(document_id)
                raise
            room = await self.documents.get(document_id)
            if room.head < head:
                # Whoever comes from another process has what was stored there, and what they send builds on it.
                await self.documents.written([document_id])
            if room.head < head:
                self.documents.throw_away(room)
                continue
            if generation != self._rooms.generation:
                continue
            update, known = room.doc.update_since(state_vector), room.doc.state_vector
            self._rooms.subscribe(member, document_id, access, generation)
            missed = await self.documents.settle(room, member.sid)
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
        if self._access.is_known(member, document_id):
            demand_writable(member.live[document_id])
        else:
            demand_writable(await self._database.read(self._access.job(member, document_id)))
        room = await self.documents.get(document_id)
        size, vector = room.doc.content_bytes, room.doc.state_vector
        if not self._apply_pending(room, update, member.actor.user_id):
            await self.documents.settle(room)
            if room.is_lost:
                raise Unavailable("the document could not be stored; try again")
            return room.revision
        effect: Effect = "grows" if room.doc.content_bytes > size else "changes"
        effect = effect if room.doc.state_vector != vector else "deletes"
        return (await self._store(member, room, update, effect)).revision

    async def leave(self, member: Member, document_id: str) -> None:
        """End following a document."""
        self._rooms.unsubscribe(member, document_id)
        await self.cursors.remove(member, document_id)

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

    def _sync_job(self, member: Member, document_id: str) -> Callable[[Connection], tuple[Access, int]]:
        """Return a job that finds what the member may do, and up to which number the log goes if others write it."""
        find, elsewhere = self._access.job(member, document_id), self._elsewhere
        if elsewhere is None or not elsewhere.neighbours:
            return lambda tx: (find(tx), 0)
        return lambda tx: (find(tx), update_log.head(tx, document_id))

    def _apply_pending(self, room: LiveRoom, update: bytes, user_id: str) -> bool:
        """Apply somebody's update to the Doc in memory; tell whether it changed anything."""
        length = room.length_of_comment()
        try:
            has_changed = room.doc.apply(update, self.client_ids.of(room.document_id, user_id))
            _check_comment(room, length)
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
        check = self._access.check(member, document_id)
        uncounted = room.log_bytes - room.counted_bytes
        # Whatever is stored, something can always be taken away.
        is_counted = uncounted > quotas.LIVE_STEP_BYTES and effect != "deletes"

        has_neighbours = self._elsewhere is not None and bool(self._elsewhere.neighbours)

        def job(tx: Connection) -> Outcome[LogPosition]:
            if has_neighbours:
                update_log.lock(tx, document_id)
            check(tx)
            if is_counted:
                quotas.check_log(tx, member.actor, document_id, uncounted, is_growing=effect == "grows")
            position = update_log.append(tx, document_id, update, author_id)
            return Outcome(position, (told(document_id, update, position),))

        def committed(position: LogPosition) -> None:
            room.note(position)
            room.counted_bytes += uncounted if is_counted else 0
            self.write_back.note(document_id)

        with self.documents.writing(document_id):
            try:
                return await self._commits.write(
                    job,
                    sender_sid=member.sid,
                    invalidates_access=False,
                    committed=committed,
                    locks_first=has_neighbours,
                )
            except TooLarge:
                self._harmed(room, author_id)
                raise
            except BaseException:
                self.documents.doubt(room)
                raise

    def _harmed(self, room: LiveRoom, user_id: str) -> None:
        self.documents.throw_away(room)
        self._harms.allows(user_id)


def _harms(on_used: OnUsed | None = None) -> Rate:
    return Rate(HARMS_PER_SECOND, burst=HARMS_AT_ONCE, on_used=on_used)


def _check_comment(room: LiveRoom, before: int) -> None:
    """Raise `Damaged` for an edit that makes a comment longer than one may be."""
    try:
        messages.check_comment(room.length_of_comment(), before=before)
    except InvalidInput as error:
        raise Damaged(error) from error
