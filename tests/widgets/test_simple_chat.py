"""A chat from kernel to kernel, with a real hub."""

from __future__ import annotations

import json
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.limits import MESSAGE_CHARACTERS
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.simple_chat import MOST_SHOWN, ChatWidget
from tests.harness.cast import BOB
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent


def ask(widget: DocumentWidget, kind: str, **content: Any) -> dict[str, Any]:
    """Let a page ask the widget, and return the answer."""
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    widget._handle_custom_msg({"kind": kind, "peer": "page", "ask": 1, **content}, [])
    return sent.wait("answer")


def shown(widget: ChatWidget) -> list[tuple[str, str, bool]]:
    """Return who has said what, and whether it is one's own."""
    return [(each["name"], each["text"], each["isMine"]) for each in ask(widget, "messages")["value"]["messages"]]


def a_chat(room: Classroom) -> ChatWidget:
    """Open the chat, and wait for the hub."""
    widget = tnb.chat("questions", title="Questions", room=room)
    widget.model.wait_loaded(30)
    return widget


def test_people_talk_in_order_and_delete_what_is_theirs(
    tina: Classroom, alice: Classroom, bob: Classroom, connect_as: ConnectAs
) -> None:
    """Everybody sees who has said what; deleting others' messages is refused; a later kernel finds all of it."""
    staff, mine, theirs = a_chat(tina), a_chat(alice), a_chat(bob)

    assert ask(mine, "say", text="  anybody there?\n")["refusal"] == ""
    wait_until(lambda: len(shown(theirs)) == 1, "Bob hears Alice")
    theirs.say("yes")
    wait_until(lambda: len(shown(mine)) == 2, "Alice hears Bob")
    staff.say("both of you")

    talk = [("Alice Adams", "anybody there?"), ("Bob Brown", "yes"), ("Tina Teacher", "both of you")]
    wait_until(lambda: [each[:2] for each in shown(theirs)] == talk, "everything in order, with names")
    assert [each[2] for each in shown(theirs)] == [False, True, False]
    ids = [each["id"] for each in ask(theirs, "messages")["value"]["messages"]]
    assert "deleting this message did not work" in ask(theirs, "unsay", id=ids[0])["refusal"]
    assert ask(theirs, "unsay", id=ids[1])["refusal"] == ""
    wait_until(lambda: [each[1] for each in shown(mine)] == ["anybody there?", "both of you"], "it is gone for Alice")
    again = a_chat(connect_as(BOB))
    wait_until(lambda: len(shown(again)) == 2, "a new kernel finds them")


def test_whoever_may_only_read_is_refused(tina: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """A permission for reading takes the field away; what a program says all the same is refused by the hub."""
    staff, theirs = a_chat(tina), a_chat(bob)
    tina.permissions.permit_user(staff.model.root_id, a_hub.person(BOB).id, "RO")
    wait_until(lambda: theirs.access.startswith("RO"), "Bob hears of it")
    staff.say("read this")

    wait_until(lambda: [each[1] for each in shown(theirs)] == ["read this"], "Bob reads")
    assert "Insufficient access permission" in ask(theirs, "say", text="no")["refusal"]


def test_pages_are_told_and_no_file_holds_what_was_said(alice: Classroom, bob: Classroom) -> None:
    """A page that shows the chat asks again; neither state nor output has a word of it."""
    mine, theirs = a_chat(alice), a_chat(bob)
    mine.send = sent = Sent()

    theirs.say("forty-two")

    assert sent.wait("content_changed") == {"kind": "content_changed", "buffers": []}
    wait_until(lambda: len(shown(mine)) == 1, "it is there")
    assert "forty-two" not in json.dumps([dict(mine.get_state()), mine.written()], default=str)


def test_the_newest_messages_are_shown(alice: Classroom, a_hub: HubProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many the page gets the end, and how many there are before; what is no text is told."""
    monkeypatch.setattr("teaching_nb.widgets.simple_chat.MOST_SHOWN", 2)
    mine = a_chat(alice)
    body = {"type": "text_message", "documentRootId": mine.model.root_id, "parentId": mine.model.id}
    for data in ({"text": "one"}, {"text": "two"}, {"words": 3}):
        a_hub.ask("POST", "/documents", BOB, {**body, "data": data})

    wait_until(lambda: ask(mine, "messages")["value"]["left"] == 1, "three messages")
    assert [each[1] for each in shown(mine)] == ["two", None]
    assert MOST_SHOWN == 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not empty, not ''"),
        (" \n", "not empty"),
        ("x" * (MESSAGE_CHARACTERS + 1), "at most 10000 characters, not 10001"),
    ],
)
def test_a_message_that_cannot_be_is_refused_in_words(text: str, words: str) -> None:
    """To the page, and to Python."""
    widget = tnb.chat("questions", room=offline_classroom())

    assert words in ask(widget, "say", text=text)["refusal"]
    with pytest.raises(InvalidInput, match=words):
        widget.say(text)


def test_without_a_hub_nothing_is_sent() -> None:
    """The page is told why, and keeps what was written."""
    widget = tnb.chat("questions", room=offline_classroom())

    assert "sending this did not work" in ask(widget, "say", text="hello")["refusal"]
    with pytest.raises(NotConnected):
        widget.say("hello")
    watched = ChatWidget(offline_model("simple_chat", None), title="chat of Alice")
    assert ask(watched, "messages")["value"] == {"messages": [], "left": 0, "problem": ""}
