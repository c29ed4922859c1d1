"""Comments from kernel to kernel, with a real hub."""

from __future__ import annotations

import json
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.client.documents.comments import KeptComments
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected, NotFound
from teaching_nb.schema.roots import root_id, root_id_of_written_for
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.mdx_comment import CommentsWidget
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.unheard import unhear
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent
from tests.widgets.test_simple_chat import ask


def on(document: Any, room: Classroom, **options: Any) -> CommentsWidget:
    """Open the comments on a document, and wait for the hub."""
    widget = tnb.comments(document, room=room, **options)
    widget.model.wait_loaded(30)
    wait_until(lambda: widget._found is not None, "it is known on what they are")
    widget.comments.wait_loaded(30)
    return widget


def shared_text(room: Classroom, *, shared: bool | str = True) -> DocumentWidget:
    """Open a text that everybody sees."""
    widget = tnb.text("poem", title="Poem", shared=shared, room=room)
    widget.model.wait_loaded(30)
    return widget


def talk(widget: CommentsWidget) -> list[Any]:
    """Return of each thread whether it is resolved, and who has said what in it."""
    return [
        (thread["isResolved"], [(each["name"], each["text"]) for each in thread["comments"]])
        for thread in ask(widget, "comments")["value"]["threads"]
    ]


def wait_talk(widget: CommentsWidget, wanted: list[Any], what: str) -> None:
    """Wait until somebody sees this."""
    wait_until(lambda: talk(widget) == wanted, f"{what}: {talk(widget)}")


@pytest.mark.parametrize("how", ["write", "read"])
def test_everybody_comments_on_what_is_shared(
    tina: Classroom, alice: Classroom, bob: Classroom, connect_as: ConnectAs, how: str
) -> None:
    """Threads, replies, resolving and opening again reach all, in a hand-out too; a later kernel finds all of it."""
    shared = how == "write" or how
    texts = [shared_text(room, shared=shared) for room in (tina, alice, bob)]
    staff, mine, theirs = (on(text, room) for text, room in zip(texts, (tina, alice, bob), strict=True))
    assert (mine.title, mine.save_state, mine.access) == ("Poem", "saved", "RW_User")

    assert ask(mine, "add_comment", text="  is this right?\n")["refusal"] == ""
    wait_talk(theirs, [(False, [("Alice Adams", "is this right?")])], "Bob hears Alice")
    thread_id = theirs.comments.threads[0].id
    theirs.comments.reply(thread_id, "I think so")
    wait_until(lambda: staff.comments.number_open == 1, "the teacher sees the thread")
    assert ask(staff, "resolve_thread", thread=thread_id, on=True)["refusal"] == ""

    said = [("Alice Adams", "is this right?"), ("Bob Brown", "I think so")]
    later = connect_as(BOB)
    for who in (mine, theirs, on(shared_text(later, shared=shared), later)):
        wait_talk(who, [(True, said)], "it is resolved")
    wait_until(lambda: mine.comments.threads[0].resolved_by == staff._user().id, "by the teacher")  # type: ignore[union-attr]
    mine.comments.reopen(thread_id)
    wait_talk(staff, [(False, said)], "and open again")


