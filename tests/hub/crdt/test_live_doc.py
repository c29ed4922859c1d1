"""The Y.Doc of a live document: one beginning, checked edits, small replacements."""

from __future__ import annotations

import json
import random
from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.hub.crdt.document import Damaged, LiveDoc, initial_update, merged
from teaching_nb.schema import limits

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=60)


def a_doc(data: dict[str, Any] | None = None) -> LiveDoc:
    """Return a live document of type code."""
    return LiveDoc("code", [initial_update("code", {"code": "a😀b"} if data is None else data)])


def is_keepable(data: dict[str, Any]) -> bool:
    """Tell whether every database can keep it; what cannot be kept is refused, which is another test's."""
    return "\\u0000" not in json.dumps(data)


def edits_of(doc: LiveDoc) -> tuple[pycrdt.Doc[Any], list[bytes]]:
    """Return a client's copy of a document and the list that its edits go to."""
    client: pycrdt.Doc[Any] = pycrdt.Doc()
    client.apply_update(doc.update_since())
    updates: list[bytes] = []
    client.observe(lambda event: updates.append(event.update))
    return client, updates


@given(TEXT, st.dictionaries(st.text().filter(lambda key: key != "code"), JSON, max_size=4).filter(is_keepable))
def test_initial_state_says_what_the_json_says_and_is_always_the_same(code: str, others: dict[str, Any]) -> None:
    """Two beginnings of the same data are one: nothing is doubled when they meet, whatever the order of the keys."""
    data = {**others, "code": code}

    first, second = initial_update("code", data), initial_update("code", dict(reversed(data.items())))

    assert LiveDoc("code", [first]).data() == data
    assert LiveDoc("code", [first]).apply(second) is False
    if not any(isinstance(value, (dict, list)) for value in others.values()):
        assert first == second


def test_line_ends_become_line_feeds_and_nothing_else_changes() -> None:
    """Whoever stored or sends another line end: the live text has one unit for it, as editors count."""
    doc = a_doc({"code": "a\r\nb\rc\u2028d\x0be", "note": "\r\n"})

    assert doc.data() == {"code": "a\nb\nc\u2028d\x0be", "note": "\r\n"}
    assert doc.replace({"code": "a\r\nb\r\nc\u2028d\x0be", "note": "\r\n"}) == b""


def test_missing_text_begins_empty() -> None:
    """A document without its text key can be edited."""
    assert a_doc({}).data() == {"code": ""}


@pytest.mark.parametrize("data", [None, [], "x", {"code": 5}, {"code": None}])
def test_data_that_is_no_text_is_refused(data: Any) -> None:
    """Content that does not fit the type cannot be opened live."""
    with pytest.raises(InvalidInput):
        initial_update("code", data)


def test_huge_integers_become_numbers_that_yjs_knows() -> None:
    """What does not fit 64 bits is kept as a fraction, as JavaScript would."""
    assert a_doc({"code": "", "n": 10**30}).data()["n"] == pytest.approx(1e30)


def test_edit_is_applied_once() -> None:
    """The second time the same update changes nothing."""
    doc = a_doc()
    client, updates = edits_of(doc)
    client.get("data", type=pycrdt.Map)["code"].insert(0, "new ")

    assert [doc.apply(updates[0]), doc.apply(updates[0])] == [True, False]
    assert doc.data() == {"code": "new a😀b"}


def test_edit_without_its_predecessor_is_refused() -> None:
    """Insertions and deletions that build on unknown edits would wait for ever."""
    doc = a_doc()
    client, updates = edits_of(doc)
    text = client.get("data", type=pycrdt.Map)["code"]
    text.insert(0, "one ")
    text.insert(4, "two ")
    del text[0:1]

    for update in updates[1:]:
        fresh = LiveDoc("code", [doc.update_since()])
        with pytest.raises(Damaged, match="does not know"):
            fresh.apply(update)


