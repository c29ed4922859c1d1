"""Three-way merging: nobody's edit is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.client.sync.merging import (
    apply_changes,
    difference,
    merge_data,
    merge_text,
    overruled,
    rebased_changes,
)

TEXTS = st.text(alphabet="ab\né😀\u0301", max_size=30)
Data = dict[str, int]
DATA = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))


def rebase(base: str, new: str, current: str) -> str:
    """Return `current` after the edit from `base` to `new`."""
    return apply_changes(current, rebased_changes(base, new, current))


@given(base=TEXTS, new=TEXTS)
def test_edit_of_the_present_text_gives_exactly_the_new_text(base: str, new: str) -> None:
    """Without anybody else's edit the text becomes what was assigned."""
    assert rebase(base, new, base) == new


@given(base=TEXTS, current=TEXTS)
def test_no_edit_changes_nothing(base: str, current: str) -> None:
    """Assigning what was read leaves what others did."""
    assert rebase(base, base, current) == current


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_insertions_of_both_sides_survive(base: str, ours: str, theirs: str) -> None:
    """What both sides put at the two ends is all there."""
    base = f"|{base}|"

    merged = rebase(base, f"<{ours}>{base}", f"{base}[{theirs}]")

    assert merged == f"<{ours}>{base}[{theirs}]"


@given(prefix=TEXTS, middle=TEXTS, suffix=TEXTS, theirs=TEXTS)
def test_insertion_inside_a_replaced_stretch_survives(prefix: str, middle: str, suffix: str, theirs: str) -> None:
    """What somebody writes into a stretch that is deleted at the same time stays."""
    base = f"{prefix}({middle}|{middle}){suffix}"
    current = base.replace("|", f"|#{theirs}#", 1)

    assert f"#{theirs}#" in rebase(base, prefix + suffix, current)


@pytest.mark.parametrize(
    ("base", "new", "current", "merged"),
    [
        ("one\ntwo\n", "one\ntwo\nthree\n", "zero\none\ntwo\n", "zero\none\ntwo\nthree\n"),
        ("x = 1\n", "x = 12\n", "y = 1\n", "y = 12\n"),
        ("log\n", "log\nours\n", "log\ntheirs\n", "log\ntheirs\nours\n"),
        ("a😀b", "a😀bc", "ä a😀b", "ä a😀bc"),
        ("abc", "", "axbc", "x"),
    ],
)
def test_edit_is_carried_over_to_a_newer_text(base: str, new: str, current: str, merged: str) -> None:
    """An edit that was computed from an older text is done to the present one."""
    assert rebase(base, new, current) == merged


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        ("init\n", "init\n", "remote\n", "remote\n"),
        ("init\n", "local\n", "init\n", "local\n"),
        ("init\n", "same\n", "same\n", "same\n"),
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("", "", "all", "all"),
        ("a\nb", "a\nb\nc", "A\nb", "A\nb\nc"),
        ("a\nb", "a\nb\n", "A\nb", "A\nb\n"),
        ("a\nb\n", "a\nb", "A\nb\n", "A\nb"),
    ],
)
def test_texts_that_do_not_conflict_are_merged(base: str, local: str, remote: str, merged: str) -> None:
    """Changes of different lines, or of one side only, are simply there."""
    assert merge_text(base, local, remote) == merged


@pytest.mark.parametrize(
    ("base", "local", "remote"),
    [
        ("x = 1\nend", "x = 2\nend", "x = 3\nend"),
        ("def fib(n): ...", "def fib(n): ...\nprint(fib(10))", "def fib(n):\n    return n\nprint(fib(10))"),
        ("", "mine", "theirs"),
        ("x = 1\n", "", "x = 2\n"),
    ],
)
def test_lines_that_both_sides_changed_are_not_merged(base: str, local: str, remote: str) -> None:
    """Where one place cannot be merged there is no merged text, not even of the other places."""
    assert merge_text(f"top\n{base}", f"TOP\n{local}", f"top\n{remote}") is None


