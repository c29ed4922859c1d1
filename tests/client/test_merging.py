"""Three-way merging: nobody's edit is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching_nb.client.merging import apply_changes, merge_data, merge_text, rebased_changes

TEXTS = st.text(alphabet="ab\né😀\u0301", max_size=30)


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
    ],
)
def test_texts_that_do_not_conflict_are_merged(base: str, local: str, remote: str, merged: str) -> None:
    """Changes of different lines, or of one side only, are simply there."""
    assert merge_text(base, local, remote) == (merged, False)


def test_conflicting_lines_are_shown_in_both_versions() -> None:
    """What cannot be merged is shown, never dropped."""
    merged, has_conflict = merge_text("x = 1\nend", "x = 2\nend", "x = 3\nend")

    assert has_conflict
    assert merged == "<<<<<<< this notebook\nx = 2\n=======\nx = 3\n>>>>>>> hub\nend"


@given(base=TEXTS, local=TEXTS, remote=TEXTS)
def test_merged_text_holds_every_new_line_of_both_sides(base: str, local: str, remote: str) -> None:
    """A line that one side added is in the result, with or without a conflict."""
    merged, _ = merge_text(base, local, remote)
    lines = set(merged.splitlines())

    added = (set(local.splitlines()) | set(remote.splitlines())) - set(base.splitlines())
    assert added <= lines | {""}


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


def test_an_edit_of_one_long_line_tears_no_word() -> None:
    """Also when others have edited the line in several places meanwhile, and it is too long to compare by letters."""
    words = [f"word{number}" for number in range(600)]
    theirs = [*words[:50], "first", *words[50:400], "second", *words[400:]]
    mine = [*words[:200], "mine", *words[200:]]

    found = rebase(" ".join(words), " ".join(mine), " ".join(theirs))

    assert found.split(" ") == [*words[:50], "first", *words[50:200], "mine", *words[200:400], "second", *words[400:]]
