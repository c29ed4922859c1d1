"""Yjs updates that the library would not survive are refused before it sees them; all others pass."""

from __future__ import annotations

from functools import partial
from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.crdt.document import Damaged, LiveDoc, initial_update
from teaching_nb.schema import limits
from teaching_nb.schema.update_reader import check_update

LEVEL = b"u\x01"
"""A list of one, as the encoding says it."""

MARK = LEVEL * 30

# Without NUL, which is refused wherever it stands, and without halves of characters, which are no text.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = partial(st.text, characters)

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | texts(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(texts(max_size=8), inside, max_size=4),
    max_leaves=12,
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), texts(min_size=1, max_size=300)),
        st.tuples(st.just("format"), texts(min_size=1, max_size=30)),
        st.tuples(st.just("embed"), plain),
        st.tuples(st.just("delete"), st.integers(1, 40)),
        st.tuples(st.just("value"), plain),
        st.tuples(st.just("forget"), st.none()),
    ),
    max_size=12,
)


def nested(levels: int) -> bytes:
    """Return an update that puts a value with many levels beside the text of a document of type `code`."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(initial_update("code", {"code": "x"}))
    before = doc.get_state()
    value: Any = 1
    for _ in range(len(MARK) // len(LEVEL)):
        value = [value]
    doc.get("data", type=pycrdt.Map)["evil"] = value
    update = doc.get_update(before)
    assert MARK in update
    return update.replace(MARK, LEVEL * levels)


def a_document() -> LiveDoc:
    """Return a live document with a short text."""
    return LiveDoc("code", [initial_update("code", {"code": "x"})])


@pytest.mark.parametrize("levels", [limits.JSON_DEPTH + 2, 3_000, 30_000, 400_000])
def test_deeply_nested_values_are_refused(levels: int) -> None:
    """A value nested so deeply that the process would end with it is refused, and the document is as before."""
    document = a_document()

    with pytest.raises(InvalidInput, match="nested too deeply"):
        document.apply(nested(levels))

    assert document.data() == {"code": "x"}


def test_nested_values_within_the_limit_are_taken() -> None:
    """What other clients may say, they may say live as well."""
    document = a_document()

    assert document.apply(nested(limits.JSON_DEPTH - 2)) is True
    assert set(document.data()) == {"code", "evil"}


def test_deeply_nested_shared_types_are_refused() -> None:
    """Shared types within each other are refused when they cannot be read back."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(initial_update("code", {"code": "x"}))
    inner = doc.get("data", type=pycrdt.Map)
    for _ in range(2_000):
        inner["evil"] = pycrdt.Map()
        inner = inner["evil"]

    with pytest.raises(Damaged, match="nested too deeply"):
        a_document().apply(doc.get_update())


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(edits)
def test_every_update_of_the_library_can_be_read(script: list[tuple[str, Any]]) -> None:
    """The reader passes over all that the library writes: texts, formats, embedded and plain values, deletions."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    data = doc.get("data", type=pycrdt.Map)
    data["code"] = pycrdt.Text("begin")
    for number, (what, value) in enumerate(script):
        do_edit(data, what, value, number)
    padding = pycrdt.Text("x" * (3 * limits.JSON_DEPTH))
    data["padding"] = padding

    update = doc.get_update()

    check_update(update)
    check_update(pycrdt.merge_updates(update, update))
    for cut in (len(update) // 2, len(update) // 3):
        with pytest.raises(InvalidInput):
            check_update(update[:cut])


def do_edit(data: pycrdt.Map[Any], what: str, value: Any, number: int) -> None:
    """Do one step of a script to the root map of a document."""
    text = data["code"]
    match what:
        case "insert":
            text.insert(0, value)
        case "format":
            text.insert(0, value, {"bold": True, "link": "x"})
        case "embed":
            text.insert_embed(0, {"embedded": value})
        case "delete" if len(text) > value:
            del text[0:value]
        case "value":
            data[f"key{number % 3}"] = value
        case "forget":
            data.pop(f"key{number % 3}", None)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(st.binary(max_size=60) | st.binary(min_size=500, max_size=900), st.data())
def test_nonsense_never_harms_a_document(noise: bytes, data: st.DataObject) -> None:
    """Random bytes, and true updates with a few bytes changed, are taken or refused: never a crash, never half."""
    true = bytearray(nested(40))
    for _ in range(data.draw(st.integers(1, 4))):
        true[data.draw(st.integers(0, len(true) - 1))] = data.draw(st.integers(0, 255))

    for update in (noise, bytes(true)):
        document = a_document()
        try:
            document.apply(update)
        except (InvalidInput, Damaged):
            continue
        assert isinstance(document.data()["code"], str)


@pytest.mark.parametrize("count", [3, 100_000_000, 2**31, 2**63 - 1])
def test_announcing_more_than_follows_is_refused(count: int) -> None:
    """A state vector or an update of a few bytes cannot have memory set aside for millions of entries."""
    number = bytearray()
    while count >= 0x80:
        number.append(count & 0x7F | 0x80)
        count >>= 7
    number.append(count)

    with pytest.raises(InvalidInput, match="not a Yjs state vector"):
        a_document().update_since(bytes(number) + b"\x01\x01")
    for front in (b"", b"\x00", b"\x01", b"\x01\x01\x01\x00\x08\x01\x04data"):
        with pytest.raises(InvalidInput, match="not a Yjs update"):
            a_document().apply(front + bytes(number) + b"\x01\x01")