@given(base=TEXTS, local=TEXTS, remote=TEXTS)
def test_merged_text_holds_the_new_lines_of_both_sides_and_no_others(base: str, local: str, remote: str) -> None:
    """A line that one side added is in the result, and nothing is that neither side wrote."""
    merged = merge_text(base, local, remote)
    if merged is None:
        return
    known, ours = set(base.splitlines()), set(local.splitlines()) | set(remote.splitlines())

    assert ours - known <= set(merged.splitlines()) | {""}
    assert set(merged.splitlines()) <= known | ours


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1, "b": 3}, {"a": 2, "b": 3}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}),
        ({"a": 1, "b": 2}, {"b": 2}, {"a": 1, "b": 5}, {"b": 5}),
        ({"a": 1}, {"a": 2}, {}, {"a": 2}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 1, "y": 3}}, {"a": {"x": 2, "y": 3}}),
        ([1], [1, 2], [0, 1], [1, 2]),
        (None, {"a": 1}, None, {"a": 1}),
        ({"a": 1}, None, {"a": 2}, None),
    ],
)
def test_data_is_merged_key_by_key(base: object, local: object, remote: object, merged: object) -> None:
    """Different keys are kept from both sides; of one key the local value is."""
    assert merge_data(base, local, remote) == merged


WRITTEN = st.fixed_dictionaries({"text": TEXTS}, optional={"a": st.integers(0, 2)})


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_words_of_both_stay_in_a_text_that_several_write(base: str, ours: str, theirs: str) -> None:
    """Neither side gives way, and nobody is told that somebody did; of another key the local value counts."""
    old, local, remote = (
        {"text": f"|{text}|", "a": number} for number, text in enumerate((base, f"{base}<{ours}>", f"[{theirs}]{base}"))
    )

    merged = merge_data(old, local, remote, ("text",))

    assert merged == {"text": f"|[{theirs}]{base}<{ours}>|", "a": 1}
    assert list(overruled(old, local, remote, texts=("text",))) == [("a", 2)]


@given(base=WRITTEN, local=WRITTEN, remote=WRITTEN)
def test_a_side_that_has_changed_nothing_gives_way_in_a_text(base: Data, local: Data, remote: Data) -> None:
    """To the last character, as with other data."""
    assert merge_data(base, base, remote, ("text",)) == remote
    assert merge_data(base, local, base, ("text",)) == local


@pytest.mark.parametrize("odd", [5, None, ["x"]])
def test_what_is_no_text_is_not_merged_as_one(odd: object) -> None:
    """Another program may have stored anything there."""
    base, local = {"text": "a"}, {"text": "ab"}

    assert merge_data(base, local, {"text": odd}, ("text",)) == local
    assert list(overruled(base, local, {"text": odd}, texts=("text",))) == [("text", odd)]
    assert difference({"text": "abc"}, {"text": odd}, ("text",)) == 1
    assert difference({"text": "abc", "n": 1}, {"text": "abxyc", "n": 2}, ("text",)) == 3


@pytest.mark.parametrize(
    ("base", "local", "remote", "lost"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1, "b": 3}, []),
        ({"a": 1}, {"a": 2}, {"a": 3}, [("a", 3)]),
        ({"a": 1}, {"a": 1}, {"a": 3}, []),
        ({"a": 1}, {}, {"a": 3}, [("a", 3)]),
        ({}, {"a": {"x": 1}}, {"a": {"y": 1}}, [("a", {"y": 1})]),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 3, "y": 3}}, [("a.x", 3)]),
        ([1], [1, 2], [0, 1], [("", [0, 1])]),
        ({"a": 1}, None, {"a": 2}, [("", {"a": 2})]),
    ],
)
def test_values_that_a_merge_replaces_are_named(base: object, local: object, remote: object, lost: object) -> None:
    """What somebody else stored and the local value takes the place of can be told."""
    assert list(overruled(base, local, remote)) == lost


@given(base=DATA, local=DATA, remote=DATA)
def test_no_value_is_replaced_without_being_named(base: Data, local: Data, remote: Data) -> None:
    """Each key of the hub's that is not in the merged data as it was is named, or was left as it was there."""
    merged = merge_data(base, local, remote)
    named = {path for path, _ in overruled(base, local, remote)}

    for key, value in remote.items():
        assert merged.get(key) == value or key in named or base.get(key) == value


def test_an_edit_of_one_long_line_tears_no_word() -> None:
    """Also when others have edited the line in several places meanwhile, and it is too long to compare by letters."""
    words = [f"word{number}" for number in range(600)]
    theirs = [*words[:50], "first", *words[50:400], "second", *words[400:]]
    mine = [*words[:200], "mine", *words[200:]]

    found = rebase(" ".join(words), " ".join(mine), " ".join(theirs))

    assert found.split(" ") == [*words[:50], "first", *words[50:200], "mine", *words[200:400], "second", *words[400:]]
