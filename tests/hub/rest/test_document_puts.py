"""Changing a document without the web framework: nobody can tell the difference."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import live_log
from teaching_nb.hub.rest import document_puts
from teaching_nb.hub.rest.document_puts import DocumentPuts
from teaching_nb.schema import limits
from teaching_nb.schema.events import SENDER_HEADER
from tests.harness.cast import Cast, Person
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

NOBODY = "00000000-0000-4000-8000-000000000000"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")

_OK = b'{"data": {"code": "y"}}'
_DEEP = b'{"data": ' + b"[" * (limits.JSON_DEPTH + 2) + b"]" * (limits.JSON_DEPTH + 2) + b"}"


@pytest.fixture
def framework_calls(a_hub: RunningHub) -> list[str]:
    """Return the paths that reach the web framework from now on."""
    hub = a_hub.hub
    puts = hub.asgi.other_asgi_app._app._app
    assert isinstance(puts, DocumentPuts)
    calls: list[str] = []
    framework = puts._app

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        await framework(scope, receive, send)

    puts._app = counting
    return calls


async def _put(
    client: httpx.AsyncClient, person: Person, path: str, content: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    named = {**person.headers, "content-type": "application/json", **(headers or {})}
    return await client.put(f"/api/v1/documents/{path}", content=content, headers=named)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content[:5]
    yield content[5:]


async def test_plain_change_does_not_reach_the_framework(
    a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient, framework_calls: list[str]
) -> None:
    """The id may be in upper case, a precondition may be given, and the path may end with a slash."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    for number, path in enumerate((document_id, document_id.upper(), f"{document_id}/")):
        content = json.dumps({"data": number, "more": 1}).encode()
        answer = await _put(a_client, a_cast.student1, path, content, {"If-Match": f'"{number + 1}"'})
        assert (answer.status_code, answer.headers["x-document-revision"]) == (204, str(number + 2))
    assert framework_calls == []


@pytest.mark.parametrize(
    ("suffix", "content", "status"),
    [
        ("?onBehalfOf=true", _OK, 204),
        ("?x", _OK, 204),
        (f"/linkTo/{NOBODY}", b"", 404),
        ("", _pieces, 204),
        ("", b"", 400),
        ("", b"{", 400),
        ("", b'{"data": "\xff"}', 400),
        ("", b"[1]", 400),
        ("", b'{"dat": 1}', 400),
        ("", b'{"data": "\\u0000"}', 400),
        ("", b'{"data": 1, "more": "\\u0000"}', 400),
        ("", b'{"data": "' + b"x" * limits.REST_BODY_BYTES + b'"}', 413),
    ],
)
async def test_unusual_request_is_left_to_the_framework(
    a_scene: Scene,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    framework_calls: list[str],
    *,
    suffix: str,
    content: Any,
    status: int,
) -> None:
    """It gets the request from its beginning, and says what is wrong."""
    document_id = await a_scene.document(a_cast.teacher, await a_scene.root())
    body = content(_OK) if callable(content) else content

    answer = await _put(a_client, a_cast.teacher, document_id + suffix, body)

    assert answer.status_code == status, answer.text
    assert len(framework_calls) == 1


async def test_change_of_nothing_that_has_an_id_is_left_to_the_framework(
    a_cast: Cast, a_client: httpx.AsyncClient, framework_calls: list[str]
) -> None:
    """A word as long as an id is told to be none."""
    assert (await _put(a_client, a_cast.teacher, "x" * 36, _OK)).status_code == 400
    assert len(framework_calls) == 1


@pytest.mark.parametrize(
    ("person", "access", "headers", "content"),
    [
        ("student1", "RW", {}, _OK),
        ("student1", "RW", {}, b'{"data": {"code": "x"}}'),
        ("student1", "RW", {"If-Match": '"1"'}, _OK),
        ("student1", "RW", {"If-Match": '"7"'}, _OK),
        ("student1", "RW", {"If-Match": "7"}, _OK),
        ("student1", "RW", {"Content-Type": "text/plain"}, _OK),
        ("student1", "RW", {"Origin": "http://evil.test"}, _OK),
        ("student1", "RW", {"Authorization": "Bearer wrong"}, _OK),
        ("student1", "RW", {}, b'{"data": 1, "data": 2}'),
        ("student1", "RW", {}, _DEEP),
        ("student1", "RO", {}, _OK),
        ("student2", "RW", {}, _OK),
        ("teacher", "RW", {}, _OK),
    ],
)
async def test_answer_is_the_frameworks(
    a_scene: Scene,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    framework_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    person: str,
    access: str,
    headers: dict[str, str],
    content: bytes,
) -> None:
    """Status, headers and body are the same whoever asks for whatever."""
    root_id = await a_scene.root(access)
    ids = [await a_scene.document(a_cast.student1, root_id) for _ in range(2)]

    told = [_told(await _put(a_client, a_cast.named(person), ids[0], content, headers), ids[0])]
    assert framework_calls == []
    monkeypatch.setattr(document_puts, "_plain", lambda _scope: None)
    told.append(_told(await _put(a_client, a_cast.named(person), ids[1], content, headers), ids[1]))

    assert told[0] == told[1]
    assert len(framework_calls) == ("Authorization" not in headers)


