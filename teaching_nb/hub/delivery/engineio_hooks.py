"""Everything undocumented of python-engineio that the hub relies on, for `socketio_hooks` and the transport.

`tests/hub/delivery/test_engineio_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

import engineio
from engineio.async_drivers import asgi as engineio_asgi
from engineio.async_socket import AsyncSocket
from websockets.frames import Frame, Opcode

from teaching_nb.hub import uvicorn_hooks
from teaching_nb.hub.delivery.outbox import Message, Outbox
from teaching_nb.hub.process import EndedConnections
from teaching_nb.schema import limits

logger = logging.getLogger(__name__)

_FRAME = re.compile(r"[0-356]|4[0-6]")
"""How a text frame begins: the type of the Engine.IO packet, and of the Socket.IO packet in a message."""

_ASKED_FOR = {"REQUEST_METHOD", "HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN"}
"""What of a request is looked at after a connection has begun: by whoever lets its sockets in, and at its end."""

FAREWELL_SECONDS = 5.0
"""How long a socket that is given up may take to read what it is told last."""


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio is untyped
    """An Engine.IO server with connections and queues of ours.

    It knows which task waits for the next heartbeat of a connection, and counts the connections that have ended.
    """

    _async: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ended = EndedConnections()
        # There is no other way to its connections.
        self._async = {**self._async, "websocket": WebSocket}

    def create_queue(self, *_args: Any, **_kwargs: Any) -> Outbox:
        """Return what holds the packets for one connection."""
        return Outbox()

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Start a task; one that sends a heartbeat can be found at its connection."""
        task = super().start_background_task(target, *args, **kwargs)
        connection = getattr(target, "__self__", None)
        if isinstance(connection, AsyncSocket):
            connection.heartbeat = task
        return task


class WebSocket(engineio_asgi.WebSocket):  # type: ignore[misc]  # python-engineio is untyped
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
        self._ending: asyncio.TimerHandle | None = None

    async def __call__(self, environ: Any) -> Any:
        """Serve the connection until it ends."""
        self._outbox.add_given_up_callback(self._end_soon)
        self._connection.poll = self._packets
        _forget_request(environ)
        self._outbox.writer = uvicorn_hooks.frame_writer(environ["asgi.send"])
        try:
            return await super().__call__(environ)
        finally:
            self._outbox.end()
            if self._ending is not None:
                self._ending.cancel()
            self._connection.heartbeat.cancel()
            self._ended.add()

    async def _packets(self) -> list[engineio.packet.Packet]:
        """Return what is to be written next; nothing at the end.

        python-engineio's own `poll` takes a task and a timer for each look, only to end a connection that `wait` ends
        at the same time.
        """
        packets = []
        packet = await self._outbox.get()
        while packet is not None:
            self._outbox.task_done()
            packets.append(packet)
            if self._outbox.empty():
                return packets
            packet = self._outbox.get_nowait()
        self._outbox.task_done()
        if packets:
            self._outbox.put_nowait(None)
        return packets

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
            uvicorn_hooks.abort(self.asgi_send)
            raise

    async def wait(self) -> str | bytes:
        """Return the next frame; raises `OSError`, as for a lost connection, for one that is too large or no packet."""
        await self._outbox.room()
        frame: str | bytes = await super().wait()
        is_known = isinstance(frame, bytes) or _FRAME.match(frame) is not None
        if not is_known or len(frame) > limits.SOCKET_MESSAGE_BYTES:
            logger.info("a connection is ended: it sent %d bytes that are no packet", len(frame))
            raise OSError("not a packet")
        return frame

    def _end_soon(self) -> None:
        """Give the client a moment to take the farewell, which it cannot when it does not read at all."""
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(FAREWELL_SECONDS, lambda: uvicorn_hooks.abort(self.asgi_send))


def _forget_request(environ: dict[str, Any]) -> None:
    """Drop what a request had that nobody asks for later; it would be kept as long as the connection."""
    kept = {name: value for name, value in environ.items() if name.startswith("asgi.") or name in _ASKED_FOR}
    environ.clear()
    environ.update(kept)
    environ["asgi.scope"]["headers"] = []


def message(parts: Iterable[str | bytes]) -> Message:
    """Return one message of these parts, to be put into outboxes."""
    packets = [engineio.packet.Packet(engineio.packet.MESSAGE, part) for part in parts]
    return Message(packets, b"".join(_frame(packet.encode()) for packet in packets))


def _frame(encoded: str | bytes) -> bytes:
    """Return a packet as a frame of RFC 6455 that is neither masked nor compressed."""
    is_text = isinstance(encoded, str)
    data = encoded.encode() if isinstance(encoded, str) else encoded
    return Frame(Opcode.TEXT if is_text else Opcode.BINARY, data).serialize(mask=False)


def connections(engine: Engine) -> dict[str, AsyncSocket]:
    """Return the connections that are there, by their ids in Engine.IO."""
    return dict(engine.sockets)


def connection(engine: Engine, id_: str | None) -> AsyncSocket | None:
    """Return the connection with an id of Engine.IO; None when it has ended."""
    return engine.sockets.get(id_)


def outbox_of(connection: AsyncSocket) -> Outbox | None:
    """Return the queue of packets for a connection; None when the connection is lost."""
    outbox: Outbox = connection.queue
    return None if connection.closed or outbox.is_given_up else outbox


async def abort(connection: AsyncSocket) -> None:
    """End a connection without a farewell, so that its client tries again."""
    connection.queue.give_up()
    await connection.close(wait=False, abort=True)
