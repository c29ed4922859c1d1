"""The smallest reasonable edits that turn one text into another, for replacing a live text.

Positions are code points of the old text; `byte_offset` converts to the UTF-8 bytes that pycrdt counts in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

_MAX_CHARACTERS = 2_000
"""Longest changed stretch that is compared character by character; the time grows with its square."""

_MAX_PIECES = 4_000
"""Most pieces, lines or words, of a changed stretch that are compared one by one."""

_WORDS = re.compile(r"\w+\s*|\s+|[^\w\s]+\s*")


class TextChange(NamedTuple):
    """Replace `old[start:stop]` by `text`."""

    start: int
    stop: int
    text: str


def text_changes(old: str, new: str) -> list[TextChange]:
    """Return the changes from `old` to `new`, from the end to the beginning.

    In this order each can be applied with its positions as they are.
    """
    changes: list[TextChange] = []
    for change in _changes(old, new, 0):
        changes.append(_whole_lines(change, old, changes[-1].stop if changes else 0))
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
        yield from _by_piece(old_middle, new_middle, offset)


def _whole_lines(change: TextChange, old: str, least: int) -> TextChange:
    """Return an insertion or deletion that says the same in whole lines, if there is one, starting at `least` or later.

    Taking the line `b1` out of `b1 b2` may as well be said to take out `1`, the line's end and the `b` behind it.
    It comes to the same text, but not when somebody else puts a line in between.
    """
    start, stop, text = change
    moved = text or old[start:stop]
    if text and stop > start:
        return change
    for slid in range(min(start - least, len(moved), _MAX_CHARACTERS) + 1):
        place, turn = start - slid, len(moved) - slid
        if slid and old[place] != moved[turn]:
            break
        if moved[turn - 1] == "\n" and (place == 0 or old[place - 1] == "\n"):
            return TextChange(place, place + stop - start, moved[turn:] + moved[:turn] if text else "")
    return change


def _by_character(old: str, new: str, offset: int) -> Iterator[TextChange]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield TextChange(offset + i1, offset + i2, new[j1:j2])


def _by_piece(old: str, new: str, offset: int) -> Iterator[TextChange]:
    """Compare lines, within few lines words; what is too much for both is replaced as a whole."""
    for old_pieces, new_pieces in (
        (old.splitlines(keepends=True), new.splitlines(keepends=True)),
        (_WORDS.findall(old), _WORDS.findall(new)),
    ):
        changed = list(_changed_pieces(old_pieces, new_pieces, offset))
        if changed:
            for position, old_part, new_part in changed:
                yield from _changes(old_part, new_part, position)
            return
    yield TextChange(offset, offset + len(old), new)


def _changed_pieces(old: list[str], new: list[str], offset: int) -> Iterator[tuple[int, str, str]]:
    """Yield (position, old, new) of the stretches that differ; nothing when comparing makes them no smaller."""
    if len(old) + len(new) > _MAX_PIECES:
        return
    starts = list(accumulate(map(len, old), initial=offset))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        is_whole = i2 - i1 == len(old) and j2 - j1 == len(new)
        if tag != "equal" and not is_whole:
            yield starts[i1], "".join(old[i1:i2]), "".join(new[j1:j2])


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
