"""The web server of a hub, and its process: signals, standard input, the line that tells the address."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from teaching_nb.errors import ConfigurationError, TeachingNbError
from teaching_nb.hub.app import Hub
from teaching_nb.hub.config import Settings
from teaching_nb.hub.process import calm_collector
from teaching_nb.hub.uvicorn_hooks import WebServer, failure_of_start
from teaching_nb.hub.workers import Workers
from teaching_nb.schema import limits

SHUTDOWN_SECONDS = 3
"""How long requests may take to finish when the hub ends."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


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
            await send({"type": "lifespan.startup.failed"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(settings: Settings) -> HubApp:
    """Return the hub as an ASGI application; the web server must run its lifespan."""
    return HubApp(settings)


class HubServer(WebServer):
    """A web server for one hub, on a socket of its own; also used by tests.

    `on_listening` is called with the URL once connections are accepted.
    """

    def __init__(
        self, settings: Settings, *, on_listening: Callable[[str], None], bound: socket.socket | None = None
    ) -> None:
        self.app = create_app(settings)
        self._socket = bound_socket(settings.host, settings.port) if bound is None else bound
        super().__init__(
            uvicorn.Config(
                self.app,
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                # Engine.IO has heartbeats of its own.
                ws_ping_interval=None,
                # The transport's frame: a packet of Engine.IO with its type in front.
                ws_max_size=limits.SOCKET_MESSAGE_BYTES + 1_000,
                lifespan="on",
                proxy_headers=bool(settings.trusted_balancers),
                forwarded_allow_ips=list(settings.trusted_balancers),
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            ),
            on_started=lambda: on_listening(self.url),
        )

    @property
    def url(self) -> str:
        """Return the address that clients use."""
        return url_of(self._socket)

    async def run_until_stopped(self) -> None:
        """Serve until `should_exit` is set; raises what kept the hub from starting."""
        try:
            with failure_of_start(lambda: self.app.startup_error):
                await self.serve(sockets=[self._socket])
        finally:
            self._socket.close()


async def serve(
    settings: Settings,
    *,
    on_listening: Callable[[str], None],
    bound: socket.socket | None = None,
    until_closed: int | None = None,
) -> None:
    """Run a hub until SIGTERM, SIGINT or the end of a descriptor, on a socket that is bound or one of its own."""
    server = HubServer(settings, on_listening=on_listening, bound=bound)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    if until_closed is not None:
        threading.Thread(target=_wait_for_end, args=(until_closed, loop, stop), daemon=True).start()
    await server.run_until_stopped()


def run(settings: Settings) -> None:
    """Run a hub in this thread, on uvloop where there is one.

    Prints one line, `listening on URL`, once connections are accepted.
    """
    stdin = 0 if settings.until_stdin_closes else None
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, on_listening=_announce, until_closed=stdin))


def run_workers(settings: Settings, count: int) -> int:
    """Run a hub in several processes until a signal ends it, and return the exit code; prints the same line."""
    bound = bound_socket(settings.host, settings.port)

    def work(shared: socket.socket, on_listening: Callable[[], None], lifeline: int) -> int:
        def listening(_url: str) -> None:
            calm_collector()
            on_listening()

        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(serve(settings, on_listening=listening, bound=shared, until_closed=lifeline))
        except TeachingNbError as error:
            sys.stderr.write(f"teaching-nb: {' '.join(str(error).split())}\n")
            return 1
        return 0

    workers = Workers(bound, count, work, until_stdin_closes=settings.until_stdin_closes)
    return workers.run(lambda: _announce(url_of(bound)))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def url_of(bound: socket.socket) -> str:
    """Return the address that clients of a socket use."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket on an address; raises `ConfigurationError` when that is taken or none of this machine."""
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


def _wait_for_end(descriptor: int, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    # os.read instead of sys.stdin: its lock would make the interpreter crash when it ends first.
    with contextlib.suppress(OSError):
        while os.read(descriptor, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop)


def _announce(url: str) -> None:
    calm_collector()
    sys.stdout.write(f"listening on {url}\n")
    sys.stdout.flush()