def test_a_teacher_and_one_student_talk_about_the_students_own(
    tina: Classroom, alice: Classroom, bob: Classroom, connect_as: ConnectAs
) -> None:
    """Either begins; both see all of it at once, another teacher as well, and another student nothing."""
    own = tnb.code("essay", init="x = 1", room=alice)
    other = tnb.code("essay", init="y = 1", room=bob)
    own.model.wait_saved(30)
    mine, theirs = on(own, alice), on(other, bob)
    staff = on("essay", tina, student="Alice Adams")
    second = on("essay", connect_as(TEACHER), student="Alice Adams")
    assert staff.title == "essay: Alice Adams"

    staff.comments.add("why one?")
    wait_talk(mine, [(False, [("Tina Teacher", "why one?")])], "the student reads it")
    mine.comments.reply(mine.comments.threads[0].id, "it is the first")
    mine.comments.add("is that all?")
    wait_until(lambda: [len(each.comments) for each in staff.comments.threads] == [2, 1], "the teacher sees all of it")
    staff.comments.reply(staff.comments.threads[1].id, "yes")
    mine.comments.resolve(mine.comments.threads[0].id)

    both = [
        (True, [("Tina Teacher", "why one?"), ("Alice Adams", "it is the first")]),
        (False, [("Alice Adams", "is that all?"), ("Tina Teacher", "yes")]),
    ]
    for who in (mine, staff, second):
        wait_talk(who, both, "all see the same")
    assert talk(theirs) == []
    assert talk(on("essay", connect_as(ALICE))) == both


def test_one_deletes_only_ones_own(tina: Classroom, alice: Classroom) -> None:
    """What others have said stays, also below a comment that was deleted; an empty thread goes."""
    own = tnb.text("plan", init="a plan", room=alice)
    own.model.wait_saved(30)
    mine, staff = on(own, alice), on("plan", tina, student="Alice Adams", type="string")
    staff.comments.add("first")
    wait_talk(mine, [(False, [("Tina Teacher", "first")])], "the student has it")
    thread = mine.comments.threads[0]
    mine.comments.reply(thread.id, "second")
    wait_until(lambda: len(staff.comments.threads[0].comments) == 2, "the teacher has the reply")

    refused = ask(mine, "remove_comment", id=thread.comments[0].id)["refusal"]
    assert "only who has written a comment deletes it" in refused
    with pytest.raises(Forbidden):
        alice._loop.ask(alice._rest.delete_document(thread.comments[0].id))

    staff.comments.remove(thread.comments[0].id)
    wait_talk(mine, [(False, [("Alice Adams", "second")])], "the reply stays")
    assert ask(mine, "remove_comment", id=mine.comments.threads[0].comments[0].id)["refusal"] == ""
    wait_talk(staff, [(False, [])], "nothing is said in the teacher's thread any more")
    staff.comments.add("alone")
    wait_talk(mine, [(False, []), (False, [("Tina Teacher", "alone")])], "a thread of its own")
    staff.comments.remove(staff.comments.threads[1].comments[0].id)
    wait_talk(mine, [(False, [])], "it has gone with its only comment")


def test_an_answer_that_comes_while_a_thread_is_deleted_stays(alice: Classroom, bob: Classroom) -> None:
    """Whoever takes their only comment back has not seen the answer yet: the thread stays with it."""
    mine, theirs = (on(shared_text(room), room) for room in (alice, bob))
    mine.comments.add("never mind")
    wait_talk(theirs, [(False, [("Alice Adams", "never mind")])], "Bob reads")
    thread = mine.comments.threads[0]
    theirs.comments.reply(thread.id, "but I do")
    wait_until(lambda: len(mine.comments.threads[0].comments) == 2, "Alice has heard it")

    # As if they had not: their client does not know the answer.
    unhear(alice, mine.comments, mine.comments.threads[0].comments[1].id)
    mine.comments.remove(thread.comments[0].id)

    for who in (mine, theirs):
        wait_talk(who, [(False, [("Bob Brown", "but I do")])], "the answer is still there")


def test_nobody_speaks_as_a_teacher(tina: Classroom, alice: Classroom) -> None:
    """A student who has made the teachers' place before they came is named as the writer of what they put there."""
    own = tnb.text("early", init="mine", room=alice)
    own.model.wait_saved(30)
    place = root_id_of_written_for(root_id("early", alice.course), "mdx_comment")
    assert tina.user is not None
    forged = {"about": own.model.id, "writer": tina.user.id, "resolved": True}
    body = {"type": "mdx_comment", "documentRootId": place, "data": forged, "root": {}}
    alice._loop.ask(alice._rest.main_document(body))

    staff = on(own.model.root_id, tina, student="Alice Adams", type="string")
    staff.comments.add("really mine")

    wait_until(lambda: [each.is_on_behalf for each in staff.comments.threads] == [False, True], "who wrote which")
    with pytest.raises(Forbidden):
        alice._loop.ask(alice._rest.create_document({**body, "parentId": None}))


