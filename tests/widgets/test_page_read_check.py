"""Reading time, without a browser."""

from __future__ import annotations

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.widgets.page_read_check import ReadCheckWidget
from tests.widgets.assigning import assign, offline_document


def test_reading_time_is_stored_and_unknown_keys_survive(alice: Classroom) -> None:
    """What a page counts is what the hub has, beside what another client has stored."""
    widget = tnb.read_check("chapter", room=alice)
    widget.model.wait_loaded(30)
    widget.model.data = {**widget.model.data, "page": 3}

    assert (assign(widget, "readTime", 20), assign(widget, "read", True)) == ("", "")
    widget.model.wait_saved(30)

    assert alice.open_document(widget.model.id).data == {"readTime": 20, "read": True, "page": 3}


@pytest.mark.parametrize(("key", "value", "words"), [("readTime", -1, ">= 0"), ("read", "yes", "Expected `bool`")])
def test_what_cannot_be_is_refused(key: str, value: object, words: str) -> None:
    """The page is told why; nothing is changed."""
    widget = ReadCheckWidget(offline_document("page_read_check"))

    assert words in assign(widget, key, value)
    assert widget.data == {"readTime": 0, "read": False}


def test_exports_say_whether_it_was_read() -> None:
    """And for how long."""
    widget = ReadCheckWidget(offline_document("page_read_check", {"readTime": 75, "read": True}))

    assert widget.as_text() == "[x] I have read this (75 s)"
