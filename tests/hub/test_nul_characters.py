"""NUL, which PostgreSQL cannot store, and lone surrogates, which nobody can: refused on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.hub_process import hub_command
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene
from tests.hub.test_cli import CLASS, ROOT_ID

REFUSAL = "text must not hold the character NUL (\\u0000) - at"


def refusal(answer: httpx.Response) -> str:
    """Return the sentence of a 400."""
    assert answer.status_code == 400, answer.text
    sentence: str = answer.json()["errors"][0]["message"]
    return sentence


@pytest.mark.on_both_databases
async def test_data_with_nul_is_refused_by_its_place(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """Creating and changing name where it stands, as a value and as a key; what was stored stays."""
    root_id = await a_scene.root()
    document_id = await a_scene.document(a_cast.student1, root_id, data={"code": "x"})
    new = {"type": "code", "documentRootId": root_id, "data": {"code": "a\0b"}}

    created = await a_student.post("/documents", new)
    main = await a_student.post("/documents/main", new)
    changed = await a_student.put(f"/documents/{document_id}", {"data": {"code": "x", "more": [1, {"deep": "\0"}]}})
    keyed = await a_student.put(f"/documents/{document_id}", {"data": {"code": "x", "\0": 1}})

    assert refusal(created) == f"[400] {REFUSAL} `$.data.code`"
    assert refusal(main) == f"[400] {REFUSAL} `$.data.code`"
    assert refusal(changed) in {f"[400] {REFUSAL} `{place}.more[1].deep`" for place in ("data", "$.data")}
    assert refusal(keyed) in {f"[400] {REFUSAL} `{place}`" for place in ("data", "$.data")}
    assert (await a_student.get(f"/documents/{document_id}")).json()["document"]["data"] == {"code": "x"}
    assert await a_scene.documents_below(root_id) == [document_id]


@pytest.mark.on_both_databases
async def test_text_that_only_looks_like_nul_is_stored(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """A backslash, a `u` and four zeros are what somebody writes into a program."""
    code = "print('\\u0000', '\\\\u0000')"
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(), data={"code": ""})

    assert (await a_student.put(f"/documents/{document_id}", {"data": {"code": code}})).status_code == 204
    assert (await a_student.get(f"/documents/{document_id}")).json()["document"]["data"] == {"code": code}


@pytest.mark.on_both_databases
async def test_no_field_of_any_request_takes_nul(a_cast: Cast, an_admin: Caller) -> None:
    """Names, descriptions, types, actions, e-mails and parameters: each answers 400 and stores nothing."""
    root_id = wire.new_id()
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/studentGroups", {"name": "a\0", "description": ""}),
        ("PUT", f"/studentGroups/{a_cast.class_a}", {"data": {"description": "\0"}}),
        ("PUT", f"/studentGroups/{a_cast.class_a}", {"data": {"canPresent": True, "presentedDocument": {"a": "\0"}}}),
        ("PUT", f"/users/{a_cast.student1.id}", {"data": {"firstName": "\0"}}),
        ("POST", f"/documentRoots/{root_id}", {"name": "\0"}),
        ("POST", "/documents", {"type": "\0", "documentRootId": root_id, "data": {}}),
        ("POST", "/admin/allowedActions", {"documentType": "\0", "action": "x"}),
        ("POST", f"/users/{a_cast.student1.id}/documentRoots", {"documentRootIds": [], "type": "\0"}),
        ("PUT", "/cms/settings", {"activeBranch": "\0"}),
        ("POST", "/api/auth/sign-in/email", {"email": "a\0@school.test", "password": "long enough"}),
        ("POST", "/api/auth/admin/update-user", {"userId": a_cast.student1.id, "data": {"name": "\0"}}),
    ]

    for method, path, body in bodies:
        answer = await an_admin.send(method, path, body)
        assert answer.status_code == 400, (path, answer.text)
        assert "NUL" in answer.text, path

    asked = await an_admin.get(f"/users/{a_cast.student1.id}/documentRoots?ids={root_id}&type=%00")
    assert refusal(asked) == "[400] the query must not hold the character NUL (%00)"
    assert (await an_admin.get(f"/documentRoots/{root_id}")).json() is None


@pytest.mark.on_both_databases
async def test_live_text_with_nul_is_refused(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_student: Caller, connect_as: Connect
) -> None:
    """Typed into the text or put beside it: a sentence as the answer, nothing stored, and the next edit is taken."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(), data={"code": "x"})
    listener = await connect_as(a_cast.student1)

    def nested(data: Any) -> None:
        data["more"] = {"deep": ["\0"]}

    def keyed(data: Any) -> None:
        data["\0"] = 1

    for change in (lambda data: data["code"].insert(0, "a\0b"), nested, keyed):
        editor = Editor(listener, document_id)
        await editor.sync()
        answer = await editor.send(editor.changed(change))
        assert answer["ok"] is False
        assert answer["error"]["status"] == 400
        assert "NUL" in answer["error"]["message"]

    editor = Editor(listener, document_id)
    await editor.sync()
    assert (await editor.write("y"))["ok"] is True
    await a_hub.write_back()
    assert (await a_student.get(f"/documents/{document_id}")).json()["document"]["data"] == {"code": "yx"}


@pytest.mark.on_both_databases
async def test_streamed_room_with_nul_is_no_room(
    a_cast: Cast, connect_as: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """A room name that no database can be asked for leads nowhere; nothing fails, and the connection lives on."""
    listener = await connect_as(a_cast.teacher)

    await listener.emit("STREAM_UPDATE", {"roomId": "\0", "id": "x", "data": {}})

    assert await listener.call("JOIN_ROOM", a_cast.student1.id) is True
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "body", [rb'{"data": {"code": "\ud800"}}', rb'{"data": {"\udc00": 1}}', b'{"data": "\xed\xa0\x80"}']
)
async def test_lone_surrogate_is_malformed(a_scene: Scene, a_cast: Cast, a_student: Caller, body: bytes) -> None:
    """Half a character is no text: 400, however it is written."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())

    answer = await a_student._client.put(
        f"/api/v1/documents/{document_id}",
        content=body,
        headers={**a_student.person.headers, "content-type": "application/json"},
    )

    assert refusal(answer)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda content: content["documents"][1].update(data={"code": ["\0"]}), "$.documents[1].data.code[0]"),
        (lambda content: content["users"][0].update(firstName="\0"), "$.users[0].firstName"),
        (lambda content: content["groups"][0].update(description="\0"), "$.groups[0].description"),
    ],
)
def test_loading_a_file_with_nul_names_the_place(tmp_path: Path, change: Callable[[Any], None], path: str) -> None:
    """`hub load` refuses the whole file with one line."""
    content = json.loads(json.dumps(CLASS))
    change(content)

    result = hub_command(tmp_path / "data", "load", "-", stdin=json.dumps(content))

    assert result.returncode == 1
    assert f"NUL (\\u0000) - at `{path}`" in result.stderr
    assert result.stderr.count("\n") == 1


def test_loading_checks_how_deep_data_is(tmp_path: Path) -> None:
    """`hub load` refuses what a request would refuse: data that those who get it cannot pass on."""
    deep: Any = 1
    for _ in range(210):
        deep = [deep]
    content = {
        **CLASS,
        "documents": [{"documentRootId": ROOT_ID, "author": "sam@school.test", "type": "code", "data": deep}],
    }

    result = hub_command(tmp_path / "data", "load", "-", stdin=json.dumps(content))

    assert result.returncode == 1
    assert "data is nested too deeply, the limit is 200 levels - at `$.documents[0]`" in result.stderr
