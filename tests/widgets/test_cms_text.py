"""What staff write for one student, from kernel to kernel, with a real hub."""

from __future__ import annotations

import json
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.roots import root_id, root_id_of_written_for
from teaching_nb.widgets.cms_text import FeedbackWidget
from tests.harness.cast import TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom
from tests.harness.waiting import wait_until
from tests.widgets.test_withheld import ask, content

PRAISE = "**Well done**, 5.5"


def write(widget: FeedbackWidget, text: str) -> None:
    """Let the teacher's page write, and wait until the hub has it."""
    widget.model.wait_loaded(30)
    assert ask(widget, "assign", key="text", value=text)["refusal"] == ""
    widget.model.wait_saved(30)


def test_a_teacher_writes_and_only_that_student_reads(
    tina: Classroom, alice: Classroom, bob: Classroom, a_hub: HubProcess
) -> None:
    """It appears at the student by itself; the other student has nothing, and what is told later reaches one only."""
    mine, theirs = (tnb.feedback("essay", room=room) for room in (alice, bob))
    assert (mine.is_open, mine.is_staff, content(mine)) == (False, False, "")
    assert mine.save_detail == "nothing has been written for you here yet"
    written = tnb.feedback("essay", student="Alice Adams", room=tina)
    assert written.title == "essay: Alice Adams"

    write(written, PRAISE)
    wait_until(lambda: mine.is_open and content(mine) == PRAISE, "the student reads it")
    write(written, PRAISE + " (corrected)")
    wait_until(lambda: content(mine) == PRAISE + " (corrected)", "and what is corrected")

    assert (theirs.is_open, content(theirs)) == (False, "")
    assert "Well done" not in json.dumps([theirs.get_state(), theirs.model.data], default=str)
    for widget in (written, mine):
        assert "Well done" not in json.dumps([widget.get_state(), widget.written()], default=str), "a file has it"


def test_a_student_cannot_write_it(tina: Classroom, alice: Classroom, a_hub: HubProcess) -> None:
    """Neither what is there nor a document of their own in its place."""
    write(tnb.feedback("plan", student="Alice Adams", room=tina), PRAISE)
    mine = tnb.feedback("plan", room=alice)
    mine.model.wait_loaded(30)

    assert mine.save_state == "read-only"
    place = root_id_of_written_for(root_id("plan", alice.course), "cms_text")
    own = alice.document(place, type="cms_text")
    wait_until(lambda: own.access.startswith("RO") or own.save_state == "refused", "it is not theirs to write")


def test_a_place_that_a_student_has_made_becomes_one_to_read(tina: Classroom, alice: Classroom) -> None:
    """Whoever knows the root could have been there before the teacher."""
    place = root_id_of_written_for(root_id("early", alice.course), "cms_text")
    forged = alice.document(place, type="cms_text")
    forged.data = {"text": "6, brilliant"}
    forged.wait_saved(30)
    mine = tnb.feedback("early", room=alice)
    assert (mine.is_open, content(mine)) == (False, "")

    written = tnb.feedback("early", student="Alice Adams", room=tina)
    written.model.wait_loaded(30)
    assert content(written) == "", "nobody takes it for what a colleague has written"
    write(written, PRAISE)

    wait_until(lambda: mine.is_open and content(mine) == PRAISE, "the teacher's words are there")
    assert mine.access.startswith("RO"), "and the student only reads"
    assert forged.id != written.model.id
    kept = alice.open_document(forged.id)
    kept.wait_loaded(30)
    assert kept.data == {"text": "6, brilliant"}, "nothing is lost"


def test_two_teachers_write_one_text(tina: Classroom, connect_as: ConnectAs, alice: Classroom) -> None:
    """Whoever comes second finds what the first has made."""
    rooms = (tina, connect_as(TEACHER))
    first, second = (tnb.feedback("both", student="Alice Adams", room=room) for room in rooms)
    write(first, "from the first")
    wait_until(lambda: content(second) == "from the first", "the second sees it")
    assert first.model.id == second.model.id


@pytest.mark.parametrize("who", ["alice adams", "  Alice   Adams ", "e-mail", "id"])
def test_students_are_named_as_people_name_them(tina: Classroom, alice: Classroom, who: str) -> None:
    """By name, e-mail address or id, in whatever case."""
    user = alice.user
    assert user is not None
    wanted = {"e-mail": user.email.upper(), "id": user.id}.get(who, who)

    widget = tnb.feedback("names", student=wanted, room=tina)

    wait_until(lambda: widget.model.author_id == user.id, "it is that student's")


def test_wrong_use_is_refused_in_words(tina: Classroom, alice: Classroom) -> None:
    """What is wrong, and what to do instead."""
    for student, words in (
        (None, "say whom this feedback is for"),
        ("Zoe", r"nobody here is called 'Zoe'; there are Alice Adams, Bob Brown$"),
        ("", "student is a name"),
        (7, "student is a name"),
    ):
        wrong: Any = student
        with pytest.raises(InvalidInput, match=words):
            tnb.feedback("wrong", student=wrong, room=tina)
    with pytest.raises(InvalidInput, match="only teachers write feedback"):
        tnb.feedback("wrong", student="Bob Brown", room=alice)
    assert tnb.feedback("wrong", student="Alice Adams", room=alice).is_staff is False


def test_without_a_hub_nobody_is_known(connect_as: ConnectAs) -> None:
    """A student's call works, and shows nothing; a teacher's cannot say for whom."""
    room = offline_classroom()

    assert content(tnb.feedback("later", room=room)) == ""
    with pytest.raises(NotConnected, match="run the cell again"):
        tnb.feedback("later", student="Alice Adams", room=room)
