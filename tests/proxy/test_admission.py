"""Who gets in: nobody by default, on any address and by any verb."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.harness.jupyter import Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import until
from tests.proxy.conftest import HUB_TOKEN, StartJupyter
from tests.proxy.people import ReadersAuthorizer

VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ADDRESSES = [
    "teaching/api/v1/user",
    "teaching/socket.io/?EIO=4&transport=websocket",
    "teaching/status",
    "teaching/static/teaching.js",
]


@pytest.mark.parametrize("settings", [{}, {"allow_unauthenticated_access": True}], ids=["closed", "open"])
async def test_door_is_closed_for_strangers(
    start_jupyter: StartJupyter, a_hub: RecordingHub, settings: dict[str, bool]
) -> None:
    """Every verb on every address and the upgrade are refused, whatever Jupyter's own default, and go nowhere."""
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN}, ServerApp=settings)

    answers = {
        (verb, address): (await jupyter.call(verb, address, token=None))[0] for address in ADDRESSES for verb in VERBS
    }
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await jupyter.socket(token=None, headers={"Origin": jupyter.origin})

    assert set(answers.values()) == {403}, answers
    assert refused.value.status == 403
    assert a_hub.requests == []


async def test_door_is_closed_for_wrong_tokens(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A token that is not Jupyter's is as good as none."""
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await a_jupyter.socket(token=HUB_TOKEN)
    status, _, body = await a_jupyter.call("GET", "teaching/api/v1/user", token=HUB_TOKEN)

    assert status == 403
    assert json.loads(body)["errors"][0]["name"] == "FORBIDDEN"
    assert a_hub.requests == []


async def test_door_asks_the_authorizer(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """Who may only read gets neither a writing verb nor a socket."""
    ReadersAuthorizer.asked.clear()
    jupyter = await start_jupyter(
        TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN, "owner": "bob"},
        ServerApp={
            "identity_provider_class": "tests.proxy.people.RosterIdentityProvider",
            "authorizer_class": "tests.proxy.people.ReadersAuthorizer",
        },
    )

    read, _, _ = await jupyter.call("GET", "teaching/api/v1/user", token="bob-token")
    written = [(await jupyter.call(v, "teaching/api/v1/user", token="bob-token"))[0] for v in ("POST", "PUT", "DELETE")]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await jupyter.socket(token="bob-token")

    assert read == 200
    assert written == [403, 403, 403]
    assert refused.value.status == 403
    assert [request.method for request in a_hub.requests] == ["GET"]
    assert {(action, resource) for _, action, resource in ReadersAuthorizer.asked} == {
        ("read", "teaching_nb"),
        ("write", "teaching_nb"),
    }


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_door_is_closed_for_foreign_pages(a_jupyter: Jupyter, a_hub: RecordingHub, verb: str) -> None:
    """A page of another origin is refused even with Jupyter's token."""
    origins = ["http://evil.example", "null", "http://127.0.0.1:1", a_jupyter.origin + ".evil.example"]

    answers = [(await a_jupyter.call(verb, "teaching/api/v1/user", headers={"Origin": each}))[0] for each in origins]

    assert set(answers) == {403}
    assert a_hub.requests == []


async def test_door_is_closed_for_sockets_of_foreign_pages(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """The same holds for sockets, with a token in the header or in the address."""
    token = a_jupyter.server.identity_provider.token
    in_address: dict[str, Any] = {"token": None, "query": f"EIO=4&transport=websocket&token={token}"}
    for more in ({}, in_address):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await a_jupyter.socket(headers={"Origin": "http://evil.example"}, **more)
        assert refused.value.status == 403

    assert a_hub.requests == []


async def test_door_lets_listed_origins_in(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """An origin that the administrator listed may use the hub."""
    jupyter = await start_jupyter(
        TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN},
        ServerApp={"allow_origin_pat": r"https://.*\.school\.example"},
    )

    listed, _, _ = await jupyter.call("GET", "teaching/api/v1/user", headers={"Origin": "https://a.school.example"})
    longer, _, _ = await jupyter.call("GET", "teaching/api/v1/user", headers={"Origin": "https://a.school.example.com"})
    async with jupyter.socket(headers={"Origin": "https://a.school.example"}) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str(timeout=30) == "hello"

    assert (listed, longer) == (200, 403)


async def test_socket_without_origin_needs_a_token_header(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Cookies and a token in the address count only for a page that says where it comes from."""
    await a_jupyter.sign_in()
    token = a_jupyter.server.identity_provider.token
    for query in ("EIO=4&transport=websocket", f"EIO=4&transport=websocket&token={token}"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await a_jupyter.socket(token=None, query=query)
        assert refused.value.status == 403

    async with a_jupyter.socket(token=None, headers={"Origin": a_jupyter.origin}):
        await until(lambda: a_hub.requests)
    (request,) = a_hub.requests
    assert "cookie" not in request.headers


async def test_cookie_needs_the_xsrf_header_to_write(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A cookie alone reads; to write it needs what only a page of this server can know."""
    await a_jupyter.sign_in()
    own = {"Origin": a_jupyter.origin}

    read, _, _ = await a_jupyter.call("GET", "teaching/api/v1/user", token=None)
    bare, _, _ = await a_jupyter.call("POST", "teaching/api/v1/documents", token=None, headers=own, json={})
    full, _, _ = await a_jupyter.call(
        "POST", "teaching/api/v1/documents", token=None, headers={**own, "X-XSRFToken": a_jupyter.xsrf}, json={}
    )

    assert (read, bare, full) == (200, 403, 200)
    assert [request.method for request in a_hub.requests] == ["GET", "POST"]


async def test_refusals_are_json_without_internals(a_jupyter: Jupyter) -> None:
    """An unknown address and a script in it come back as JSON, with nothing of the script."""
    status, response, body = await a_jupyter.call("GET", "teaching/api/v1/<script>alert(1)</script>")

    assert status == 404
    assert response.headers["Content-Type"] == "application/json"
    assert b"script" not in body
    assert b"Traceback" not in body
