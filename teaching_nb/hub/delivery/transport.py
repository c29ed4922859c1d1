"""Socket.IO as the hub uses it: the configured server, sending to sockets, ending them.

No other module touches python-socketio's server; what is undocumented of it is in `socketio_hooks`. Sending never waits
for a receiver: a socket that does not read is ended when too much waits for it, and catches up when it comes back
(`outbox.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any, TypeAlias

from teaching_nb.hub.delivery import engineio_hooks, socketio_hooks
from teaching_nb.hub.delivery.due import Due
from teaching_nb.hub.delivery.gathering import Gathering
from teaching_nb.hub.delivery.outbox import Outbox
from teaching_nb.hub.delivery.socketio_hooks import Json, Packet, Server
from teaching_nb.schema import limits
from teaching_nb.schema.events import HubEvent

logger = logging.getLogger(__name__)

PING_INTERVAL_SECONDS = 15
PING_TIMEOUT_SECONDS = 20

MAX_WAITING_PACKETS = 2_000
"""Packets that may wait for one socket."""

CROWD = 32
"""So many sockets wait a moment for what other processes are about to announce: to write costs more than to wait."""

CLOSE_SECONDS = 5.0
"""How long a socket that is ended may take to read what waits for it."""

Connection: TypeAlias = Any
"""A connection of Engine.IO, whose type python-engineio does not tell."""

Send = Callable[[HubEvent, Collection[str]], Awaitable[None]]
"""Sends an event to sockets, as `Transport.send`."""


class Transport:
    """The Socket.IO server of this process."""

    def __init__(
        self,
        *,
        ping_interval: int = PING_INTERVAL_SECONDS,
        ping_timeout: int = PING_TIMEOUT_SECONDS,
        gathering: Gathering | None = None,
    ) -> None:
        self.server = Server(
            async_mode="asgi",
            # With handlers run one after the other, one client's events keep their order.
            async_handlers=False,
            transports=["websocket"],
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            max_http_buffer_size=limits.SOCKET_MESSAGE_BYTES,
            cors_allowed_origins=[],
            json=Json,
            serializer=Packet,
        )
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._waiting: set[str] = set()
        self._connections: dict[str, tuple[Connection, Outbox]] = {}
        """Those that something was sent to, until they end; python-socketio finds them in four steps."""
        self._free: dict[str, Outbox] = {}
        """Outboxes of those that nothing is known against; what nothing waits in may be written to without a look."""
        self._inline: set[str] = set()
        """Those that want no attachments where they can be avoided."""
        self._has_others = gathering is not None
        self._due = Due(gathering)

    async def send(self, event: HubEvent, sids: Collection[str]) -> None:
        """Send one event to sockets; those that do not keep up are ended instead.

        Encodes it once in each form, and has it written with all that is due in the same moment. python-socketio's
        `emit` starts a task for every socket and waits for all of them: events came out more slowly than a class that
        writes makes them.
        """
        if self._inline and event.attached is not None and len(event.attached) <= limits.INLINE_BYTES:
            self._post(event, self._inline.intersection(sids), inline=True)
            self._post(event, [sid for sid in sids if sid not in self._inline])
        else:
            self._post(event, sids)

    def prefer_inline(self, sid: str) -> None:
        """Have a socket hear small edits and cursors without attachments."""
        if (found := self._found(sid)) is not None:
            self._inline.add(sid)
            found[1].add_end_callback(partial(self._inline.discard, sid))

    def _post(self, event: HubEvent, sids: Collection[str], *, inline: bool = False) -> None:
        if not sids:
            return
        message = engineio_hooks.message(socketio_hooks.encoded(event, inline=inline))
        # What has attachments are edits and cursors, for which somebody waits who sees every letter.
        is_crowd = self._has_others and len(sids) >= CROWD and event.attached is None
        has_before = not is_crowd and self._due.has_crowd
        first = []
        for sid in sids:
            outbox = self._free.get(sid)
            if outbox is None or outbox.waiting_packets:
                outbox = self._ready(sid)
                if outbox is None:
                    continue
            if outbox.post(message) or has_before:
                first.append(outbox)
        if is_crowd:
            self._due.add_crowd(first)
        elif first:
            self._due.add(first)

    def came(self, process: str) -> None:
        """Note that everything was sent that a process has announced together, this one or another."""
        self._due.came(process)

    def close(self, sid: str) -> None:
        """End a socket without waiting for it."""
        if sid not in self._closing:
            self._begin_closing(sid, self._close(sid))

    def is_open(self, sid: str) -> bool:
        """Tell whether a socket is connected."""
        return socketio_hooks.is_open(self.server, sid)

    def open_sids(self) -> set[str]:
        """Return all sockets that are let in."""
        return socketio_hooks.open_sids(self.server)

    async def sweep(self) -> None:
        """End connections that have not been let in since the last sweep."""
        waiting = socketio_hooks.not_let_in(self.server)
        for id_ in waiting.keys() & self._waiting:
            await engineio_hooks.abort(waiting[id_])
        self._waiting = set(waiting)

    async def stop(self) -> None:
        """End the background tasks; the connections are closed by the web server, so that clients come back."""
        self._due.write_all()
        await self.server.shutdown()

    def _ready(self, sid: str) -> Outbox | None:
        """Return the outbox of a socket; None when it has ended, or is ended here because it does not read."""
        found = self._connections.get(sid) or self._found(sid)
        if found is None:
            return None
        connection, outbox = found
        if connection.closed or outbox.is_given_up or sid in self._closing:
            return None
        if outbox.waiting_packets <= MAX_WAITING_PACKETS:
            return outbox
        logger.warning("ending socket %s, which does not read what is sent", sid)
        self._begin_closing(sid, engineio_hooks.abort(connection))
        return None

    def _found(self, sid: str) -> tuple[Connection, Outbox] | None:
        connection = socketio_hooks.connection_of(self.server, sid)
        outbox = None if connection is None else engineio_hooks.outbox_of(connection)
        if connection is None or outbox is None:
            return None
        found = self._connections[sid] = (connection, outbox)
        outbox.add_end_callback(partial(self._forget, sid))
        if sid not in self._closing:
            self._free[sid] = outbox
        return found

    def _forget(self, sid: str) -> None:
        self._connections.pop(sid, None)
        self._free.pop(sid, None)

    def _begin_closing(self, sid: str, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing[sid] = task
        self._free.pop(sid, None)
        task.add_done_callback(lambda _: self._closing.pop(sid, None))

    async def _close(self, sid: str) -> None:
        connection = socketio_hooks.connection_of(self.server, sid)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.server.disconnect(sid)
        except TimeoutError:
            if connection is not None:
                await engineio_hooks.abort(connection)
        except Exception:
            logger.exception("ending socket %s failed", sid)
