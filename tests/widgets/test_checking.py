"""What is right, what is not, and what a page gets to know of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.errors import InvalidInput
from teaching_nb.widgets.checking import check_of
from tests.harness.offline import offline_classroom
from tests.widgets.assigning import asked

CAPITALS = {"Bern", "Berne"}
SECRET = "zwölfundvierzig"


@pytest.mark.parametrize(
    ("expected", "tolerance", "answer", "verdict"),
    [
        ("Bern", 0, "  Bern\n", "right"),
        ("Bern", 0, "bern", "wrong"),
        ("Bern", 0, "", "wrong"),
        ("Zürich", 0, "Zu\u0308rich", "right"),
        (CAPITALS, 0, "Berne", "right"),
        (CAPITALS, 0, "Basel", "wrong"),
        (re.compile("b(ern|erne)", re.IGNORECASE), 0, "Berne", "right"),
        (re.compile("Bern"), 0, "Bern or so", "wrong"),
        (0.3, 0, "0.1", "wrong"),
        (0.1 + 0.2, 0, "0.3", "right"),
        (3.14, 0.01, "3,15", "right"),
        (3.14, 0.01, "3,16", "wrong"),
        (3.14, 0.01, "π", "no-number"),
        (-1000, 0, "\u22121'000", "right"),
        (5, 0, "1,2,3", "no-number"),
        (5, 0, "nan", "no-number"),
        ([5, "five"], 0, "five", "right"),
        ([5, "five"], 0, "six", "wrong"),
    ],
)
def test_an_answer_is_compared(expected: Any, tolerance: float, answer: str, verdict: str) -> None:
    """As a text, one of several, a pattern of the whole, or a number with what it may be away."""
    check = check_of(expected, tolerance, ())

    assert check is not None
    assert check.judge(answer) == verdict


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"check": True}, "not True"),
        ({"check": []}, "at least one answer"),
        ({"check": [None]}, "not None"),
        ({"check": re.compile(b"x")}, "not re.compile"),
        ({"check": float("inf")}, "not inf"),
        ({"check": "a", "tolerance": 0.1}, "0.1 is for numbers"),
        ({"check": 1, "tolerance": -1}, "not -1"),
        ({"check": 1, "tolerance": "wide"}, "not 'wide'"),
        ({"check": 1, "hints": [3]}, r"not \[3\]"),
        ({"hints": ["think"]}, "give check="),
    ],
)
def test_a_check_that_cannot_be_is_a_mistake_in_the_notebook(options: dict[str, Any], words: str) -> None:
    """The error names the value, before anything is opened."""
    with pytest.raises(InvalidInput, match=words):
        tnb.text("odd", room=offline_classroom(), **options)


def test_hints_come_one_by_one_and_what_is_right_never() -> None:
    """The same wrong answer again is no further try; nothing that goes to a page holds what is expected."""
    widget = tnb.text("count", check=SECRET, hints=["more", "less"], room=offline_classroom())
    hints = []
    for answer in ("ten", "ten", "forty", "fifty", SECRET):
        assert asked(widget, "check_answer", text=answer)["refusal"] == ""
        hints.append((widget.verdict["verdict"], widget.verdict["hint"]))
        if answer != SECRET:
            assert SECRET not in repr(widget.get_state()) + repr(widget._repr_mimebundle_())

    assert hints == [("wrong", "more"), ("wrong", "more"), ("wrong", "less"), ("wrong", "less"), ("right", "")]


def test_an_answer_without_a_check_is_not_judged() -> None:
    """Whoever asks all the same is told."""
    widget = tnb.text("free", room=offline_classroom())

    assert not widget.is_checked
    assert "does not say what is right" in asked(widget, "check_answer", text="x")["refusal"]
