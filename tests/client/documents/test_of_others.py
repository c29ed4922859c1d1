"""Documents of other people: whoever of the staff has one open hears what anybody else makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client import Classroom
from teaching_nb.client.models.task_state import TaskStateModel
from tests.harness.cast import ADMIN, CAROL, TEACHER
from tests.harness.classrooms import SECONDS, ConnectAs
from tests.harness.waiting import wait_until


def id_of(room: Classroom) -> str:
    """Return whose kernel this is."""
    assert room.user is not None
    return room.user.id


def test_feedback_is_one_text_of_all_staff(connect_as: ConnectAs, alice: Classroom) -> None:
    """What one of them writes the other reads at once, and goes on writing below it."""
    tina, ada = connect_as(TEACHER), connect_as(ADMIN)
    at_tina = tina.document_for("essay", student=id_of(alice))
    at_tina.wait_loaded(SECONDS)
    at_ada = ada.document_for("essay", student=id_of(alice))
    at_ada.wait_loaded(SECONDS)

    at_tina.data = {"text": "well done"}
    at_tina.wait_saved(SECONDS)

    wait_until(lambda: at_ada.data == {"text": "well done"}, "the other one reads it")
    at_ada.data = {"text": "well done\nindeed"}
    at_ada.wait_saved(SECONDS)
    wait_until(lambda: at_tina.data == {"text": "well done\nindeed"}, "the first one reads the rest")
    assert (at_tina.save_state, at_ada.save_state) == ("saved", "saved")


@pytest.mark.parametrize("kind", ["feedback", "solution", "restricted"])
def test_staff_who_write_at_once_both_find_their_words(connect_as: ConnectAs, alice: Classroom, kind: str) -> None:
    """Whoever saves second has the words of both, and is not told that something was replaced."""
    models: list[Any] = []
    for name in (TEACHER, ADMIN):
        room = connect_as(name)
        models.append(
            room.document_for("essay", student=id_of(alice))
            if kind == "feedback"
            else room.document("essay", type=kind, shared="withheld")
        )
        models[-1].wait_loaded(SECONDS)

    for model, words in zip(models, ("one", "two"), strict=True):
        model.text += f"{words} and "
    for model in models:
        model.wait_saved(SECONDS)

    wait_until(lambda: models[0].text == models[1].text, "both have the same")
    assert sorted(models[0].text.split(" and ")) == ["", "one", "two"]
    assert not any("replaced" in model.save_detail for model in models)


@pytest.mark.parametrize("way", ["author", "id"])
def test_teacher_hears_of_what_is_a_students_own(connect_as: ConnectAs, alice: Classroom, way: str) -> None:
    """By the name of its author or by its id, also after the connection was lost."""
    task = alice.document("task", type="task_state")
    task.wait_loaded(SECONDS)
    assert isinstance(task, TaskStateModel)
    tina = connect_as(TEACHER)
    watched = (
        tina.document("task", type="task_state", author=id_of(alice))
        if way == "author"
        else tina.open_document(task.id)
    )
    watched.wait_loaded(SECONDS)

    task.state = "question"
    wait_until(lambda: watched.data == {"state": "question"}, "the teacher hears of it")
    before = tina._connection.sid
    tina._loop.post(tina._connection.drop)
    wait_until(lambda: tina.is_live and tina._connection.sid not in (None, before), "the teacher is back")
    task.state = "checked"
    wait_until(lambda: watched.data == {"state": "checked"}, "the teacher hears of that, too")


def test_closed_document_is_followed_no_longer(connect_as: ConnectAs, alice: Classroom) -> None:
    """Nothing of a student comes to a kernel that has put everything of theirs away."""
    tina = connect_as(TEACHER)
    opened = [tina.document_for(slug, student=id_of(alice)) for slug in ("essay", "letter")]
    for model in opened:
        model.wait_loaded(SECONDS)
    wait_until(lambda: tina.followed.is_told(id_of(alice)), "the hub tells of everything")

    tina.close_document(opened[0])
    tina.document("own", init="").wait_loaded(SECONDS)
    assert tina.followed.is_told(id_of(alice))

    tina.close_document(opened[1])
    wait_until(lambda: not tina.followed.is_told(id_of(alice)), "the hub tells no longer")


def test_student_follows_nobody(connect_as: ConnectAs, alice: Classroom) -> None:
    """What is shared or the own is told of anyway."""
    carol = connect_as(CAROL)
    shared = alice.document("both", type="task_state", shared=True)
    shared.wait_loaded(SECONDS)
    theirs = carol.document("both", type="task_state", shared=True)
    theirs.wait_loaded(SECONDS)

    assert not carol.followed._listeners
    assert not alice.followed._listeners
