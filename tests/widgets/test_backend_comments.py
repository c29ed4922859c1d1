"""Comments and feedback at the existing backend, from kernel to kernel: what it tells of, and what our own news add."""

from __future__ import annotations

from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.client.link.written_news import WRITTEN_FOR_YOU
from teaching_nb.errors import Forbidden
from teaching_nb.schema.roots import root_id, root_id_of_written_for
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.mdx_comment import CommentsWidget
from tests.harness.backend_records import Json
from tests.harness.backend_school import BackendSchool, a_backend_school, a_present_school
from tests.harness.waiting import SECONDS, wait_for, wait_until
from tests.widgets.test_mdx_comment import on, talk, wait_talk
from tests.widgets.test_simple_chat import ask

__all__ = ["a_backend_school", "a_present_school"]


def shared_text(room: Classroom, *, shared: bool | str = True) -> DocumentWidget:
    """Open a text that everybody sees."""
    widget = tnb.text("poem", title="Poem", shared=shared, room=room)
    widget.model.wait_loaded(SECONDS)
    return widget


def own_text(room: Classroom) -> DocumentWidget:
    """Open a text of one's own."""
    widget = tnb.text("essay", init="an essay", room=room)
    widget.model.wait_saved(SECONDS)
    return widget


def people(school: BackendSchool) -> tuple[Classroom, Classroom, Classroom]:
    """Return the classrooms of the teacher and of both students, each of whom knows what the others are called."""
    rooms = tuple(school.connect(each) for each in (school.tina, school.sam, school.sue))
    for room in rooms:
        wait_for(room.users, "records", lambda known: len(known) == 3)
    return rooms  # type: ignore[return-value]  # three


def stored(school: BackendSchool, type_name: str) -> list[Json]:
    """Return what the backend has of a type, oldest first."""
    return [each for each in list(school.backend.records.documents.values()) if each["type"] == type_name]


@pytest.mark.parametrize("how", ["write", "read"])
def test_everybody_comments_on_what_is_shared(a_backend_school: BackendSchool, how: str) -> None:
    """Threads, replies, resolving and deleting reach all as they happen, in a hand-out too."""
    shared = how == "write" or how
    rooms = people(a_backend_school)
    staff, mine, theirs = (on(shared_text(room, shared=shared), room) for room in rooms)

    mine.comments.add("is this right?")
    wait_talk(theirs, [(False, [("Sam Test", "is this right?")])], "another student hears it")
    thread_id = theirs.comments.threads[0].id
    theirs.comments.reply(thread_id, "I think so")
    said = [("Sam Test", "is this right?"), ("Sue Test", "I think so")]
    wait_talk(staff, [(False, said)], "the teacher hears both")
    staff.comments.resolve(thread_id)
    for who in (mine, theirs):
        wait_talk(who, [(True, said)], "it is resolved")
    mine.comments.reopen(thread_id)
    wait_talk(staff, [(False, said)], "and open again")
    mine.comments.remove(mine.comments.threads[0].comments[0].id)

    for who in (staff, theirs):
        wait_talk(who, [(False, [("Sue Test", "I think so")])], "the answer stays")
    theirs.comments.remove(theirs.comments.threads[0].comments[0].id)
    for who in (staff, mine):
        wait_talk(who, [(False, [])], "nothing is said any more")


def test_thread_lies_where_the_website_has_it(a_present_school: BackendSchool) -> None:
    """An `mdx_comment` with a `quill_v2` child that holds the text, of whoever has said it."""
    _, sam, _ = people(a_present_school)
    mine = on(shared_text(sam), sam)

    thread_id = mine.comments.add("look")

    (thread,), (comment,) = (stored(a_present_school, each) for each in ("mdx_comment", "quill_v2"))
    assert (thread["id"], thread["authorId"]) == (thread_id, a_present_school.sam.id)
    assert (comment["parentId"], comment["data"]["delta"]) == (thread_id, {"ops": [{"insert": "look\n"}]})


def test_comment_of_the_website_is_heard_and_answered(a_backend_school: BackendSchool) -> None:
    """It knows no document that it is about; nothing of it is rewritten, and when it is deleted it is gone."""
    _, sam, _ = people(a_backend_school)
    mine = on(shared_text(sam), sam)
    records, backend = a_backend_school.backend.records, a_backend_school.backend
    place = {"documentRootId": mine.model.root_id}
    pinned = {"type": "p", "nr": 2, "commentNr": 1, "isOpen": False, "color": "red", "more": [1]}
    thread = records.make_document(a_backend_school.sue, {**place, "type": "mdx_comment", "data": pinned})
    backend.tell("NEW_RECORD", {"type": "Document", "record": dict(thread)})
    words = {"delta": {"ops": [{"insert": "look", "attributes": {"bold": True}}, {"insert": "\n"}]}}
    body = {**place, "type": "quill_v2", "data": words, "parentId": thread["id"]}
    said = records.make_document(a_backend_school.sue, body)
    backend.tell("NEW_RECORD", {"type": "Document", "record": dict(said)})
    wait_talk(mine, [(False, [("Sue Test", "look")])], "it is heard")

    mine.comments.reply(thread["id"], "seen")
    words = {"delta": {"ops": [{"insert": "look here\n"}]}}
    backend.write(said["id"], a_backend_school.sue, words)
    wait_talk(mine, [(False, [("Sue Test", "look here"), ("Sam Test", "seen")])], "its change is heard")
    assert backend.data(thread["id"]) == pinned
    records.remove(thread["id"])
    backend.tell("DELETED_RECORD", {"type": "Document", "id": thread["id"]})

    wait_talk(mine, [], "it is gone with what was said in it")


