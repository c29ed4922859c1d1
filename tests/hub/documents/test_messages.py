"""What a message of a chat may be: the hub refuses what nobody can read, and keeps what others add to a text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from teaching_nb.hub.documents import messages
from teaching_nb.schema import wire
from teaching_nb.schema.delta import from_markdown
from teaching_nb.schema.limits import MESSAGE_CHARACTERS as MOST
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.hub.documents.test_said import OPEN, place

NO_MESSAGES: list[Any] = [None, [], "Hi", 5, {"text": 5}, {"text": None}, {"text": ["Hi"]}]


async def store(caller: Caller, data: Any, where: dict[str, str]) -> Any:
    """Have a message stored; return the answer."""
    return await caller.post("/documents", {**where, "type": "text_message", "data": data})


@pytest.mark.on_both_databases
async def test_what_is_no_text_is_refused(a_teacher: Caller, a_student: Caller) -> None:
    """As a new message, as a main document, and in the place of one; teachers are no exception."""
    where = await place(a_teacher, "simple_chat")
    made = (await store(a_student, {"text": "Hi", "mood": "good"}, where)).json()
    assert made["data"] == {"text": "Hi", "mood": "good"}

    for caller in (a_student, a_teacher):
        for data in NO_MESSAGES:
            refused = await store(caller, data, where)
            assert refused.status_code == 400, (data, refused.text)
            shown = json.dumps(data["text"] if isinstance(data, dict) else data)
            words = f"a message of a chat has a text under 'text', not {shown}; send it as a text"
            assert refused.json()["errors"][0]["message"] == f"[400] {words}"
        body = {"type": "text_message", "documentRootId": wire.new_id(), "root": OPEN, "data": {"text": 5}}
        assert (await caller.post("/documents/main", body)).status_code == 400
    # The second time what is known of the document is remembered.
    for _ in range(2):
        assert (await a_student.put(f"/documents/{made['id']}", {"data": {"text": 5}})).status_code == 400
    kept = (await a_student.get(f"/documents/{made['id']}")).json()["document"]["data"]
    assert kept == {"text": "Hi", "mood": "good"}
    assert (await a_student.put(f"/documents/{made['id']}", {"data": {"text": "Hi!", "mood": 3}})).status_code == 204


async def test_a_message_has_a_bounded_length(a_teacher: Caller, a_student: Caller) -> None:
    """As many characters as the calls of a notebook allow, and not more."""
    where = await place(a_teacher, "simple_chat")

    assert (await store(a_student, {"text": "é" * 10_000}, where)).status_code == 200
    refused = await store(a_student, {"text": "é" * 10_001}, where)

    assert refused.status_code == 400
    assert "a message of a chat has at most 10000 characters, not 10001; send it in parts" in refused.text


def test_what_was_stored_before_may_get_other_keys() -> None:
    """A program that marks old messages does not have to mend them; other types hold what they like."""
    messages.check_change("text_message", {"text": 5}, {"text": 5, "seen": True}, is_in_thread=False)
    messages.check_change("string", {"text": "a"}, {"text": 5}, is_in_thread=False)
    messages.check_new("simple_chat", None, is_in_thread=False)
    long = {"delta": from_markdown("é" * (MOST + 2))}
    messages.check_change("quill_v2", long, {**long, "seen": True}, is_in_thread=True)
    messages.check_change("quill_v2", long, {"delta": from_markdown("é" * (MOST + 1))}, is_in_thread=True)


TOO_LONG = "a comment has at most 10000 characters, not 10001; say it in several comments"


@pytest.mark.on_both_databases
async def test_a_comment_has_a_bounded_length(a_teacher: Caller, a_student: Caller) -> None:
    """In a thread, and where it names its thread; as a Delta, as Markdown, and as the text of another type."""
    where = await place(a_teacher, "mdx_comment")
    beside = {"documentRootId": where["documentRootId"]}

    async def say(length: int, *, of: str, named: bool = False) -> Any:
        text = "é" * length
        data = {"delta": from_markdown(text)} if of == "delta" else {of: text}
        more = {"thread": where["parentId"]} if named else {}
        body = {"type": "string" if of == "text" else "quill_v2", "data": {**data, **more}}
        return await a_student.post("/documents", {**(beside if named else where), **body})

    for of, named in (("delta", False), ("delta", True), ("markdown", False), ("text", False)):
        made = await say(MOST, of=of, named=named)
        refused = await say(MOST + 1, of=of, named=named)
        assert (made.status_code, refused.status_code) == (200, 400), (of, named, made.text, refused.text)
        assert TOO_LONG in refused.text
        if of == "delta":
            more = {"thread": "t"} if named else {}
            changed = {"data": {"delta": from_markdown("é" * (MOST + 1)), **more}}
            # The second time what is known of the document is remembered.
            for _ in range(2):
                refused = await a_student.put(f"/documents/{made.json()['id']}", changed)
                assert (refused.status_code, TOO_LONG in refused.text) == (400, True), refused.text
    elsewhere = {**beside, "type": "quill_v2", "data": {"delta": from_markdown("é" * (MOST + 1))}}
    assert (await a_student.post("/documents", elsewhere)).status_code == 200, "no comment"


@pytest.mark.parametrize("is_named", [False, True])
async def test_a_comment_grows_no_longer_by_live_edits(
    a_cast: Cast, connect_as: Connect, a_teacher: Caller, a_student: Caller, *, is_named: bool
) -> None:
    """The edit is refused, and what was stored stays; whatever is shorter is taken."""
    where = await place(a_teacher, "mdx_comment")
    place_of = {"documentRootId": where["documentRootId"]} if is_named else where
    data = {"delta": from_markdown("é" * (MOST - 1)), **({"thread": where["parentId"]} if is_named else {})}
    made = (await a_student.post("/documents", {**place_of, "type": "quill_v2", "data": data})).json()
    author = Editor(await connect_as(a_cast.student1, is_page=True), made["id"], key="markdown")
    assert (await author.sync())["ok"]

    assert (await author.send(author.edit("a")))["ok"]
    refused = await author.send(author.edit("b"))

    assert (refused["ok"], refused["error"]["message"]) == (False, TOO_LONG)
    kept = (await a_student.get(f"/documents/{made['id']}")).json()["document"]["data"]
    assert kept["markdown"] == "a" + "é" * (MOST - 1)
