"""How relayed sockets end: each side hears why, nothing passes any more, and nothing stays behind."""

from __future__ import annotations

import asyncio
import contextlib

import psutil
import pytest
from websockets.frames import Opcode

from teaching_nb.proxy import leg
from teaching_nb.proxy.frames import Closing
from teaching_nb.proxy.sockets import SocketRelay
from tests.harness.jupyter import Jupyter
from tests.harness.waiting import until
from tests.proxy.conftest import Meet
from tests.proxy.frame_pipes import FramePipe, declared, down, up


def relays(jupyter: Jupyter) -> list[SocketRelay]:
    """Return the relayed sockets."""
    return [each for each in jupyter.extension.context.connections._sockets if isinstance(each, SocketRelay)]


async def test_our_own_goodbye_never_stands_in_a_frame(a_relay: Jupyter, meet: Meet) -> None:
    """Where a large frame is half through, the connection ends instead; the other one gets its close frame."""
    for is_up in (True, False):
        client, hub = await meet()
        sender, taker = (client, hub) if is_up else (hub, client)
        half = declared(900_000, is_masked=is_up) + bytes(200_000)
        await sender.send(half)
        assert await taker.take(len(half)) == half

        (relay,) = relays(a_relay)
        relay.close(4401, "renew")
        await sender.send(bytes(10_000))

        assert await taker.ended() == b""
        assert await sender.closing(is_masked=not is_up) == Closing(4401, "renew")
        sender.vanish()
        await until(lambda: not relays(a_relay))


async def test_nothing_passes_after_the_end(a_relay: Jupyter, meet: Meet) -> None:
    """A socket whose right is withdrawn passes nothing more, in neither direction, while it is being closed."""
    renew = b"\x11\x31renew"
    for is_up in (True, False):
        client, hub = await meet()
        make, sender, taker = (up, client, hub) if is_up else (down, hub, client)
        (relay,) = relays(a_relay)
        relay.close(4401, "renew")
        await sender.send(make(Opcode.TEXT, b"too late") + make(Opcode.CLOSE, b"\x11\x31"))
        assert len(await sender.ended()) == len((down if is_up else up)(Opcode.CLOSE, renew))

        await taker.send((down if is_up else up)(Opcode.CLOSE, b"\x11\x31"))
        assert len(await taker.ended()) == len(make(Opcode.CLOSE, renew))
        await until(lambda: not relays(a_relay))


async def test_goodbyes_go_both_ways(meet: Meet) -> None:
    """Each side's code and reason reach the other one, each gets its answer, and then the connections end."""
    for is_up in (True, False):
        for closing, payload in ((Closing(4010, "bye"), b"\x0f\xaabye"), (Closing(), b"")):
            client, hub = await meet()
            make, sender, taker = (up, client, hub) if is_up else (down, hub, client)
            await sender.send(make(Opcode.TEXT, b"last") + make(Opcode.CLOSE, payload))

            assert await sender.closing(is_masked=not is_up) == Closing(closing.code)
            assert await sender.ended() == b""
            assert await taker.take(len(make(Opcode.TEXT, b"last")))
            assert await taker.closing(is_masked=is_up) == closing
            await taker.send((down if is_up else up)(Opcode.CLOSE, payload))
            assert await taker.ended() == b""


class Scene:
    """Ways for a socket to end; what is said here is answered by nobody, unless it says so."""

    def __init__(self, jupyter: Jupyter, client: FramePipe, hub: FramePipe) -> None:
        self.jupyter = jupyter
        self.client = client
        self.hub = hub

    async def client_closes_and_is_answered(self) -> None:
        """The usual end."""
        await self.client.send(up(Opcode.CLOSE))
        await self.hub.closing(is_masked=True)
        await self.hub.send(down(Opcode.CLOSE))

    async def client_closes(self) -> None:
        """Beside a hub that says nothing."""
        await self.client.send(up(Opcode.CLOSE))

    async def client_vanishes(self) -> None:
        """Without a word."""
        self.client.vanish()

    async def client_vanishes_in_a_frame(self) -> None:
        """Half of it is at the hub."""
        await self.client.send(declared(900_000, is_masked=True) + bytes(100_000))
        await self.hub.take(100_000)
        self.client.vanish()

    async def client_sends_no_more(self) -> None:
        """Half of the connection is closed."""
        self.client.writer.write_eof()

    async def client_is_refused(self) -> None:
        """And goes on to send."""
        await self.client.send(declared(1 << 63, is_masked=True) + bytes(100_000))

    async def hub_closes(self) -> None:
        """Beside a client that says nothing."""
        await self.hub.send(down(Opcode.CLOSE))

    async def hub_vanishes(self) -> None:
        """Without a word."""
        self.hub.vanish()

    async def hub_vanishes_in_a_frame(self) -> None:
        """Half of it is at the client."""
        await self.hub.send(declared(900_000, is_masked=False) + bytes(100_000))
        await self.client.take(100_000)
        self.hub.vanish()

    async def hub_sends_no_more(self) -> None:
        """Half of the connection is closed."""
        self.hub.writer.write_eof()

    async def both_vanish(self) -> None:
        """At once."""
        self.client.vanish()
        self.hub.vanish()

    async def is_withdrawn(self) -> None:
        """By us."""
        for relay in relays(self.jupyter):
            relay.close(4401, "renew")


WAYS = [name for name in vars(Scene) if not name.startswith("_")]


async def test_nothing_stays_behind(a_relay: Jupyter, meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a socket ends, and whoever does not answer: no task, no connection and no place is left."""
    monkeypatch.setattr(leg, "CLOSING_SECONDS", 0.2)

    def left() -> tuple[int, int, int]:
        return len(relays(a_relay)), len(asyncio.all_tasks()), len(psutil.Process().net_connections("tcp"))

    async def end_by(way: str) -> None:
        client, hub = await meet()
        await getattr(Scene(a_relay, client, hub), way)()
        for end in (client, hub):
            await end.ended()
            await end.gone()
        await until(lambda: not relays(a_relay))

    # The first socket starts what looks after all of them.
    await end_by("client_closes_and_is_answered")
    before = left()
    for way in WAYS:
        await end_by(way)

        with contextlib.suppress(TimeoutError):
            await until(lambda: left() == before, 10)
        assert left() == before, way


async def test_an_idle_socket_stays(a_relay: Jupyter, meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saying nothing is no reason to end: neither side's time runs while nothing is to be written or answered."""
    monkeypatch.setattr(leg, "STUCK_SECONDS", 0.05)
    monkeypatch.setattr(leg, "CLOSING_SECONDS", 0.05)
    client, hub = await meet()
    other, hub_of_other = await meet()
    await other.send(up(Opcode.CLOSE))
    # The other one's time is over.
    await hub_of_other.ended()
    await other.ended()

    await client.send(up(Opcode.TEXT, b"still here"))
    assert await hub.take(16)
