"""Changing a document, as a class does all the time: every kind of request, caller, body and end of a connection."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.rest import Rest
from teaching_nb.schema import limits, wire
from teaching_nb.schema.events import SENDER_HEADER
from teaching_nb.schema.records import Document
from tests.harness.cast import Cast, Person
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

NOBODY = "00000000-0000-4000-8000-000000000000"

MOST_CALLS = 140
"""Of functions, for one change of a document, from its headers to its answer without what stores it."""

_OK = b'{"data": {"code": "y"}}'
_DEEP = b'{"data": ' + b"[" * (limits.JSON_DEPTH + 2) + b"]" * (limits.JSON_DEPTH + 2) + b"}"


async def _put(
    client: httpx.AsyncClient, person: Person, path: str, content: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    named = {**person.headers, "content-type": "application/json", **(headers or {})}
    return await client.put(f"/api/v1/documents/{path}", content=content, headers=named)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content[:5]
    yield content[5:]


async def test_change_counts_the_revision_however_its_path_is_written(
    a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient
) -> None:
    """The id may be in upper case, a precondition may be given, and the path may end with a slash."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    for number, path in enumerate((document_id, document_id.upper(), f"{document_id}/")):
        content = json.dumps({"data": number, "more": 1}).encode()
        answer = await _put(a_client, a_cast.student1, path, content, {"If-Match": f'"{number + 1}"'})
        assert (answer.status_code, answer.headers["x-document-revision"]) == (204, str(number + 2))


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
        ("", b'{"data": 1, "more": "\xff"}', 400),
        ("", b'{"data": 1} 2', 400),
        ("", b"[1]", 400),
        ("", b'{"dat": 1}', 400),
        ("", b'{"data": "\\u0000"}', 400),
        ("", b'{"data": 1, "more": "\\u0000"}', 400),
        ("", b'{"data": "' + b"x" * limits.REST_BODY_BYTES + b'"}', 413),
    ],
)
async def test_change_is_taken_or_refused_by_what_is_asked(
    a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient, *, suffix: str, content: Any, status: int
) -> None:
    """Also what the hub has no use for must be JSON; a body may come in pieces, without its length."""
    document_id = await a_scene.document(a_cast.teacher, await a_scene.root())
    body = content(_OK) if callable(content) else content

    answer = await _put(a_client, a_cast.teacher, document_id + suffix, body)

    assert answer.status_code == status, answer.text
    assert ("x-document-revision" in answer.headers) == (status == 204)


async def test_body_in_pieces_is_counted(a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient) -> None:
    """Without a length a body is refused as soon as it is too large."""
    document_id = await a_scene.document(a_cast.teacher, await a_scene.root())

    answer = await _put(a_client, a_cast.teacher, document_id, _pieces(b"x" * (limits.REST_BODY_BYTES + 1)))

    assert answer.status_code == 413
    assert str(limits.REST_BODY_BYTES) in answer.text


@pytest.mark.parametrize(
    ("person", "access", "headers", "content", "status"),
    [
        ("student1", "RW", {}, _OK, 204),
        ("student1", "RW", {}, b'{"data": {"code": "x"}}', 204),
        ("student1", "RW", {"If-Match": '"1"'}, _OK, 204),
        ("student1", "RW", {"If-Match": '"7"'}, _OK, 412),
        ("student1", "RW", {"If-Match": "7"}, _OK, 400),
        ("student1", "RW", {"Content-Type": "text/plain"}, _OK, 204),
        ("student1", "RW", {"Origin": "http://evil.test"}, _OK, 204),
        ("student1", "RW", {"Authorization": "Bearer wrong"}, _OK, 401),
        ("student1", "RW", {}, b'{"data": 1, "data": 2}', 204),
        ("student1", "RW", {}, _DEEP, 400),
        ("student1", "RO", {}, _OK, 403),
        ("student2", "RW", {}, _OK, 404),
        ("teacher", "RW", {}, _OK, 404),
    ],
)
async def test_change_is_taken_or_refused_by_who_asks(
    a_scene: Scene,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    *,
    person: str,
    access: str,
    headers: dict[str, str],
    content: bytes,
    status: int,
) -> None:
    """A token needs no trusted page, and no content type makes a body anything but JSON."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(access))

    answer = await _put(a_client, a_cast.named(person), document_id, content, headers)

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (Unavailable("the disk is full"), 503, "[503] the disk is full"),
        (RuntimeError("secret inside"), 500, "[500] the hub made a mistake; its log says more"),
        (RecursionError(), 400, "[400] the body is nested too deeply"),
    ],
)
async def test_failure_is_told_in_words(
    a_hub: RunningHub,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    error: Exception,
    status: int,
    told: str,
) -> None:
    """A refusal of the database in its own words; the cause of a bug is in the log alone, once."""

    async def failing(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(a_hub.context.writes, "change", failing)

    answer = await _put(a_client, a_cast.student1, NOBODY, _OK)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"] == told
    expected = [f"PUT /api/v1/documents/{NOBODY} failed"] if type(error) is RuntimeError else []
    assert [record.getMessage() for record in caplog.records] == expected


async def _calls_of_a_change(hub: RunningHub, person: Person) -> int:
    """Return how many functions REST calls for one change, those of libraries and of C included."""
    head = {**person.headers, "content-type": "application/json", "content-length": str(len(_OK))}
    headers = [(name.lower().encode(), value.encode()) for name, value in head.items()]
    scope = {"type": "http", "method": "PUT", "path": f"/api/v1/documents/{NOBODY}", "query_string": b""}
    told: list[int | None] = []
    calls = 0

    async def receive() -> Any:
        return {"type": "http.request", "body": _OK, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message.get("status"))

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    served = Rest(hub.context)({**scope, "headers": headers}, receive, send)
    sys.setprofile(count)
    try:
        await served
    finally:
        sys.setprofile(None)
    assert told == [204, None]
    return calls


async def test_change_takes_few_calls(a_hub: RunningHub, a_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class sends it all the time. Time says little on a busy machine; the number of calls is always the same."""
    now = wire.timestamp(0)
    stored = Document(
        id=NOBODY,
        author_id=NOBODY,
        document_root_id=NOBODY,
        parent_id=None,
        type="code",
        data={},
        created_at=now,
        updated_at=now,
        revision=2,
    )

    async def change(*_arguments: object, **_options: object) -> Document:
        return stored

    monkeypatch.setattr(a_hub.context.writes, "change", change)

    # By the second time it is known who is calling.
    calls = [await _calls_of_a_change(a_hub, a_cast.student1) for _ in range(3)]

    assert min(calls) <= MOST_CALLS, calls


async def test_live_document_is_changed_through_its_log(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient
) -> None:
    """What does not fit a shared text is refused with the reason."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    await a_hub.database.write(lambda tx: update_log.create(tx, document_id))

    assert (await _put(a_client, a_cast.student1, document_id, _OK)).status_code == 204
    assert (await _put(a_client, a_cast.student1, document_id, b'{"data": 1}')).status_code == 400


async def test_own_socket_is_not_told(
    a_scene: Scene,
    a_cast: Cast,
    a_client: httpx.AsyncClient,
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


async def test_body_may_come_in_pieces(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_client: httpx.AsyncClient
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
