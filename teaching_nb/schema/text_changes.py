"""The smallest reasonable edits that turn one text into another, for replacing a live text.

Positions are code points of the old text; `byte_offset` converts to the UTF-8 bytes that pycrdt counts in.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_MAX_CHARACTERS = 2_000
"""Longest changed stretch that is compared character by character; the time grows with its square."""

_MAX_LINES = 4_000
"""Most changed lines that are compared line by line; beyond, the stretch is replaced as a whole."""


class TextChange(NamedTuple):
    """Replace `old[start:stop]` by `text`."""

    start: int
    stop: int
    text: str


def text_changes(old: str, new: str) -> list[TextChange]:
    """Return the changes from `old` to `new`, from the end to the beginning.

    In this order each can be applied with its positions as they are.
    """
    changes = list(_changes(old, new, 0))
    changes.reverse()
    return changes


def byte_offset(text: str, position: int) -> int:
    """Return the number of UTF-8 bytes before a code point position."""
    return len(text[:position].encode())


def _changes(old: str, new: str, offset: int) -> Iterator[TextChange]:
    start, end = _common_ends(old, new)
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    offset += start
    if not old_middle and not new_middle:
        return
    if not old_middle or not new_middle:
        yield TextChange(offset, offset + len(old_middle), new_middle)
    elif len(old_middle) + len(new_middle) <= _MAX_CHARACTERS:
        yield from _by_character(old_middle, new_middle, offset)
    else:
        yield from _by_line(old_middle, new_middle, offset)


def _by_character(old: str, new: str, offset: int) -> Iterator[TextChange]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield TextChange(offset + i1, offset + i2, new[j1:j2])


def _by_line(old: str, new: str, offset: int) -> Iterator[TextChange]:
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    is_comparable = 2 < len(old_lines) + len(new_lines) <= _MAX_LINES
    if not is_comparable:
        yield TextChange(offset, offset + len(old), new)
        return
    starts = [0]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old_part, new_part = "".join(old_lines[i1:i2]), "".join(new_lines[j1:j2])
        start, end = _common_ends(old_part, new_part)
        first = offset + starts[i1]
        yield TextChange(first + start, first + len(old_part) - end, new_part[start : len(new_part) - end])


def _common_ends(old: str, new: str) -> tuple[int, int]:
    """Return the lengths of the common beginning and of the common end, which do not overlap."""
    shorter = min(len(old), len(new))
    start = _common_prefix(old, new, shorter)
    rest = shorter - start
    end = _common_prefix(old[::-1], new[::-1], rest) if rest else 0
    return start, end


def _common_prefix(left: str, right: str, limit: int) -> int:
    """Return the length of the common beginning, by bisection on slices (which compare at C speed)."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
