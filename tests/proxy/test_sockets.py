"""The socket relay, seen by a back end that records what reaches it."""

from __future__ import annotations

import asyncio
import json
import socket as sockets

import aiohttp
import pytest

from teaching_nb.schema.limits import SOCKET_MESSAGE_BYTES, SOCKETS_PER_USER, TRANSPORT_MESSAGE_BYTES
from tests.harness.jupyter import Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import until
from tests.proxy.conftest import HUB_TOKEN


async def test_relay_passes_messages_both_ways(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Text stays text, bytes stay bytes, and the order stays."""
    sent = ["one", b"two", "thrée 🐍", bytes(100_000), *(f"message {number}" for number in range(200))]

    async with a_jupyter.socket() as socket:
        for message in sent:
            await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))
        received = [(await socket.receive(timeout=30)).data for _ in sent]

    assert received == sent
    assert [a_hub.messages.get_nowait() for _ in sent] == sent


async def test_relay_opens_one_fixed_address_with_its_own_credential(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Nothing that the client says in address or headers reaches the hub."""
    claims = {"Cookie": "tdev.session_token=x", "X-Forwarded-User": "teacher", "X-Forwarded-For": "10.0.0.1"}
    query = "EIO=4&transport=websocket&t=abc&sid=stolen&user=teacher"

    async with a_jupyter.socket(headers=claims, query=query):
        await until(lambda: a_hub.requests)

    (request,) = a_hub.requests
    assert request.path == "/socket.io/?EIO=4&transport=websocket"
    assert request.bearer == HUB_TOKEN
    assert set(request.headers) <= {
        *("authorization", "host", "connection", "upgrade", "accept-encoding", "user-agent"),
        *("sec-websocket-key", "sec-websocket-version"),
    }


@pytest.mark.parametrize(("code", "reason"), [(4001, "kicked"), (1000, "bye"), (1012, "restarts")])
async def test_relay_passes_close_codes_down(a_jupyter: Jupyter, a_hub: RecordingHub, code: int, reason: str) -> None:
    """The client sees why the hub closed."""
    async with a_jupyter.socket() as socket:
        await until(lambda: a_hub.sockets)
        await a_hub.sockets[0].close(code=code, message=reason.encode())
        closing = await socket.receive(timeout=30)

    assert (closing.type, socket.close_code, closing.extra) == (aiohttp.WSMsgType.CLOSE, code, reason)


async def test_relay_passes_close_codes_up(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """The hub sees why the client closed."""
    async with a_jupyter.socket() as socket:
        await until(lambda: a_hub.sockets)
        await socket.close(code=4010)

    assert await asyncio.wait_for(a_hub.closed.get(), 30) == 4010


async def test_relay_closes_upward_when_the_client_vanishes(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A broken connection leaves no socket behind at the hub."""
    async with a_jupyter.socket() as socket:
        await until(lambda: a_hub.sockets)
        assert socket._response.connection is not None
        socket._response.connection.transport.abort()
        await asyncio.wait_for(a_hub.closed.get(), 30)

    assert len(a_jupyter.extension.context.connections) == 0


async def test_relay_says_that_the_hub_is_unavailable(
    a_jupyter: Jupyter, a_hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a hub the socket closes after a while with "try again later" and no address."""
    monkeypatch.setattr("teaching_nb.proxy.upstream_watcher.WAIT_SECONDS", 0.2)
    await a_hub.stop()

    async with a_jupyter.socket() as socket:
        closing = await socket.receive(timeout=30)

    assert (socket.close_code, closing.extra) == (1013, "hub unavailable")


async def test_relay_says_that_the_hub_is_lost(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A hub that dies without a word gives the same."""
    async with a_jupyter.socket() as socket:
        await until(lambda: a_hub.sockets)
        transport = a_hub.sockets[0]._req.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()
        await socket.receive(timeout=30)

    assert socket.close_code == 1013


@pytest.mark.parametrize(
    "query", ["EIO=4&transport=polling", "EIO=4", "transport=websocket", "EIO=3&transport=websocket"]
)
async def test_relay_refuses_everything_but_engine_io_4_over_websocket(
    a_jupyter: Jupyter, a_hub: RecordingHub, query: str
) -> None:
    """Long polling and older clients are answered as by the hub, and go nowhere."""
    status, _, body = await a_jupyter.call("GET", f"teaching/socket.io/?{query}")
    posted, _, _ = await a_jupyter.call("POST", f"teaching/socket.io/?{query}", data=b"40")

    expected = {"code": 5, "message": "Unsupported protocol version"}
    if "transport=websocket" not in query:
        expected = {"code": 0, "message": "Transport unknown"}
    assert (status, json.loads(body)) == (400, expected)
    assert posted == 400
    assert a_hub.requests == []


async def test_relay_accepts_no_compression(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A few bytes cannot inflate to any size, on neither side."""
    async with a_jupyter.socket(compress=15) as socket:
        await until(lambda: a_hub.requests)
        assert socket.compress == 0

    assert "sec-websocket-extensions" not in a_hub.requests[0].headers


async def test_relay_sends_small_frames_at_once(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Nagle's algorithm is off on both legs: the second frame of a binary event does not wait."""
    async with a_jupyter.socket():
        await until(lambda: a_hub.sockets)
        (relay,) = a_jupyter.extension.context.connections._sockets
        legs = [relay._client.stream, relay._hub.stream]  # type: ignore[attr-defined]

        assert [leg.socket.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY) for leg in legs] == [1, 1]


@pytest.mark.parametrize("letter", ["x", b"x", "é"], ids=["text", "binary", "two bytes each"])
async def test_relay_refuses_messages_above_the_limit(
    a_jupyter: Jupyter, a_hub: RecordingHub, letter: str | bytes
) -> None:
    """What the hub would not take never arrives: the socket is closed with both numbers, and no other one."""
    size = len(letter if isinstance(letter, bytes) else letter.encode())
    fitting = letter * (SOCKET_MESSAGE_BYTES // size)
    async with a_jupyter.socket() as other, a_jupyter.socket() as socket:
        send = socket.send_bytes if isinstance(letter, bytes) else socket.send_str
        for message in (fitting[:-1], fitting):
            await send(message)
            assert (await socket.receive(timeout=30)).data == message
        await send(letter * (SOCKET_MESSAGE_BYTES // size + 1))
        closing = await socket.receive(timeout=30)

        reason = f"the message has {SOCKET_MESSAGE_BYTES + size} bytes, the limit is {SOCKET_MESSAGE_BYTES}"
        assert (closing.data, closing.extra) == (1009, reason)
        assert a_hub.messages.qsize() == 2
        await other.send_str("hello")
        assert await other.receive_str(timeout=30) == "hello"


async def test_relay_passes_what_a_hub_may_send(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A document with its history comes down whole; what no hub of ours sends ends its socket, and no other one."""
    async with a_jupyter.socket() as other, a_jupyter.socket() as socket:
        for size in (TRANSPORT_MESSAGE_BYTES - 1, TRANSPORT_MESSAGE_BYTES):
            await socket.send_str(f"send bytes {size}")
            assert len(await socket.receive_bytes(timeout=30)) == size
        await socket.send_str(f"send bytes {TRANSPORT_MESSAGE_BYTES + 1}")
        await socket.receive(timeout=30)

        assert socket.close_code == 1013
        await other.send_str("hello")
        assert await other.receive_str(timeout=30) == "hello"


async def test_relay_limits_sockets_per_person(a_jupyter: Jupyter) -> None:
    """One more than the limit is closed with the limit in the reason; a closed one makes room."""
    opened = [await a_jupyter.socket() for _ in range(SOCKETS_PER_USER)]
    connections = a_jupyter.extension.context.connections
    await until(lambda: len(connections) == SOCKETS_PER_USER)

    async with a_jupyter.socket() as surplus:
        closing = await surplus.receive(timeout=30)
        assert (surplus.close_code, str(SOCKETS_PER_USER) in str(closing.extra)) == (1013, True)

    await opened.pop().close()
    await until(lambda: len(connections) == SOCKETS_PER_USER - 1)
    async with a_jupyter.socket() as socket:
        await socket.send_str("hello")
        assert await socket.receive_str(timeout=30) == "hello"
    for socket in opened:
        await socket.close()


async def test_relay_slows_the_hub_down_for_a_slow_client(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """What a client does not read stays at the hub instead of filling Jupyter's memory."""
    async with a_jupyter.socket() as socket:
        socket._reader._protocol.pause_reading()
        await socket.send_str("send flood")
        await until(lambda: a_hub.flooded > 0)
        before = -1
        async with asyncio.timeout(30):
            while before != a_hub.flooded:
                before = a_hub.flooded
                await asyncio.sleep(0.3)

        (relay,) = a_jupyter.extension.context.connections._sockets
        held = relay._client.stream._write_buffer  # type: ignore[attr-defined]
        assert len(held) <= 2_000_000
        assert a_hub.flooded < 40
        socket._reader._protocol.resume_reading()


async def test_relay_slows_a_client_down_for_a_slow_hub(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """What the hub does not read is not read from the client either."""
    async with a_jupyter.socket() as socket:
        await until(lambda: a_hub.sockets)
        a_hub.reading.clear()
        await socket.send_str("the last that is read")
        sent = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                for _ in range(200):
                    await socket.send_bytes(bytes(1_000_000))
                    sent += 1
        a_hub.reading.set()

        assert sent < 60


async def test_relay_does_not_count_as_activity(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Neither heartbeats nor REST calls of kernels keep an idle server alive."""
    before = a_jupyter.server.web_app.last_activity()

    await a_jupyter.call("GET", "teaching/api/v1/user")
    async with a_jupyter.socket() as socket:
        await socket.send_str("3")
        await socket.receive(timeout=30)

    assert a_jupyter.server.web_app.last_activity() == before


async def test_relay_closes_sockets_whose_right_is_withdrawn(
    a_jupyter: Jupyter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A living socket is asked again, and told to renew."""
    monkeypatch.setattr("teaching_nb.proxy.connections.RECHECK_SECONDS", 0.05)
    async with a_jupyter.socket() as socket:
        await until(lambda: len(a_jupyter.extension.context.connections) == 1)
        monkeypatch.setattr(a_jupyter.server.authorizer, "is_authorized", lambda *_arguments: False)
        await socket.receive(timeout=30)

    assert socket.close_code == 4401