def test_comments_of_the_existing_system_are_shown_and_answered(alice: Classroom, bob: Classroom) -> None:
    """They lie below the root, know no document, and hold formatted text; none of it is rewritten."""
    texts = [shared_text(room) for room in (alice, bob)]
    place = alice.documents_below(texts[0].model.root_id)
    pinned = {"type": "p", "nr": 2, "commentNr": 1, "isOpen": False, "color": "red"}
    thread_id = place.add(pinned, "mdx_comment")
    ops = [{"insert": "look", "attributes": {"bold": True}}, {"insert": {"image": "a.png"}}, {"insert": " here\n"}]
    wanted = {"type": "quill_v2", "documentRootId": texts[0].model.root_id, "data": {"delta": {"ops": ops}}}
    alice._loop.ask(alice._rest.create_document({**wanted, "parentId": thread_id}))
    alice._loop.ask(alice._rest.create_document({**wanted, "parentId": thread_id, "data": {"delta": 7, "x": 1}}))
    theirs = on(texts[1], bob)

    wait_talk(theirs, [(False, [("Alice Adams", "look[image] here"), ("Alice Adams", None)])], "as far as understood")
    shown = ask(theirs, "comments")["value"]["threads"][0]
    assert (shown["kind"], shown["nr"]) == ("p", 3)
    assert [each["markdown"] for each in shown["comments"]] == ["**look**![](a.png) here", ""]
    theirs.comments.reply(thread_id, "seen")
    theirs.comments.resolve(thread_id)
    wait_until(lambda: theirs.comments.threads[0].is_resolved, "answered and resolved")
    stored = alice._loop.ask(alice._rest.document(thread_id))
    assert stored is not None
    assert stored.document.data == pinned


def test_comment_is_written_in_markdown(alice: Classroom, bob: Classroom) -> None:
    """Formats are stored as the platform's editor does and shown to all; what is no Markdown stays as it was typed."""
    mine, theirs = (on(shared_text(room), room) for room in (alice, bob))

    mine.comments.add("use **`sum`**, see [here](https://example.org)\n- it is\n- shorter")
    mine.comments.add("2 * 3 * 4 in a_long_name")
    mine.comments.add("```")

    wait_until(lambda: sum(len(each.comments) for each in theirs.comments.threads) == 3, "all are heard")
    first, second, third = (each.comments[0] for each in theirs.comments.threads)
    assert first.text == "use sum, see here\nit is\nshorter"
    assert first.delta["ops"][1:4] == [
        {"insert": "sum", "attributes": {"bold": True, "code": True}},
        {"insert": ", see "},
        {"insert": "here", "attributes": {"link": "https://example.org"}},
    ]
    assert (second.text, second.delta) == ("2 * 3 * 4 in a_long_name", None)
    assert (third.text, third.delta) == ("```", None)


def test_pages_are_told_and_no_file_holds_what_was_said(alice: Classroom, bob: Classroom) -> None:
    """A page that shows the comments asks again; neither state nor output has a word of them."""
    mine, theirs = (on(shared_text(room), room) for room in (alice, bob))
    mine.send = sent = Sent()

    theirs.comments.add("forty-two")

    assert sent.wait("content_changed") == {"kind": "content_changed", "buffers": []}
    wait_talk(mine, [(False, [("Bob Brown", "forty-two")])], "it is there")
    assert "forty-two" not in json.dumps([dict(mine.get_state()), mine.written()], default=str)


