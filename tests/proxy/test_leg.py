"""One connection of a relayed socket, over a pair of sockets without anything behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from tornado.iostream import IOStream, StreamClosedError

from teaching_nb.proxy import leg
from teaching_nb.proxy.frames import Closing, close_frame
from teaching_nb.proxy.leg import Leg


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return both ends of a connection."""
    near, far = socket.socketpair()
    far.settimeout(20)
    yield near, far
    near.close()
    far.close()


@pytest.fixture
async def a_leg(ends: tuple[socket.socket, socket.socket]) -> Leg:
    """Return the leg of a client."""
    return Leg(IOStream(ends[0]), is_client=True, limit=1_000)


@pytest.fixture
def far(ends: tuple[socket.socket, socket.socket]) -> socket.socket:
    """Return the client's end."""
    return ends[1]


async def test_whoever_sends_without_end_leaves_others_their_turn(
    a_leg: Leg, far: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two readings of what has long been there, everybody else runs once."""
    monkeypatch.setattr(leg, "READ_BYTES", 10)
    far.sendall(bytes(500))
    turns = 0

    async def run() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(run())
    for _ in range(50):
        assert len(await a_leg.read()) == 10
    running.cancel()
    a_leg.cut()

    assert turns >= 49


async def test_whoever_does_not_read_is_waited_for_and_given_up(
    a_leg: Leg, far: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write ends when all of it is taken, and with an error after a while."""
    monkeypatch.setattr(leg, "STUCK_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        await a_leg.write(bytes(5_000_000), is_whole=True)

    # Behind what is not taken there is no goodbye that anybody would hear.
    monkeypatch.setattr(leg, "CLOSING_SECONDS", 0.05)
    a_leg.close(Closing(1013, "you do not read"))
    with pytest.raises(StreamClosedError):
        await a_leg.read()
    assert far.recv(1) == b"\x00"


async def test_goodbye_is_said_once_and_behind_what_was_written(a_leg: Leg, far: socket.socket) -> None:
    """The first word counts; when the other end has said its own, the connection ends."""
    await a_leg.write(b"whole", is_whole=True)
    a_leg.close(Closing(4001, "first"))
    a_leg.close(Closing(4002, "second"))
    await a_leg.finish()

    said = b"whole" + close_frame(Closing(4001, "first"))
    assert far.recv(1_000) == said
    assert far.recv(1_000) == b""
