"""What a chat is called: whoever has made it says so, and teachers; those who take part only talk."""

from __future__ import annotations

import pytest

from teaching_nb.schema.roots import root_id
from tests.harness.cast import Caller

ROOT = root_id("talk")
OPEN = {"name": "talk", "access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}


async def chat_of(maker: Caller, name: str = "Group") -> str:
    """Have somebody make a chat in which everybody may talk; return its id."""
    body = {"type": "simple_chat", "documentRootId": ROOT, "shared": True, "root": OPEN, "data": {"name": name}}
    made = await maker.post("/documents/main", body)
    assert made.status_code == 200, made.text
    found: str = made.json()["id"]
    return found


@pytest.mark.on_both_databases
async def test_a_student_who_takes_part_does_not_rename_a_chat(a_teacher: Caller, a_student: Caller) -> None:
    """Nor empties it, nor makes something else of it; they say something in it, and other keys are everybody's."""
    chat = await chat_of(a_teacher)

    for data in ({"name": "Mine"}, {"name": ""}, {}, ["Group"], None, {"name": "Mine", "maxHeight": "9em"}):
        refused = await a_student.put(f"/documents/{chat}", {"data": data})
        assert (refused.status_code, "what a chat is called" in refused.text) == (403, True), refused.text
    kept = {"name": "Group", "maxHeight": "9em"}
    assert (await a_student.put(f"/documents/{chat}", {"data": kept})).status_code == 204
    message = {"type": "text_message", "documentRootId": ROOT, "parentId": chat, "data": {"text": "hello"}}
    assert (await a_student.post("/documents", message)).status_code == 200
    assert (await a_student.get(f"/documents/{chat}")).json()["document"]["data"] == kept

    assert (await a_teacher.put(f"/documents/{chat}", {"data": {"name": "Poets"}})).status_code == 204
    # What was just changed is remembered by now, and not read anew.
    again = await a_student.put(f"/documents/{chat}", {"data": {"name": "Group"}})
    assert again.status_code == 403
    same = await a_student.put(f"/documents/{chat}", {"data": {"name": "Poets", "maxHeight": "1em"}})
    assert same.status_code == 204


async def test_whoever_has_made_a_chat_says_what_it_is_called(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """A student, too; and teachers, of any chat that they may write."""
    chat = await chat_of(a_student, name="")

    assert (await a_student.put(f"/documents/{chat}", {"data": {"name": "Ours"}})).status_code == 204
    assert (await a_classmate.put(f"/documents/{chat}", {"data": {"name": "Theirs"}})).status_code in {403, 404}
    await chat_of(a_teacher)
    assert (await a_teacher.put(f"/documents/{chat}", {"data": {"name": "Class"}})).status_code == 204
