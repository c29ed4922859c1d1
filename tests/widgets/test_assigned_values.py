"""What Python may assign: the ranges of a type, and what the notebook's call has. Pages are refused as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from traitlets import TraitError

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents
from teaching_nb.schema.document_type import MOST_WHOLE
from teaching_nb.widgets.choice_answer import ChoiceWidget
from tests.harness.offline import offline_classroom, offline_model
from tests.widgets.assigning import assign, offline_document

OPTIONS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "trait", "value", "words"),
    [
        ("progress_state", "progress", 10**30, rf"progress cannot be 10+: .*<= {MOST_WHOLE}"),
        pytest.param("progress_state", "progress", 10**5000, rf"cannot be this: .*<= {MOST_WHOLE}", id="thousands"),
        ("page_read_check", "read_time", 10**20, rf"read_time cannot be 10+: .*<= {MOST_WHOLE}"),
        ("mdx_comment", "nr", -(10**20), rf"nr cannot be -10+: .*>= -{MOST_WHOLE}"),
        ("last_run", "duration", float("inf"), "duration cannot be inf: .*up to 1.7e308"),
        ("choice_answer", "choices", [0, 0], r"choices cannot be \[0, 0\]: each number stands there once, and 0 is"),
        ("choice_answer", "options_order", [5, 5], r"options_order cannot be \[5, 5\]: .* 5 is given twice"),
        ("quiz", "question_order", [1, 2, 1], r"question_order cannot be \[1, 2, 1\]: .* 1 is given twice"),
        ("simple_chat", "name", "\ud800", "name cannot be .*: .*half a character"),
    ],
)
def test_a_type_has_ranges(name: str, trait: str, value: Any, words: str) -> None:
    """The error names trait, value and what is allowed; what stood there stays."""
    model = offline_model(name, None)
    before = getattr(model, trait)

    with pytest.raises(TraitError, match=words):
        setattr(model, trait, value)

    assert getattr(model, trait) == before


@pytest.mark.parametrize(
    ("multiple", "key", "value", "words"),
    [
        (False, "choices", [5], r"cannot be \[5\]: the options are 0 to 2, and 5 is none of them"),
        (False, "choices", [0, 1], r"cannot be \[0, 1\]: one option can be chosen here, not 2"),
        (True, "choices", [0, 3], r"cannot be \[0, 3\]: the options are 0 to 2, and 3 is none of them"),
        (True, "optionsOrder", [2, 1, 0, 3], r"cannot be \[2, 1, 0, 3\]: the options are 0 to 2"),
    ],
)
def test_a_choice_takes_what_its_call_has(multiple: bool, key: str, value: Any, words: str) -> None:  # noqa: FBT001
    """By its trait, as a whole, and from a page; an overview, which knows no call, takes all that fits the type."""
    model = offline_document("choice_answer", {"choices": [1]})
    widget = ChoiceWidget(model, options=OPTIONS, multiple=multiple)
    ChoiceWidget(model)
    trait = next(name for name, each in model.data_traits.items() if each.key == key)

    with pytest.raises(TraitError, match=words):
        setattr(model, trait, value)
    with pytest.raises(TraitError, match=f"'{key}' of a choice_answer document {words}"):
        model.data = {**model.data, key: value}
    assert words.split(": ")[1] in assign(widget, key, value)

    assert model.data == {"choices": [1]}
    model.data = {**model.data, "choices": [2]}
    assert model.data["choices"] == [2]


def test_what_stands_there_already_may_stay_when_something_else_is_assigned() -> None:
    """Another program has stored it, or the call had other options when it was answered."""
    model = offline_document("choice_answer", {"choices": [1, 9]})
    ChoiceWidget(model, options=OPTIONS, multiple=True)

    model.data = {**model.data, "theirs": 1}

    assert model.data == {"choices": [1, 9], "theirs": 1}


def test_the_last_call_counts() -> None:
    """Who has added an option and runs the cell again may choose it in Python, too."""
    model = offline_document("choice_answer", {"choices": [1]})
    cells = [ChoiceWidget(model, options=OPTIONS), ChoiceWidget(model, options=[*OPTIONS, "d"])]

    model.data = {"choices": [3]}

    assert [each.misfits for each in cells] == [[{"key": "choices", "value": [3], "is_of_call": True}], []]


def test_an_answer_of_a_quiz_takes_what_its_question_has(alice: Classroom) -> None:
    """As the page of the quiz does."""
    quiz = tnb.quiz("colours", [{"qid": "sky", "ask": "Which?", "options": OPTIONS}], room=alice)
    quiz.model.wait_loaded(30)
    alice.documents_below(quiz.model.root_id).add({"qid": "sky", "choices": [0]}, "choice_answer")
    answer = quiz.answer_document("sky")
    answer.wait_loaded(30)

    with pytest.raises(TraitError, match=r"choices cannot be \[3\]: the options are 0 to 2"):
        answer.choices = [3]  # type: ignore[attr-defined]

    assert answer.data["choices"] == [0]


def test_a_quiz_takes_an_order_of_its_questions() -> None:
    """As a choice does of its options."""
    quiz = tnb.quiz("q", [{"qid": each, "ask": "?"} for each in "ab"], room=offline_classroom())

    with pytest.raises(TraitError, match=r"question_order cannot be \[1, 2\]: the questions are 0 to 1, and 2 is none"):
        quiz.model.question_order = [1, 2]  # type: ignore[attr-defined]
    quiz.model.question_order = [1, 0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", documents.known_types())
def test_every_document_holds_an_object(name: str) -> None:
    """None is no way to have it empty: every reader would call that another program's mistake."""
    model = offline_document(name)
    before = model.data

    values: list[Any] = [None, 5, []]
    for value in values:
        with pytest.raises(TraitError, match=rf"^data of a {name} document is (null|a number|a list), not an object$"):
            model.data = value

    assert model.data == before


HALF = "half \ud800 of it"


@pytest.mark.parametrize(
    "say",
    [
        lambda room: room.documents_below("chat", "text_message").add({"text": HALF}),
        lambda room: room._loop.ask(room._rest.create_document({"data": {"name": HALF}})),
        lambda room: tnb.code("a", init=HALF, room=room),
    ],
    ids=["message", "request", "init"],
)
def test_half_a_character_is_refused_in_words(say: Callable[[Classroom], Any]) -> None:
    """Whatever takes the text: nothing can store it, and Python's own error says neither what nor where."""
    with pytest.raises(InvalidInput, match="half a character: remove it"):
        say(offline_classroom())


def test_what_a_document_holds_at_first_has_the_same_ranges() -> None:
    """`init` of a call is a value like others."""
    with pytest.raises(InvalidInput, match=r"'choices' of a choice_answer document cannot be \[0, 0\]: .* 0 is given"):
        offline_classroom().document("a", type="choice_answer", init={"choices": [0, 0]})
    with pytest.raises(InvalidInput, match="init holds inf"):
        offline_classroom().document("a", type="last_run", init={"duration": float("inf")})
