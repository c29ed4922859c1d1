"""The REST relay, seen by a back end that records what reaches it."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
import yarl
from aiohttp import web

from teaching_nb.schema.limits import REST_BODY_BYTES
from tests.harness.jupyter import BASE_URL, Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.proxy.conftest import HUB_TOKEN, StartJupyter

VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@pytest.mark.parametrize("verb", VERBS)
async def test_relay_passes_every_verb_on(a_jupyter: Jupyter, a_hub: RecordingHub, verb: str) -> None:
    """Path, query and body arrive under the same verb, with the hub's own token."""
    body = b"" if verb in {"GET", "HEAD"} else b'{"data": {}}'

    status, _, _ = await a_jupyter.call(verb, "teaching/api/v1/documents/7?a=1&b=x%20y", data=body or None)

    (request,) = a_hub.requests
    assert status == 200
    assert (request.method, request.path, request.body) == (verb, "/api/v1/documents/7?a=1&b=x+y", body)
    assert request.bearer == HUB_TOKEN


async def test_relay_passes_the_answer_on(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Status, body and the headers of our protocol come back."""
    headers = {"x-document-revision": "7", "etag": '"7"', "retry-after": "3"}
    a_hub.answer = web.json_response({"errors": ["stale"]}, status=412, headers=headers)

    status, response, body = await a_jupyter.call("PUT", "teaching/api/v1/documents/7", json={})

    assert (status, json.loads(body)) == (412, {"errors": ["stale"]})
    assert {name: response.headers[name] for name in headers} == headers
    assert response.headers["Content-Type"].startswith("application/json")


async def test_relay_answers_without_content(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A 204 stays one."""
    a_hub.answer = web.Response(status=204)

    status, _, body = await a_jupyter.call("PUT", "teaching/api/v1/documents/7", json={})

    assert (status, body) == (204, b"")


async def test_relay_forwards_only_listed_headers(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Cookies, tokens, addresses and claimed identities stay here; what our protocol needs goes on."""
    kept = {"Accept": "application/json", "If-Match": '"3"', "X-Metadata-Sid": "abc", "X-Metadata-SocketId": "abc"}
    dropped = {
        "Cookie": "tdev.session_token=stolen",
        "Forwarded": "for=10.0.0.1",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "elsewhere",
        "X-Forwarded-User": "teacher",
        "X-Teaching-User": "teacher",
        "X-Real-IP": "10.0.0.1",
        "Proxy-Authorization": "Basic eA==",
        "TE": "trailers",
        "X-XSRFToken": "x",
        "Referer": "http://127.0.0.1/?token=x",
    }

    await a_jupyter.call("GET", "teaching/api/v1/user", headers={**kept, **dropped})

    (request,) = a_hub.requests
    assert {name: request.headers[name.lower()] for name in kept} == kept
    assert set(request.headers) <= {name.lower() for name in kept} | {
        *("authorization", "host", "connection", "user-agent", "accept-encoding")
    }
    assert request.bearer == HUB_TOKEN


async def test_relay_keeps_cookies_of_the_hub(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """The hub's cookies and its name never reach the browser."""
    a_hub.answer = web.json_response({}, headers={"Set-Cookie": "tdev.session_token=x", "Server": "secret-host/1"})

    _, response, _ = await a_jupyter.call("GET", "teaching/api/v1/user")

    assert "tdev.session_token" not in response.headers.getall("Set-Cookie", [""])[0]
    assert "secret-host" not in str(response.headers)


async def test_relay_forgets_the_token_in_a_query(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Jupyter's own arguments do not go upstream."""
    token = a_jupyter.server.identity_provider.token

    status, _, _ = await a_jupyter.call("GET", f"teaching/api/v1/user?token={token}&_xsrf=1&q=2", token=None)

    (request,) = a_hub.requests
    assert status == 200
    assert request.path == "/api/v1/user?q=2"


@pytest.mark.parametrize(
    "path",
    [
        "teaching/api/v2/user",
        "teaching/api/auth/get-session",
        "teaching/api/v1/../../metrics",
        "teaching/api/v1/%2e%2e/%2e%2e/metrics",
        "teaching/api/v1/..%2f..%2fmetrics",
        "teaching/api/v1/%252e%252e/metrics",
        "teaching/api/v1//elsewhere/",
        "teaching/api/v1/a%00b",
        "teaching/api/v1/a%5c..%5cb",
        "teaching/api/v1/http://elsewhere/",
        "teaching/metrics",
        "teaching/",
    ],
)
async def test_relay_refuses_other_paths(a_jupyter: Jupyter, a_hub: RecordingHub, path: str) -> None:
    """Only plain paths below api/v1 go upstream, however they are written."""
    address = yarl.URL(a_jupyter.origin + BASE_URL + path, encoded=True)

    async with a_jupyter.client.get(address, headers={"Authorization": "token token-of-jupyter-0123456789"}) as answer:
        assert answer.status == 404
    assert a_hub.requests == []


async def test_relay_goes_to_the_configured_hub_alone(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Neither Host nor X-Forwarded-Host nor an absolute address changes where a request goes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", a_jupyter.server.port)
    writer.write(
        f"GET http://localhost:1/{BASE_URL[1:]}teaching/api/v1/user HTTP/1.1\r\nHost: localhost:1\r\n"
        f"X-Forwarded-Host: localhost:2\r\nAuthorization: token token-of-jupyter-0123456789\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    status, _, _ = await a_jupyter.call("GET", "teaching/api/v1/user", headers={"Host": "localhost:1"})

    assert b" 404 " in answer.splitlines()[0]
    assert status == 200
    (request,) = a_hub.requests
    assert request.headers["host"] == a_hub.url.removeprefix("http://")


async def test_relay_follows_no_redirect(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A redirect becomes an error and does not say where it pointed."""
    a_hub.answer = web.Response(status=302, headers={"Location": f"{a_hub.url}/api/v1/elsewhere"})

    status, response, body = await a_jupyter.call("GET", "teaching/api/v1/user")

    assert status == 503
    assert len(a_hub.requests) == 1
    assert a_hub.url not in f"{response.headers}{body.decode()}"


async def test_relay_refuses_a_large_body(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A body above the limit is refused with size and limit."""
    large = io.BytesIO(bytes(REST_BODY_BYTES + 1))

    status, _, body = await a_jupyter.call("POST", "teaching/api/v1/documents", data=large)

    assert status == 413
    assert str(REST_BODY_BYTES + 1) in json.loads(body)["errors"][0]["message"]
    assert a_hub.requests == []


async def test_relay_refuses_a_large_body_without_length(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A body that announces no size is measured too."""

    async def chunks() -> Any:
        for _ in range(REST_BODY_BYTES // 1_000_000 + 2):
            yield bytes(1_000_000)

    status, _, _ = await a_jupyter.call("POST", "teaching/api/v1/documents", data=chunks())

    assert status == 413
    assert a_hub.requests == []


async def test_relay_makes_pages_harmless(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """What a student wrote is never shown as a page of the Jupyter server."""
    a_hub.answer = web.Response(body=b"<script>alert(1)</script>", content_type="text/html")

    _, response, _ = await a_jupyter.call("GET", "teaching/api/v1/documents/7")

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_relay_says_that_the_hub_is_gone(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """A dead hub gives 503 in the operational shape, without its address."""
    await a_hub.stop()

    status, response, body = await a_jupyter.call("GET", "teaching/api/v1/user")

    (error,) = json.loads(body)["errors"]
    assert status == 503
    assert error["name"] == "SERVICE UNAVAILABLE"
    assert error["isOperational"] is True
    assert a_hub.url.rpartition(":")[2] not in f"{response.headers}{body.decode()}"


async def test_jupyter_goes_on_while_the_hub_hangs(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """Thirty requests wait for it, and what Jupyter is asked for itself is answered."""
    a_hub.stalled.set()
    hanging = [asyncio.create_task(a_jupyter.call("GET", "teaching/api/v1/user")) for _ in range(30)]

    status, _, _ = await a_jupyter.call("GET", "api/me")

    assert status == 200
    assert not any(task.done() for task in hanging)
    a_hub.stalled.clear()
    assert {answer[0] for answer in await asyncio.gather(*hanging)} == {200}


async def test_hub_that_hangs_is_waited_for_no_longer_than_its_time(
    a_jupyter: Jupyter, a_hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has asked is told that it cannot be reached."""
    monkeypatch.setattr("teaching_nb.proxy.rest.REQUEST_SECONDS", 0.5)
    a_hub.stalled.set()

    status, _, _ = await a_jupyter.call("GET", "teaching/api/v1/user")

    assert status == 503


async def test_relay_works_for_the_owner_alone(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """The hub token of one person is not lent to another who may use the same Jupyter server."""
    settings = {"hub_url": a_hub.url, "hub_token": HUB_TOKEN, "owner": "alice"}
    jupyter = await start_jupyter(
        TeachingNB=settings, ServerApp={"identity_provider_class": "tests.proxy.people.RosterIdentityProvider"}
    )

    alice, _, _ = await jupyter.call("GET", "teaching/api/v1/user", token="alice-token")
    bob, _, body = await jupyter.call("GET", "teaching/api/v1/user", token="bob-token")

    assert (alice, bob) == (200, 403)
    assert "alice" in json.loads(body)["errors"][0]["message"]
    assert len(a_hub.requests) == 1
