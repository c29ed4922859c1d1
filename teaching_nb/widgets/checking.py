"""Comparing an answer with what a notebook expects: text, pattern, or number. Pure; nothing of it reaches a page."""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from teaching_nb.errors import InvalidInput
from teaching_nb.widgets.arguments import texts

Verdict = Literal["right", "wrong", "no-number"]
Expected = str | float | re.Pattern[str]

MOST_BITS = 200
"""Of a number that is written out in an error."""
_ALLOWED = "a text, a number, a pattern (re.compile), or several of them"


@dataclass(frozen=True)
class Check:
    """What is expected, and what helps whoever has not found it."""

    expected: tuple[Expected, ...]
    tolerance: float
    """How far a number may be away."""
    hints: tuple[str, ...]
    """One for each wrong answer, the last one for all that follow."""

    def judge(self, answer: str) -> Verdict:
        """Compare an answer; blanks around it do not count, nor how letters are made up."""
        text = _plain(answer)
        number = _number(text)
        if any(self._fits(one, text, number) for one in self.expected):
            return "right"
        wants_number = all(isinstance(one, int | float) for one in self.expected)
        return "no-number" if wants_number and number is None else "wrong"

    def hint(self, tried: int) -> str:
        """Return what is said after so many wrong answers; empty when there is no hint."""
        return self.hints[min(tried, len(self.hints)) - 1] if self.hints and tried > 0 else ""

    def _fits(self, expected: Expected, text: str, number: float | None) -> bool:
        if isinstance(expected, str):
            return _plain(expected) == text
        if isinstance(expected, re.Pattern):
            return expected.fullmatch(text) is not None
        # Of 0.1 + 0.2 the last digits are the computer's, not the author's.
        near = math.isclose(number, expected, rel_tol=1e-12) if number is not None else False
        return near or (number is not None and abs(number - expected) <= self.tolerance)


def check_of(expected: Any, tolerance: Any, hints: Sequence[str] | str) -> Check | None:
    """Return the check that a call asks for, None for no check; raises `InvalidInput` for what cannot be one."""
    known_hints = tuple([hints] if isinstance(hints, str) else texts("hints", hints))
    if expected is None:
        if tolerance or known_hints:
            raise InvalidInput("hints and tolerance belong to a check: give check=, too")
        return None
    known = _several(expected)
    if not isinstance(tolerance, int | float) or isinstance(tolerance, bool) or not 0 <= tolerance < math.inf:
        raise InvalidInput(f"the tolerance is a number from 0 on, not {tolerance!r}")
    if tolerance and not any(isinstance(one, int | float) for one in known):
        raise InvalidInput(f"a tolerance of {tolerance!r} is for numbers, and none is expected")
    return Check(known, float(tolerance), known_hints)


def _several(expected: Any) -> tuple[Expected, ...]:
    is_one = isinstance(expected, str | bytes | re.Pattern | Mapping) or not isinstance(expected, Collection)
    several: Collection[Any] = (expected,) if is_one else expected
    if not several:
        raise InvalidInput(f"check is {expected!r}: at least one answer has to be right")
    for one in several:
        if isinstance(one, str) and not _plain(one):
            raise InvalidInput(f"check is {one!r}: whoever writes nothing would be right")
        is_number = isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= sys.float_info.max
        is_pattern = isinstance(one, re.Pattern) and isinstance(one.pattern, str)
        if not (is_number or is_pattern or isinstance(one, str)):
            raise InvalidInput(f"check is {_ALLOWED}, not {_short(one)}")
    return tuple(several)


def _short(value: Any) -> str:
    # Python shows no number of thousands of digits.
    is_long = isinstance(value, int) and value.bit_length() > MOST_BITS
    return f"a number of {value.bit_length()} bits" if is_long else f"{value!r:.60}"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _number(text: str) -> float | None:
    """Return the number that somebody has written, with a point or a comma; None where it is none."""
    written = re.sub(r"[ \u00a0\u202f'’]", "", text).replace("\u2212", "-")
    if "." not in written and written.count(",") == 1:
        written = written.replace(",", ".")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", written, re.ASCII) is None:
        return None
    return float(written)
