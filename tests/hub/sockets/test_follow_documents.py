"""FOLLOW_DOCUMENTS: a teacher hears of all that a student has, and is not taken for somebody who is with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.harness.cast import Caller, Cast
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

DOCUMENT_EVENTS = ("NEW_RECORD", "CHANGED_DOCUMENT", "DELETED_RECORD")


def follow(user_id: str, *, on: bool = True) -> dict[str, Any]:
    """Return the payload that asks for the documents of somebody."""
    return {"userId": user_id, "on": on}


async def test_whoever_follows_hears_of_what_a_student_begins_changes_and_deletes(
    a_cast: Cast, connect_as: Connect, *, a_student: Caller, a_scene: Scene
) -> None:
    """On a page as in a kernel, below whatever root, until they follow no more."""
    root = await a_scene.root()
    page, kernel = await connect_as(a_cast.teacher, is_page=True), await connect_as(a_cast.teacher)
    for listener in (page, kernel):
        assert await listener.call("FOLLOW_DOCUMENTS", follow(a_cast.student1.id)) is True

    wanted = {"documentRootId": root, "type": "task_state", "data": {"state": "unset"}}
    created = (await a_student.post("/documents", wanted)).json()["id"]
    await a_student.put(f"/documents/{created}", {"data": {"state": "question"}})

    for listener in (page, kernel):
        assert (await listener.hears("NEW_RECORD"))["record"]["id"] == created
        changed = await listener.hears("CHANGED_DOCUMENT")
        assert (changed["id"], changed["data"]) == (created, {"state": "question"})
    assert await page.call("FOLLOW_DOCUMENTS", follow(a_cast.student1.id, on=False)) is True
    await a_student.delete(f"/documents/{created}")
    assert await kernel.hears("DELETED_RECORD") == {"type": "Document", "id": created}
    assert page.tally["DELETED_RECORD"] == 0


@pytest.mark.parametrize("follower", ["student1", "student2", "teacher2"])
async def test_whoever_does_not_look_after_somebody_hears_nothing(
    a_cast: Cast, connect_as: Connect, *, a_student: Caller, a_scene: Scene, follower: str
) -> None:
    """Classmates, other teachers, and the student themselves are refused."""
    root = await a_scene.root()
    listener = await connect_as(a_cast.named(follower), is_page=True)

    assert await listener.call("FOLLOW_DOCUMENTS", follow(a_cast.student1.id)) is False
    await a_student.post("/documents", {"documentRootId": root, "type": "task_state", "data": {"state": "unset"}})
    await a_student.get("/user")

    assert not listener.tally.keys() & {*DOCUMENT_EVENTS}


@pytest.mark.parametrize("payload", [None, {}, {"userId": "x", "on": True}, {"userId": 1, "on": True}], ids=str)
async def test_a_request_in_other_words_is_refused(a_cast: Cast, connect_as: Connect, payload: object) -> None:
    """The answer is False, as for rooms."""
    assert await (await connect_as(a_cast.teacher)).call("FOLLOW_DOCUMENTS", payload) is False


async def test_a_teacher_who_loses_a_student_hears_no_more_of_them(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, *, a_student: Caller, an_admin: Caller, a_scene: Scene
) -> None:
    """As soon as the student is in none of their groups."""
    root = await a_scene.root()
    page = await connect_as(a_cast.teacher, is_page=True)
    await page.call("FOLLOW_DOCUMENTS", follow(a_cast.student1.id))

    path = f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}"
    assert (await an_admin.delete(path)).status_code < 300
    await a_student.post("/documents", {"documentRootId": root, "type": "task_state", "data": {"state": "unset"}})

    while (member := a_hub.context.rooms.member(page.sid)) and member.requested:
        await asyncio.sleep(0.01)
    assert not page.tally.keys() & {*DOCUMENT_EVENTS}


async def test_whoever_follows_hears_of_what_others_put_below_it(
    a_cast: Cast, connect_as: Connect, *, a_student: Caller, a_classmate: Caller, a_scene: Scene
) -> None:
    """A message in somebody's chat and its end, so that a list can say how many there are; nobody else hears more."""
    root = await a_scene.root(shared="RW")
    chat = await a_student.post("/documents", {"documentRootId": root, "type": "simple_chat", "data": {"name": ""}})
    page = await connect_as(a_cast.teacher, is_page=True)
    assert await page.call("FOLLOW_DOCUMENTS", follow(a_cast.student1.id)) is True

    message = {"documentRootId": root, "type": "text_message", "data": {"text": "Is it?"}}
    below = (await a_classmate.post("/documents", {**message, "parentId": chat.json()["id"]})).json()["id"]
    assert (await page.hears("NEW_RECORD"))["record"]["id"] == below
    beside = (await a_classmate.post("/documents", {**message, "parentId": None})).json()["id"]
    await a_classmate.delete(f"/documents/{beside}")
    await a_classmate.delete(f"/documents/{below}")

    assert await page.hears("DELETED_RECORD") == {"type": "Document", "id": below}
    assert page.tally["NEW_RECORD"] == 1
