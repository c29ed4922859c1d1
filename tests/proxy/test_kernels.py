"""Kernel tokens, with real kernels."""

from __future__ import annotations

import json
import os

import aiohttp
import pytest

from teaching_nb import tokens
from tests.harness.jupyter import JUPYTER_TOKEN, Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import until
from tests.proxy.conftest import HUB_TOKEN, StartJupyter


async def call_as_kernel(jupyter: Jupyter, environment: dict[str, str], path: str = "api/v1/user") -> int:
    """Send a request as the code in a kernel would; return the status."""
    headers = {"Authorization": f"Bearer {environment['TEACHING_NB_TOKEN']}"}
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{environment['TEACHING_NB_URL']}/{path}", headers=headers) as answer,
    ):
        return answer.status


async def test_kernel_gets_address_and_token(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A kernel started through /api/kernels reaches the hub with what its environment holds."""
    kernel_id = await a_jupyter.start_kernel()

    environment = a_jupyter.kernel_environment(kernel_id)
    status = await call_as_kernel(a_jupyter, environment)

    assert environment["TEACHING_NB_URL"] == a_jupyter.url("teaching")
    assert status == 200
    assert a_hub.requests[0].bearer == HUB_TOKEN
    assert JUPYTER_TOKEN not in environment.values()
    assert HUB_TOKEN not in environment.values()


async def test_kernel_of_a_session_gets_address_and_token(a_jupyter: Jupyter) -> None:
    """So does the kernel of a notebook, and keeps them when the notebook is renamed and the kernel restarted."""
    wanted = {"path": "a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
    status, _, body = await a_jupyter.call("POST", "api/sessions", json=wanted)
    session = json.loads(body)
    kernel_id = session["kernel"]["id"]
    first = a_jupyter.kernel_environment(kernel_id)

    await a_jupyter.call("PATCH", f"api/sessions/{session['id']}", json={"path": "b.ipynb", "name": "b.ipynb"})
    await a_jupyter.call("POST", f"api/kernels/{kernel_id}/restart")
    second = a_jupyter.kernel_environment(kernel_id)

    assert status == 201
    assert first["TEACHING_NB_TOKEN"] == second["TEACHING_NB_TOKEN"]
    assert second["JPY_SESSION_NAME"].endswith("b.ipynb")
    assert await call_as_kernel(a_jupyter, second) == 200


async def test_kernel_token_dies_with_the_kernel(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """After the kernel was shut down its token is refused, and the socket opened with it is closed."""
    kernel_id = await a_jupyter.start_kernel()
    environment = a_jupyter.kernel_environment(kernel_id)

    async with a_jupyter.socket(headers={"Authorization": f"Bearer {environment['TEACHING_NB_TOKEN']}"}) as socket:
        await until(lambda: a_hub.sockets)
        status, _, _ = await a_jupyter.call("DELETE", f"api/kernels/{kernel_id}")
        await socket.receive(timeout=30)

    assert status == 204
    assert socket.close_code == 4401
    assert await call_as_kernel(a_jupyter, environment) == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await a_jupyter.socket(headers={"Authorization": f"Bearer {environment['TEACHING_NB_TOKEN']}"})


async def test_kernel_token_is_not_inherited_by_the_same_id(a_jupyter: Jupyter) -> None:
    """Who starts a kernel under the id of an old one does not revive the old one's token."""
    kernel_id = await a_jupyter.start_kernel()
    old = a_jupyter.kernel_environment(kernel_id)
    await a_jupyter.call("DELETE", f"api/kernels/{kernel_id}")
    await a_jupyter.server.kernel_manager.start_kernel(kernel_name="python3", kernel_id=kernel_id)
    kernels = a_jupyter.extension.context.kernels
    caller = kernels._started[kernel_id].caller
    forged = tokens.mint_kernel_token(
        kernels._secret, subject=caller.subject, name="other", role=caller.role, kernel_id=kernel_id
    )

    assert await call_as_kernel(a_jupyter, a_jupyter.kernel_environment(kernel_id)) == 200
    assert await call_as_kernel(a_jupyter, old | {"TEACHING_NB_TOKEN": forged}) == 403


async def test_kernel_token_opens_nothing_of_jupyter(a_jupyter: Jupyter) -> None:
    """Jupyter's own API refuses the token."""
    kernel_id = await a_jupyter.start_kernel()
    token = a_jupyter.kernel_environment(kernel_id)["TEACHING_NB_TOKEN"]

    answers = set()
    async with aiohttp.ClientSession() as client:
        for path in ("api/kernels", "api/contents", "api/me"):
            for scheme in ("Bearer", "token"):
                headers = {"Authorization": f"{scheme} {token}"}
                async with client.get(a_jupyter.url(path), headers=headers) as answer:
                    answers.add(answer.status)

    assert answers == {403}


async def test_kernel_token_of_another_server_is_refused(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Each start of a server signs with a secret of its own."""
    kernel_id = await a_jupyter.start_kernel()
    foreign = tokens.mint_kernel_token(
        tokens.new_secret(), subject="root", name="root", role="admin", kernel_id=kernel_id
    )

    environment = a_jupyter.kernel_environment(kernel_id) | {"TEACHING_NB_TOKEN": foreign}

    assert await call_as_kernel(a_jupyter, environment) == 403
    assert a_hub.requests == []


async def test_kernel_belongs_to_who_started_it(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """On a server with several people a kernel acts for the one who asked for it."""
    jupyter = await start_jupyter(
        TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN, "owner": "alice"},
        ServerApp={"identity_provider_class": "tests.proxy.people.RosterIdentityProvider"},
    )
    statuses = {}
    for name in ("alice", "bob"):
        _, _, body = await jupyter.call("POST", "api/kernels", token=f"{name}-token", json={"name": "python3"})
        statuses[name] = await call_as_kernel(jupyter, jupyter.kernel_environment(json.loads(body)["id"]), "status")
        started = jupyter.extension.context.kernels._started[json.loads(body)["id"]]
        assert (started.user.username, started.caller.subject) == (name, name)

    assert statuses == {"alice": 200, "bob": 200}


async def test_kernel_of_nobody_gets_no_token(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """Where several people use a server, a kernel that no request asked for stands for none of them."""
    jupyter = await start_jupyter(
        TeachingNB={"hub_url": a_hub.url},
        ServerApp={"identity_provider_class": "tests.proxy.people.RosterIdentityProvider"},
    )

    kernel_id = await jupyter.server.kernel_manager.start_kernel(kernel_name="python3")

    assert "TEACHING_NB_TOKEN" not in jupyter.kernel_environment(kernel_id)


async def test_kernel_inherits_no_credential_of_the_server(
    start_jupyter: StartJupyter, a_hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's token, given to the server by its environment, is taken out of it."""
    monkeypatch.setenv("TEACHING_NB_HUB_URL", a_hub.url)
    monkeypatch.setenv("TEACHING_NB_HUB_TOKEN", HUB_TOKEN)
    monkeypatch.setenv("TEACHING_NB_TOKEN", "of an outer kernel")
    jupyter = await start_jupyter()

    kernel_id = await jupyter.start_kernel()
    environment = jupyter.kernel_environment(kernel_id)

    assert await call_as_kernel(jupyter, environment) == 200
    assert a_hub.requests[0].bearer == HUB_TOKEN
    assert "TEACHING_NB_HUB_TOKEN" not in environment
    assert "TEACHING_NB_HUB_TOKEN" not in os.environ
    assert environment["TEACHING_NB_TOKEN"] != "of an outer kernel"


async def test_failed_start_leaves_no_token(a_jupyter: Jupyter) -> None:
    """A kernel that cannot start holds no token."""
    status, _, _ = await a_jupyter.call("POST", "api/kernels", json={"name": "no-such-kernel"})

    assert status >= 400
    assert a_jupyter.extension.context.kernels._started == {}