def test_whoever_only_reads_has_no_field(tina: Classroom, bob: Classroom) -> None:
    """A permission for reading is told to the page; what a program says all the same is refused."""
    staff, theirs = (on(shared_text(room), room) for room in (tina, bob))
    assert bob.user is not None
    staff.comments.add("read this")
    wait_talk(theirs, [(False, [("Tina Teacher", "read this")])], "Bob reads")

    tina.permissions.permit_user(staff.model.root_id, bob.user.id, "RO")
    wait_until(lambda: theirs.save_state == "read-only", "Bob's page is told")

    assert theirs.access == "RO_User"
    assert "Insufficient access permission" in ask(theirs, "add_comment", text="no")["refusal"]


def test_wrong_use_is_refused_in_words(tina: Classroom, alice: Classroom, bob: Classroom) -> None:
    """What is wrong, and what would be right."""
    mine = on(shared_text(alice), alice)
    wrong: Any
    for wrong, words in ((7, "a text that is not empty, not 7"), (" ", "not empty"), ("x" * 10_001, "at most 10000")):
        with pytest.raises(InvalidInput, match=words):
            mine.comments.add(wrong)
    with pytest.raises(NotFound, match="there is no thread 'none' here; there are 0"):
        mine.comments.reply("none", "x")
    with pytest.raises(InvalidInput, match="on a widget, a model or a slug, not on 7"):
        tnb.comments(7, room=alice)
    with pytest.raises(InvalidInput, match="only teachers comment"):
        tnb.comments("poem", student="Bob Brown", room=alice)
    with pytest.raises(InvalidInput, match="nobody here is called 'Zoe'"):
        tnb.comments("poem", student="Zoe", room=tina)
    with pytest.raises(InvalidInput, match="'Poem' is shared"):
        tnb.comments(shared_text(tina), student="Alice Adams", room=tina)


def test_a_slug_creates_nothing(alice: Classroom) -> None:
    """The document is there when its own call has made it; until then the comments say so."""
    widget = tnb.comments("later", type="string", room=alice)
    wait_until(lambda: widget.save_state == "refused", "there is no document")
    assert "no string document here yet" in widget.save_detail or "does not exist" in widget.save_detail

    tnb.text("later", init="now", room=alice).model.wait_saved(30)

    wait_until(lambda: widget._found is not None, "the document is there")
    widget.comments.add("and a comment")
    assert len(widget.comments.threads) == 1


def test_without_a_hub_nothing_is_said(connect_as: ConnectAs) -> None:
    """A widget of a model that nobody has answered for shows nothing, and refuses to send."""
    widget = CommentsWidget(offline_model("string", "x"), room=offline_classroom())

    assert ask(widget, "comments")["value"] == {"threads": [], "left": 0, "open": 0, "isLoaded": False, "problem": ""}
    assert "the hub has not answered" in ask(widget, "add_comment", text="x")["refusal"]
    with pytest.raises(NotConnected):
        tnb.comments("any", room=offline_classroom())


def test_comments_are_read_again_for_what_may_be_one(
    tina: Classroom, alice: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else a student makes, nobody asks for their comments; a thread that they begin is heard of."""
    text = tnb.text("essay", init="an essay", room=alice)
    text.model.wait_saved(30)
    seen = tina.open_document(text.model.id)
    comments = tina.comments.of(seen)
    comments.wait_loaded(30)
    heard: list[Any] = []
    tina.followed.follow(text.model.author_id, heard.append)
    wait_until(lambda: heard == [None], "it is followed")
    loads: list[Any] = []
    monkeypatch.setattr(KeptComments, "load", lambda _self: loads.append(1))

    for slug in ("one", "two", "three"):
        alice.document(slug, type="task_state").wait_loaded(30)
    wait_until(lambda: len(heard) == 4, "three documents more are told of")
    assert loads == []

    alice.comments.of(text.model).add("is this right?")
    wait_until(lambda: len(loads) > 0, "the comment is read")
