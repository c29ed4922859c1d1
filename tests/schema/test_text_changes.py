"""Edits from one text to another: right, small, and quick."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.schema.text_changes import TextChange, byte_offset, text_changes

LINES = st.lists(st.sampled_from(["a\n", "b\n", "long line\n", "😀\n", "e\u0301\r\n", ""]), max_size=40).map("".join)


def applied(old: str, changes: list[TextChange]) -> str:
    """Return the old text with the changes, in the order given."""
    for start, stop, text in changes:
        old = old[:start] + text + old[stop:]
    return old


@given(st.text() | LINES, st.text() | LINES)
def test_changes_lead_from_the_old_text_to_the_new_one(old: str, new: str) -> None:
    """Whatever the texts are, and none for equal ones."""
    changes = text_changes(old, new)

    assert applied(old, changes) == new
    assert bool(changes) == (old != new)


def test_changes_are_small() -> None:
    """An insertion is an insertion, two edits far apart are two edits."""
    assert text_changes("hello world", "hello big world") == [TextChange(6, 6, "big ")]
    old = "".join(f"line {number}\n" for number in range(2_000))
    new = old.replace("line 7\n", "line seven\n").replace("line 1990\n", "")

    changes = text_changes(old, new)

    assert applied(old, changes) == new
    assert sum(stop - start + len(text) for start, stop, text in changes) < 40


def test_lines_are_put_in_and_taken_out_as_a_whole() -> None:
    """Where neighbouring lines begin alike, the change is that of a line, not of parts of two."""
    text = "a1\nb5\nb6\nb7\nc\n"

    assert text_changes(text, text.replace("b5\n", "")) == [TextChange(3, 6, "")]
    assert text_changes(text, text.replace("b6\n", "b55\nb6\n")) == [TextChange(6, 6, "b55\n")]
    assert text_changes(text, text.replace("b6\n", "").replace("c", "d")) == [
        TextChange(12, 13, "d"),
        TextChange(6, 9, ""),
    ]
    assert text_changes("b1\nb2\n", "b2\n") == [TextChange(0, 3, "")]
    assert text_changes("x\n", "x\nx\n") == [TextChange(2, 2, "x\n")]


def test_large_texts_take_no_time() -> None:
    """A megabyte that has nothing in common with another one is replaced as a whole."""
    begin = time.perf_counter()

    changes = text_changes("ab" * 500_000, "ba" * 300_000 + "c" * 400_000)

    assert applied("ab" * 500_000, changes) == "ba" * 300_000 + "c" * 400_000
    assert time.perf_counter() - begin < 5


def test_byte_offset_counts_utf8() -> None:
    """Python counts code points, pycrdt bytes."""
    assert [byte_offset("aé😀b", position) for position in range(5)] == [0, 1, 3, 7, 8]
