"""Single and multiple choice, without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire
from teaching_nb.widgets.answer import LOCKED
from teaching_nb.widgets.choice_answer import ChoiceWidget
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.offline import offline_classroom, offline_model
from tests.widgets.assigning import assign

PLANETS = ("Venus", "Earth", "Mars")


def test_a_choice_is_stored_at_once_and_belongs_to_its_author(alice: Classroom, bob: Classroom) -> None:
    """What one person chooses is saved; another one sees the own answer only, and both find theirs again."""
    mine, theirs = (tnb.choice("planet", PLANETS, title="Where are we?", room=room) for room in (alice, bob))

    assert assign(mine, "choices", [1]) == ""
    mine.model.wait_saved(30)

    assert (mine.title, mine.options, mine.multiple) == ("Where are we?", list(PLANETS), False)
    assert mine.data == {"choices": [1], "optionsOrder": [], "assessed": False}
    assert theirs.data["choices"] == []
    assert alice.open_document(mine.model.id).data == mine.model.data
    assert mine.model.id != theirs.model.id


def test_a_shuffled_order_is_drawn_once_for_each_person(alice: Classroom, connect_as: ConnectAs) -> None:
    """Whoever comes back, or runs the cell again, finds the options where they were."""
    options = [f"option {number}" for number in range(12)]
    first = tnb.choice("lottery", options, shuffle=True, room=alice)
    first.model.wait_loaded(30)
    order = first.data["optionsOrder"]

    again = tnb.choice("lottery", options, shuffle=True, room=connect_as(ALICE))
    again.model.wait_loaded(30)

    assert sorted(order) == list(range(12))
    assert order != list(range(12))
    assert again.data["optionsOrder"] == order


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("choices", [-1], ">= 0"),
        ("choices", ["Earth"], "Expected `int`"),
        ("choices", None, "Expected `array`"),
        ("planet", 3, "no key 'planet'; it has choices, optionsOrder, assessed, qid"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_words(key: str, value: Any, words: str) -> None:
    """The page is told; nothing is changed."""
    widget = ChoiceWidget(offline_model("choice_answer", None), options=PLANETS)

    assert words in assign(widget, key, value)
    assert widget.model.data == {"choices": [], "optionsOrder": [], "assessed": False}


def test_an_assessed_answer_is_locked() -> None:
    """Whatever a page says, the answer that was assessed stays."""
    model = offline_classroom().document(
        wire.new_id(), type="choice_answer", init={"choices": [2], "optionsOrder": [], "assessed": True}
    )
    widget = ChoiceWidget(model, options=PLANETS)

    assert LOCKED in assign(widget, "choices", [1])
    assert widget.data["choices"] == [2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["one"], "at least two options, not 1"),
        ("yes", "a list of texts, not 'yes'"),
        ([1, 2], r"a list of texts, not \[1, 2\]"),
        (["a", "b", "a"], "'a' is given twice"),
    ],
)
def test_options_that_cannot_be_are_a_mistake_in_the_notebook(options: Sequence[str], words: str) -> None:
    """The error names the value, before anything is opened."""
    with pytest.raises(InvalidInput, match=words):
        tnb.choice("odd", options, room=offline_classroom())


def test_an_overview_needs_no_options() -> None:
    """A teacher's kernel does not know the call: the answer is shown by its numbers."""
    widget = ChoiceWidget(offline_model("choice_answer", None), title="planet of Alice")

    assert (widget.options, widget.kind, widget.is_closable) == ([], "choice_answer", False)
