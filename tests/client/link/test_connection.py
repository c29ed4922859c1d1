"""What the connection takes an attempt in vain for, a burden to somebody or to nobody; and how it ends."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import aiohttp
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


GREETING = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
UPDATE = ('451-["DOCUMENT_UPDATE",{"update":{"_placeholder":true,"num":0}}]', b"\x01")


@asynccontextmanager
async def saying(*messages: str | bytes, answers: int = 0) -> AsyncIterator[str]:
    """Run a server that opens every WebSocket, says something, hears so many answers, asks for a pong, and dies."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        for message in messages:
            await (opened.send_str(message) if isinstance(message, str) else opened.send_bytes(message))
        for _answer in range(answers):
            await opened.receive()
        assert request.transport is not None
        await opened.ping()
        at_once = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        request.transport.abort()
        return opened

    application = web.Application()
    application.router.add_get("/socket.io/", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def connecting(
    url: str, token: str = "token", on_event: Callable[[Connection], None] = lambda _: None
) -> AsyncIterator[tuple[Connection, Noted, asyncio.Event]]:
    """Run a connection; yields it, its back-off, and an event that is set while it is connected."""
    is_up = asyncio.Event()

    async def came_up() -> None:
        is_up.set()

    backoff = Noted()

    def was_lost(sentence: str) -> None:
        is_up.clear()
        backoff.sentences.append(sentence)

    listener = Listener(on_connected=came_up, on_lost=was_lost, on_event=lambda *_: on_event(running))
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


@pytest.mark.parametrize(
    "messages",
    [(), ("garbage",), (GREETING,), (GREETING, '44{"message":"not now"}'), (GREETING, '40{"sid":"b"}')],
    ids=["before a word", "garbage", "after the greeting", "refused", "connected"],
)
async def test_connection_that_dies_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch, messages: tuple[str, ...]
) -> None:
    """A hub that is killed, at whichever moment, costs the kernel no socket, and no warning later."""
    kept: list[aiohttp.ClientResponse] = []

    class Kept(connection._WebSocket):
        """Held by somebody, as by the traceback of an error: so nothing but the connection itself lets go of it."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            kept.append(self._response)

    monkeypatch.setattr(connection, "_WebSocket", Kept)
    async with saying(*messages, answers=len(messages) // 2) as url, connecting(url) as (_, backoff, _up):
        for _death in range(3):
            await backoff.failures.get()

    assert len(kept) >= 3
    assert [response.connection for response in kept if response.connection] == []


async def test_messages_of_a_connection_that_is_given_up_mean_nothing() -> None:
    """Not half of one either: its other half would be taken for a message of its own."""
    loop = asyncio.get_running_loop()
    problems: list[str] = []
    loop.set_exception_handler(lambda _loop, context: problems.append(str(context["exception"])))
    dropped_after: list[Connection] = []

    def drop(running: Connection, turns: int) -> None:
        if turns:
            loop.call_soon(drop, running, turns - 1)
        else:
            running.drop()

    def hear(running: Connection) -> None:
        dropped_after.append(running)
        drop(running, len(dropped_after))

    two_answers = saying(GREETING, '40{"sid":"b"}', *UPDATE * 20, answers=2)
    async with two_answers as url, connecting(url, on_event=hear) as (_, backoff, _up):
        for _turns in range(30):
            await backoff.failures.get()

    assert problems == []
