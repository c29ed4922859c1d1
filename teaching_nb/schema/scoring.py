"""How the answers of a quiz are scored, by the two policies of the platform. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec


class Marks(NamedTuple):
    """What is right and wrong about one answer."""

    hits: int
    misses: int
    max_hits: int


class FixedPoints(msgspec.Struct, frozen=True, rename="camel", tag="fixed", tag_field="kind"):
    """All points for an answer that is right, and fixed ones for another, or for none."""

    max: float = 1.0
    incorrect: float = 0.0
    unanswered: float = 0.0


class DeductedPoints(msgspec.Struct, frozen=True, rename="camel", tag="deducted", tag_field="kind"):
    """All points less a deduction for each miss; not below 0 unless that is allowed."""

    max: float = 1.0
    deduction: float = 1.0
    allow_negative: bool = False


Policy = FixedPoints | DeductedPoints


def marks(chosen: Collection[int], correct: Collection[int], *, multiple: bool) -> Marks:
    """Compare the options that were chosen with the correct ones."""
    given, wanted = set(chosen), set(correct)
    if multiple:
        return Marks(len(given & wanted), len(wanted ^ given), len(wanted))
    is_right = given == wanted
    return Marks(int(is_right), int(not is_right), 1)


def points(found: Marks, policy: Policy, *, is_answered: bool) -> float:
    """Return the points for an answer; where no option is correct, choosing none is right."""
    if isinstance(policy, DeductedPoints):
        left = policy.max - policy.deduction * found.misses
        return left if policy.allow_negative else max(0.0, left)
    if not found.misses:
        return policy.max
    return policy.incorrect if is_answered else policy.unanswered
