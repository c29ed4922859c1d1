"""What the hub relies on in python-engineio. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import asyncio
from typing import Any

import engineio

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


async def test_an_aborted_connection_is_given_up() -> None:
    """Whoever does not read is ended without a farewell."""
    engine = Engine(async_mode="asgi", transports=["websocket"])

    async with connected(engineio.ASGIApp(engine), "/engine.io/") as socket:
        await socket.text()
        (connection,) = engineio_hooks.connections(engine).values()
        await engineio_hooks.abort(connection)

    assert connection.closed, "close(wait=False, abort=True) does not end a socket" + MOVED
    assert connection.queue.is_given_up


async def test_every_way_into_the_queue_is_counted() -> None:
    """`asyncio.Queue` lets subclasses say what `_put` and `_get` do, and all its methods go through them."""
    (packet,) = engineio_hooks.message(["four"]).packets
    outbox = Outbox()

    await outbox.put(packet)
    outbox.put_nowait(packet)
    size = outbox.waiting_bytes
    for _ in range(2):
        assert outbox.get_nowait() is packet or await outbox.get() is packet
    outbox.written()

    assert size == 8, "asyncio.Queue does not put in with `_put` any more; mend hub/delivery/outbox.py"
    assert (outbox.waiting_bytes, outbox.waiting_packets) == (4, 1), (
        "asyncio.Queue does not take out with `_get` any more; mend hub/delivery/outbox.py"
    )
