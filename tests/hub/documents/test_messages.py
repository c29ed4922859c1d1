"""What a message of a chat may be: the hub refuses what nobody can read, and keeps what others add to a text."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.hub.documents import messages
from teaching_nb.schema import wire
from tests.harness.cast import Caller
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
            assert "a message of a chat has a text under 'text', not" in refused.text
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
    messages.check_change("text_message", {"text": 5}, {"text": 5, "seen": True})
    messages.check_change("string", {"text": "a"}, {"text": 5})
    messages.check_new("simple_chat", None)
