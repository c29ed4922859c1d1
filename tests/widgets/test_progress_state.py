"""Instructions of several steps, without a browser."""

from __future__ import annotations

from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.client.models.progress_state import ProgressStateModel
from teaching_nb.errors import InvalidInput
from teaching_nb.widgets.progress_state import ProgressWidget
from tests.harness.offline import offline_classroom
from tests.widgets.assigning import assign, offline_document

STEPS = ["open", "look", "close"]


def test_progress_is_stored_with_the_number_of_steps(alice: Classroom) -> None:
    """The hub has both; a call that has other steps by now says so with the next change; unknown keys survive."""
    first = tnb.progress("lid", STEPS, room=alice)
    first.model.wait_loaded(30)
    first.model.data = {**first.model.data, "seen": 3}
    longer = tnb.progress("lid", [*STEPS, "lock"], room=alice)

    assert assign(longer, "progress", 4) == ""
    longer.model.wait_saved(30)

    assert alice.open_document(first.model.id).data == {"progress": 4, "totalSteps": 4, "seen": 3}
    assert isinstance(longer.model, ProgressStateModel)
    assert longer.model.is_done


@pytest.mark.parametrize(("value", "words"), [(-1, ">= 0"), ("far", "Expected `int`"), (1.5, "Expected `int`")])
def test_what_is_no_progress_is_refused(value: Any, words: str) -> None:
    """The page is told why; nothing is changed."""
    widget = ProgressWidget(offline_document("progress_state", {"progress": 1, "totalSteps": 3}), steps=STEPS)

    assert words in assign(widget, "progress", value)
    assert widget.data == {"progress": 1, "totalSteps": 3}


@pytest.mark.parametrize(("steps", "words"), [([], "at least one step"), ("abc", "not 'abc'"), ([1], r"not \[1\]")])
def test_steps_that_cannot_be_are_a_mistake_in_the_notebook(steps: Any, words: str) -> None:
    """The error names the value, before anything is opened."""
    with pytest.raises(InvalidInput, match=words):
        tnb.progress("odd", steps, room=offline_classroom())


def test_exports_show_the_steps_that_are_open() -> None:
    """What comes later is not told; an overview, which knows no steps, has their numbers."""
    model = offline_document("progress_state", {"progress": 1, "totalSteps": 3})

    assert ProgressWidget(model, steps=STEPS).as_text() == "[x] open\n[ ] look\n1 of 3 steps are done"
    assert ProgressWidget(model).as_text() == "[x] Step 1\n[ ] Step 2\n1 of 3 steps are done"


def test_any_number_of_steps_of_another_program_is_said() -> None:
    """Steps that nobody names here are listed up to a hundred; more of them are a number."""
    for progress, total in ((2**53 - 1, 2**53 - 1), (2**40, 2**53 - 1)):
        model = offline_document("progress_state", {"progress": progress, "totalSteps": total})
        assert ProgressWidget(model).as_text() == f"{progress} of {total} steps are done"
    few = ProgressWidget(offline_document("progress_state", {"progress": 1, "totalSteps": 2**53 - 1}))
    assert few.as_text().splitlines() == ["[x] Step 1", "[ ] Step 2", f"1 of {2**53 - 1} steps are done"]
    assert len(ProgressWidget(few.model, steps=["a"]).as_text().splitlines()) == 2
