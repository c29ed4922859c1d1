"""What the connection takes an attempt in vain for: a burden to somebody, or to nobody."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import pytest
from aiohttp import web

from teaching_nb.client.link import connection
from teaching_nb.client.link.address import Address
from teaching_nb.client.link.backoff import Backoff
from teaching_nb.client.link.connection import Connection, Listener
from teaching_nb.schema.closing import NOBODY_THERE, TRY_AGAIN_LATER
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess

SECONDS = 30.0

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Noted(Backoff):
    """Waits not at all, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: asyncio.Queue[bool] = asyncio.Queue()
        """Of each whether nobody was there."""
        self.sentences: list[str] = []
        self.resets = 0

    def next_delay(self, *, is_absent: bool = False) -> float:
        """Take note of a failure."""
        self.failures.put_nowait(is_absent)
        return 0.0

    def reset(self) -> None:
        """Take note of it."""
        self.resets += 1


def answering(status: str) -> Serve:
    """Return a server that answers every request with a status."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    return serve


def closing(reason: str) -> Callable[[], AbstractAsyncContextManager[str]]:
    """Return where every WebSocket is opened, and closed with "try again later" and a reason."""

    @asynccontextmanager
    async def run() -> AsyncIterator[str]:
        async def serve(request: web.Request) -> web.WebSocketResponse:
            opened = web.WebSocketResponse()
            await opened.prepare(request)
            await opened.close(code=TRY_AGAIN_LATER, message=reason.encode())
            return opened

        application = web.Application()
        application.router.add_get("/socket.io/", serve)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()

    return run


async def breaking_off(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close every connection."""
    writer.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer nothing."""
    await reader.read()
    writer.close()


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[str]:
    """Run a server; yields its address."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def nobody() -> nullcontext[str]:
    """Return an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return nullcontext(f"http://127.0.0.1:{port}")


@asynccontextmanager
async def connecting(url: str, token: str = "token") -> AsyncIterator[tuple[Connection, Noted, asyncio.Event]]:
    """Run a connection; yields it, its back-off, and an event that is set while it is connected."""
    is_up = asyncio.Event()

    async def came_up() -> None:
        is_up.set()

    backoff = Noted()

    def was_lost(sentence: str) -> None:
        is_up.clear()
        backoff.sentences.append(sentence)

    listener = Listener(on_connected=came_up, on_lost=was_lost, on_event=lambda *_: None)
    running = Connection(Address(url, token), listener, backoff)
    task = asyncio.create_task(running.run())
    try:
        async with asyncio.timeout(SECONDS):
            yield running, backoff, is_up
    finally:
        await running.close()
        await task


@pytest.mark.parametrize(
    ("somewhere", "is_absent"),
    [
        (nobody, True),
        (lambda: listening(answering("502 Bad Gateway")), True),
        (lambda: listening(answering("503 Service Unavailable")), True),
        (closing(NOBODY_THERE), True),
        (closing("too many connections"), False),
        (closing(""), False),
        (lambda: listening(answering("504 Gateway Timeout")), False),
        (lambda: listening(answering("429 Too Many Requests")), False),
        (lambda: listening(breaking_off), False),
        (lambda: listening(silent), False),
    ],
    ids=["nobody", "502", "503", "nobody behind", "too many", "no reason", "504", "429", "breaking off", "silent"],
)
async def test_only_an_attempt_that_finds_nobody_is_no_burden(
    monkeypatch: pytest.MonkeyPatch, somewhere: Callable[[], object], *, is_absent: bool
) -> None:
    """Whoever was there and did not manage is to be left alone for longer; none of it counts as a good connection."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connection, "STABLE_SECONDS", 0.0)
    async with somewhere() as url, connecting(url) as (_, backoff, _up):  # type: ignore[attr-defined]
        failures = [await backoff.failures.get() for _ in range(2)]

    assert failures == [is_absent, is_absent]
    assert backoff.resets == 0


@pytest.mark.parametrize(("stable", "resets"), [(0.0, 1), (1e9, 0)], ids=["long enough", "too short"])
async def test_connection_that_lasted_makes_the_back_off_start_anew(
    monkeypatch: pytest.MonkeyPatch, a_hub: HubProcess, stable: float, resets: int
) -> None:
    """One that ends at once is one more failure of a hub that was there."""
    monkeypatch.setattr(connection, "STABLE_SECONDS", stable)
    async with connecting(a_hub.url, a_hub.token(ALICE)) as (running, backoff, is_up):
        await is_up.wait()
        running.drop()
        is_absent = await backoff.failures.get()

    assert (backoff.resets, is_absent) == (resets, False)


async def test_reason_for_closing_is_told() -> None:
    """Who is turned away learns why, in the words of the Jupyter server."""
    async with closing("too many connections, the limit is 50")() as url, connecting(url) as (_, backoff, _up):
        for _failure in range(2):
            await backoff.failures.get()
        first = backoff.sentences[0]

    assert first == f"the hub at {url} refuses the connection: too many connections, the limit is 50"
