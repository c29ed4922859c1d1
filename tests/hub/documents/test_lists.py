"""What a teacher's list says of each document of a student."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.schema import wire
from teaching_nb.schema.limits import LISTED_CHARACTERS
from tests.harness.cast import Caller, Cast
from tests.hub.scenes import Scene


async def listed(caller: Caller, user_id: str) -> dict[str, dict[str, Any]]:
    """Return a person's documents by id, as somebody is told of them."""
    answer = await caller.get(f"/users/{user_id}/documents")
    return {row["id"]: row for row in answer.json()}


@pytest.mark.on_both_databases
async def test_list_tells_teachers_what_short_documents_hold(
    a_cast: Cast, a_scene: Scene, *, a_teacher: Caller, a_student: Caller
) -> None:
    """Any JSON, but nothing long, and of a live text in which thread it was said; the author's own list has none."""
    root, ada = await a_scene.root(), a_cast.student1
    task = await a_scene.document(ada, root, type_name="task_state", data={"state": "question"})
    odd = await a_scene.document(ada, root, type_name="something_else", data=[1, None])
    code = await a_scene.document(ada, root, data={"code": "x"})
    long = await a_scene.document(ada, root, type_name="excalidoc", data={"image": "x" * LISTED_CHARACTERS})
    text = {"delta": {"ops": [{"insert": "So it is.\n"}]}}
    said, mark, essay, *strange = [
        await a_scene.document(ada, root, type_name="quill_v2", data=data)
        for data in (text | {"thread": "t"}, text | {"thread": "t", "resolved": False}, text, None, [1], "thread")
    ]

    seen, own = await listed(a_teacher, ada.id), await listed(a_student, ada.id)

    assert (seen[task]["data"], seen[odd]["data"]) == ({"state": "question"}, [1, None])
    assert "data" not in seen[code]
    assert "data" not in seen[long]
    assert own.keys() == seen.keys() >= {said, mark, essay}
    assert (seen[said]["data"], seen[mark]["data"]) == ({"thread": "t"}, {"thread": "t", "resolved": False})
    assert not [each for each in (essay, *strange) if "data" in seen[each]]
    assert not [row for row in own.values() if "data" in row or row.get("numberBelow")]


@pytest.mark.on_both_databases
async def test_names_are_those_of_what_one_may_read(
    a_cast: Cast, *, a_teacher: Caller, a_student: Caller, a_stranger: Caller, an_admin: Caller
) -> None:
    """Own documents, shared ones, those of the people whom one manages; a root without a slug has no name."""

    async def make(author: Caller, name: str | None, **more: Any) -> None:
        root = {"access": "RW_DocumentRoot", "sharedAccess": "None_DocumentRoot", **more.pop("root", {})}
        wanted = {"documentRootId": wire.new_id(), "type": "code", "data": {"code": ""}, **more}
        named = {"name": name} if name else {}
        answer = await author.post("/documents/main", {**wanted, "root": {**root, **named}})
        assert answer.status_code == 200, answer.text

    await make(a_student, "students-own")
    await make(a_student, None)
    await make(a_stranger, "strangers-own")
    await make(a_teacher, "handed-out", shared=True, root={"sharedAccess": "RO_DocumentRoot"})
    await make(
        a_teacher, "withheld", shared=True, root={"access": "None_DocumentRoot", "sharedAccess": "RO_DocumentRoot"}
    )
    await make(a_teacher, "teachers-own")

    async def names(caller: Caller) -> set[str]:
        return {root["name"] for root in (await caller.get("/rootNames")).json()}

    assert await names(a_student) == {"students-own", "handed-out"}
    assert await names(a_stranger) == {"strangers-own", "handed-out"}
    assert await names(a_teacher) == {"students-own", "handed-out", "withheld", "teachers-own"}
    assert await names(an_admin) == {"students-own", "strangers-own", "handed-out", "withheld", "teachers-own"}


@pytest.mark.on_both_databases
async def test_names_follow_permissions_and_what_changed_last(
    a_cast: Cast, a_scene: Scene, *, an_admin: Caller, a_teacher: Caller, a_student: Caller, a_stranger: Caller
) -> None:
    """A root that is opened to a group or a person alone is named to them; where one is shut out, one's own is not."""
    ada, bob, tina = a_cast.student1, a_cast.student2, a_cast.teacher
    roots = {
        "for-the-class": await a_scene.root("None", "RO", groups={a_cast.class_a: "RW"}),
        "for-carol": await a_scene.root("None", "RO", users={a_cast.student3.id: "RO"}),
        "shut": await a_scene.root("None", "None"),
        "shut-for-tina": await a_scene.root("None", "None"),
        "newest": await a_scene.root(),
    }
    for slug, root in roots.items():
        renamed = await an_admin.put(f"/documentRoots/{root}", {"name": slug})
        assert renamed.status_code == 204, renamed.text
    authors = {"newest": ada, "for-the-class": bob, "for-carol": bob, "shut": ada, "shut-for-tina": tina}
    for slug, author in authors.items():
        await a_scene.document(author, roots[slug])
    last = await a_scene.document(ada, roots["newest"])
    assert (await a_student.put(f"/documents/{last}", {"data": {"code": "new"}})).status_code == 204

    async def names(caller: Caller) -> list[str]:
        return [root["name"] for root in (await caller.get("/rootNames")).json()]

    assert await names(a_student) == ["newest", "for-the-class"]
    assert await names(a_stranger) == ["for-carol"]
    assert await names(a_teacher) == ["newest", "shut", "for-carol", "for-the-class"]


@pytest.mark.on_both_databases
async def test_list_counts_what_lies_below_and_may_be_read(
    a_cast: Cast, a_scene: Scene, *, a_teacher: Caller, an_admin: Caller
) -> None:
    """Below a root that is shared with the teacher everything, elsewhere what their own students have written."""
    ada, stranger = a_cast.student1, a_cast.student3
    chats = {}
    for shared, users in (("RW", {}), ("None", {}), ("RW", {a_cast.teacher.id: "None"})):
        root = await a_scene.root(shared=shared, users=users)
        chat = await a_scene.document(ada, root, type_name="simple_chat", data={"name": ""})
        for author in (ada, a_cast.student2, stranger):
            await a_scene.document(author, root, type_name="text_message", data={"text": "Hi"}, parent=chat)
        chats[shared, *users.values()] = chat

    seen, everything = await listed(a_teacher, ada.id), await listed(an_admin, ada.id)

    assert {key: seen[chat]["numberBelow"] for key, chat in chats.items()} == {
        ("RW",): 3,
        ("None",): 2,
        ("RW", "None"): 2,
    }
    assert {everything[chat]["numberBelow"] for chat in chats.values()} == {3}
