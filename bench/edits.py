"""Numbered edits, and what became of them in a text: plain functions, no I/O.

An edit is one insertion of a line that occurs nowhere else, such as `maple.3.17`: a word, the writer, a number that
grows by one with each of the writer's edits. Nobody ever deletes anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_EDIT = re.compile(r"[a-z]+\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Edit:
    """One insertion, as its writer noted it."""

    word: str
    at: float
    """When it was typed, in seconds of the machine's clock."""
    is_confirmed: bool
    """Whether the writer was told that it is stored."""


@dataclass(frozen=True)
class Tally:
    """What became of edits."""

    typed: int
    confirmed: int
    lost: int
    """Edits that are not in the text."""
    lost_confirmed: int
    """Those of them that the writer had been told were stored."""
    twice: int
    """Occurrences beyond the first one."""
    torn: int
    """Pieces of the text that nobody typed; an edit that was torn apart is lost, and its pieces count here."""
    oldest_lost_at: float | None
    """When the oldest lost edit was typed."""


def tally(text: str, edits: Iterable[Edit]) -> Tally:
    """Compare a text with everything that was typed into it."""
    edits = list(edits)
    pieces = Counter(text.split())
    words = {edit.word for edit in edits}
    assert len(words) == len(edits), "every edit must be a word of its own"
    lost = [edit for edit in edits if edit.word not in pieces]
    return Tally(
        typed=len(edits),
        confirmed=sum(edit.is_confirmed for edit in edits),
        lost=len(lost),
        lost_confirmed=sum(edit.is_confirmed for edit in lost),
        twice=sum(count - 1 for word, count in pieces.items() if word in words),
        torn=sum(count for piece, count in pieces.items() if piece not in words),
        oldest_lost_at=min((edit.at for edit in lost), default=None),
    )


def shown(text: str, typed: Mapping[int, int]) -> list[str]:
    """Return the edits in a text, in its order, without those typed later than `typed` (writer → number of edits)."""
    return [word for word in text.split() if _is_among(word, typed)]


def are_equal(texts: Sequence[str], typed: Mapping[int, int]) -> bool:
    """Tell whether all texts show the same of the edits up to `typed`, in the same order."""
    first, *others = (shown(text, typed) for text in texts)
    return all(other == first for other in others)


def differing(texts: Iterable[str], text: str) -> int:
    """Return how many texts are another one than `text`."""
    return sum(other != text for other in texts)


def _is_among(word: str, typed: Mapping[int, int]) -> bool:
    match = _EDIT.fullmatch(word)
    # What nobody typed is compared as well: a torn word is a difference until all have it.
    return match is None or int(match[2]) <= typed.get(int(match[1]), 0)
