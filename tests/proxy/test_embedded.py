"""The embedded hub: one per data directory, restarted, shared, taken over, never left behind."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from teaching_nb import tokens
from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.proxy.embedded import EmbeddedHub
from teaching_nb.proxy.hub_process import hub_command, hub_environment, level_of
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.runtime_file import (
    DirectoryLock,
    Endpoint,
    prepare_directory,
    read_endpoint,
    write_endpoint,
)
from tests.harness.jupyter import environment_of
from tests.harness.processes import environment, is_running
from tests.harness.waiting import until
from tests.proxy import hub_stand_in

ADA = Caller(subject="ada", name="Ada L.", role="admin", is_owner=True)

LOG = logging.getLogger("tests.embedded")


def stand_in_command(_data_dir: Path) -> list[str]:
    """Return the command of a process that starts and ends like a hub."""
    return [sys.executable, hub_stand_in.__file__]


@pytest.fixture
async def hubs(tmp_path: Path) -> AsyncIterator[list[EmbeddedHub]]:
    """Return two embedded hubs of two servers with the same data directory; neither is started."""
    both = [EmbeddedHub(tmp_path / "hub", LOG, command=stand_in_command) for _ in range(2)]
    yield both
    for hub in both:
        await hub.stop()


async def ask(hub: EmbeddedHub, path: str = "user") -> Any:
    """Ask a hub as the relay does; return its answer."""
    root = await hub.root()
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{root}/api/v1/{path}", headers={"Authorization": hub.credential(ADA)}) as answer,
    ):
        return await answer.json()


async def test_hub_gets_signed_assertions(hubs: list[EmbeddedHub], tmp_path: Path) -> None:
    """Each request carries who is calling, signed with this start's secret, short-lived and used once."""
    bearers = [(await ask(hubs[0]))["bearer"].removeprefix("Bearer ") for _ in range(2)]

    endpoint = read_endpoint(tmp_path / "hub")
    assert endpoint is not None
    first, second = (tokens.verify_assertion(endpoint.secret, bearer) for bearer in bearers)
    assert (first.subject, first.name, first.role) == ("ada", "Ada L.", "admin")
    assert first.nonce != second.nonce


async def test_hub_is_announced_to_its_owner_alone(hubs: list[EmbeddedHub], tmp_path: Path) -> None:
    """Directory and runtime file are closed to everybody else, and the file is withdrawn at the end."""
    await hubs[0].root()
    file = tmp_path / "hub" / "hub-runtime.json"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    await hubs[0].stop()
    assert not file.exists()


async def test_hub_listens_on_loopback_alone(hubs: list[EmbeddedHub]) -> None:
    """The hub is bound to the loopback interface, and so says the real command."""
    assert (await hubs[0].root()).startswith("http://127.0.0.1:")
    command = hub_command(Path("data"))
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert "--until-stdin-closes" in command


