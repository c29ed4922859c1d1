"""Bad requests: the right status, the operational shape, no trace, and nothing about the inside."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from teaching_nb.schema import limits
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

NOBODY = "0e6f1c1e-7a52-4d0c-9c5b-3b1f5e0d4a77"


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the one error object of an answer, after checking its shape."""
    (error,) = answer.json()["errors"]
    assert error["status"] == answer.status_code
    assert error["isOperational"] is True
    assert error["message"].startswith(f"[{answer.status_code}] ")
    assert "sqlite" not in error["message"].lower()
    return dict(error)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/documents", {"type": "code", "documentRootId": NOBODY, "data": {}}, 404),
        ("POST", "/documents", {"type": "code", "documentRootId": "x", "data": {}}, 400),
        ("POST", "/documents", {"type": 5, "documentRootId": NOBODY, "data": {}}, 400),
        ("POST", "/documents", {"documentRootId": NOBODY, "data": {}}, 400),
        ("POST", "/documents", {"type": "code", "documentRootId": NOBODY}, 400),
        ("POST", "/documents", [], 400),
        ("PUT", f"/documents/{NOBODY}", {"data": 1}, 404),
        ("PUT", f"/documents/{NOBODY}", {}, 400),
        ("PUT", "/documents/nonsense", {"data": 1}, 400),
        ("DELETE", f"/documents/{NOBODY}", None, 404),
        ("PUT", f"/documents/{NOBODY}/linkTo/{NOBODY}", None, 403),
        ("PUT", f"/documentRoots/{NOBODY}", {"access": "RO_DocumentRoot"}, 404),
        ("DELETE", f"/documentRoots/{NOBODY}", None, 404),
        ("POST", "/permissions/user", {"documentRootId": NOBODY, "userId": NOBODY}, 400),
        ("POST", "/permissions/user", {"documentRootId": NOBODY, "userId": NOBODY, "access": "RO_User"}, 404),
        ("PUT", f"/permissions/user/{NOBODY}", {"access": "RO_User"}, 404),
        ("DELETE", f"/permissions/group/{NOBODY}", None, 404),
        ("PUT", f"/studentGroups/{NOBODY}", {"data": {}}, 404),
        ("PUT", f"/users/{NOBODY}", {"data": {}}, 404),
        ("POST", f"/users/{NOBODY}/documentRoots", {}, 400),
        ("POST", "/documentRoots/permissions", {}, 400),
        ("GET", "/documents", None, 400),
        ("GET", "/documentRoots/none", None, 400),
    ],
)
async def test_bad_request_is_refused_in_the_operational_shape(
    an_admin: Caller, method: str, path: str, body: Any, status: int
) -> None:
    """Malformed input is 400, an unknown id is 404; never 500."""
    answer = await an_admin.send(method, path, body)

    assert answer.status_code == status, answer.text
    error_of(answer)


async def test_reading_what_does_not_exist_answers_null(an_admin: Caller) -> None:
    """Single reads of unknown ids are 200 with null, as in the existing system."""
    for path in ("documents", "documentRoots", "studentGroups", "users"):
        answer = await an_admin.get(f"/{path}/{NOBODY}")
        assert (answer.status_code, answer.json()) == (200, None), path


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe", b'{"data": "\xff"}', b'{"data": NaN}', b'{"data": ' + b"[" * 100_000]
)
async def test_malformed_body_is_400(a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast, raw: bytes) -> None:
    """What is no JSON is told so, also when it is nested beyond reason; the hub lives on."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.student1, await scene.root())
    headers = {**a_cast.student1.headers, "content-type": "application/json"}

    answer = await a_client.put(f"/api/v1/documents/{document_id}", content=raw, headers=headers)

    assert answer.status_code == 400, answer.text
    error_of(answer)
    assert (await a_client.get("/api/v1/health")).status_code == 200


async def test_body_above_the_limit_is_413(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """One byte above the limit is refused with the limit in the message; what fits is stored."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.student1, await scene.root())
    frame = len('{"data":""}')
    fitting = "x" * (limits.REST_BODY_BYTES - frame)

    assert (await a_student.put(f"/documents/{document_id}", {"data": fitting})).status_code == 204
    refused = await a_student.put(f"/documents/{document_id}", {"data": fitting + "x"})

    assert refused.status_code == 413
    assert str(limits.REST_BODY_BYTES) in error_of(refused)["message"]


async def test_data_that_is_told_in_more_bytes_than_may_be_sent_is_413(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast
) -> None:
    """`1e15` is told as `1000000000000000.0`: what grows above the limit that way is refused wherever it is sent."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    document_id = await scene.document(a_cast.student1, root_id)
    raw = f"[{','.join(['1e15'] * (limits.REST_BODY_BYTES // 18))}]"
    new = f'{{"documentRootId":"{root_id}","type":"list","data":{raw}}}'
    group = f'{{"data":{{"canPresent":true,"presentedDocument":{raw}}}}}'

    for person, method, path, body in (
        (a_cast.student1, "PUT", f"/documents/{document_id}", f'{{"data":{raw}}}'),
        (a_cast.student1, "POST", "/documents", new),
        (a_cast.teacher, "PUT", f"/studentGroups/{a_cast.class_a}", group),
    ):
        headers = {**person.headers, "content-type": "application/json"}
        refused = await a_client.request(method, f"/api/v1{path}", content=body, headers=headers)

        assert refused.status_code == 413, path
        assert f"the limit is {limits.REST_BODY_BYTES}" in error_of(refused)["message"]


async def test_students_meet_the_role_guard_before_anything_else(a_student: Caller) -> None:
    """The answer is the existing system's, whatever the body says."""
    for method, path in (
        ("POST", "/permissions/user"),
        ("POST", "/studentGroups"),
        ("PUT", f"/documentRoots/{NOBODY}"),
        ("DELETE", f"/documentRoots/{NOBODY}"),
        ("GET", f"/documentRoots/{NOBODY}/permissions"),
        ("POST", "/documents/multiple"),
        ("GET", "/admin/allowedActions"),
    ):
        answer = await a_student.send(method, path, {"nonsense": 1} if method != "GET" else None)
        assert answer.status_code == 403, path
        assert answer.json() == {"error": "User does not have the role, method or path"}


async def test_bug_is_told_without_its_cause(
    a_student: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is 500; its text is in the log alone."""
    from teaching_nb.hub.people import groups

    def broken(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(groups, "list_visible", broken)

    answer = await a_student.get("/studentGroups")

    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "secret inside" in caplog.text
