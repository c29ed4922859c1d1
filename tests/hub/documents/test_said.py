"""What somebody has said stays theirs: nobody puts words into the mouth of others, by no road."""

from __future__ import annotations

import pytest

from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect

OPEN = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}


async def place(maker: Caller, type_name: str) -> dict[str, str]:
    """Have a teacher open a place in which everybody writes; return how to say something there."""
    root = wire.new_id()
    body = {"type": type_name, "documentRootId": root, "shared": True, "root": OPEN, "data": {}}
    made = await maker.post("/documents/main", body)
    assert made.status_code == 200, made.text
    return {"documentRootId": root, "parentId": made.json()["id"]}


async def said(caller: Caller, where: dict[str, str], type_name: str, text: str) -> str:
    """Say something; return the id of what was said."""
    made = await caller.post("/documents", {**where, "type": type_name, "data": {"text": text}})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


@pytest.mark.on_both_databases
@pytest.mark.parametrize(
    ("talk", "words"), [("simple_chat", "text_message"), ("mdx_comment", "quill_v2"), ("mdx_comment", "string")]
)
async def test_nobody_else_changes_what_was_said(
    a_teacher: Caller, a_student: Caller, a_classmate: Caller, talk: str, words: str
) -> None:
    """Neither another student nor, as themself, a teacher; the author does, and a teacher may delete it."""
    where = await place(a_teacher, talk)
    mine = await said(a_student, where, words, "I like it")

    for other in (a_classmate, a_teacher):
        # The second time what is known of the document is remembered.
        for _ in range(2):
            refused = await other.put(f"/documents/{mine}", {"data": {"text": "I have cheated"}})
            assert (refused.status_code, "only whoever has said this" in refused.text) == (403, True), refused.text
    kept = (await a_classmate.get(f"/documents/{mine}")).json()["document"]["data"]
    assert kept["text"] == "I like it"

    assert (await a_student.put(f"/documents/{mine}", {"data": {"text": "I love it"}})).status_code == 204
    assert (await a_classmate.put(f"/documents/{mine}", {"data": {"text": "I do not"}})).status_code == 403


async def test_what_is_no_talk_is_changed_by_all_who_may(
    a_teacher: Caller, a_student: Caller, a_classmate: Caller
) -> None:
    """The text of a file that a class writes together, and whether a thread is resolved."""
    tree = await place(a_teacher, "dir")
    text = await said(a_student, tree, "quill_v2", "ours")
    assert (await a_classmate.put(f"/documents/{text}", {"data": {"text": "ours, too"}})).status_code == 204

    thread = await said(a_student, await place(a_teacher, "dir"), "mdx_comment", "")
    assert (await a_classmate.put(f"/documents/{thread}", {"data": {"isOpen": False}})).status_code == 204


async def test_live_edits_of_a_comment_are_its_authors(
    a_cast: Cast, connect_as: Connect, a_teacher: Caller, a_student: Caller
) -> None:
    """Others follow it, and are refused as where they only read."""
    comment = await said(a_student, await place(a_teacher, "mdx_comment"), "string", "I like it")
    author = Editor(await connect_as(a_cast.student1, is_page=True), comment, key="text")
    other = Editor(await connect_as(a_cast.student2, is_page=True), comment, key="text")
    assert (await author.sync())["access"] == "RW_DocumentRoot"
    assert (await other.sync())["access"] == "RO_DocumentRoot"

    refused = await other.send(other.edit("do not "))
    assert not refused["ok"]

    assert (await author.send(author.edit("Yes, ")))["ok"]
    await other.receive()
    assert (await a_student.get(f"/documents/{comment}")).json()["document"]["data"]["text"] == "Yes, I like it"


@pytest.mark.on_both_databases
@pytest.mark.parametrize(
    ("place_type", "made", "below"),
    [
        ("dir", "mdx_comment", "quill_v2"),
        ("dir", "dir", "file"),
        ("mdx_comment", "quill_v2", "quill_v2"),
        ("simple_chat", "text_message", "text_message"),
    ],
)
async def test_what_others_have_made_below_does_not_go_along(
    a_teacher: Caller, a_student: Caller, a_classmate: Caller, *, place_type: str, made: str, below: str
) -> None:
    """A thread, a folder or a message that others have put something below is deleted by elevated people alone."""
    where = await place(a_teacher, place_type)
    mine = await said(a_student, where, made, "mine")
    inner = await said(a_student, {**where, "parentId": mine}, below, "mine, too")
    theirs = await said(a_classmate, {**where, "parentId": inner if made == "dir" else mine}, below, "theirs")

    refused = await a_student.delete(f"/documents/{mine}")

    assert (refused.status_code, "others have put something below this" in refused.text) == (403, True), refused.text
    assert (await a_classmate.get(f"/documents/{theirs}")).status_code == 200
    assert (await a_classmate.delete(f"/documents/{theirs}")).status_code in {200, 204}
    assert (await a_student.delete(f"/documents/{mine}")).status_code in {200, 204}

    again = await said(a_student, where, made, "mine")
    await said(a_classmate, {**where, "parentId": again}, below, "theirs")
    assert (await a_teacher.delete(f"/documents/{again}?onBehalfOf=true")).status_code in {200, 204}


async def test_comments_go_with_what_they_are_about(a_teacher: Caller, a_student: Caller, a_classmate: Caller) -> None:
    """Whoever deletes their file deletes what was said about it: comments do not keep it there."""
    where = await place(a_teacher, "dir")
    mine = await said(a_student, where, "file", "mine")
    thread = await said(a_classmate, {**where, "parentId": mine}, "mdx_comment", "")
    await said(a_teacher, {**where, "parentId": thread}, "quill_v2", "shorter, please")

    assert (await a_student.delete(f"/documents/{mine}")).status_code in {200, 204}
