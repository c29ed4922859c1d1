"""Where the Jupyter server has the hub's token from, and what it says about a bad place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.jupyter import Jupyter, environment_of
from tests.harness.recording_hub import RecordingHub
from tests.proxy.conftest import HUB_TOKEN, StartJupyter, StartProcess
from tests.proxy.test_kernels import call_as_kernel
from tests.proxy.test_whole import jupyter_call


@pytest.fixture
def a_token_file(tmp_path: Path) -> Path:
    """Return a file with the token that its owner alone may read."""
    path = tmp_path / "hub-token"
    path.touch(mode=0o600)
    path.write_text(f"{HUB_TOKEN}\n")
    return path


async def refusal_of(jupyter: Jupyter) -> str:
    """Return why a server cannot ask its hub."""
    status, _, body = await jupyter.call("GET", "teaching/api/v1/user")
    assert status == 503
    message: str = json.loads(body)["errors"][0]["message"]
    return message


async def test_file_gives_the_token_and_no_environment_holds_it(
    start_process: StartProcess, a_hub: RecordingHub, a_token_file: Path, tmp_path: Path
) -> None:
    """A server that is told a file asks with its token, and its own environment shows the token to nobody."""
    variables = {"TEACHING_NB_HUB_URL": a_hub.url, "TEACHING_NB_HUB_TOKEN_FILE": str(a_token_file)}
    server = await start_process(tmp_path, **variables)

    status, _ = await jupyter_call(server, "GET", "teaching/api/v1/user")

    assert status == 200
    assert a_hub.requests[0].bearer == HUB_TOKEN
    assert HUB_TOKEN not in environment_of(server.process.pid).values()
    assert HUB_TOKEN not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
    assert "TEACHING_NB_HUB_TOKEN" not in server.log()


async def test_kernel_is_not_told_of_the_file(
    start_jupyter: StartJupyter, a_hub: RecordingHub, a_token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that names the file is the server's own."""
    monkeypatch.setenv("TEACHING_NB_HUB_TOKEN_FILE", str(a_token_file))
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url})

    environment = jupyter.kernel_environment(await jupyter.start_kernel())

    assert await call_as_kernel(jupyter, environment) == 200
    assert a_hub.requests[0].bearer == HUB_TOKEN
    assert not any(str(a_token_file) in value for value in environment.values())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
async def test_file_that_others_may_open_is_refused(
    start_jupyter: StartJupyter, a_hub: RecordingHub, a_token_file: Path, mode: int
) -> None:
    """Whoever asks is told which file it is, and the command that mends it."""
    a_token_file.chmod(mode)
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token_file": str(a_token_file)})

    message = await refusal_of(jupyter)

    assert f"has mode {mode:04o}" in message
    assert f"chmod 600 {a_token_file}" in message
    assert HUB_TOKEN not in message
    assert a_hub.requests == []


async def test_file_that_gives_no_token_is_named(
    start_jupyter: StartJupyter, a_hub: RecordingHub, a_token_file: Path, tmp_path: Path
) -> None:
    """One that is missing, a folder, or empty."""
    a_token_file.write_text("\n")
    for path, reason in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "is not a file"),
        (a_token_file, "is empty"),
    ):
        jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token_file": str(path)})
        message = await refusal_of(jupyter)
        assert str(path) in message
        assert reason in message


async def test_variable_with_the_token_still_counts_and_is_warned_of(
    start_process: StartProcess, a_hub: RecordingHub, tmp_path: Path
) -> None:
    """The log says who can read it there, and what to use instead."""
    variables = {"TEACHING_NB_HUB_URL": a_hub.url, "TEACHING_NB_HUB_TOKEN": HUB_TOKEN}
    server = await start_process(tmp_path, **variables)

    await jupyter_call(server, "GET", "teaching/api/v1/user")

    assert a_hub.requests[0].bearer == HUB_TOKEN
    (warning,) = [line for line in server.log().splitlines() if "TEACHING_NB_HUB_TOKEN" in line]
    assert "every kernel can read it" in warning
    assert "TEACHING_NB_HUB_TOKEN_FILE" in warning
    assert HUB_TOKEN not in server.log()


async def test_file_counts_before_the_variable(
    start_jupyter: StartJupyter, a_hub: RecordingHub, a_token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is given both asks with what the file holds."""
    monkeypatch.setenv("TEACHING_NB_HUB_TOKEN", "an-older-one")
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token_file": str(a_token_file)})

    await jupyter.call("GET", "teaching/api/v1/user")

    assert a_hub.requests[0].bearer == HUB_TOKEN
