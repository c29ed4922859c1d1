"""Calls of ours that the existing backend lacks, made of those that it has; by the rules of who may do what there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.link.backend_main import mains_of
from teaching_nb.client.models.task_state import TaskStateModel
from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.schema.hub_kinds import NOT_OFFERED
from tests.harness.backend_school import BackendSchool, a_backend_school, a_present_school, opened
from tests.harness.waiting import SECONDS, wait_for, wait_until, wait_value

__all__ = ["a_backend_school", "a_present_school"]


def test_two_who_make_a_text_at_once_share_one(a_backend_school: BackendSchool) -> None:
    """Each made a document; the older one is the text for both."""
    rooms = [a_backend_school.connect(each) for each in (a_backend_school.sam, a_backend_school.sue)]

    models = [room.document("text", init="begun", shared=True) for room in rooms]
    for model in models:
        model.wait_loaded(SECONDS)
    models += [room.document("text", init="begun", shared=True) for room in rooms]

    assert len({model.id for model in models}) == 1


def test_older_text_counts_that_is_seen_later(a_backend_school: BackendSchool) -> None:
    """Which of two was made first may show only when both are there: whoever has the other changes over."""
    model = opened(a_backend_school.connect(a_backend_school.sam), CodeModel, init="mine\n")
    body = {"type": "code", "data": {"code": "older\n"}, "documentRootId": model.root_id}
    older = a_backend_school.backend.records.make_document(a_backend_school.sue, body)
    older["createdAt"] = "2026-11-01T08:00:00.000Z"

    a_backend_school.backend.tell("NEW_RECORD", {"type": "Document", "record": dict(older)})

    wait_value(model, "code", "older\n")
    assert model.id == older["id"]


def test_hand_out_is_of_staff_whoever_was_there_before(a_backend_school: BackendSchool) -> None:
    """A student had run the notebook first, with a text that everybody edits: the teacher goes on with it, and writes.

    All others read that, and the student too, in the same cell, who is told so.
    """
    sam, sue, tina = (a_backend_school.connect(each) for each in a_backend_school.people)
    early = opened(sam, CodeModel, slug="sheet", init="sam was first\n")

    sheet = tina.document("sheet", init="from the notebook\n", shared="read")
    sheet.wait_loaded(SECONDS)
    assert isinstance(sheet, CodeModel)
    assert (sheet.code, sheet.can_edit, sheet.notice) == ("sam was first\n", True, "")
    sheet.code = "to be read\n"
    sheet.wait_saved(SECONDS)

    theirs = sue.document("sheet", init="from the notebook\n", shared="read")
    theirs.wait_loaded(SECONDS)
    for model in (early, theirs):
        wait_value(model, "code", "to be read\n")
        assert (model.id, model.can_edit) == (sheet.id, False)
    assert early.notice == "Your teacher has made this a hand-out: everybody reads it, only teachers change it."
    with pytest.raises(Forbidden):
        early.code += "still mine\n"
        early.wait_saved(SECONDS)
    again = a_backend_school.connect(a_backend_school.sam).document("sheet", shared=True)
    again.wait_loaded(SECONDS)
    assert (again.id, again.can_edit) == (sheet.id, False)


def test_text_is_everybodys_again_as_it_was_handed_out(a_backend_school: BackendSchool) -> None:
    """A teacher who opens it to all once more finds in it what they have made of it, and so do the others."""
    sam, _, tina = (a_backend_school.connect(each) for each in a_backend_school.people)
    early = opened(sam, CodeModel, slug="sheet", init="sam was first\n")
    sheet = tina.document("sheet", shared="read")
    sheet.wait_loaded(SECONDS)
    assert isinstance(sheet, CodeModel)
    sheet.code = "to be read\n"
    sheet.wait_saved(SECONDS)

    opened_again = opened(tina, CodeModel, slug="sheet", init="")
    text = opened(a_backend_school.connect(a_backend_school.sue), CodeModel, slug="sheet", init="")

    assert opened_again.id == text.id
    wait_value(text, "code", "to be read\n")
    text.code += "and by all\n"
    text.wait_saved(SECONDS)
    for model in (opened_again, early):
        wait_value(model, "code", "to be read\nand by all\n")


def test_student_forges_no_hand_out(a_backend_school: BackendSchool) -> None:
    """What students put below its root by other programs is not the text that a teacher hands out."""
    sam, sue, tina = (a_backend_school.connect(each) for each in a_backend_school.people)
    waiting = sue.document("sheet", init="", shared="read")
    with pytest.raises(Forbidden, match="has not opened this yet"):
        waiting.wait_loaded(SECONDS)
    body = {"type": "code", "data": {"code": "forged\n"}, "documentRootId": waiting.root_id}
    a_backend_school.backend.records.make_document(a_backend_school.sam, body)
    other = sam.document("sheet", init="", shared="read")
    with pytest.raises(Forbidden, match="has not opened this yet"):
        other.wait_loaded(SECONDS)

    sheet = tina.document("sheet", init="true\n", shared="read")
    sheet.wait_loaded(SECONDS)

    for model in (waiting, other):
        wait_until(lambda model=model: model.id == sheet.id, "the hand-out is there")  # type: ignore[misc]


def test_another_tab_that_was_faster_is_no_refusal(
    a_backend_school: BackendSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backend says no to a second main document, the older version without a word: then the first one is read."""
    room = a_backend_school.connect(a_backend_school.sam)
    first = room.document("own", init="x")
    first.wait_loaded(SECONDS)
    seen = [True]
    monkeypatch.setattr(
        "teaching_nb.client.link.backend_main.mains_of",
        lambda *what: [] if seen and seen.pop() else mains_of(*what),
    )

    second = a_backend_school.connect(a_backend_school.sam).document("own", init="y")
    second.wait_loaded(SECONDS)

    assert (second.id, second.data) == (first.id, {"code": "x"})


