"""What is withheld: a shared document below a root that nobody enters until it is opened to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from teaching_nb.schema.events import SYNC_DOCUMENT, UPDATE_DOCUMENT
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import Caller, Cast, Person
from tests.harness.listeners import Connect
from tests.hub.openers import opening

SLUG = "exercise-7"
OWN = root_id(SLUG)
ROOT = shared_root_id(OWN, "solution")
SECRET = "the answer is forty-two"


def asked(text: str = "") -> dict[str, Any]:
    """Return the body with which a kernel opens the solution of an exercise."""
    of_root = {"name": SLUG, "access": "None_DocumentRoot", "sharedAccess": "RO_DocumentRoot"}
    data = {"text": text}
    place = {"documentRootId": ROOT, "ownRootId": OWN, "shared": True, "root": of_root}
    return {"type": "solution", "data": data, **place}


async def written(teacher: Caller) -> str:
    """Have a teacher open the solution and write it; return the document's id."""
    answer = await opening(teacher, asked())
    assert answer.status_code == 200, answer.text
    document_id: str = answer.json()["id"]
    assert (await teacher.put(f"/documents/{document_id}", {"data": {"text": SECRET}})).status_code == 204
    return document_id


async def everything_of(caller: Caller, document_id: str) -> str:
    """Return all that the hub answers to somebody who asks for the content wherever there is a question for it."""
    own_id = caller.person.id
    answers = [
        await opening(caller, asked()),
        await caller.get(f"/documents/{document_id}"),
        await caller.get(f"/documents/{document_id}/versions"),
        await caller.get(f"/documents/{document_id}/versions/1"),
        await caller.get(f"/documentRoots/{ROOT}"),
        await caller.get("/documentRoots", params={"ids": [ROOT, OWN]}),
        await caller.post(f"/users/{own_id}/documentRoots", {"documentRootIds": [ROOT, OWN]}),
        await caller.get("/documents", params={"rids": ROOT}),
        await caller.post("/documents/multiple", {"documentRootIds": [ROOT]}),
        await caller.post("/sync", {"roots": [{"id": ROOT}, {"id": OWN}]}),
        await caller.put(f"/documents/{document_id}", {"data": {"text": "mine"}}),
        await caller.post("/documents", {"type": "x", "documentRootId": ROOT, "data": {}, "parentId": document_id}),
        await caller.delete(f"/documents/{document_id}"),
    ]
    return "\n".join(answer.text for answer in answers)


@pytest.mark.on_both_databases
async def test_nobody_gets_a_byte_before_it_is_opened(
    a_teacher: Caller, a_student: Caller, a_stranger: Caller, a_cast: Cast, connect_as: Connect
) -> None:
    """Neither answers nor events hold the content, whatever a student asks for; what they do changes nothing."""
    listener = await connect_as(a_cast.student1)
    document_id = await written(a_teacher)
    for room in (ROOT, OWN, document_id):
        await listener.call("JOIN_ROOM", room)
    synced = await listener.call(SYNC_DOCUMENT, {"id": document_id, "stateVector": b"\x00"})
    updated = await listener.call(UPDATE_DOCUMENT, {"id": document_id, "update": b"\x00\x00"})

    for caller in (a_student, a_stranger):
        assert "forty-two" not in await everything_of(caller, document_id)
    assert (await opening(a_student, asked())).json()["errors"][0]["code"] == "NOT_OPENED_YET"
    assert (synced["ok"], updated["ok"]) == (False, False)
    stored = (await a_teacher.get(f"/documents/{document_id}")).json()["document"]["data"]
    assert stored == {"text": SECRET}
    assert (await a_teacher.put(f"/documents/{document_id}", {"data": {"text": SECRET + "!"}})).status_code == 204
    await listener.heard_so_far()
    assert "forty-two" not in repr(listener.heard)


