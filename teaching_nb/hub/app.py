"""The composition root of the hub: puts one process together.

    Transport (Socket.IO) ── SocketHandlers ──┐
                                              ├── services ── Database
    Rest (everything else over HTTP) ─────────┘       │
                                                   Outcome
    Rooms ── RoomChanges ── Presence                  │
      └───── Publisher ◄──────────────────────────────┘
               └── Admission (access changed), LiveRooms (live updates)

Everything here is made once and handed down; nothing else in the hub reaches for a global.
"""

from __future__ import annotations

import asyncio
import logging

import socketio

from teaching_nb.hub import clock
from teaching_nb.hub.access.person_facts import next_expiry
from teaching_nb.hub.config import Settings, prepare_data_dir
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.presence import Presence
from teaching_nb.hub.delivery.publisher import Publisher
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.delivery.transport import Transport
from teaching_nb.hub.delivery.writes import DocumentWrites
from teaching_nb.hub.documents.quotas import QUOTAS, Limits, Quotas
from teaching_nb.hub.identity.credentials import Credentials
from teaching_nb.hub.live.rooms import LiveRooms
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.rest import Rest
from teaching_nb.hub.sockets.admission import Admission
from teaching_nb.hub.sockets.handlers import SocketHandlers
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.database import Database

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
"""Time between two looks for sessions that have expired and connections that nobody speaks on."""


class Hub:
    """One running hub process without its web server."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._transport = Transport(ping_interval=settings.ping_interval, ping_timeout=settings.ping_timeout)
        room_changes = RoomChanges()
        self._rooms = Rooms(room_changes)
        self._presence = Presence(self._rooms, room_changes, self._transport.send)
        self._announcements = Announcements(self._rooms)
        commits = Commits(database, self._announcements)
        self._live = LiveRooms(database, commits, self._rooms, self._transport.send)
        admission = Admission(database, self._rooms, self._live, self._transport)
        self._publisher = Publisher(
            self._announcements,
            self._rooms,
            self._transport.send,
            apply_committed=self._live.documents.apply_committed,
            pace=self._live.kernel_pace.of,
            follow_access=admission.re_examine,
        )
        self.context = HubContext(
            settings,
            database,
            Credentials(database, settings, on_adopted=self._re_examine_soon),
            self._rooms,
            commits,
            DocumentWrites(database, self._announcements),
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

    @classmethod
    async def open(cls, settings: Settings) -> Hub:
        """Open the database and start everything that runs beside requests."""
        prepare_data_dir(settings.data_dir)
        database = await Database.open(settings.database_url)
        database.given[QUOTAS] = Quotas(_limits(settings))
        await database.write(change_numbers.forget_old)
        hub = cls(settings, database)
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
            await self._publisher.stop()
            await self._transport.stop()
            await self._database.close()

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

    def _re_examine_soon(self) -> None:
        """Bring living sockets into step with the database."""
        self._announcements.add(Outcome(None, access_changed=True))


def _limits(settings: Settings) -> Limits:
    return Limits(**{name: getattr(settings, name) for name in Limits.__dataclass_fields__})