@pytest.mark.parametrize("error", [Unavailable("the disk is full"), RuntimeError("secret inside"), RecursionError()])
async def test_failure_is_told_as_by_the_framework(
    a_hub: RunningHub,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    framework_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    error: Exception,
) -> None:
    """A refusal of the database in its own words; the cause of a bug is in the log alone, once."""

    async def failing(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(a_hub.context.writes, "change", failing)
    told = [_told(await _put(a_client, a_cast.student1, NOBODY, _OK), NOBODY)]
    logged = [record.getMessage() for record in caplog.records]
    caplog.clear()
    monkeypatch.setattr(document_puts, "_plain", lambda _scope: None)
    told.append(_told(await _put(a_client, a_cast.student1, NOBODY, _OK), NOBODY))

    assert told[0] == told[1]
    assert "secret" not in str(told)
    assert logged == [record.getMessage() for record in caplog.records]
    assert bool(logged) == (type(error) is RuntimeError)
    assert len(framework_calls) == 1


def _told(answer: httpx.Response, document_id: str) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-document-updated-at"}}
    return answer.status_code, headers, _TIME.sub("TIME", answer.text.replace(document_id, "ID"))


async def test_live_document_is_changed_through_its_log(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient, framework_calls: list[str]
) -> None:
    """What does not fit a shared text is refused with the reason."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    await a_hub.database.write(lambda tx: live_log.create(tx, document_id))

    assert (await _put(a_client, a_cast.student1, document_id, _OK)).status_code == 204
    assert (await _put(a_client, a_cast.student1, document_id, b'{"data": 1}')).status_code == 400
    assert framework_calls == []


async def test_own_socket_is_not_told(
    a_scene: Scene,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    framework_calls: list[str],
    connect_as: Connect,
) -> None:
    """The socket that a change comes from is left out, if it is the caller's; another one of theirs hears of it."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    mine, other, foreign = [await connect_as(one) for one in (a_cast.student1, a_cast.student1, a_cast.admin)]

    for number, listener in enumerate((mine, foreign)):
        content = json.dumps({"data": number}).encode()
        await _put(a_client, a_cast.student1, document_id, content, {SENDER_HEADER: listener.sid})

    for listener in (other, foreign):
        assert [(await listener.hears("CHANGED_DOCUMENT"))["data"] for _ in range(2)] == [0, 1]
    assert (await mine.hears("CHANGED_DOCUMENT"))["data"] == 1
    assert framework_calls == []


async def test_body_may_come_in_pieces(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient, framework_calls: list[str]
) -> None:
    """The change is made when the whole body is there; until then others are served."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    reader, writer = await _begin(a_hub, a_cast.student1, document_id, _OK[:7])
    assert (await _put(a_client, a_cast.student1, document_id, b'{"data": 1}')).status_code == 204

    writer.write(_OK[7:])
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    writer.close()
    await writer.wait_closed()

    assert head.startswith(b"HTTP/1.1 204 ")
    assert b"x-document-revision: 3\r\n" in head
    assert framework_calls == []


async def test_caller_who_hangs_up_changes_nothing(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a body is no change, and no mistake of the hub either."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    _, writer = await _begin(a_hub, a_cast.student1, document_id, _OK[:-1])
    assert (await a_client.get("/api/v1/health")).status_code == 200
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(20):
        while a_hub._server.server_state.tasks:
            await a_client.get("/api/v1/health")

    answer = await _put(a_client, a_cast.student1, document_id, _OK, {"If-Match": '"1"'})

    assert answer.status_code == 204
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def _begin(
    hub: RunningHub, person: Person, document_id: str, content: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the beginning of a request whose body is to be `_OK`."""
    host, port = hub.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"PUT /api/v1/documents/{document_id} HTTP/1.1",
        f"Host: {host}:{port}",
        f"Authorization: {person.headers['Authorization']}",
        f"Content-Length: {len(_OK)}",
    )
    writer.write("\r\n".join((*head, "", "")).encode() + content)
    await writer.drain()
    return reader, writer