def test_own_documents_are_everybodys_own(a_backend_school: BackendSchool) -> None:
    """Below one root each has a document, which the others do not see; asked for again it is the same."""
    sam, sue = (a_backend_school.connect(each) for each in (a_backend_school.sam, a_backend_school.sue))

    mine, theirs = (room.document("own", init="x") for room in (sam, sue))
    mine.wait_loaded(SECONDS)
    theirs.wait_loaded(SECONDS)
    again = a_backend_school.connect(a_backend_school.sam).document("own", init="y")
    again.wait_loaded(SECONDS)

    assert mine.author_id == a_backend_school.sam.id
    assert mine.id != theirs.id
    assert (again.id, again.data) == (mine.id, {"code": "x"})


def test_hand_out_is_made_by_a_teacher(a_backend_school: BackendSchool) -> None:
    """A student who comes first waits; the teacher's text then appears, for reading."""
    student = a_backend_school.connect(a_backend_school.sam)
    read = student.document("sheet", init="given", shared="read")
    wait_value(read, "save_detail", "your teacher has not opened this yet")
    assert a_backend_school.backend.records.documents == {}

    written = a_backend_school.connect(a_backend_school.tina).document("sheet", init="theirs", shared="read")
    written.wait_loaded(SECONDS)

    wait_value(read, "data", {"code": "theirs"})
    assert (read.id, read.save_state, written.save_state) == (written.id, "read-only", "saved")


def test_word_of_a_teacher_counts(a_backend_school: BackendSchool) -> None:
    """A text that students opened for everybody becomes a hand-out when its teacher says so; who may enter it stays."""
    begun = opened(a_backend_school.connect(a_backend_school.sam), CodeModel)
    a_backend_school.connect(a_backend_school.tina).document("text", init="", shared="read").wait_loaded(SECONDS)

    (root,) = a_backend_school.backend.records.roots.values()

    assert (root["access"], root["sharedAccess"]) == ("RW_DocumentRoot", "RO_DocumentRoot")
    assert begun.root_id == root["id"]


def test_nothing_is_withheld_that_others_could_read(a_backend_school: BackendSchool) -> None:
    """The backend shows a shared document of a closed root all the same: none is made."""
    model = a_backend_school.connect(a_backend_school.tina).document("solution", init="42", shared="withheld")

    with pytest.raises(Forbidden, match="cannot withhold") as refusal:
        model.wait_loaded(SECONDS)
    assert str(refusal.value).endswith(": use a hub of teaching_nb for this"), "no teacher can open it to anybody"

    assert a_backend_school.backend.records.documents == {}


