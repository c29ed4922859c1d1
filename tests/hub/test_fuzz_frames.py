"""Frames that are no packets, packets that are too large, connections that are too many: others notice nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from teaching_nb.hub.room import of_user
from teaching_nb.schema import limits
from tests.harness.cast import Cast, Person
from tests.harness.listeners import Connect, Listener
from tests.harness.raw_socket import RawSocket, raw_socket
from tests.harness.running_hub import RunningHub

NO_PACKETS = {
    "nothing": "", "a letter": "x", "a zero byte": "\x00", "a type beyond the last": "9",
    "a message without packet": "4",
    "a packet type beyond the last": "47", "base64": "bAAAA", "a digit of another script": "４2[]",
    "deep JSON without packet type": "4" + "[" * 50_000, "an object without packet type": '4{"a":1}',
}  # fmt: skip
"""Frames after which the connection is of no use."""

ODD_PACKETS = {
    "no event": "42", "an empty event": "42[]", "an event without name": "42{}", "a name that is no text": "42[1]",
    "half an event": '42["JOIN_ROOM"', "NaN": "42[NaN]", "an id of 200 digits": "42" + "9" * 200 + '["JOIN_ROOM"]',
    "a handler's name": '42["__init__",1]', "an acknowledgement of nothing": "43999[1]",
    "an error": '44{"message":"x"}',
    "another namespace": "40/other,", "a second connect": "40{}", "an event elsewhere": '42/other,["JOIN_ROOM"]',
    "attachments of nothing": b"\x00\x01\xff", "no bytes": b"", "a placeholder without attachment":
    '42["UPDATE_DOCUMENT",{"_placeholder":true,"num":0}]', "a placeholder out of range":
    '451-["UPDATE_DOCUMENT",{"_placeholder":true,"num":7}]', "a billion attachments": '459999999-["UPDATE_DOCUMENT"]',
    "a placeholder that is no number": '451-["UPDATE_DOCUMENT",{"_placeholder":true,"num":"x"}]',
    "a pong": "3", "a ping": "2probe", "an upgrade": "5", "a noop": "6", "an open": "0{}",
    "deep JSON": '42["JOIN_ROOM",' + "[" * 50_000,
}  # fmt: skip
"""Frames that are refused or passed over; the connection may live on."""


@pytest.fixture
async def a_bystander(a_cast: Cast, connect_as: Connect) -> Listener:
    """Return the admin, who is connected and sees who else is."""
    bystander = await connect_as(a_cast.admin)
    # The full table; what changes from now on comes as an update.
    await bystander.hears("CONNECTED_CLIENTS")
    return bystander


@pytest.fixture
async def a_raw_socket(a_hub: RunningHub, a_cast: Cast, a_bystander: Listener) -> AsyncIterator[RawSocket]:
    """Return a connection of student 1, of which the bystander has been told."""
    async with raw_socket(a_hub.url, a_cast.student1.headers) as socket:
        await is_told(a_bystander, a_cast.student1, 1)
        yield socket


async def is_told(bystander: Listener, person: Person, count: int) -> None:
    """Wait until the bystander is told how many connections a person has."""
    while [person.id, count] not in (await bystander.hears("CONNECTED_CLIENTS"))["rooms"]:
        pass


def joining(cast: Cast) -> str:
    """Return the arguments of the event that enters the room of class A, in which student 1 is."""
    return f'"JOIN_ROOM","{cast.class_a}"'


@pytest.mark.parametrize("frame", NO_PACKETS.values(), ids=NO_PACKETS)
async def test_a_frame_that_is_no_packet_ends_its_connection_alone(
    a_cast: Cast, a_bystander: Listener, a_raw_socket: RawSocket, caplog: pytest.LogCaptureFixture, frame: str
) -> None:
    """The connection is closed and forgotten at once, nothing fails, and others go on."""
    await a_raw_socket.send(frame)

    await a_raw_socket.ended()
    await is_told(a_bystander, a_cast.student1, 0)
    assert await a_bystander.call("JOIN_ROOM", a_cast.admin.id) is True
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text


@pytest.mark.parametrize("frame", ODD_PACKETS.values(), ids=ODD_PACKETS)
async def test_an_odd_packet_harms_nobody(
    a_hub: RunningHub, a_cast: Cast, a_bystander: Listener, a_raw_socket: RawSocket, frame: str | bytes
) -> None:
    """Others go on, and the sender either goes on too, in the same rooms, or is forgotten."""
    sid = next(iter(a_hub.context.rooms.sids_in([of_user(a_cast.student1.id)])))
    rooms = a_hub.context.rooms.member(sid).rooms  # type: ignore[union-attr]  # it is connected

    await a_raw_socket.send(frame)
    if str(frame).startswith("451-"):
        await a_raw_socket.send(b"its attachment")
    try:
        assert await a_raw_socket.ask(joining(a_cast)) == "[true]"
    except ConnectionError:
        await is_told(a_bystander, a_cast.student1, 0)
    else:
        assert a_hub.context.rooms.member(sid).rooms == rooms  # type: ignore[union-attr]  # it answered

    assert await a_bystander.call("JOIN_ROOM", a_cast.admin.id) is True


def packet_of(size: int) -> str:
    """Return an event that asks for an acknowledgement, in a frame of exactly `size` bytes."""
    head, tail = '42900["JOIN_ROOM","', '"]'
    return head + "x" * (size - len(head) - len(tail)) + tail


@pytest.mark.parametrize("size", [limits.SOCKET_MESSAGE_BYTES - 1, limits.SOCKET_MESSAGE_BYTES])
async def test_a_packet_up_to_the_limit_is_answered(a_cast: Cast, a_raw_socket: RawSocket, size: int) -> None:
    """The largest packet that the handshake announces is taken."""
    await a_raw_socket.send(packet_of(size))

    assert await a_raw_socket.ask(joining(a_cast)) == "[true]"
    assert "43900[false]" in a_raw_socket.frames


@pytest.mark.parametrize("beyond", [1, 999, 1_001, 3_000_000])
@pytest.mark.parametrize("is_binary", [False, True], ids=["text", "binary"])
async def test_a_packet_above_the_limit_closes_its_connection_alone(
    a_cast: Cast,
    a_bystander: Listener,
    a_raw_socket: RawSocket,
    beyond: int,
    is_binary: bool,  # noqa: FBT001 - parametrized
) -> None:
    """One byte more closes the connection of the sender, who is forgotten at once, and nobody else's."""
    packet = packet_of(limits.SOCKET_MESSAGE_BYTES + beyond)

    with contextlib.suppress(ConnectionError):
        # The hub may have closed it before all is sent.
        await a_raw_socket.send(packet.encode() if is_binary else packet)

    await a_raw_socket.ended()
    await is_told(a_bystander, a_cast.student1, 0)
    assert "43900[false]" not in a_raw_socket.frames
    assert await a_bystander.call("JOIN_ROOM", a_cast.admin.id) is True


