"""The composition root of the hub: puts one process together.

    Transport (Socket.IO) ── SocketHandlers ──┐
                                              ├── services ── Database
    Rest (everything else over HTTP) ─────────┘       │
                                                   Outcome
    Rooms ── RoomChanges ── Presence                  │
      └───── Publisher ◄──────────────────────────────┤
               └── Admission (access changed), LiveRooms (live updates)
    Elsewhere, Bell (other processes on the same PostgreSQL) ◄─┘

Everything here is made once and handed down; nothing else in the hub reaches for a global.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

import socketio

from teaching_nb.hub import clock
from teaching_nb.hub.access.person_facts import next_expiry
from teaching_nb.hub.bell.arriving import arrive
from teaching_nb.hub.bell.bell import Bell
from teaching_nb.hub.bell.counts import CountsElsewhere
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.bell.line import Line
from teaching_nb.hub.bell.reading import PostedReader
from teaching_nb.hub.bell.rings import Count
from teaching_nb.hub.config import Settings, prepare_data_dir
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.gathering import Gathering
from teaching_nb.hub.delivery.presence import Presence
from teaching_nb.hub.delivery.publisher import Publisher
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.delivery.transport import Transport
from teaching_nb.hub.delivery.writes import DocumentWrites
from teaching_nb.hub.documents.quotas import QUOTAS, Limits, Quotas
from teaching_nb.hub.identity.credentials import Credentials
from teaching_nb.hub.live.catching_up import LiveCatchUp, Look
from teaching_nb.hub.live.rooms import LiveRooms
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.rest import Rest
from teaching_nb.hub.rest.health import version
from teaching_nb.hub.room import Room
from teaching_nb.hub.sockets.admission import Admission
from teaching_nb.hub.sockets.handlers import SocketHandlers
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.serving_lock import ServingLock

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
"""Time between two looks for sessions that have expired and connections that nobody speaks on."""


class Hub:
    """One running hub process without its web server."""

    def __init__(self, settings: Settings, database: Database, line: Line | None = None) -> None:
        self._database = database
        gathering = None if line is None else Gathering(asyncio.get_running_loop().time)
        self._transport = Transport(
            ping_interval=settings.ping_interval, ping_timeout=settings.ping_timeout, gathering=gathering
        )
        room_changes = RoomChanges()
        counts = CountsElsewhere()
        self._rooms = Rooms(room_changes, counts)
        self._announcements = Announcements(self._rooms)
        elsewhere = None
        if line is not None and gathering is not None:
            elsewhere = Elsewhere(
                line.process, self._announce_of_others, self._outdate_for, self._announcements.add_end
            )
        commits = Commits(database, self._announcements, elsewhere)
        self._live = LiveRooms(database, commits, self._rooms, self._transport.send, elsewhere)
        admission = Admission(database, self._rooms, self._live, self._transport)
        bell = None
        if line is not None and elsewhere is not None:
            reader = PostedReader(database, elsewhere, self._announce_of_others)
            catch_up = LiveCatchUp(
                database,
                self._live.documents,
                elsewhere.told,
                look=_look(database),
                commits=commits,
                write_back=self._live.write_back,
                note_author=self._live.client_ids.note,
            )
            bell = Bell(
                line,
                elsewhere,
                reader,
                database=database,
                counts=counts,
                read_missed=catch_up.read,
                re_examine=admission.re_examine,
                outdate=self._rooms.outdate,
                end_all=self._end_all,
                rooms_changed=room_changes.rooms_changed,
                own_counts=self._own_counts,
                show_cursors=self._live.cursors.take_in,
                drop_cursors=self._live.cursors.drop,
                take_over=catch_up.take_over,
            )
        self._bell = bell
        self._presence = Presence(
            self._rooms, room_changes, self._transport.send, None if bell is None else bell.tell_counts
        )
        self._publisher = Publisher(
            self._announcements,
            self._rooms,
            self._transport.send,
            apply_committed=self._live.documents.apply_committed,
            pace=self._live.kernel_pace.of,
            follow_access=admission.re_examine,
            end_all=self._end_all,
            came=self._transport.came,
            hearing=None if bell is None else bell.hearing,
        )
        self.context = HubContext(
            settings,
            database,
            Credentials(database, settings, on_adopted=self._re_examine_everywhere),
            self._rooms,
            commits,
            DocumentWrites(database, self._announcements, elsewhere),
            elsewhere,
            _no_problem if bell is None else bell.problem,
        )
        self._handlers = SocketHandlers(
            self.context,
            transport=self._transport,
            admission=admission,
            live=self._live,
            room_changes=room_changes,
        )
        self.asgi = socketio.ASGIApp(self._transport.server, other_asgi_app=Rest(self.context))
        self._sweeper: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock: ServingLock | None = None

    @classmethod
    async def open(cls, settings: Settings) -> Hub:
        """Open the database and start everything that runs beside requests."""
        prepare_data_dir(settings.data_dir)
        lock = ServingLock.take(settings.database_url)
        line = await arrive(settings, version())
        try:
            database = await Database.open(settings.database_url)
        except BaseException:
            if line is not None:
                await line.close()
            if lock is not None:
                lock.release()
            raise
        database.given[QUOTAS] = Quotas(_limits(settings))
        await database.write(change_numbers.forget_old)
        hub = cls(settings, database, line)
        hub._lock = lock
        if hub._bell is not None:
            await hub._bell.start()
        await hub._publisher.start()
        await hub._presence.start()
        await hub._live.write_back.start()
        hub._sweeper = asyncio.create_task(hub._sweep(), name="sweeper")
        return hub

    async def close(self) -> None:
        """Write back what is live, send what is queued, close the database."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await self._presence.stop()
        try:
            await self._live.write_back.stop()
        finally:
            self._live.kernel_pace.stop()
            if self._bell is not None:
                await self._bell.stop()
            await self._publisher.stop()
            await self._transport.stop()
            await self._database.close()
            if self._lock is not None:
                self._lock.release()

    async def _sweep(self) -> None:
        seconds = SWEEP_SECONDS
        while True:
            await asyncio.sleep(seconds)
            seconds = SWEEP_SECONDS
            try:
                await self._sweep_once()
                seconds = await self._seconds_to_next_expiry()
            except Exception:
                logger.exception("looking after the connections failed")

    async def _seconds_to_next_expiry(self) -> float:
        """Return how long the next look can wait: until the first session of a socket ends, but not too long."""
        actors = {member.actor for member in self._rooms.members()}
        expiry = await self._database.read(lambda tx: next_expiry(tx, actors))
        if expiry is None:
            return SWEEP_SECONDS
        return min(SWEEP_SECONDS, max(0.0, (expiry - clock.now()) / 1_000) + 0.01)

    async def _sweep_once(self) -> None:
        """Notice what no request announces: bans and sessions that ran out, sockets that vanished."""
        open_sids = self._transport.open_sids()
        for member in self._rooms.members():
            if member.sid not in open_sids:
                await self._live.drop_member(member)
                self._rooms.disconnect(member.sid)
        await self._transport.sweep()
        self._re_examine_soon()

    def _announce_of_others(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Announce here, in the order in which all processes do, what was committed at any of them."""
        if outcome.access_changed:
            self._database.people_changes += 1
        self._announcements.add(outcome, sender_sid=sender_sid)

    def _outdate_for(self, outcome: Outcome[Any]) -> None:
        self._announcements.outdate(outcome)

    def _own_counts(self, rooms: Collection[Room] | None) -> list[Count]:
        return [self._rooms.own_count(room) for room in sorted(self._rooms.occupied() if rooms is None else rooms)]

    def _end_all(self) -> None:
        """End all connections: whoever comes back asks for what they have missed."""
        for member in self._rooms.members():
            self._transport.close(member.sid)

    def _re_examine_everywhere(self) -> None:
        """Bring the living sockets of all processes into step with the database."""
        task = asyncio.create_task(self.context.commits.tell(Outcome(None, access_changed=True)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _re_examine_soon(self) -> None:
        """Bring living sockets into step with the database."""
        self._announcements.add(Outcome(None, access_changed=True))


def _look(database: Database) -> Look:
    """Return what finds in a PostgreSQL what other processes have stored; loaded where there may be some."""
    from teaching_nb.hub.documents.unheard_postgresql import UnheardReader

    assert database.reading_statements is not None, "several processes share a PostgreSQL"
    return UnheardReader(database.reading_statements).read


def _no_problem() -> None:
    """Say that nothing keeps this process from serving."""


def _limits(settings: Settings) -> Limits:
    return Limits(**{name: getattr(settings, name) for name in Limits.__dataclass_fields__})
