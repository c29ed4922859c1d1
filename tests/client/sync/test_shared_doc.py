"""The kernel's copy of a shared document."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, PIECE_CHARACTERS, SharedDoc
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.limits import LIVE_UPDATE_BYTES

TEXTS = st.text(alphabet="ab\né😀\u0301", max_size=20)


def as_hub(text: str) -> bytes:
    """Return the first state of a code document as a hub makes it."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=1)
    content = doc.get("data", type=pycrdt.Map)
    with doc.transaction():
        content["code"] = pycrdt.Text(text)
        content["count"] = 3
    return doc.get_update()


def a_copy(text: str = "") -> SharedDoc:
    """Return a kernel's copy of that state."""
    return SharedDoc("code", update=as_hub(text))


@given(old=TEXTS, new=TEXTS)
def test_text_is_replaced_exactly(old: str, new: str) -> None:
    """Also with emoji and combining marks the positions are right."""
    doc = a_copy(old)

    doc.replace_text(old, new)

    assert doc.text == new


@given(start=TEXTS, left=TEXTS, right=TEXTS)
def test_copies_converge(start: str, left: str, right: str) -> None:
    """Two kernels that change the same text at once end with the same text."""
    one, two = a_copy(start), a_copy(start)
    from_one, from_two = one.replace_text(start, left), two.replace_text(start, right)

    for update in from_two:
        one.apply(update)
    for update in from_one:
        two.apply(update)

    assert one.text == two.text


def test_simultaneous_edits_of_one_line_both_live_on() -> None:
    """Nobody's characters are lost when two change the same line."""
    one, two = a_copy("x = 1"), a_copy("x = 1")

    for update in two.replace_text("x = 1", "x = 1  # right"):
        one.replace_text("x = 1", "left: x = 1")
        one.apply(update)

    assert one.text == "left: x = 1  # right"


def test_update_that_is_known_changes_nothing() -> None:
    """An edit may arrive twice."""
    one, two = a_copy("a"), a_copy("a")
    (update,) = one.replace_text("a", "ab")

    assert two.apply(update)
    assert two.apply(update) == []
    assert two.text == "ab"


def test_unchanged_text_makes_no_update() -> None:
    """Assigning the same text sends nothing."""
    assert a_copy("same").replace_text("same", "same") == []


def test_long_insertion_is_cut_into_messages_that_fit() -> None:
    """A paste of almost a megabyte goes out in several updates."""
    doc = a_copy("head\ntail\n")
    text = "head\n" + "é" * (3 * PIECE_CHARACTERS + 7) + "tail\n"

    updates = doc.replace_text(doc.text, text)

    assert doc.text == text
    assert len(updates) == 4
    assert all(len(update) < LIVE_UPDATE_BYTES // 2 for update in updates)


def test_keys_beside_the_text_are_kept() -> None:
    """Unknown keys survive, and whole numbers stay whole."""
    doc = a_copy("a")

    doc.replace_text("a", "b")

    assert doc.data() == {"code": "b", "count": 3}
    assert type(doc.data()["count"]) is int


def test_keys_beside_the_text_can_be_set_and_removed() -> None:
    """Assigning the whole data changes its other keys too."""
    doc = a_copy("a")

    updates = doc.replace_values({"code": "ignored here", "title": "t"})

    assert doc.data() == {"code": "a", "title": "t"}
    assert len(updates) == 1
    assert doc.replace_values({"code": "a", "title": "t"}) == []


@pytest.mark.parametrize("rubbish", [b"", b"xx", b"\xff" * 20, b"\x01\x02\x03"])
def test_rubbish_is_refused_and_leaves_no_trace(rubbish: bytes) -> None:
    """Bytes that are no update, or no state vector, raise an error of ours."""
    doc = a_copy("a")

    with pytest.raises(InvalidInput):
        doc.apply(rubbish)

    assert doc.text == "a"


def test_update_since_holds_what_somebody_lacks() -> None:
    """A newcomer gets everything, somebody who knows all gets nothing new."""
    doc = a_copy("a")
    doc.replace_text("a", "ab")

    assert SharedDoc("code", update=doc.update_since(NOTHING_KNOWN)).text == "ab"
    assert a_copy("a").apply(doc.update_since(doc.state_vector)) == []
