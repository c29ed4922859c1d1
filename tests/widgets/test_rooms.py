"""The teacher's overview against a real hub."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client.classroom import Classroom
from teaching_nb.widgets import rooms
from teaching_nb.widgets.rooms import REFUSED, RoomsOverview, RoomsWidget
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.waiting import wait_until


def person_row(overview: RoomsOverview, name: str) -> dict[str, Any]:
    """Return the row of a person; empty while there is none."""
    people = [person for group in overview.groups for person in group["people"]]
    return next((person for person in people if person["name"].startswith(name)), {})


def say(widget: Any, kind: str, **content: Any) -> None:
    """Let a page send a message to a widget."""
    widget._handle_custom_msg({"kind": kind, **content}, [])


def counted_calls(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[str]:
    """Have each call of a method noted; return the notes."""
    notes: list[str] = []
    method = getattr(owner, name)

    def noting(*arguments: Any) -> Any:
        notes.append(name)
        return method(*arguments)

    monkeypatch.setattr(owner, name, noting)
    return notes


def test_rooms_show_who_comes_and_goes(connect_as: ConnectAs) -> None:
    """A student who connects appears as here, and as away after leaving."""
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: person_row(overview, "Alice").get("presence") == "away", "Alice is listed as away")

    alice = connect_as(ALICE)
    wait_until(lambda: person_row(overview, "Alice")["presence"] == "here, 1 connection", "Alice is here")
    alice.close()
    wait_until(lambda: person_row(overview, "Alice")["presence"] == "away", "Alice is away")
    widget.close()


def test_rooms_observe_without_counting_the_observer(connect_as: ConnectAs) -> None:
    """Observing is shown on the toggle and does not make anybody look present; leaving ends it."""
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(person_row(overview, "Bob")), "Bob is listed")
    bob = person_row(overview, "Bob")["id"]

    say(overview, "observe", room=bob, on=True)
    wait_until(lambda: bool(overview._room.presence.count(bob)), "the hub has let us in")
    assert person_row(overview, "Bob")["is_observed"]
    assert person_row(overview, "Bob")["presence"] == "away"

    say(overview, "observe", room=bob, on=False)
    assert not person_row(overview, "Bob")["is_observed"]
    widget.close()


def test_rooms_open_a_students_document_for_watching(connect_as: ConnectAs) -> None:
    """A document from the list is shown below, read only, follows the student, and can be closed again."""
    alice = connect_as(ALICE)
    model = alice.document("watched", init="x = 1")
    model.wait_saved()
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(person_row(overview, "Alice")), "Alice is listed")

    say(overview, "show_documents", user=person_row(overview, "Alice")["id"])
    wait_until(lambda: bool(overview.documents), "the documents are listed")
    row = next(row for row in overview.documents if row["name"] == "watched")
    say(overview, "open_document", id=row["id"])
    wait_until(lambda: len(widget.children) == 2, "it is shown below")

    watched = widget.children[1]
    assert watched.title == "Alice Adams: watched"
    watched.model.wait_loaded()
    assert watched.model.code == "x = 1"
    assert not watched.model.can_edit
    say(watched, "close")
    assert len(widget.children) == 1
    widget.close()


def test_rooms_open_a_students_tick_box_for_watching(connect_as: ConnectAs) -> None:
    """What is no text can be watched as well: a raised question mark reaches the teacher."""
    alice = connect_as(ALICE)
    model = alice.document("asked", type="task_state")
    model.wait_loaded()
    widget = RoomsWidget(connect_as(TEACHER))

    widget.open_document(model.id)
    watched = widget.children[1]
    model.data = {"state": "question"}

    wait_until(lambda: watched.data == {"state": "question"}, "the question is seen")
    assert widget._room._rooms._wanted[model.root_id] == 1
    say(watched, "close")
    assert model.root_id not in widget._joined
    widget.close()


def test_rooms_show_what_a_student_has_answered_in_a_quiz(connect_as: ConnectAs) -> None:
    """The questions are not known here; the answers lie beside the quiz, and follow the student."""
    alice = connect_as(ALICE)
    model = alice.document("watched-quiz", type="quiz")
    model.wait_loaded()
    below = alice.documents_below(model.root_id)
    below.wait_loaded()
    below.add({"value": True, "assessed": False, "qid": "round"}, "true_false_answer")
    widget = RoomsWidget(connect_as(TEACHER))
    # Somebody listens already.
    say(widget.overview, "show_documents", user=model.author_id)
    wait_until(lambda: bool(widget.overview.documents), "the documents are listed")

    widget.open_document(model.id)
    watched = widget.children[1]
    answers = lambda: {each["data"]["qid"]: each["data"]["value"] for each in watched.related}  # noqa: E731
    wait_until(lambda: answers() == {"round": True}, "the answer is shown")
    answer = alice.open_document(watched.related[0]["id"])
    answer.wait_loaded()
    answer.data = {**answer.data, "value": False}
    wait_until(lambda: answers() == {"round": False}, "the new answer is shown")
    below.add({"value": True, "assessed": False, "qid": "flat"}, "true_false_answer")
    wait_until(lambda: answers() == {"round": False, "flat": True}, "the second answer is shown")
    widget.close()
    # The notebook has it open by itself, too, until it is put away.
    room = widget._room
    wait_until(lambda: [len(each) for each in room.followed._listeners.values()] == [1], "the widget follows nobody")
    room.close_document(room.open_document(model.id))
    wait_until(lambda: not room.followed._listeners, "nobody follows any more")


def test_rooms_list_what_a_document_holds_as_it_changes(connect_as: ConnectAs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that a student raises is in the list although the hub is not asked for it again."""
    monkeypatch.setattr(rooms, "LISTING_SECONDS", 1_000)
    alice = connect_as(ALICE)
    model = alice.document("raised", type="task_state")
    model.wait_loaded()
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(person_row(overview, "Alice")), "Alice is listed")
    say(overview, "show_documents", user=person_row(overview, "Alice")["id"])
    data = lambda: next((row["data"] for row in overview.documents if row["id"] == model.id), None)  # noqa: E731
    wait_until(lambda: data() == {"state": "unset"}, "the task is listed")
    model.data = {"state": "question"}
    wait_until(lambda: data() == {"state": "question"}, "the question is listed")
    again = alice.document("raised-too", type="task_state")
    again.wait_loaded()
    wait_until(lambda: {row["name"] for row in overview.documents} >= {"raised", "raised-too"}, "both are listed")
    widget.close()
    wait_until(lambda: not overview._room.followed._listeners, "nobody follows any more")


