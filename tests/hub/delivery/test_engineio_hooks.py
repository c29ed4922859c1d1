"""What the hub relies on in python-engineio. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import asyncio
from typing import Any

import engineio
import pytest

from teaching_nb.hub.delivery import engineio_hooks
from teaching_nb.hub.delivery.engineio_hooks import Engine
from teaching_nb.hub.delivery.outbox import Outbox
from tests.hub.delivery.asgi_sockets import connected

MOVED = "; mend hub/delivery/engineio_hooks.py"


async def test_python_engineio_has_what_the_hub_reaches_for() -> None:
    """One connection from beginning to end, without a web server."""
    engine = Engine(async_mode="asgi", transports=["websocket"])
    ended: list[None] = []
    engine.ended.add = lambda: ended.append(None)  # type: ignore[method-assign]  # counts

    async with connected(engineio.ASGIApp(engine), "/engine.io/") as socket:
        assert (await socket.text()).startswith("0"), "no OPEN packet came through asgi_send" + MOVED
        ((id_, connection),) = engineio_hooks.connections(engine).items()
        assert connection.sid == id_, "AsyncServer.sockets has other keys than the ids of Engine.IO" + MOVED
        assert isinstance(connection.queue, Outbox), "a socket's queue is not made by create_queue()" + MOVED
        heartbeat: Any = getattr(connection, "heartbeat", None)
        assert isinstance(heartbeat, asyncio.Task), (
            "the heartbeat is not begun by start_background_task(a method of the socket)" + MOVED
        )
        outbox = engineio_hooks.outbox_of(connection)
        assert outbox is not None, "a socket that is open is closed, or its queue given up" + MOVED
        for packet in engineio_hooks.message(["hello"]).packets:
            outbox.put_nowait(packet)
        assert await socket.text() == "4hello", "a packet in the queue is not sent as a frame" + MOVED
        assert outbox.waiting_bytes == 0, "frames are not written with the `send` of the connection's class" + MOVED

    assert ended, "the class in AsyncServer._async['websocket'] is not what serves a connection" + MOVED
    assert connection.closed, "a connection that has ended is not marked as closed" + MOVED
    assert engineio_hooks.outbox_of(connection) is None
    assert heartbeat.cancelled() or heartbeat.cancelling(), "the heartbeat outlives its connection" + MOVED


async def test_a_frame_that_is_no_packet_ends_the_connection() -> None:
    """It is read with the `wait` of the connection's class, of which python-engineio takes an `OSError` for the end."""
    engine = Engine(async_mode="asgi", transports=["websocket"])

    async with connected(engineio.ASGIApp(engine), "/engine.io/") as socket:
        await socket.text()
        (connection,) = engineio_hooks.connections(engine).values()
        socket.say(type="websocket.receive", text="no packet")
        async with asyncio.timeout(20):
            await connection.queue.join()
            while not connection.closed:
                await asyncio.sleep(0)

    assert connection.closed, "an OSError of `wait` does not end the connection" + MOVED


async def test_an_aborted_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not read is ended without a farewell."""
    monkeypatch.setattr(engineio_hooks, "FAREWELL_SECONDS", 0.1)
    engine = Engine(async_mode="asgi", transports=["websocket"])

    async with connected(engineio.ASGIApp(engine), "/engine.io/") as socket:
        await socket.text()
        (connection,) = engineio_hooks.connections(engine).values()
        await engineio_hooks.abort(connection)

        assert connection.closed, "close(wait=False, abort=True) does not end a socket" + MOVED
        assert connection.queue.is_given_up
        assert not socket.transport.aborted.is_set(), "it gets a moment to take the farewell"
        async with asyncio.timeout(20):
            await socket.transport.aborted.wait()


async def test_what_waits_together_is_written_in_order_and_then_the_end() -> None:
    """python-engineio asks for packets with `poll`, which the hub has put into another one's place."""
    engine = Engine(async_mode="asgi", transports=["websocket"])

    async with connected(engineio.ASGIApp(engine), "/engine.io/") as socket:
        await socket.text()
        (connection,) = engineio_hooks.connections(engine).values()
        assert connection.poll.__self__.__class__ is engineio_hooks.WebSocket
        for packet in engineio_hooks.message(["one", "two", "three"]).packets:
            connection.queue.put_nowait(packet)
        connection.queue.put_nowait(None)
        assert [await socket.text() for _ in range(3)] == ["4one", "4two", "4three"], "`poll` is not asked" + MOVED
        assert await socket.end(), "the end in the queue does not end the writer" + MOVED


async def test_of_the_request_is_kept_what_lets_people_in() -> None:
    """Names of browsers and the like would take room as long as the connection lasts."""
    engine = Engine(async_mode="asgi", transports=["websocket"])
    environs: list[dict[str, Any]] = []
    engine.on("connect", lambda _sid, environ: environs.append(environ))
    headers = [(b"user-agent", b"browser"), (b"cookie", b"session=1"), (b"origin", b"http://hub.test")]

    async with connected(engineio.ASGIApp(engine), "/engine.io/", headers) as socket:
        await socket.text()
        (environ,) = environs
        named = {name for name in environ if name.startswith("HTTP_")}
        assert named == {"HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_HOST"}, "the request is not handed on as it is" + MOVED
        assert environ["asgi.scope"]["headers"] == []