def test_refused_document_is_not_even_asked_for(a_present_school: BackendSchool) -> None:
    """What the backend refuses to create it keeps all the same: whoever may not write does not try."""
    root_id = "7d1f2f0e-6d3a-4000-8000-000000000001"
    a_present_school.backend.records.make_root(root_id, {"access": "RO_DocumentRoot"})

    model = a_present_school.connect(a_present_school.sam).document(root_id, init="x")
    with pytest.raises(Forbidden, match="may not write here"):
        model.wait_loaded(SECONDS)

    assert a_present_school.backend.records.documents == {}


def test_teacher_lets_themself_in(a_present_school: BackendSchool) -> None:
    """A teacher without the right to write below a root gives it to themself first, as on the website."""
    root_id = "7d1f2f0e-6d3a-4000-8000-000000000001"
    a_present_school.backend.records.make_root(root_id, {"access": "RO_DocumentRoot"})

    model = a_present_school.connect(a_present_school.tina).document(root_id, init="x")
    model.wait_loaded(SECONDS)

    assert model.save_state == "saved"
    (permission,) = a_present_school.backend.records.user_permissions
    assert (permission["userId"], permission["access"]) == (a_present_school.tina.id, "RW_User")


def test_teacher_reads_a_students_document(a_backend_school: BackendSchool) -> None:
    """The backend hides it by its id: it is read in the student's list, in the way that the version has."""
    mine = a_backend_school.connect(a_backend_school.sam).document("task", type="task_state")
    mine.wait_loaded(SECONDS)
    teacher = a_backend_school.connect(a_backend_school.tina)

    seen = teacher.document("task", type="task_state", author=a_backend_school.sam.id)
    seen.wait_loaded(SECONDS)
    teacher.join_room(a_backend_school.sam.id)
    wait_for(teacher.presence, "counts", lambda counts: counts.get(a_backend_school.sam.id) == 2)
    assert isinstance(mine, TaskStateModel)
    mine.state = "question"
    mine.wait_saved(SECONDS)

    wait_value(seen, "data", {"state": "question"})
    assert (seen.id, seen.save_state) == (mine.id, "read-only")


def test_teacher_writes_for_a_student(a_backend_school: BackendSchool) -> None:
    """Feedback is the student's document, saved on their behalf; they read it, also below a root that they made."""
    student = a_backend_school.connect(a_backend_school.sam)
    mine = student.document_for("feedback")
    wait_for(mine, "save_detail", lambda detail: "nothing has been written" in detail)
    root_id = mine.root_id
    a_backend_school.backend.records.make_root(root_id, {})

    written = a_backend_school.connect(a_backend_school.tina).document_for("feedback", student=a_backend_school.sam.id)
    written.wait_loaded(SECONDS)
    written.data = {"text": "Well done."}
    written.wait_saved(SECONDS)
    again = a_backend_school.connect(a_backend_school.sam).document_for("feedback")
    again.wait_loaded(SECONDS)

    assert (again.id, again.data, again.save_state) == (written.id, {"text": "Well done."}, "read-only")
    assert a_backend_school.backend.records.roots[root_id]["access"] == "RO_DocumentRoot"


@pytest.mark.parametrize(
    "ask",
    [
        lambda room, _model: room.documents_of(room.user.id),
        lambda room, model: room.quizzes.assessment(model.id),
    ],
    ids=["list", "quiz"],
)
def test_what_only_our_hub_has_is_said_so(
    a_present_school: BackendSchool, ask: Callable[[Classroom, CodeModel], Any]
) -> None:
    """The sentence is the one that the proxy has for everybody; nothing is asked for that."""
    room = a_present_school.connect(a_present_school.sam)
    model = opened(room, CodeModel)
    before = len(a_present_school.backend.asked)

    with pytest.raises(NotFound, match=NOT_OFFERED):
        ask(room, model)

    assert len(a_present_school.backend.asked) == before