def test_large_content_is_refused() -> None:
    """The limit holds for the JSON, with its escapes."""
    doc = a_doc()
    client, updates = edits_of(doc)
    client.get("data", type=pycrdt.Map)["code"].insert(0, "\x01" * (limits.LIVE_TEXT_BYTES // 6))

    with pytest.raises(Damaged) as caught:
        doc.apply(updates[0])

    assert isinstance(caught.value.refusal, TooLarge)


def test_damaged_updates_are_refused_or_harmless() -> None:
    """2 000 updates with flipped bytes: each is refused, or leaves a document that can still be read."""
    base = a_doc({"code": "some text 😀", "n": {"a": [1, "b"]}})
    client, updates = edits_of(base)
    root = client.get("data", type=pycrdt.Map)
    root["code"].insert(0, "hello 😀 ")
    del root["code"][2:4]
    root["k"] = {"a": [1, "b"]}
    chance = random.Random(1)
    outcomes: set[bool | str] = set()

    for _ in range(2_000):
        raw = bytearray(chance.choice(updates))
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        doc = LiveDoc("code", [base.update_since()])
        try:
            outcomes.add(doc.apply(bytes(raw[: chance.randint(1, len(raw) * 2)])))
        except (InvalidInput, Damaged) as refusal:
            outcomes.add(type(refusal).__name__)
        else:
            assert isinstance(doc.data()["code"], str)

    assert outcomes >= {True, "InvalidInput", "Damaged"}


@given(TEXT, TEXT, TEXT)
def test_replacing_merges_with_concurrent_edits(old: str, new: str, typed: str) -> None:
    """Text replaced at the hub and text typed elsewhere meanwhile are both there, on both sides."""
    hub = a_doc({"code": old})
    client, updates = edits_of(hub)
    client.get("data", type=pycrdt.Map)["code"].insert(0, typed)

    change = hub.replace({"code": new})
    for update in updates:
        hub.apply(update)
    if change:
        client.apply_update(change)

    text = hub.data()["code"]
    assert text == str(client.get("data", type=pycrdt.Map)["code"])
    assert bool(change) == (old != new)
    assert len(text) == len(new) + len(typed)


def test_replacing_changes_only_what_differs() -> None:
    """Keys that stay are not written again; others are set and removed."""
    doc = a_doc({"code": "x" * 10_000, "keep": [1, 2], "drop": 1, "set": 1})

    change = doc.replace({"code": "x" * 5_000 + "y" + "x" * 5_000, "keep": [1, 2.0], "set": {"b": None}})

    assert doc.data() == {"code": "x" * 5_000 + "y" + "x" * 5_000, "keep": [1, 2], "set": {"b": None}}
    assert len(change) < 100
    assert doc.replace(doc.data()) == b""


def test_merged_log_is_the_same_document() -> None:
    """Compaction keeps the content and every client's ability to go on."""
    doc = a_doc()
    client, updates = edits_of(doc)
    text = client.get("data", type=pycrdt.Map)["code"]
    for number in range(200):
        text.insert(number, "x")
    del text[0:150]
    log = [doc.update_since(), *updates]

    whole = merged(log)
    text.insert(0, "after")
    compacted = LiveDoc("code", [whole])
    compacted.apply(updates[-1])

    assert len(whole) < sum(map(len, log)) / 3
    assert compacted.data()["code"].startswith("after")


def test_sizes_are_those_of_the_present_content() -> None:
    """Whichever way it changes: an edit of a client, an entry of the log, a replacement."""
    doc = a_doc({"code": "abc", "note": 1})
    client, updates = edits_of(doc)
    sizes = [(doc.text_bytes, doc.content_bytes)]

    client.get("data", type=pycrdt.Map)["code"].insert(0, "xyz")
    doc.apply(updates[-1])
    sizes.append((doc.text_bytes, doc.content_bytes))
    client.get("data", type=pycrdt.Map)["note"] = "longer"
    doc.follow(updates[-1])
    sizes.append((doc.text_bytes, doc.content_bytes))
    doc.replace({"code": "a"})
    sizes.append((doc.text_bytes, doc.content_bytes))

    assert sizes == [(3, 3 + len('{"note":1}')), (6, 16), (6, 6 + len('{"note":"longer"}')), (1, 1)]
