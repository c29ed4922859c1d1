"""Which states a task can go through, and how it waits for a solution."""

from __future__ import annotations

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.widgets.task_state import TaskWidget
from tests.harness.backend_school import BackendSchool, a_backend_school
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import SECONDS, wait_until

__all__ = ["a_backend_school"]


def test_a_state_that_is_given_twice_is_a_mistake_in_the_notebook() -> None:
    """From its second place a press would go on as from its first: what stands behind could not be reached."""
    with pytest.raises(InvalidInput, match="'unset' is given twice"):
        tnb.task("odd", states=["unset", "checked", "unset", "star"], room=offline_classroom())


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["unset", "checked"], "needs the state progress-check"),
        (["unset", "progress-check", "clock-check"], "clock-check is shown by itself"),
    ],
)
def test_states_that_cannot_be_compared_are_a_mistake_in_the_notebook(states: list[str], words: str) -> None:
    """Nobody could say that they are ready, or would say by a press what the hub decides."""
    with pytest.raises(InvalidInput, match=words):
        tnb.task("odd", states=states, solution="answer", room=offline_classroom())


def test_whoever_is_ready_waits_until_the_solution_is_open(tina: Classroom, alice: Classroom) -> None:
    """The teacher opens it to one student: their task says so without being stored again; closed, it waits again."""
    answer = tnb.solution("answer", room=tina)
    answer.model.wait_loaded(30)
    mine = tnb.task("compare", solution="answer", room=alice)
    staff = tnb.task("compare", solution="answer", room=tina)
    wait_until(lambda: staff.solution == "open", "the teacher sees what they have written")
    mine.assign("state", "progress-check")
    mine.model.wait_saved(30)
    assert (mine.states, mine.solution) == (["unset", "question", "progress-check", "checked"], "closed")
    assert mine.as_text() == "◴ Waiting for the solution"
    stored = mine.model.updated_at

    assert alice.user is not None
    tina.permissions.permit_user(answer.model.root_id, alice.user.id, "RO")
    wait_until(lambda: mine.solution == "open", "the student may compare")
    assert (mine.as_text(), mine.snapshot) == ("◐ Ready to compare", "◐ Ready to compare")
    tina.permissions.permit_user(answer.model.root_id, alice.user.id, "None")
    wait_until(lambda: mine.solution == "closed", "it is closed again")

    assert mine.data == {"state": "progress-check"}
    assert mine.model.updated_at == stored


def test_a_task_waits_where_no_hub_has_answered() -> None:
    """Whether the solution is open is not known without a hub: it is taken for closed."""
    states = ["unset", "progress-check", "checked"]
    task = TaskWidget(offline_model("task_state", None), states=states, compared=offline_model("solution", None))

    assert task.solution == "closed"
    assert TaskWidget(offline_model("task_state", None)).solution == ""


def test_a_task_says_where_there_can_be_no_solution(a_backend_school: BackendSchool) -> None:
    """Nobody waits for what the school's backend cannot withhold: it says so, and can be done without."""
    task = tnb.task("compare", solution="answer", room=a_backend_school.connect(a_backend_school.sam))
    alone = tnb.task("alone", room=a_backend_school.connect(a_backend_school.sue))
    alone.model.wait_loaded(SECONDS)
    task.model.state = "progress-check"  # type: ignore[attr-defined]  # a trait of the type
    task.model.wait_saved(SECONDS)

    wait_until(lambda: "cannot withhold a document" in task.notice, "it says why there is no solution")
    assert task.notice.startswith("There is no solution to compare with: ")
    assert task.notice.endswith(". Whoever is ready is done without it.")
    assert (task.solution, task.as_text()) == ("", "◐ Ready to compare")
    assert alone.notice == ""