def test_rooms_ask_for_a_list_only_when_the_hub_tells_of_something(
    connect_as: ConnectAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of what others write below a document: a chat has one message more."""
    monkeypatch.setattr(rooms, "LISTING_SECONDS", 0.01)
    monkeypatch.setattr(rooms, "REFRESH_SECONDS", 0.01)
    looked = counted_calls(monkeypatch, RoomsOverview, "_look")
    asked = counted_calls(monkeypatch, Classroom, "documents_of")
    alice, bob = connect_as(ALICE), connect_as(BOB)
    chat = alice.document("asked-below", type="simple_chat", shared=True)
    chat.wait_loaded()
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(person_row(overview, "Alice")), "Alice is listed")
    say(overview, "show_documents", user=person_row(overview, "Alice")["id"])
    messages = lambda: [row["number_below"] for row in overview.documents if row["id"] == chat.id]  # noqa: E731
    wait_until(lambda: messages() == [0], "the chat is listed")
    followed = overview._room.followed
    wait_until(lambda: followed.is_told(overview.shown_user) and not overview._is_outdated, "the hub tells")
    number, looks = len(asked), len(looked)
    wait_until(lambda: len(looked) > looks + 20, "the overview has looked again and again")
    assert len(asked) <= number + 1

    theirs = bob.documents_below(bob.open_document(chat.id))
    theirs.wait_loaded()
    message_id = theirs.add({"text": "Is it?"}, "text_message")
    wait_until(lambda: messages() == [1], "the message is counted")
    theirs.remove(message_id)
    wait_until(lambda: messages() == [0], "it is counted no more")
    widget.close()


def test_rooms_show_comments_with_all_that_belongs_to_them(connect_as: ConnectAs) -> None:
    """What staff have written on a student's own is theirs, and the student's answer lies elsewhere: both are shown."""
    alice, tina = connect_as(ALICE), connect_as(TEACHER)
    essay = alice.document("commented-essay", type="string", init="An essay")
    essay.wait_saved()
    model = tina.open_document(essay.id)
    model.wait_loaded()
    theirs = tina.comments.of(model)
    thread_id = theirs.add("Too *short*?")
    mine = alice.comments.of(essay)
    wait_until(lambda: len(mine.threads) == 1, "the student has it")
    mine.reply(thread_id, "I add more.")
    widget = RoomsWidget(tina)
    overview = widget.overview
    say(overview, "show_documents", user=essay.author_id)
    names = lambda: {row["id"]: row["name"] for row in overview.documents}  # noqa: E731
    wait_until(lambda: names().get(thread_id) == "commented-essay", "the thread is listed as what it is about")

    widget.open_document(thread_id)
    watched = widget.children[1]
    wait_until(lambda: [len(each.comments) for each in watched.comments.threads] == [2], "all is shown")
    first, second = (watched._shown_comment(each) for each in watched.comments.threads[0].comments)
    assert (first["name"], first["markdown"]) == ("Tina Teacher", "Too *short*?")
    assert (second["name"], second["text"]) == ("Alice Adams", "I add more.")
    assert watched.title == "Alice Adams: commented-essay"
    widget.close()


def test_rooms_list_a_new_document_while_the_list_is_shown(connect_as: ConnectAs) -> None:
    """What a student begins while the teacher looks is added to the list."""
    alice = connect_as(ALICE)
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(person_row(overview, "Alice")), "Alice is listed")
    say(overview, "show_documents", user=person_row(overview, "Alice")["id"])

    alice.document("begun-later", init="x = 1").wait_saved()

    is_listed = lambda: any(row["name"] == "begun-later" for row in overview.documents)  # noqa: E731
    wait_until(is_listed, "the new document is listed")
    widget.close()


def test_rooms_say_why_a_list_is_refused(connect_as: ConnectAs, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no empty list, nor a problem that comes back: the sentence stands in its place, and is seldom asked for."""
    widget = RoomsWidget(connect_as(TEACHER))
    overview = widget.overview
    wait_until(lambda: bool(overview.groups), "the groups are listed")
    monkeypatch.setattr(rooms, "LISTING_SECONDS", 0.0)
    say(overview, "show_documents", user=rooms.NOBODY)

    wait_until(lambda: overview.list_note not in {"", rooms.ASKING, rooms.NO_DOCUMENTS}, "the hub refuses")
    assert overview.problem == ""
    asked = counted_calls(monkeypatch, Classroom, "documents_of")
    wait_until(lambda: not overview._is_outdated, "nothing is to be looked at for another reason")
    asked.clear()
    overview._look()
    assert asked == []
    widget.close()


def test_rooms_are_refused_to_students(connect_as: ConnectAs) -> None:
    """A student sees a sentence in the cell; nothing is raised and nobody is listed."""
    widget = RoomsWidget(connect_as(ALICE))
    overview = widget.overview

    wait_until(lambda: overview.refusal == REFUSED, "the hub refuses")

    assert overview.groups == []
    widget.close()