def test_whoever_only_reads_leaves_nothing_behind(a_present_school: BackendSchool) -> None:
    """The backend keeps a document that it refuses to make: it is not asked for one."""
    tina, sam, _ = people(a_present_school)
    on(shared_text(tina), tina)
    mine = on(shared_text(sam), sam)
    made = {"userId": a_present_school.sam.id, "documentRootId": mine.model.root_id, "access": "RO_User", "id": "p"}
    a_present_school.backend.records.user_permissions.append(made)
    a_present_school.backend.tell("NEW_RECORD", {"type": "UserPermission", "record": made})
    wait_until(lambda: mine.save_state == "read-only", "the page is told")

    assert "you may not add anything here" in ask(mine, "add_comment", text="no")["refusal"]

    assert (stored(a_present_school, "mdx_comment"), stored(a_present_school, "quill_v2")) == ([], [])


def test_a_teacher_and_one_student_talk_about_the_students_own(a_present_school: BackendSchool) -> None:
    """Either begins; both see all of it as it is said, and another student nothing."""
    tina, sam, sue = people(a_present_school)
    mine, theirs = on(own_text(sam), sam), on(own_text(sue), sue)
    staff = on("essay", tina, student="Sam Test", type="string")
    followed(a_present_school, tina)

    staff.comments.add("why one?")
    wait_talk(mine, [(False, [("Tina Test", "why one?")])], "the student reads it")
    mine.comments.reply(mine.comments.threads[0].id, "it is the first")
    mine.comments.add("is that all?")
    both = [("Tina Test", "why one?"), ("Sam Test", "it is the first")]
    wait_talk(staff, [(False, both), (False, [("Sam Test", "is that all?")])], "the teacher reads both")
    staff.comments.reply(staff.comments.threads[1].id, "yes")
    mine.comments.resolve(mine.comments.threads[0].id)

    wanted = [(True, both), (False, [("Sam Test", "is that all?"), ("Tina Test", "yes")])]
    for who in (mine, staff):
        wait_talk(who, wanted, "both see the same")
    assert talk(theirs) == []


def test_older_backend_shows_what_it_does_not_tell(a_backend_school: BackendSchool) -> None:
    """Whoever looks anew sees all that was said, in both versions; only who hears of it at once depends on them."""
    tina, sam, _ = people(a_backend_school)
    mine = on(own_text(sam), sam)
    staff = on("essay", tina, student="Sam Test", type="string")
    staff.comments.add("why one?")
    mine.comments.add("is that all?")

    said = [(False, [("Tina Test", "why one?")]), (False, [("Sam Test", "is that all?")])]
    for person, document in ((a_backend_school.sam, {}), (a_backend_school.tina, {"student": "Sam Test"})):
        later = a_backend_school.connect(person)
        wait_for(later.users, "records", lambda known: len(known) == 3)
        wait_talk(on("essay", later, type="string", **document), said, f"{person.first_name} sees both")


def followed(school: BackendSchool, room: Classroom) -> None:
    """Wait until a teacher is in the student's room."""
    wait_for(room.presence, "counts", lambda counts: counts.get(school.sam.id) == 2)


def test_what_staff_have_written_is_not_deleted_there(a_present_school: BackendSchool) -> None:
    """Nobody may: its author is the student, who only reads. A sentence says so, and it stays."""
    tina, sam, _ = people(a_present_school)
    mine = on(own_text(sam), sam)
    staff = on("essay", tina, student="Sam Test", type="string")
    staff.comments.add("a slip")
    wait_talk(mine, [(False, [("Tina Test", "a slip")])], "the student reads it")
    comment_id = staff.comments.threads[0].comments[0].id

    refusal = ask(staff, "remove_comment", id=comment_id)["refusal"]

    assert "deletes nothing that staff have written" in refusal
    with pytest.raises(Forbidden):
        sam._loop.ask(sam._rest.delete_document(comment_id))
    assert talk(mine) == talk(staff) == [(False, [("Tina Test", "a slip")])]


def test_an_answer_that_was_not_heard_of_keeps_its_thread(a_present_school: BackendSchool) -> None:
    """Whoever takes their only comment back deletes nobody's answer with it."""
    _, sam, sue = people(a_present_school)
    mine, theirs = (on(shared_text(room), room) for room in (sam, sue))
    thread_id = mine.comments.add("never mind")
    wait_talk(theirs, [(False, [("Sam Test", "never mind")])], "another student reads")
    body = {"type": "quill_v2", "documentRootId": mine.model.root_id, "parentId": thread_id}
    words = {"delta": {"ops": [{"insert": "but I do\n"}]}, "thread": thread_id}
    a_present_school.backend.records.make_document(a_present_school.sue, {**body, "data": words})

    mine.comments.remove(mine.comments.threads[0].comments[0].id)

    wait_talk(mine, [(False, [("Sue Test", "but I do")])], "the answer is still there")


