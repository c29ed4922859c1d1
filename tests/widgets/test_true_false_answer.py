"""Statements to judge, without a browser."""

from __future__ import annotations

from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.widgets.answer import LOCKED
from teaching_nb.widgets.true_false_answer import TrueFalseWidget
from tests.widgets.assigning import assign, offline_document


def test_an_answer_is_stored_and_unknown_keys_survive(alice: Classroom) -> None:
    """What a page assigns is what the hub has; a key of another client stays."""
    widget = tnb.true_false("snow", title="Snow is black", room=alice)

    assert assign(widget, "value", False) == ""
    widget.model.wait_saved(30)
    widget.model.data = {**widget.model.data, "seen": 3}
    assert assign(widget, "value", None) == ""
    widget.model.wait_saved(30)

    assert alice.open_document(widget.model.id).data == {"value": None, "assessed": False, "seen": 3}


@pytest.mark.parametrize(
    ("data", "value", "words"),
    [
        ({"value": None, "assessed": False}, "yes", "Expected `bool | null`"),
        ({"value": True, "assessed": True}, False, LOCKED),
    ],
)
def test_what_is_no_answer_is_refused(data: dict[str, Any], value: Any, words: str) -> None:
    """The page is told why; nothing is changed."""
    widget = TrueFalseWidget(offline_document("true_false_answer", data))

    assert words in assign(widget, "value", value)
    assert widget.data == data


def test_exports_show_both_options() -> None:
    """The one that was chosen is marked."""
    widget = TrueFalseWidget(offline_document("true_false_answer", {"value": False, "assessed": False}))

    assert widget.as_text() == "[ ] True\n[x] False"
