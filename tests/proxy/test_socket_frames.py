"""The socket relay, byte by byte: what passes is what came, and every connection has an end."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import pytest
import tornado
from tornado import simple_httpclient
from websockets.frames import Opcode

from teaching_nb.proxy.frames import Closing
from teaching_nb.schema.limits import SOCKET_MESSAGE_BYTES, TRANSPORT_MESSAGE_BYTES
from tests.proxy.conftest import HUB_TOKEN, Meet, StartJupyter
from tests.proxy.frame_pipes import FrameHub, FramePipe, declared, down, up

CERTIFICATE = Path(tornado.__file__).parent / "test" / "test.crt"
LOST = Closing(1013, "hub unavailable")


async def test_bytes_pass_as_they_are(meet: Meet) -> None:
    """Masks, fragments, and pings and pongs between them: the other side gets what was sent, and nothing else."""
    client, hub = await meet()
    for make, sender, taker in ((up, client, hub), (down, hub, client)):
        sent = b"".join(
            [
                make(Opcode.TEXT, b"one"),
                make(Opcode.BINARY, b"two, in ", is_final=False),
                make(Opcode.PING, b"are you there"),
                make(Opcode.CONT, b"", is_final=False),
                make(Opcode.PONG),
                make(Opcode.CONT, b"pieces" * 20_000),
                make(Opcode.TEXT, b"\xff no UTF-8, which is for the receiver to say"),
            ]
        )
        await sender.send(sent)

        assert await taker.take(len(sent)) == sent


async def test_a_large_frame_passes_while_it_comes(meet: Meet) -> None:
    """Its beginning is with the other side before its end has been sent."""
    client, hub = await meet()
    large = up(Opcode.BINARY, bytes(SOCKET_MESSAGE_BYTES))
    await client.send(large[:500_000])
    assert await hub.take(500_000) == large[:500_000]
    await client.send(large[500_000:] + up(Opcode.TEXT, b"next"))

    assert await hub.take(len(large) - 500_000) == large[500_000:]
    assert (await hub.take(2))[0] == 0x81


async def test_a_client_is_refused_in_words(meet: Meet) -> None:
    """Both sides are told why, by a close frame behind the last good one; of the bad one nothing passes."""
    good = up(Opcode.TEXT, b"good")
    half = up(Opcode.BINARY, bytes(600_000), is_final=False)
    too_large = f"the message has %d bytes, the limit is {SOCKET_MESSAGE_BYTES}"
    for passing, bad, code, reason in (
        (good, declared(SOCKET_MESSAGE_BYTES + 1, is_masked=True), 1009, too_large % (SOCKET_MESSAGE_BYTES + 1)),
        (good, declared(1 << 63, is_masked=True), 1009, too_large % (1 << 63)),
        (half, up(Opcode.CONT, bytes(600_000)), 1009, too_large % 1_200_000),
        (good, down(Opcode.TEXT, b"bare"), 1002, "a frame is not masked"),
        (good, b"\xc1\x80" + bytes(4), 1002, "a frame begins with 0xc1: its reserved bits must be 0"),
        (good, b"\x89\xfe\x00\x7e" + bytes(130), 1002, "a control frame has 126 bytes, the limit is 125"),
    ):
        client, hub = await meet()
        await client.send(passing + bad)

        assert await client.closing(is_masked=False) == Closing(code, reason)
        assert await hub.take(len(passing)) == passing
        assert await hub.closing(is_masked=True) == Closing(code, reason)


async def test_a_hub_that_breaks_the_rules_is_no_hub(meet: Meet) -> None:
    """The client hears that it may try again, the hub why; nothing of it passes."""
    excess = TRANSPORT_MESSAGE_BYTES + 1
    for bad, code, reason in (
        (declared(excess, is_masked=False), 1009, f"the message has {excess} bytes, the limit is {excess - 1}"),
        (up(Opcode.TEXT, b"masked"), 1002, "a frame is masked, a server's must not be"),
        (b"\x81\x00\xf1\x00", 1002, "a frame begins with 0xf1: its reserved bits must be 0"),
    ):
        client, hub = await meet()
        await hub.send(bad)

        assert await hub.closing(is_masked=True) == Closing(code, reason)
        assert await client.closing(is_masked=False) == LOST


async def test_relay_offers_and_takes_no_compression_from_a_hub(start_jupyter: StartJupyter) -> None:
    """A hub that compresses without being asked is none that we understand, and is told apart without a traceback."""
    async with FrameHub(extra="Sec-WebSocket-Extensions: permessage-deflate\r\n").serve() as hub:
        jupyter = await start_jupyter(TeachingNB={"hub_url": hub.url, "hub_token": HUB_TOKEN})
        client = await hub.client(jupyter)

        assert await client.closing(is_masked=False) == Closing(1013, "the hub cannot take this connection now")


async def test_bytes_pass_encrypted_connections(start_jupyter: StartJupyter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Jupyter server with a certificate, and a hub with one."""
    own = {"certfile": str(CERTIFICATE), "keyfile": str(CERTIFICATE.with_suffix(".key"))}
    # Jupyter's default is a word for any version that Python has given up.
    modern = {"ssl_version": ssl.PROTOCOL_TLS_SERVER}
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    trusting.check_hostname = False
    monkeypatch.setattr(simple_httpclient._HTTPConnection, "_get_ssl_options", lambda *_: trusting)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(*own.values())
    async with FrameHub().serve(serving) as a_hub:
        jupyter = await start_jupyter(
            ServerApp={**own, "ssl_options": modern}, TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN}
        )
        client, hub = await a_hub.meet(jupyter, trusting)
        large_up, large_down = up(Opcode.BINARY, os.urandom(900_000)), down(Opcode.BINARY, os.urandom(7_000_000))

        await asyncio.gather(
            client.send(large_up), hub.send(large_down), expect(hub, large_up), expect(client, large_down)
        )
        await client.send(up(Opcode.CLOSE, b"\x03\xe8"))
        assert await hub.closing(is_masked=True) == Closing(1000)
        await hub.send(down(Opcode.CLOSE, b"\x03\xe8"))
        assert await client.ended() == down(Opcode.CLOSE, b"\x03\xe8")


async def expect(taker: FramePipe, sent: bytes) -> None:
    """Take exactly what was sent."""
    assert await taker.take(len(sent)) == sent