def test_feedback_is_read_as_it_is_written(a_present_school: BackendSchool) -> None:
    """The backend tells the student nothing of it: whoever writes it does, and says where, not what."""
    tina, sam, sue = people(a_present_school)
    mine, theirs = (tnb.feedback("essay", room=room) for room in (sam, sue))
    for each in (mine, theirs):
        wait_until(lambda each=each: "nothing has been written" in each.save_detail, "there is none yet")  # type: ignore[misc]

    written = tnb.feedback("essay", student="Sam Test", room=tina)
    written.model.wait_loaded(SECONDS)
    for words in ("Well done.", "Well done, but for the end."):
        written.model.data = {"text": words}
        written.model.wait_saved(SECONDS)
        wait_for(mine.model, "data", lambda data, words=words: data == {"text": words})  # type: ignore[misc]

    assert not theirs.model.is_loaded
    told = [payload for event, payload in a_present_school.backend.acted if event == a_present_school.sam.id]
    assert told
    assert {each["type"] for each in told} == {WRITTEN_FOR_YOU}
    assert "Well" not in str(told)


def test_actions_of_the_website_steer_no_kernel(a_present_school: BackendSchool) -> None:
    """Whatever an action says, nothing is done but reading again what is open, and only of one that is ours."""
    room = a_present_school.connect(a_present_school.sam)
    widget = shared_text(room)
    path = f"/api/v1/documents/{widget.model.id}"
    before = a_present_school.backend.count("GET", path)
    actions: list[Any] = [
        "nav-reload",
        None,
        7,
        {"type": "nav-target", "target": "/x"},
        {"type": WRITTEN_FOR_YOU},
        {"type": WRITTEN_FOR_YOU, "documentRootId": ["x"]},
    ]
    for action in actions:
        a_present_school.backend.tell("ACTION", action)
    a_present_school.backend.tell("ACTION", {"type": WRITTEN_FOR_YOU, "documentRootId": widget.model.root_id})

    wait_until(lambda: a_present_school.backend.count("GET", path) == before + 1, "it is read again, once")


def test_a_teacher_who_comes_back_hears_again(a_backend_school: BackendSchool) -> None:
    """What a student says before the teacher is in their room again is read then, and what comes later is heard."""
    tina, sam, _ = people(a_backend_school)
    mine = on(own_text(sam), sam)
    staff: CommentsWidget = on("essay", tina, student="Sam Test", type="string")
    followed(a_backend_school, tina)
    body = {"type": "mdx_comment", "documentRootId": mine.model.root_id, "parentId": mine.model.id, "data": {}}
    records = a_backend_school.backend.records
    a_backend_school.backend.before_joining.append(lambda: records.make_document(a_backend_school.sam, body))
    a_backend_school.backend.throw_out()

    wait_talk(staff, [(False, [])], "what nobody was told of is read")
    followed(a_backend_school, tina)
    mine.comments.add("after the break")

    wait_talk(staff, [(False, []), (False, [("Sam Test", "after the break")])], "the teacher hears it")


@pytest.mark.parametrize("claims", [{}, {"writer": "a teacher"}], ids=["plain", "signed"])
def test_nobody_writes_their_own_feedback(a_backend_school: BackendSchool, claims: Json) -> None:
    """What a student has put where feedback is to be stays theirs, and is nobody's praise, whatever it says."""
    tina, sam, _ = people(a_backend_school)
    assert sam.user is not None
    place = root_id_of_written_for(root_id("essay", sam.course), "cms_text")
    forged = sam.document(place, type="cms_text", init={"text": "6, brilliant", **claims})
    forged.wait_saved(SECONDS)
    mine = tnb.feedback("essay", room=sam)
    assert ask(mine, "content")["value"]["text"] == ""

    written: Any = tnb.feedback("essay", student="Sam Test", room=tina)
    written.model.wait_loaded(SECONDS)
    assert written.model.text == ""
    written.model.text = "well done"
    written.model.wait_saved(SECONDS)

    # The version of 2025 tells nothing of it to whom it concerns, but when they come again.
    again = tnb.feedback("essay", room=a_backend_school.connect(a_backend_school.sam))
    wait_until(lambda: ask(again, "content")["value"]["text"] == "well done", "the student reads it")
    assert ask(mine, "content")["value"]["text"] in {"", "well done"}
    later: Any = tnb.feedback("essay", student="Sam Test", room=people(a_backend_school)[0])
    later.model.wait_loaded(SECONDS)
    assert (later.model.id, later.model.text) == (written.model.id, "well done")
    assert [each["data"]["text"] for each in stored(a_backend_school, "cms_text")] == ["6, brilliant", "well done"]