async def test_it_is_opened_to_a_group_and_closed_to_one_of_them(
    a_teacher: Caller, a_student: Caller, a_classmate: Caller, a_stranger: Caller, a_cast: Cast
) -> None:
    """A permission of the group opens it to its members alone; one of a person counts for more; both can go."""
    document_id = await written(a_teacher)

    async def who_sees() -> list[bool]:
        return [SECRET in (await opening(caller, asked())).text for caller in (a_student, a_classmate, a_stranger)]

    group = {"documentRootId": ROOT, "groupId": a_cast.class_a, "access": "RO_StudentGroup"}
    of_group = (await a_teacher.post("/permissions/group", group)).json()
    assert await who_sees() == [True, True, False]
    assert (await a_student.put(f"/documents/{document_id}", {"data": {"text": "mine"}})).status_code == 403

    closed = {"documentRootId": ROOT, "userId": a_cast.student1.id, "access": "None_User"}
    of_person = (await a_teacher.post("/permissions/user", closed)).json()
    assert await who_sees() == [False, True, False]
    await a_teacher.delete(f"/permissions/user/{of_person['id']}")
    await a_teacher.delete(f"/permissions/group/{of_group['id']}")
    assert await who_sees() == [False, False, False]
    assert (await a_teacher.get(f"/documents/{document_id}")).json()["document"]["data"] == {"text": SECRET}


async def test_a_student_who_comes_first_opens_nothing(a_teacher: Caller, a_student: Caller, a_cast: Cast) -> None:
    """No root is made for them; one that they have made by hand, wide open, is closed by the teacher's word."""
    assert (await opening(a_student, asked())).status_code == 404
    assert (await a_student.get(f"/documentRoots/{ROOT}")).json() is None
    wide = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}
    assert (await a_student.post(f"/documentRoots/{ROOT}", wide)).status_code == 200
    for shared in (True, False):
        body = {"type": "solution", "data": {"text": "mine"}, "documentRootId": ROOT, "shared": shared}
        await a_student.post("/documents/main", body)

    document_id = await written(a_teacher)

    assert "forty-two" not in await everything_of(a_student, document_id)
    root = (await a_teacher.get(f"/documentRoots/{ROOT}/permissions")).json()
    assert (root["access"], root["sharedAccess"]) == ("None_DocumentRoot", "RO_DocumentRoot")


@pytest.mark.parametrize("access", ["RW_DocumentRoot", "None_DocumentRoot"])
async def test_what_is_said_of_the_exercise_does_not_open_its_solution(
    a_teacher: Caller, a_student: Caller, a_cast: Cast, access: str
) -> None:
    """The root of own documents under the same slug, open to everybody or to a class, has nothing to say here."""
    of_class = [{"groupId": a_cast.class_a, "access": "RW_StudentGroup"}]
    await a_teacher.post(f"/documentRoots/{OWN}", {"access": access, "groupPermissions": of_class})

    document_id = await written(a_teacher)

    assert "forty-two" not in await everything_of(a_student, document_id)


async def test_another_teacher_and_an_admin_write_it_too(
    a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """They are let in as they may let themselves in, with a permission of their own that can be seen."""
    document_id = await written(a_teacher)

    for caller in (another_teacher, an_admin):
        assert (await opening(caller, asked())).json()["id"] == document_id
        answer = await caller.put(f"/documents/{document_id}", {"data": {"text": caller.person.name}})
        assert answer.status_code == 204
    given = (await an_admin.get(f"/documentRoots/{ROOT}/permissions")).json()["userPermissions"]
    assert sorted(entry["access"] for entry in given) == ["RW_User"] * 3


async def test_opening_again_changes_nothing(a_teacher: Caller, as_person: Callable[[Person], Caller]) -> None:
    """Who runs the cell again gets the same document, and tells nobody of a change."""
    document_id = await written(a_teacher)
    before = (await a_teacher.get(f"/documentRoots/{ROOT}/permissions")).json()

    answer = await opening(a_teacher, asked("another beginning"))

    assert (answer.json()["id"], answer.json()["data"]) == (document_id, {"text": SECRET})
    assert (await a_teacher.get(f"/documentRoots/{ROOT}/permissions")).json() == before
    assert json.loads(answer.text)["sharing"]["isConfirmed"] is True