async def test_connections_beyond_the_limit_are_refused_one_by_one(
    a_hub: RunningHub, a_cast: Cast, a_bystander: Listener
) -> None:
    """Of many connections at once exactly as many as allowed are let in; others go on, and one may follow."""

    async def attempt(stack: AsyncExitStack) -> RawSocket | None:
        try:
            return await stack.enter_async_context(raw_socket(a_hub.url, a_cast.student1.headers))
        except ConnectionError as error:
            if "too many connections" not in str(error):
                raise
            return None

    stacks = [AsyncExitStack() for _ in range(limits.SOCKETS_PER_USER + 8)]
    try:
        sockets = await asyncio.gather(*map(attempt, stacks))
        let_in = [socket for socket in sockets if socket is not None]

        assert len(let_in) == limits.SOCKETS_PER_USER
        assert a_hub.context.rooms.count(of_user(a_cast.student1.id)) == limits.SOCKETS_PER_USER
        assert await a_bystander.call("JOIN_ROOM", a_cast.admin.id) is True
        assert await let_in[0].ask(joining(a_cast)) == "[true]"
        await is_told(a_bystander, a_cast.student1, limits.SOCKETS_PER_USER)
    finally:
        await asyncio.gather(*(stack.aclose() for stack in stacks))
    await is_told(a_bystander, a_cast.student1, 0)
    async with raw_socket(a_hub.url, a_cast.student1.headers) as socket:
        assert await socket.ask(joining(a_cast)) == "[true]"
