"""Socket.IO as the hub uses it: the configured server, sending to sockets, ending them.

No other module touches python-socketio's server. Sending never waits for a receiver: a socket that does
not read is ended when too much waits for it, and catches up when it comes back (`outbox.py`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

import engineio
import msgspec
import socketio
from engineio.async_drivers import asgi as engineio_asgi
from engineio.async_socket import AsyncSocket

from teaching_nb.hub.delivery.outbox import Outbox
from teaching_nb.hub.process import EndedConnections
from teaching_nb.schema import limits
from teaching_nb.schema.events import HubEvent

logger = logging.getLogger(__name__)

PING_INTERVAL_SECONDS = 15
PING_TIMEOUT_SECONDS = 20

MAX_WAITING_PACKETS = 2_000
"""Packets that may wait for one socket."""

MAX_ATTACHMENTS = 4
"""Binary parts of one event from a client."""

_FRAME = re.compile(r"[0-356]|4[0-6]")
"""How a text frame begins: the type of the Engine.IO packet, and of the Socket.IO packet in a message."""

_EVENT = re.compile(r'[0-9-]*\["([A-Z_]{1,40})"')

Send = Callable[[HubEvent, Collection[str]], Awaitable[None]]
"""Sends an event to sockets, as `Transport.send`."""

CLOSE_SECONDS = 5.0
"""How long a socket that is ended may take to read what waits for it."""


class _Json:
    """JSON for Socket.IO, strict in both directions: no NaN, no lone surrogates."""

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        """Return JSON text without spaces."""
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_options: Any) -> Any:
        """Parse JSON text."""
        return msgspec.json.decode(text)


class _Packet(socketio.packet.Packet):  # type: ignore[misc]  # python-socketio is untyped
    """A packet that refuses to wait for a great many attachments, and copes with JSON of any depth."""

    def decode(self, encoded_packet: str) -> int:
        """Parse a packet; returns the number of attachments that follow."""
        try:
            count = int(super().decode(encoded_packet) or 0)
        except RecursionError:
            # Answered like an event without a payload, which every handler refuses.
            count, self.data = 0, [_event_name(encoded_packet)]
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count

    def add_attachment(self, attachment: bytes) -> bool:
        """Take in an attachment; tells whether it was the last one."""
        try:
            return bool(super().add_attachment(attachment))
        except (IndexError, KeyError, TypeError):
            # A placeholder for none of them. Left waiting, the packet would swallow all that follows.
            data: Any = self.data
            self.data = data[:1] if isinstance(data, list) else [""]
            return True

    @classmethod
    def data_is_binary(cls, data: Any, depth: int = 3) -> bool:
        """Tell whether there are bytes in what the hub sends: they stand in a payload itself, never deeper."""
        if isinstance(data, (bytes, bytearray)):
            return True
        inside = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
        return depth > 0 and any(cls.data_is_binary(each, depth - 1) for each in inside)


class _Engine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio is untyped
    """An Engine.IO server that knows which task waits for the next heartbeat of a connection, and counts the ended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ended = EndedConnections()

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Start a task; one that sends a heartbeat can be found at its connection."""
        task = super().start_background_task(target, *args, **kwargs)
        connection = getattr(target, "__self__", None)
        if isinstance(connection, AsyncSocket):
            connection.heartbeat = task
        return task


class _Server(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio is untyped
    """A Socket.IO server on an `_Engine`."""

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine


class _WebSocket(engineio_asgi.WebSocket):  # type: ignore[misc]  # python-engineio is untyped
    """A connection that ends in good order when its client does not speak the protocol, or does not read.

    Left to itself, python-engineio fails on a wrong frame in a place where it forgets to clean up, and waits for
    ever for a client that reads nothing and does not go away either. It would also keep all that a connection was
    made of until its next heartbeat would have been due, though it ended long before.
    """

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        # The handler is a method of the Engine.IO socket that this connection belongs to.
        self._connection: Any = handler.__self__
        self._outbox: Outbox = self._connection.queue
        self._patience = server.ping_interval + server.ping_timeout
        self._ended: EndedConnections = server.ended

    async def __call__(self, environ: Any) -> Any:
        """Serve the connection until it ends."""
        ending = asyncio.create_task(self._end_when_given_up())
        try:
            return await super().__call__(environ)
        finally:
            ending.cancel()
            self._connection.heartbeat.cancel()
            self._ended.add()

    async def send(self, message: str | bytes) -> None:
        """Write a frame; a client that does not take it for as long as a heartbeat may fail is cut off."""
        try:
            await self._write(message)
        except BaseException:
            # python-engineio writes nothing more now. `wait` would wait in vain for room, and not see that it is over.
            self._outbox.give_up()
            raise
        self._outbox.written()

    async def _write(self, message: str | bytes) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await super().send(message)
        except TimeoutError:
            logger.warning("cutting off a socket that has read nothing for %d s", self._patience)
            self._cut_off()
            raise

    async def wait(self) -> str | bytes:
        """Return the next frame; raises `OSError`, as for a connection that has ended, when it is none."""
        await self._outbox.room()
        frame: str | bytes = await super().wait()
        is_known = isinstance(frame, bytes) or _FRAME.match(frame) is not None
        if not is_known or len(frame) > limits.SOCKET_MESSAGE_BYTES:
            logger.info("a connection is ended: it sent %d bytes that are no packet", len(frame))
            raise OSError("not a packet")
        return frame

    async def _end_when_given_up(self) -> None:
        """Give the client a moment to take the farewell, which it cannot when it does not read at all."""
        await self._outbox.given_up.wait()
        await asyncio.sleep(CLOSE_SECONDS)
        self._cut_off()

    def _cut_off(self) -> None:
        """Drop the connection and what the system still holds for it; nothing happens to one that has ended."""
        # ASGI has no word for it; behind `send` is the web server's protocol.
        transport = getattr(getattr(self.asgi_send, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()


class Transport:
    """The Socket.IO server of this process."""

    def __init__(self, *, ping_interval: int = PING_INTERVAL_SECONDS, ping_timeout: int = PING_TIMEOUT_SECONDS) -> None:
        self.server = _Server(
            async_mode="asgi",
            # With handlers run one after the other, one client's events keep their order.
            async_handlers=False,
            transports=["websocket"],
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            max_http_buffer_size=limits.SOCKET_MESSAGE_BYTES,
            cors_allowed_origins=[],
            json=_Json,
            serializer=_Packet,
        )
        # python-engineio has no other way to its connections.
        self.server.eio._async = {**self.server.eio._async, "websocket": _WebSocket}  # noqa: SLF001
        self.server.eio.create_queue = Outbox
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._waiting: set[str] = set()

    async def send(self, event: HubEvent, sids: Collection[str]) -> None:
        """Send one event to sockets; those that do not keep up are ended instead.

        Encodes it once and puts it into every outbox. python-socketio's `emit` starts a task for every socket and
        waits for all of them: events came out more slowly than a class that writes makes them.
        """
        ready = [sid for sid in sids if self._is_ready(sid)]
        if not ready:
            return
        encoded = self.server.packet_class(socketio.packet.EVENT, data=[event.name, event.payload()]).encode()
        parts = encoded if isinstance(encoded, list) else [encoded]
        packets = [engineio.packet.Packet(engineio.packet.MESSAGE, part) for part in parts]
        for sid in ready:
            for packet in packets:
                self._connection(sid).queue.put_nowait(packet)

    def close(self, sid: str) -> None:
        """End a socket without waiting for it."""
        if sid not in self._closing:
            self._begin_closing(sid, self._close(sid))

    def is_open(self, sid: str) -> bool:
        """Tell whether a socket is connected."""
        return bool(self.server.manager.is_connected(sid, "/"))

    def open_sids(self) -> set[str]:
        """Return all sockets that are let in."""
        return {sid for sid, _ in self.server.manager.get_participants("/", None) if self.is_open(sid)}

    async def sweep(self) -> None:
        """End connections that have not been let in since the last sweep."""
        manager = self.server.manager
        waiting = {sid for sid in list(self.server.eio.sockets) if manager.sid_from_eio_sid(sid, "/") is None}
        for eio_sid in waiting & self._waiting:
            connection = self.server.eio.sockets.get(eio_sid)
            if connection is not None:
                await _abort(connection)
        self._waiting = waiting

    async def stop(self) -> None:
        """End the background tasks; the connections are closed by the web server, so that clients come back."""
        await self.server.shutdown()

    def _connection(self, sid: str) -> Any:
        return self.server.eio.sockets.get(self.server.manager.eio_sid_from_sid(sid, "/"))

    def _is_ready(self, sid: str) -> bool:
        connection = self._connection(sid)
        if sid in self._closing or connection is None or connection.closed or connection.queue.is_given_up:
            return False
        if connection.queue.waiting_packets <= MAX_WAITING_PACKETS:
            return True
        logger.warning("ending socket %s, which does not read what is sent", sid)
        self._begin_closing(sid, _abort(connection))
        return False

    def _begin_closing(self, sid: str, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing[sid] = task
        task.add_done_callback(lambda _: self._closing.pop(sid, None))

    async def _close(self, sid: str) -> None:
        connection = self._connection(sid)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.server.disconnect(sid)
        except TimeoutError:
            await _abort(connection)
        except Exception:
            logger.exception("ending socket %s failed", sid)


def _event_name(encoded_packet: str) -> str:
    """Return the name of an event whose payload cannot be parsed; empty when there is none."""
    match = _EVENT.match(encoded_packet)
    return match[1] if match else ""


async def _abort(connection: Any) -> None:
    """End a connection without a farewell, so that its client tries again."""
    connection.queue.give_up()
    await connection.close(wait=False, abort=True)
