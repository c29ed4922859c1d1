"""The hub as a process: what it prints, when it ends, what it leaves."""

from __future__ import annotations

import asyncio
import signal
import socket
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx
import pytest

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub.config import Settings
from teaching_nb.hub.server import HubServer
from tests.hub.processes import hub_process


async def test_serve_prints_one_line_when_it_accepts_connections(tmp_path: Path) -> None:
    """Whoever reads the line may connect at once; nothing else is printed."""
    async with hub_process(tmp_path) as hub:
        async with httpx.AsyncClient(base_url=hub.url, timeout=30) as client:
            answer = await client.get("/api/v1/health")
        code = await hub.end()
        assert hub.process.stdout is not None
        rest = await hub.process.stdout.read()

    assert hub.line.startswith("listening on http://127.0.0.1:")
    assert (answer.status_code, code, rest) == (200, 0, b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_serve_ends_cleanly_on_signals(tmp_path: Path, number: signal.Signals) -> None:
    """Both signals end it with exit code 0, also while somebody is connected."""
    async with hub_process(tmp_path) as hub:
        _, port = hub.url.rsplit(":", 1)
        _reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        hub.process.send_signal(number)

        assert await hub.returned() == 0
        writer.close()


async def test_serve_ends_when_stdin_closes(tmp_path: Path) -> None:
    """A hub whose starter is gone does not stay behind."""
    async with hub_process(tmp_path, "--until-stdin-closes", stdin=PIPE) as hub:
        assert hub.process.stdin is not None
        hub.process.stdin.close()

        assert await hub.returned() == 0


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """The message names the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            HubServer(Settings(data_dir=tmp_path, port=port))


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """What kept the hub from starting is raised to whoever started it."""
    server = HubServer(Settings(data_dir=tmp_path, port=0, database="mysql://somewhere/db"))

    with pytest.raises(ConfigurationError, match="mysql"):
        await server.run_until_stopped()
