"""A hub that goes away and comes back, seen by sockets that wait for it at the Jupyter server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp import web

from teaching_nb.proxy import upstream_watcher
from teaching_nb.proxy.connections import SERVER_STOPS
from teaching_nb.proxy.upstream import RemoteHub
from teaching_nb.proxy.upstream_watcher import UpstreamWatcher
from teaching_nb.schema.closing import NOBODY_THERE, TRY_AGAIN_LATER
from tests.harness.jupyter import Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import until
from tests.proxy.conftest import HUB_TOKEN, StartJupyter

SECONDS = 30.0


class Hub:
    """Is there or not, and counts who asks."""

    def __init__(self) -> None:
        self.is_there = False
        self.looks = 0

    async def answers(self) -> bool:
        """Return whether it is there."""
        self.looks += 1
        return self.is_there


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that little time passes."""
    monkeypatch.setattr(upstream_watcher, "BETWEEN_LOOKS_SECONDS", (0.01, 0.05))


@pytest.fixture
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets wait for long."""
    monkeypatch.setattr(upstream_watcher, "WAIT_SECONDS", SECONDS)


def is_looking(jupyter: Jupyter) -> bool:
    """Tell whether somebody waits for the hub of this server."""
    hub = jupyter.extension.context.hub
    assert isinstance(hub, RemoteHub)
    return hub._watcher._looking is not None


async def test_sockets_are_relayed_as_soon_as_the_hub_is_back(
    a_jupyter: Jupyter, a_hub: RecordingHub, patiently: None
) -> None:
    """Those that came while it was gone need not come again, and lose nothing that they have sent meanwhile."""
    await a_hub.stop()
    async with a_jupyter.socket() as one, a_jupyter.socket() as other:
        await one.send_str("one")
        await other.send_str("other")
        await until(lambda: is_looking(a_jupyter), SECONDS)

        await a_hub.start()
        heard = [await socket.receive_str(timeout=SECONDS) for socket in (one, other)]

    assert heard == ["one", "other"]


async def test_socket_that_is_closed_while_it_waits_leaves_nothing(
    a_jupyter: Jupyter, a_hub: RecordingHub, patiently: None
) -> None:
    """When the hub is back it is noticed, and ended there as well."""
    await a_hub.stop()
    socket = await a_jupyter.socket()
    await until(lambda: is_looking(a_jupyter), SECONDS)
    assert socket._response.connection is not None
    socket._response.connection.transport.abort()

    await a_hub.start()
    await asyncio.wait_for(a_hub.closed.get(), SECONDS)
    await until(lambda: len(a_jupyter.extension.context.connections) == 0, SECONDS)

    assert a_hub.messages.empty()
    await socket.close()


async def test_server_that_stops_does_not_wait_for_the_hub(
    a_jupyter: Jupyter, a_hub: RecordingHub, patiently: None
) -> None:
    """Sockets that wait are closed like all others, and not connected any more."""
    await a_hub.stop()
    async with a_jupyter.socket() as socket:
        await until(lambda: is_looking(a_jupyter), SECONDS)

        await a_jupyter.extension.stop_extension()
        closing = await socket.receive(timeout=SECONDS)

    assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, SERVER_STOPS)


@pytest.mark.parametrize(
    ("status", "is_nobody"), [(502, True), (503, True), (504, False), (500, False), (404, False)], ids=str
)
async def test_hub_that_is_there_and_does_not_connect_is_no_hub_that_is_gone(
    start_jupyter: StartJupyter, monkeypatch: pytest.MonkeyPatch, status: int, *, is_nobody: bool
) -> None:
    """A client that is told so leaves the one alone longer and longer, and tries the other again soon."""
    monkeypatch.setattr(upstream_watcher, "WAIT_SECONDS", 0.2)

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    jupyter = await start_jupyter(TeachingNB={"hub_url": url, "hub_token": HUB_TOKEN})
    try:
        async with jupyter.socket() as socket:
            closing = await socket.receive(timeout=SECONDS)
    finally:
        await runner.cleanup()

    assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, TRY_AGAIN_LATER)
    assert (closing.extra == NOBODY_THERE) == is_nobody


async def test_all_who_wait_share_one_look_out(often: None, patiently: None) -> None:
    """Twenty sockets ask no more than one."""
    hub = Hub()
    looking = UpstreamWatcher(hub.answers)
    looking.lost()
    waiting = asyncio.gather(*(looking.is_back() for _ in range(20)))
    # A loop that stands still for a moment may see more of them at once.
    await until(lambda: hub.looks >= 3, SECONDS)
    looks = hub.looks
    hub.is_there = True

    assert set(await waiting) == {True}
    assert hub.looks == looks + 1


async def test_wait_ends_when_somebody_else_has_found_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that came in between two looks is answered: that is as good as a look."""
    monkeypatch.setattr(upstream_watcher, "BETWEEN_LOOKS_SECONDS", (3600.0, 3600.0))
    monkeypatch.setattr(upstream_watcher, "WAIT_SECONDS", SECONDS)
    looking = UpstreamWatcher(Hub().answers)
    looking.lost()
    waiting = asyncio.create_task(looking.is_back())
    await until(lambda: looking._looking is not None, SECONDS)

    looking.found()

    assert await asyncio.wait_for(waiting, SECONDS)


@pytest.mark.parametrize(
    ("happens", "is_back"),
    [(lambda _looking: None, False), (UpstreamWatcher.found, False), (UpstreamWatcher.lost, True)],
    ids=["nothing", "found again", "lost"],
)
async def test_only_a_hub_that_has_gone_is_looked_for(
    often: None, happens: Callable[[UpstreamWatcher], None], *, is_back: bool
) -> None:
    """There is nothing to wait for otherwise."""
    hub = Hub()
    hub.is_there = True
    looking = UpstreamWatcher(hub.answers)
    happens(looking)

    assert await looking.is_back() == is_back
    assert hub.looks == int(is_back)


async def test_hub_that_is_gone_for_long_is_not_looked_for(often: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes then is told at once; when it has been there again in between, it is looked for again."""
    hub = Hub()
    looking = UpstreamWatcher(hub.answers)
    monkeypatch.setattr(upstream_watcher, "PATIENCE_SECONDS", 0.2)
    looking.lost()
    gave_up = await looking.is_back()
    looks = hub.looks

    hub.is_there = True
    is_looked_for = await looking.is_back()
    looking.found()
    looking.lost()

    assert (gave_up, is_looked_for) == (False, False)
    assert looks > 0
    assert await looking.is_back()


async def test_lookout_ends_with_the_server(often: None) -> None:
    """Who waits then is told that nobody is there."""
    looking = UpstreamWatcher(Hub().answers)
    looking.lost()
    waiting = asyncio.create_task(looking.is_back())
    await until(lambda: looking._looking is not None, SECONDS)

    await looking.stop()

    assert not await waiting
