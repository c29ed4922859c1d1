"""What is withheld until a teacher opens it, from kernel to kernel, with a real hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.records import RootGroupPermission, RootMeta, RootUserPermission
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.openings import opening_rows
from teaching_nb.widgets.solution import SolutionWidget
from tests.harness.cast import ADMIN, ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent

SECRET = "the answer is forty-two"


def ask(widget: DocumentWidget, kind: str, **content: Any) -> dict[str, Any]:
    """Let a page ask the widget, and return the answer."""
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    widget._handle_custom_msg({"kind": kind, "peer": "page", "ask": 1, **content}, [])
    return sent.wait("answer")


def content(widget: DocumentWidget) -> str:
    """Return what a page is shown."""
    return str(ask(widget, "content")["value"]["text"])


def everything_in(widget: DocumentWidget) -> str:
    """Return all that a kernel holds of a document, and all that a page and a file may get of its widget."""
    state: Mapping[str, Any] = widget.get_state()
    return json.dumps([widget.model.data, state, widget.written(), content(widget)], default=str)


@pytest.fixture
def written(tina: Classroom) -> SolutionWidget:
    """Return a solution that the teacher has written, closed to everybody."""
    widget = tnb.solution("task-7", title="Task 7", room=tina)
    widget.model.wait_loaded(30)
    assert ask(widget, "assign", key="text", value=SECRET)["refusal"] == ""
    widget.model.wait_saved(30)
    return widget


def openings_of(widget: SolutionWidget) -> dict[str, Any]:
    """Return what a page is told of whom it is open to."""
    found = ask(widget, "openings")
    assert not found["refusal"], found
    value: dict[str, Any] = found["value"]
    return value


def openings(widget: SolutionWidget) -> dict[str, tuple[str, bool]]:
    """Return what is said of each student, and whether they see it."""
    return {
        person["name"]: (person["said"], person["sees"])
        for group in openings_of(widget)["groups"]
        for person in group["people"]
    }


def test_it_appears_when_it_is_opened_and_goes_when_it_is_closed(
    written: SolutionWidget, alice: Classroom, bob: Classroom, a_hub: HubProcess
) -> None:
    """Nobody has a byte of it before; the group's opening shows it to both, and one of them is shut out again."""
    mine, theirs = (tnb.solution("task-7", room=room) for room in (alice, bob))
    assert "forty-two" not in everything_in(mine)
    assert (mine.is_open, mine.is_staff, written.is_open, written.is_staff) == (False, False, True, True)
    assert mine.save_detail == "your teacher has not opened this yet"
    class_a = ask(written, "openings")["value"]["groups"][0]["id"]

    ask(written, "open_to", who="group", id=class_a, access="open")
    wait_until(lambda: mine.is_open and content(mine) == content(theirs) == SECRET, "both see it")
    assert openings(written) == {"Alice Adams": ("", True), "Bob Brown": ("", True)}

    ask(written, "open_to", who="person", id=a_hub.person(ALICE).id, access="closed")
    wait_until(lambda: not mine.is_open, "it is closed to Alice")
    assert "forty-two" not in everything_in(mine)
    assert content(theirs) == SECRET
    assert openings(written) == {"Alice Adams": ("closed", False), "Bob Brown": ("", True)}

    ask(written, "open_to", who="person", id=a_hub.person(ALICE).id, access="")
    wait_until(lambda: content(mine) == SECRET, "it is open to the whole group again")
    ask(written, "open_to", who="group", id=class_a, access="")
    wait_until(lambda: not (mine.is_open or theirs.is_open), "it is closed to the group")
    assert "forty-two" not in everything_in(theirs)


def test_what_is_closed_again_is_awaited_after_a_break_too(
    written: SolutionWidget, alice: Classroom, a_hub: HubProcess
) -> None:
    """Whoever is connected anew is told the same as before: it is not open, and appears when it is."""
    mine = tnb.solution("task-7", room=alice)
    person = a_hub.person(ALICE).id
    ask(written, "open_to", who="person", id=person, access="open")
    wait_until(lambda: content(mine) == SECRET, "Alice sees it")
    ask(written, "open_to", who="person", id=person, access="")
    wait_until(lambda: not mine.is_open, "it is closed")
    before = alice._connection.sid

    alice._loop.post(alice._connection.drop)

    wait_until(lambda: alice.is_live and alice._connection.sid not in {None, before}, "Alice is back")
    wait_until(lambda: mine.save_detail == "your teacher has not opened this yet", "it is awaited")
    ask(written, "open_to", who="person", id=person, access="open")
    wait_until(lambda: content(mine) == SECRET, "Alice sees it again")


def test_what_is_written_while_it_is_open_arrives(
    written: SolutionWidget, alice: Classroom, a_hub: HubProcess, connect_as: ConnectAs
) -> None:
    """For one student, who has come before it was opened; and a kernel that starts later finds it."""
    mine = tnb.solution("task-7", room=alice)
    ask(written, "open_to", who="person", id=a_hub.person(ALICE).id, access="open")
    wait_until(lambda: content(mine) == SECRET, "Alice sees it")

    ask(written, "assign", key="text", value="forty-three")

    wait_until(lambda: content(mine) == "forty-three", "the new text")
    assert content(tnb.solution("task-7", room=connect_as(ALICE))) == "forty-three"
    # A student's page that would write is refused.
    ask(mine, "assign", key="text", value="mine")
    wait_until(lambda: mine.save_state == "read-only", "the hub has refused")
    assert written.model.data == {"text": "forty-three"}


def test_pages_are_told_of_what_is_new(written: SolutionWidget, a_hub: HubProcess) -> None:
    """A page that shows it asks again when somebody else has written; what it is told holds nothing of it."""
    written.send = sent = Sent()

    a_hub.ask("PUT", f"/documents/{written.model.id}", "teacher", {"data": {"text": "forty-three"}})

    assert sent.wait("content_changed") == {"kind": "content_changed", "buffers": []}


