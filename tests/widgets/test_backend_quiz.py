"""A quiz at the school's existing backend, which scores none: it is answered, and nothing is asked for in vain."""

from __future__ import annotations

import teaching_nb as tnb
from teaching_nb.schema.hub_kinds import NO_SCORING
from tests.harness.backend_school import BackendSchool, a_present_school
from tests.harness.waiting import wait_until
from tests.widgets.file_trees import ask

__all__ = ["a_present_school"]

QUESTIONS = [{"qid": "q", "ask": "Is the Earth round?"}]


def test_a_quiz_is_answered_where_none_is_scored(a_present_school: BackendSchool) -> None:
    """Students read nothing of what is missing; teachers read it once, and are offered nothing that cannot be."""
    mine, staff = (
        tnb.quiz("planets", QUESTIONS, room=a_present_school.connect(each))
        for each in (a_present_school.sam, a_present_school.tina)
    )
    for widget in (mine, staff):
        widget.model.wait_loaded(30)
    wait_until(lambda: staff.notice == NO_SCORING, "the teacher is told")

    assert ask(mine, "answer_question", qid="q", choices=None, value=True)["refusal"] == ""
    told = [ask(each, "assessment") for each in (mine, staff)]

    assert [(each["value"], each["refusal"]) for each in told] == [(None, "")] * 2
    assert (mine.answers, mine.notice, mine.is_staff, staff.is_staff) == ({"q": True}, "", False, False)
