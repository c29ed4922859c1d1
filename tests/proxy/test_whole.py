"""Jupyter servers as people start them, with the real embedded hub and real kernels."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from teaching_nb.proxy.runtime_file import Endpoint, read_endpoint
from tests.harness.jupyter import BASE_URL, JUPYTER_TOKEN, environment_of
from tests.harness.jupyter_server import JupyterServer
from tests.harness.processes import is_running
from tests.harness.waiting import until
from tests.proxy.conftest import StartProcess

SECONDS = 60
"""Patience with a busy machine."""

pytestmark = pytest.mark.timeout(240)


def hub_of(folder: Path) -> Endpoint | None:
    """Return the announced hub of a server's data directory."""
    return read_endpoint(folder / "data" / "teaching_nb")


async def jupyter_call(server: JupyterServer, method: str, path: str, token: str = JUPYTER_TOKEN, **more: Any) -> Any:
    """Send a request with a token, return status and JSON."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, f"{server.url}{path}", headers=headers, **more) as answer,
    ):
        body = await answer.read()
        return answer.status, json.loads(body) if body else None


async def start_kernel(server: JupyterServer) -> tuple[str, dict[str, str]]:
    """Start a kernel; return its id and the environment that its process has."""
    _, kernel = await jupyter_call(server, "POST", "api/kernels", json={"name": "python3"})
    found: list[dict[str, str]] = []

    def look() -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"kernel-{kernel['id']}.json" in (process / "cmdline").read_text():
                    found.append(environment_of(int(process.name)))
            except OSError:
                continue
        return bool(found)

    await until(look, SECONDS)
    return kernel["id"], found[0]


async def hear_from_hub(server: JupyterServer, token: str) -> list[Any]:
    """Connect with Socket.IO as a kernel does; return the first CONNECTED_CLIENTS."""
    client = socketio.AsyncClient(reconnection=False)
    heard: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    async def on_event(event: str, *arguments: Any) -> None:
        if not heard.done():
            heard.set_result([event, *arguments])

    client.on("*", on_event)
    await client.connect(
        server.url.removesuffix(BASE_URL),
        socketio_path=f"{BASE_URL}teaching/socket.io",
        headers={"Authorization": f"Bearer {token}"},
        transports=["websocket"],
        wait_timeout=SECONDS,
    )
    try:
        return await asyncio.wait_for(heard, SECONDS)
    finally:
        await client.disconnect()


async def test_kernel_reaches_the_embedded_hub(tmp_path: Path, start_process: StartProcess) -> None:
    """A kernel is the owner at the hub, by REST and by socket, below any base URL; nothing secret gets into the log."""
    server = await start_process(tmp_path)
    await until(lambda: hub_of(tmp_path), SECONDS)
    hub = hub_of(tmp_path)
    assert hub is not None
    kernel_id, environment = await start_kernel(server)
    token = environment["TEACHING_NB_TOKEN"]

    status = await asyncio.to_thread(lambda: server.get("teaching/status").json())
    code, user = await jupyter_call(server, "GET", "teaching/api/v1/user", token=token)
    event = await hear_from_hub(server, token)
    await jupyter_call(server, "GET", f"teaching/status?token={JUPYTER_TOKEN}", token="x")
    await jupyter_call(server, "GET", f"teaching/api/v1/../x?token={JUPYTER_TOKEN}", token=token)
    await jupyter_call(server, "DELETE", f"api/kernels/{kernel_id}")
    refused, _ = await jupyter_call(server, "GET", "teaching/api/v1/user", token=token)
    await asyncio.to_thread(server.stop)

    assert environment["TEACHING_NB_URL"] == f"{server.url}teaching"
    assert status["hub"] == {"mode": "embedded", "kind": "teaching-nb", "reachable": True}
    assert status["user"]["role"] == "admin"
    assert (code, user["role"]) == (200, "admin")
    assert user["email"].startswith(status["user"]["subject"])
    assert event
    assert refused == 403
    assert not is_running(hub.pid)
    log = server.log()
    assert "hub" in log
    assert [secret for secret in (JUPYTER_TOKEN, token, hub.secret, "eyJ") if secret in log] == []
    assert re.findall(r"of \w+ registered for \S*/teaching", log) == []
    assert "teaching_nb/proxy" not in log, "a traceback names our files"


async def test_killed_server_hands_its_data_over(tmp_path: Path, start_process: StartProcess) -> None:
    """Two servers share one hub; when the first is killed its hub ends, and the second goes on with the same data."""
    shared = ["--TeachingNB.data_dir", str(tmp_path / "data" / "teaching_nb")]
    first = await start_process(tmp_path, *shared)
    await until(lambda: hub_of(tmp_path), SECONDS)
    second = await start_process(tmp_path / "second", *shared)
    hub = hub_of(tmp_path)
    assert hub is not None
    _, user = await jupyter_call(first, "GET", "teaching/api/v1/user")
    _, same_user = await jupyter_call(second, "GET", "teaching/api/v1/user")
    assert user["id"] == same_user["id"]
    assert hub_of(tmp_path) == hub

    first.kill()
    await until(lambda: not is_running(hub.pid), SECONDS)
    await until(lambda: hub_of(tmp_path) not in {None, hub}, SECONDS)
    code, user_after = await jupyter_call(second, "GET", "teaching/api/v1/user")

    assert (code, user_after["id"]) == (200, user["id"])
