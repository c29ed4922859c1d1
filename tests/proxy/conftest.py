"""Servers and people of the proxy's tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.harness.jupyter import Jupyter, jupyter_in_loop, jupyter_process
from tests.harness.jupyter_server import JupyterServer, private_folders
from tests.harness.processes import ROOT
from tests.harness.recording_hub import RecordingHub
from tests.proxy.frame_pipes import FrameHub, FramePipe

HUB_TOKEN = "token-of-the-hub-0123456789"

StartJupyter = Callable[..., Awaitable[Jupyter]]
StartProcess = Callable[..., Awaitable[JupyterServer]]
Meet = Callable[[], Awaitable[tuple[FramePipe, FramePipe]]]


@pytest.fixture(autouse=True)
def own_jupyter_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep servers away from the account's own files, and the variables that servers remove."""
    for name, value in {**private_folders(tmp_path), "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    for name in ("URL", "TOKEN", "HUB_URL", "HUB_TOKEN", "HUB_TOKEN_FILE"):
        monkeypatch.setenv(f"TEACHING_NB_{name}", "")
        monkeypatch.delenv(f"TEACHING_NB_{name}")


@pytest.fixture
async def a_hub() -> AsyncIterator[RecordingHub]:
    """Return a back end that records what reaches it."""
    hub = await RecordingHub().start()
    yield hub
    await hub.stop()


@pytest.fixture
async def start_jupyter(tmp_path: Path) -> AsyncIterator[StartJupyter]:
    """Return a function that starts a Jupyter server in the test's loop with the given configuration."""
    async with AsyncExitStack() as stack:

        async def start(**config: Mapping[str, Any]) -> Jupyter:
            return await stack.enter_async_context(jupyter_in_loop(tmp_path, config))

        yield start


@pytest.fixture
async def a_jupyter(start_jupyter: StartJupyter, a_hub: RecordingHub) -> Jupyter:
    """Return a Jupyter server that relays to the recording hub."""
    return await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN})


@pytest.fixture
async def a_frame_hub() -> AsyncIterator[FrameHub]:
    """Return a hub that speaks bytes."""
    async with FrameHub().serve() as hub:
        yield hub


@pytest.fixture
async def a_relay(start_jupyter: StartJupyter, a_frame_hub: FrameHub) -> Jupyter:
    """Return a Jupyter server that relays to it."""
    return await start_jupyter(TeachingNB={"hub_url": a_frame_hub.url, "hub_token": HUB_TOKEN})


@pytest.fixture
def meet(a_relay: Jupyter, a_frame_hub: FrameHub) -> Meet:
    """Return a function that opens a relayed socket; it returns both ends, the client's first."""
    return lambda: a_frame_hub.meet(a_relay)


@pytest.fixture
async def start_process(tmp_path: Path) -> AsyncIterator[StartProcess]:
    """Return a function that starts a Jupyter server as a process."""
    started: list[JupyterServer] = []

    async def start(home: Path, *options: str, **env: str) -> JupyterServer:
        server = jupyter_process(home, *options, env=env).launch()
        started.append(server)
        return await asyncio.to_thread(server.wait_ready)

    yield start
    for server in started:
        await asyncio.to_thread(server.stop)
