"""The teacher's overview at the school's existing backend, which tells little of who is here and of what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom, CodeModel
from teaching_nb.schema.hub_kinds import NO_LISTS, TOLD_TO_OBSERVERS
from teaching_nb.widgets.rooms import REFUSED, RoomsOverview, RoomsWidget
from tests.harness.backend_records import Pupil
from tests.harness.backend_school import BackendSchool, a_present_school, opened
from tests.harness.waiting import wait_until

__all__ = ["a_present_school"]


@pytest.fixture
def an_overview(a_present_school: BackendSchool) -> Iterator[RoomsOverview]:
    """Return the overview of a teacher."""
    widget = RoomsWidget(a_present_school.connect(a_present_school.tina))
    yield widget.overview
    widget.close()


@pytest.fixture
def an_admin(a_present_school: BackendSchool) -> Classroom:
    """Return the classroom of an admin."""
    ada = Pupil("Ada", "admin")
    a_present_school.backend.records.people.append(ada)
    return a_present_school.connect(ada)


def presence(overview: RoomsOverview, person: Pupil) -> str:
    """Return what is said of somebody's presence; nothing before they are listed."""
    people = [row for group in overview.groups for row in group["people"] if row["id"] == person.id]
    return people[0]["presence"] if people else ""


def say(widget: Any, kind: str, **content: Any) -> None:
    """Let a page send a message to a widget."""
    widget._handle_custom_msg({"kind": kind, **content}, [])


def test_teacher_knows_only_of_those_whom_they_observe(
    a_present_school: BackendSchool, an_overview: RoomsOverview
) -> None:
    """Nothing is said of anybody else, though they are here, and nothing any more when the observing ends."""
    sam = a_present_school.connect(a_present_school.sam)
    wait_until(
        lambda: presence(an_overview, a_present_school.sam) == "not known", "Sam is listed, and nothing is known"
    )
    assert presence(an_overview, a_present_school.sue) == "not known"

    for person in (a_present_school.sam, a_present_school.sue):
        say(an_overview, "observe", room=person.id, on=True)
    wait_until(lambda: presence(an_overview, a_present_school.sam) == "here or observed, 1 connection", "Sam is seen")
    wait_until(lambda: presence(an_overview, a_present_school.sue) == "away", "Sue is seen not to be here")
    sam.close(0.1)
    wait_until(lambda: presence(an_overview, a_present_school.sam) == "away", "Sam is seen to have left")

    say(an_overview, "observe", room=a_present_school.sam.id, on=False)
    wait_until(lambda: presence(an_overview, a_present_school.sam) == "not known", "nothing is known any more")
    assert presence(an_overview, a_present_school.sue) == "away"
    assert an_overview.notes == [NO_LISTS, TOLD_TO_OBSERVERS]


def test_whoever_follows_a_document_is_not_counted_as_its_author(
    a_present_school: BackendSchool, an_overview: RoomsOverview
) -> None:
    """This kernel joins rooms for other reasons than observing, and takes itself for nobody else."""
    room = an_overview._room
    room.followed.follow(a_present_school.sue.id, lambda _news: None)

    wait_until(lambda: room.presence.count(a_present_school.sue.id) == 1, "we are in the room of Sue")
    wait_until(lambda: presence(an_overview, a_present_school.sue) == "away", "Sue is not here")


def test_lists_are_not_asked_for(a_present_school: BackendSchool, an_overview: RoomsOverview) -> None:
    """Neither what a page still asks for, nor what is looked at from time to time, leads to a complaint."""
    wait_until(lambda: presence(an_overview, a_present_school.sam) == "not known", "Sam is listed")

    say(an_overview, "show_documents", user=a_present_school.sam.id)
    an_overview._questions.submit(lambda: None).result(5)
    an_overview._look()

    assert (an_overview.shown_user, an_overview.problem, an_overview.refusal) == ("", "", "")
    assert not an_overview.has_lists
    assert [each for each in a_present_school.backend.asked if each.path.endswith("/documents")] == []


def test_student_is_refused(a_present_school: BackendSchool) -> None:
    """Whether somebody may look is not asked for where the backend has no such call."""
    widget = RoomsWidget(a_present_school.connect(a_present_school.sam))

    wait_until(lambda: widget.overview.refusal == REFUSED, "it is for teachers")
    assert widget.overview.groups == []
    widget.close()


def test_admin_is_told_of_everybody(a_present_school: BackendSchool, an_admin: Classroom) -> None:
    """Who has come before, who comes and who goes; with those who observe, for the backend counts them, too."""
    sam = a_present_school.connect(a_present_school.sam)
    opened(sam, CodeModel)
    widget = RoomsWidget(an_admin)
    overview = widget.overview
    wait_until(lambda: presence(overview, a_present_school.sam) == "here or observed, 1 connection", "Sam is seen")
    assert presence(overview, a_present_school.sue) == "away"
    assert overview.notes == [NO_LISTS]

    tina = a_present_school.connect(a_present_school.tina)
    tina.join_room(a_present_school.sam.id)
    wait_until(lambda: presence(overview, a_present_school.sam) == "here or observed, 2 connections", "Sam is observed")
    sam.close(0.1)
    tina.leave_room(a_present_school.sam.id)
    wait_until(lambda: presence(overview, a_present_school.sam) == "away", "nobody is there any more")
    widget.close()


def test_no_real_cell_is_offered(a_present_school: BackendSchool) -> None:
    """A cell of the notebook would need live text, so that the page is not told how it would name the document."""
    room = a_present_school.connect(a_present_school.sam)

    assert tnb.code("code", room=room).mark == {}
    assert tnb.chat("talk", room=room).mark["document"] == "talk"