async def test_hub_inherits_no_credentials(hubs: list[EmbeddedHub], monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub gets its secret, and none of the tokens that the Jupyter server has."""
    for name in ("JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN", "TEACHING_NB_HUB_TOKEN", "TEACHING_NB_TOKEN"):
        monkeypatch.setenv(name, "a secret of others")

    environment = await ask(hubs[0], "environment")

    assert "a secret of others" not in environment.values()
    assert len(environment["TEACHING_NB_HUB_SECRET"]) == 64


async def test_second_server_uses_the_first_ones_hub(hubs: list[EmbeddedHub]) -> None:
    """Two servers with one data directory have one hub, and both are known to it."""
    first, second = await ask(hubs[0]), await ask(hubs[1])

    assert first["pid"] == second["pid"]


async def test_second_server_takes_over(hubs: list[EmbeddedHub], monkeypatch: pytest.MonkeyPatch) -> None:
    """When the first server ends, the second one starts its own hub on the same data."""
    monkeypatch.setattr("teaching_nb.proxy.embedded.LOOK_SECONDS", 0.1)
    first = await ask(hubs[0])
    await ask(hubs[1])

    await hubs[0].stop()
    hubs[1].report_failure()
    await until(lambda: hubs[1]._process, 15)
    second = await ask(hubs[1])

    assert not is_running(first["pid"])
    assert is_running(second["pid"])


async def test_crashed_hub_is_started_again(hubs: list[EmbeddedHub], tmp_path: Path) -> None:
    """A hub that ends by itself is back soon, under a new secret; the other server follows."""
    first = await ask(hubs[0])
    await ask(hubs[1])
    before = read_endpoint(tmp_path / "hub")

    with pytest.raises(aiohttp.ClientError):
        await ask(hubs[0], "crash")
    await until(lambda: read_endpoint(tmp_path / "hub") not in {None, before}, 15)
    second = await ask(hubs[0])
    hubs[1].report_failure()
    await until(lambda: hubs[1]._endpoint == read_endpoint(tmp_path / "hub"))
    third = await ask(hubs[1])

    after = read_endpoint(tmp_path / "hub")
    assert second["pid"] == third["pid"] != first["pid"]
    assert before is not None
    assert after is not None
    assert before.secret != after.secret


async def test_who_asks_while_a_hub_is_started_again_waits_for_it(hubs: list[EmbeddedHub]) -> None:
    """A first crash is over in a moment: nobody is sent away meanwhile."""
    first = await ask(hubs[0])
    with pytest.raises(aiohttp.ClientError):
        await ask(hubs[0], "crash")
    await until(lambda: hubs[0]._endpoint is None, 15)

    second = await ask(hubs[0])

    assert second["pid"] != first["pid"]


async def test_hub_that_hangs_is_started_again(hubs: list[EmbeddedHub], monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that does not answer when it is looked at is ended and replaced."""
    monkeypatch.setattr("teaching_nb.proxy.embedded.HEALTH_SECONDS", 0.2)
    monkeypatch.setattr("teaching_nb.proxy.hub_process.STOP_SECONDS", 0.2)
    first = await ask(hubs[0])
    os.kill(first["pid"], signal.SIGSTOP)

    hubs[0].report_failure()
    await until(lambda: not is_running(first["pid"]), 15)
    second = await ask(hubs[0])

    assert second["pid"] != first["pid"]


async def test_hub_that_cannot_start_is_explained(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the hub said stands in Jupyter's log; who waits is told to look there; nothing is left behind."""
    failing = [sys.executable, "-c", "import sys; print('ERROR disk is full', file=sys.stderr); sys.exit(4)"]
    hub = EmbeddedHub(tmp_path / "hub", LOG, command=lambda _: failing)

    with pytest.raises(Unavailable, match="log says why"):
        await hub.root()
    await hub.stop()

    assert ("tests.embedded", logging.ERROR, "hub: ERROR disk is full") in caplog.record_tuples
    assert "does not run" in caplog.text


async def test_hub_log_goes_to_jupyters_log(hubs: list[EmbeddedHub], caplog: pytest.LogCaptureFixture) -> None:
    """Each line arrives with its level."""
    await ask(hubs[0], "log")

    await until(lambda: ("tests.embedded", logging.WARNING, "hub: WARNING this is a warning") in caplog.record_tuples)


async def test_starting_does_not_wait(hubs: list[EmbeddedHub]) -> None:
    """The server's start is not delayed by the hub's."""
    await hubs[0].start()

    assert hubs[0]._endpoint is None


async def test_directory_of_another_machine_is_explained(
    hubs: list[EmbeddedHub], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """On a network drive the loopback address of another machine is of no use."""
    prepare_directory(tmp_path / "hub")
    lock = DirectoryLock(tmp_path / "hub")
    assert lock.acquire()
    write_endpoint(tmp_path / "hub", Endpoint(url="http://127.0.0.1:1", secret="x", pid=1, host="elsewhere"))

    await hubs[0].start()
    await until(lambda: "'elsewhere'" in caplog.text)

    assert hubs[0]._endpoint is None
    lock.release()


def test_runtime_file_of_others_is_not_believed(tmp_path: Path) -> None:
    """A file that somebody else could have written is ignored, so is a broken one."""
    endpoint = Endpoint(url="http://127.0.0.1:1", secret="x", pid=1, host=socket.gethostname())
    write_endpoint(tmp_path, endpoint)
    file = tmp_path / "hub-runtime.json"

    assert read_endpoint(tmp_path) == endpoint
    file.chmod(0o644)
    assert read_endpoint(tmp_path) is None
    file.chmod(0o600)
    file.write_text("{")
    assert read_endpoint(tmp_path) is None


def test_secret_is_not_printed() -> None:
    """An endpoint in a log or a traceback does not show its secret."""
    assert "hidden" not in repr(Endpoint(url="http://127.0.0.1:1", secret="hidden", pid=1, host="here"))


def test_unusable_directory_is_explained(tmp_path: Path) -> None:
    """The message names the directory and the setting."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match=r"TeachingNB\.data_dir"):
        prepare_directory(tmp_path / "file" / "hub")


def test_lock_lasts_as_long_as_a_holder(tmp_path: Path) -> None:
    """The lock is exclusive, and free again once its holder let go."""
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)

    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("INFO:     started", logging.INFO),
        ("2026-01-01 10:00:00 ERROR hub: x", logging.ERROR),
        ("  File x, line 3", logging.CRITICAL),
    ],
)
def test_level_of_a_line_is_read(line: str, level: int) -> None:
    """A line without a level continues the one before."""
    assert level_of(line, logging.CRITICAL) == level


def test_environment_of_the_hub_is_cleaned() -> None:
    """Only foreign credentials go."""
    kept = hub_environment({"PATH": "/bin", "CONFIGPROXY_AUTH_TOKEN": "x", "JPY_API_TOKEN": "x"}, "s")

    assert kept == {"PATH": "/bin", "TEACHING_NB_HUB_SECRET": "s"}


async def test_killed_server_leaves_no_hub(tmp_path: Path) -> None:
    """When the server is killed without a chance to clean up, its hub ends by itself and frees the directory."""
    script = f"""
import asyncio, logging, sys
from pathlib import Path
from teaching_nb.proxy.embedded import EmbeddedHub
async def main():
    command = {stand_in_command(tmp_path)!r}
    hub = EmbeddedHub(Path({str(tmp_path / "hub")!r}), logging.getLogger(), command=lambda _: command)
    await hub.root()
    print(hub._process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env=environment()
    )
    assert server.stdout is not None
    pid = int(await asyncio.wait_for(server.stdout.readline(), 20))
    lock = DirectoryLock(tmp_path / "hub")
    assert not lock.acquire()
    assert environment_of(pid)["TEACHING_NB_HUB_SECRET"]

    server.kill()
    await server.wait()
    await until(lambda: not is_running(pid))

    await until(lock.acquire)
    lock.release()


def test_endpoint_is_json(tmp_path: Path) -> None:
    """The runtime file is readable by other tools of the same person."""
    write_endpoint(tmp_path, Endpoint(url="http://127.0.0.1:1", secret="x", pid=7, host="here"))

    assert json.loads((tmp_path / "hub-runtime.json").read_text())["pid"] == 7
