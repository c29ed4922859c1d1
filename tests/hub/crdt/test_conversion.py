"""A live document whose text other programs know in another form: Markdown, and the Delta of Quill."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.hub.crdt.document import Damaged, LiveDoc, initial_update
from teaching_nb.schema import documents
from teaching_nb.schema.delta import EMPTY, from_markdown
from teaching_nb.schema.limits import FORMATTED_TEXT_BYTES as LONGEST

BOLD: dict[str, Any] = {"ops": [{"insert": "b", "attributes": {"bold": True}}, {"insert": "\n"}]}
RED: dict[str, Any] = {"ops": [{"insert": "r", "attributes": {"color": "red"}}, {"insert": "\n"}]}


class Typist:
    """Somebody who types into the shared text."""

    def __init__(self, doc: LiveDoc) -> None:
        self._live = doc
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.take(doc.update_since())

    def take(self, update: bytes) -> None:
        """Hear of a change."""
        self._doc.apply_update(update)

    def type_at(self, place: int, text: str) -> bytes:
        """Type, and return the update; nobody has heard of it."""
        before = self._doc.get_state()
        self._text.insert(place, text)
        return self._doc.get_update(before)

    @property
    def _text(self) -> pycrdt.Text:
        found: pycrdt.Text = self._doc.get("data", type=pycrdt.Map)["markdown"]
        return found


def opened(data: Any) -> LiveDoc:
    """Open a document of these data live."""
    return LiveDoc("quill_v2", [initial_update("quill_v2", data)])


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ({"delta": BOLD}, "**b**"),
        ({"delta": BOLD, "markdown": "__stale"}, "**b**"),
        ({"delta": BOLD, "markdown": "**b**", "more": 1}, "**b**"),
        ({"delta": from_markdown("_i_"), "markdown": "_i_"}, "_i_"),
        ({"delta": RED}, ""),
        ({"delta": 7, "more": [1]}, ""),
    ],
)
def test_a_stored_form_gives_the_text_and_stays(stored: dict[str, Any], text: str) -> None:
    """What was stored is stored as it was, unknown keys too; the text says the same, or nothing."""
    assert opened(stored).data() == {**stored, "markdown": text}


def test_what_is_typed_is_stored_in_both_forms() -> None:
    """Other programs find the Delta of the present text."""
    doc = opened({"delta": BOLD})

    doc.apply(Typist(doc).type_at(5, " *i*"))

    assert doc.data() == {"delta": from_markdown("**b** *i*"), "markdown": "**b** *i*"}


def test_a_form_that_another_program_stores_is_merged_with_what_is_typed() -> None:
    """A Delta without the text beside it, as such programs write it: both changes are in both forms."""
    doc = opened({"delta": from_markdown("one\ntwo")})
    typist = Typist(doc)
    typed = typist.type_at(7, " **three**")

    change = doc.replace({"delta": from_markdown("# one\ntwo"), "more": 1})
    doc.apply(typed)

    both = "# one\ntwo **three**"
    assert doc.data() == {"delta": from_markdown(both), "markdown": both, "more": 1}
    typist.take(change)


def test_a_form_that_no_text_says_is_never_rewritten() -> None:
    """Even where somebody typed while it came: the text is kept, and the Delta is as it was stored."""
    doc = opened({"delta": BOLD})
    typed = Typist(doc).type_at(0, "x")

    doc.replace({"delta": RED})
    doc.apply(typed)

    assert doc.data() == {"delta": RED, "markdown": "x"}
    doc.replace({"delta": EMPTY})
    assert doc.data() == {"delta": EMPTY, "markdown": ""}


def test_data_that_change_something_else_leave_the_text() -> None:
    """A program that knows no text may leave it out; one that changes the text alone changes the Delta."""
    doc = opened({"delta": BOLD})

    doc.replace({"delta": BOLD, "more": 1})
    assert doc.data() == {"delta": BOLD, "markdown": "**b**", "more": 1}

    doc.replace({**doc.data(), "markdown": "*c*"})
    assert doc.data()["delta"] == from_markdown("*c*")


def test_a_text_is_never_longer_than_can_be_converted() -> None:
    """What would make it so is refused, however it comes; up to the limit it is stored in both forms."""
    doc = opened({"delta": BOLD, "markdown": "**b**"})
    typist = Typist(doc)
    doc.apply(typist.type_at(5, "x" * (LONGEST - 5)))
    assert doc.data()["delta"] == from_markdown("**b**" + "x" * (LONGEST - 5))

    with pytest.raises(Damaged) as refusal:
        doc.apply(typist.type_at(0, "y"))
    assert isinstance(refusal.value.refusal, TooLarge)
    assert f"{LONGEST + 1} bytes, the limit is {LONGEST}" in str(refusal.value.refusal)
    for data in ({"markdown": "é" * (LONGEST // 2 + 1)}, {"markdown": "x" * (LONGEST + 1), "delta": BOLD}):
        with pytest.raises(TooLarge, match=f"the limit is {LONGEST}"):
            initial_update("quill_v2", data)
        with pytest.raises(TooLarge, match=f"the limit is {LONGEST}"):
            opened({}).replace(data)


def test_a_form_that_is_too_long_stays_as_it_is() -> None:
    """It has no text, as one that Markdown cannot say, and what was typed before makes room for it."""
    long = {"ops": [{"insert": "x" * 2 * LONGEST, "attributes": {"bold": True}}, {"insert": "\n"}]}

    doc = opened({"delta": BOLD})
    doc.replace({"delta": long, "more": 1})

    assert doc.data() == {"delta": long, "markdown": "", "more": 1} == opened({"delta": long, "more": 1}).data()


def test_text_that_is_stored_too_long_is_left_alone() -> None:
    """Another program has written it: neither form is made of the other one."""
    data = {"markdown": "**b** " * LONGEST, "delta": BOLD}

    assert documents.with_form("quill_v2", data) is data
    assert documents.with_text("quill_v2", data) == {**data, "markdown": "**b**"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "null"),
        (True, "true"),
        (5, "a number"),
        (0.5, "a number"),
        ("abc", "a text"),
        ([], "a list"),
    ],
)
def test_what_is_no_document_is_called_as_json_calls_it(data: Any, words: str) -> None:
    """Whoever reads the refusal need know no Python."""
    with pytest.raises(InvalidInput) as refusal:
        initial_update("quill_v2", data)

    assert str(refusal.value) == f"data of a quill_v2 document is {words}, not an object"