def test_openings_of_others_are_told(written: SolutionWidget, connect_as: ConnectAs, a_hub: HubProcess) -> None:
    """Whoever of the staff opens it to a student or a group, or takes that back, all of them see to whom it is open."""
    elsewhere = tnb.solution("task-7", room=connect_as(ADMIN))
    elsewhere.model.wait_loaded(30)
    alice, class_a = a_hub.person(ALICE).id, openings_of(written)["groups"][0]["id"]
    written.send = sent = Sent()

    for who, subject, access in (("person", alice, "open"), ("person", alice, ""), ("group", class_a, "open")):
        count = len(sent.of("content_changed"))
        ask(elsewhere, "open_to", who=who, id=subject, access=access)
        sent.wait("content_changed", count + 1)
        assert openings(written).items() <= openings(elsewhere).items()
        written.send = sent
    assert openings(written)["Alice Adams"] == ("", True)


def test_openings_of_another_cell_are_told(written: SolutionWidget, tina: Classroom, a_hub: HubProcess) -> None:
    """The hub does not tell a kernel of what it has done itself; one that was closed asks no more."""
    other, closed = (tnb.solution("task-7", room=tina) for _ in range(2))
    closed.send = unheard = Sent()
    closed.close()
    other.send = sent = Sent()
    before = len(unheard.messages)

    ask(written, "open_to", who="person", id=a_hub.person(ALICE).id, access="open")

    sent.wait("content_changed")
    assert openings(other)["Alice Adams"] == ("open", True)
    assert len(unheard.of("content_changed")) == before


def test_page_that_has_not_seen_the_last_words_replaces_none(written: SolutionWidget) -> None:
    """What somebody types is carried over to what the kernel has meanwhile."""
    ask(written, "assign", key="text", value=f"{SECRET} of course", base=SECRET)
    ask(written, "assign", key="text", value=f"surely {SECRET}", base=SECRET)

    wait_until(lambda: content(written) == f"surely {SECRET} of course", "the words of both")
    written.model.wait_saved(30)


def test_the_content_is_never_part_of_a_file(written: SolutionWidget) -> None:
    """What a front end keeps of a teacher's widget, or an export, is what students may be handed."""
    state = json.dumps(dict(written.get_state()), default=str)

    assert SECRET not in state + str(written.written()) + repr(written)
    assert content(written) == SECRET


def test_both_kinds_of_one_slug_are_opened_by_themselves(written: SolutionWidget, tina: Classroom) -> None:
    """A solution and restricted content of one exercise have nothing to do with each other."""
    other = tnb.restricted("task-7", room=tina)
    other.model.wait_loaded(30)

    assert (other.kind, content(other)) == ("restricted", "")
    assert other.model.root_id != written.model.root_id


def test_keys_of_others_survive(written: SolutionWidget, a_hub: HubProcess) -> None:
    """Another client may store more, or something else; what is written here changes the text alone."""
    stored = f"/documents/{written.model.id}"
    a_hub.ask("PUT", stored, "teacher", {"data": {"text": "one", "colour": "red"}})
    wait_until(lambda: content(written) == "one", "the other client's text")

    ask(written, "assign", key="text", value="two")
    written.model.wait_saved(30)
    assert a_hub.stored(written.model.id, "teacher") == {"text": "two", "colour": "red"}

    a_hub.ask("PUT", stored, "teacher", {"data": {"text": 5}})
    wait_until(lambda: ask(written, "content")["value"]["misfits"] == [{"key": "text", "value": 5}], "it says so")
    assert "does not fit: text is 5;" in ask(written, "assign", key="text", value="three")["refusal"]
    assert a_hub.stored(written.model.id, "teacher") == {"text": 5}


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        ("assign", {"key": "text", "value": 5}, "Expected `str`"),
        ("assign", {"key": "delta", "value": ""}, "'delta' to be changed; there is text"),
        ("open_to", {"who": "group", "id": "x", "access": "open"}, "without a classroom"),
        ("openings", {}, "without a classroom"),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind: str, message: dict[str, Any], words: str) -> None:
    """The page is told why, of a widget that has no more than its model."""
    widget = SolutionWidget(offline_model("solution", None), title="watched")

    assert words in ask(widget, kind, **message)["refusal"]


@pytest.mark.parametrize("call", [tnb.solution, tnb.restricted])
def test_a_slug_that_cannot_be_is_a_mistake_in_the_notebook(call: Callable[..., Any]) -> None:
    """The error names it."""
    with pytest.raises(InvalidInput, match="not a slug: 'Task 7'"):
        call("Task 7", room=offline_classroom())


def test_rows_of_a_student_in_two_groups(tina: Classroom) -> None:
    """Whoever is in two groups sees what is open to one of them, unless something was said of them alone."""
    wait_until(lambda: len(tina.groups) == 1 and len(tina.users) >= 3, "people are known")
    (group,) = tina.groups
    users = {user.id: user for user in tina.users}
    assert tina.user is not None
    first, second = (each for each in group.user_ids or () if users[each].role == "student")
    root = RootMeta(
        id="root",
        access="None_DocumentRoot",
        shared_access="RO_DocumentRoot",
        user_permissions=[RootUserPermission(id="1", access="None_User", user_id=first)],
        group_permissions=[RootGroupPermission(id="2", access="RO_StudentGroup", group_id=group.id)],
    )

    (row,) = opening_rows(root, tina.groups, users, tina.user)

    assert row["said"] == "open"
    assert {each["id"]: (each["said"], each["sees"]) for each in row["people"]} == {
        first: ("closed", False),
        second: ("", True),
    }
