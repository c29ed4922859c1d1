"""The composition root of the hub: puts one process together, and runs it.

    Transport (Socket.IO) ── SocketHandlers ──┐
                                              ├── services ── Database
    Litestar (REST, everything else) ─────────┘       │
                                                   Outcome
    Rooms ── Presence                                 │
      └───── Publisher ◄──────────────────────────────┘
               └── Admission (access changed), LiveRooms (live updates)

Everything here is made once and handed down; nothing else in the hub reaches for a global.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import socketio
import uvicorn

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub import clock
from teaching_nb.hub.admission import Admission
from teaching_nb.hub.config import Settings, prepare_data_dir
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.credentials import Credentials
from teaching_nb.hub.database import Database
from teaching_nb.hub.document_writes import DocumentWrites
from teaching_nb.hub.garbage import calm_collector
from teaching_nb.hub.live_rooms import LiveRooms
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.presence import Presence
from teaching_nb.hub.publisher import Publisher
from teaching_nb.hub.rest import create_rest
from teaching_nb.hub.rest.content_types import JsonCharset
from teaching_nb.hub.rooms import Rooms
from teaching_nb.hub.services import changes
from teaching_nb.hub.services.quotas import QUOTAS, Limits, Quotas
from teaching_nb.hub.services.standings import next_expiry
from teaching_nb.hub.sockets import SocketHandlers
from teaching_nb.hub.transport import Transport
from teaching_nb.schema import limits

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
"""Time between two looks for sessions that have expired and connections that nobody speaks on."""

SHUTDOWN_SECONDS = 3
"""How long requests may take to finish when the hub ends."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Hub:
    """One running hub process without its web server."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._transport = Transport(ping_interval=settings.ping_interval, ping_timeout=settings.ping_timeout)
        self._rooms = Rooms()
        self._publisher = Publisher(self._rooms, self._transport.send)
        self._presence = Presence(self._rooms, self._transport.send)
        self._live = LiveRooms(database, self._rooms, self._publisher, self._transport.send)
        admission = Admission(database, self._rooms, self._live, self._transport)
        self._publisher.on_access_changed = admission.re_examine
        self.context = HubContext(
            settings,
            database,
            Credentials(database, settings),
            self._rooms,
            self._publisher,
            DocumentWrites(database, self._publisher),
        )
        self.context.credentials.on_adopted = self._re_examine_soon
        self._handlers = SocketHandlers(
            self.context,
            transport=self._transport,
            admission=admission,
            live=self._live,
            presence=self._presence,
        )
        self.asgi = socketio.ASGIApp(self._transport.server, other_asgi_app=JsonCharset(create_rest(self.context)))
        self._sweeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, settings: Settings) -> Hub:
        """Open the database and start everything that runs beside requests."""
        prepare_data_dir(settings.data_dir)
        database = await Database.open(settings.database_url)
        database.given[QUOTAS] = Quotas(_limits(settings))
        await database.write(changes.forget_old)
        hub = cls(settings, database)
        await hub._publisher.start()
        await hub._live.start()
        hub._sweeper = asyncio.create_task(hub._sweep(), name="sweeper")
        return hub

    async def close(self) -> None:
        """Write back what is live, send what is queued, close the database."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        self._presence.stop()
        try:
            await self._live.stop()
        finally:
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
        self._publisher.publish(Outcome(None, (), access_changed=True))


class HubApp:
    """The ASGI application: a hub that lives as long as the web server's lifespan."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.hub: Hub | None = None
        self.startup_error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        assert self.hub is not None, "the web server must run the lifespan"
        await self.hub.asgi(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self.hub = await Hub.open(self._settings)
        except Exception as error:  # noqa: BLE001 - raised again by whoever runs the server
            self.startup_error = error
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(settings: Settings) -> HubApp:
    """Return the hub as an ASGI application; the web server must run its lifespan."""
    return HubApp(settings)


class HubServer(uvicorn.Server):
    """A web server for one hub, on a socket of its own; also used by tests."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.on_listening: Callable[[str], None] = _ignore
        """Called with the URL once connections are accepted."""
        self._socket = _bound_socket(settings.host, settings.port)
        super().__init__(
            uvicorn.Config(
                self.app,
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                # The transport's frame: a packet of Engine.IO with its type in front.
                ws_max_size=limits.SOCKET_MESSAGE_BYTES + 1_000,
                lifespan="on",
                proxy_headers=False,
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )

    @property
    def url(self) -> str:
        """Return the address that clients use."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def run_until_stopped(self) -> None:
        """Serve until `should_exit` is set; raises what kept the hub from starting."""
        try:
            await self.serve(sockets=[self._socket])
        except SystemExit:
            # uvicorn's way to say that the lifespan did not start.
            if self.app.startup_error is None:
                raise
            raise self.app.startup_error from None
        finally:
            self._socket.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell the address."""
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self.on_listening(self.url)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`: uvicorn would raise them again, and the process would not end with 0."""
        yield


async def serve(settings: Settings) -> None:
    """Run a hub until SIGTERM, SIGINT or, when asked for, the end of standard input.

    Prints one line, `listening on URL`, once connections are accepted.
    """
    server = HubServer(settings)
    server.on_listening = _announce
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    if settings.until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, stop), daemon=True).start()
    await server.run_until_stopped()


def run(settings: Settings) -> None:
    """Run a hub in this thread, on uvloop where there is one."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _limits(settings: Settings) -> Limits:
    return Limits(**{name: getattr(settings, name) for name in Limits.__dataclass_fields__})


def _bound_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as on_failure:
            bound = on_failure.enter_context(socket.socket(family, kind, protocol))
            if sys.platform != "win32":
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            on_failure.pop_all()
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return bound


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    # os.read instead of sys.stdin: its lock would make the interpreter crash when it ends first.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop)


def _announce(url: str) -> None:
    calm_collector()
    sys.stdout.write(f"listening on {url}\n")
    sys.stdout.flush()


def _ignore(_url: str) -> None:
    pass
