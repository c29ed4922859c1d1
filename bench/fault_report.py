"""The tables of a fault run: plain functions of outcomes, no I/O."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import figures
from fault_scenes import EQUAL_SECONDS, Outcome

_COUNTS = ("typed", "confirmed", "lost", "lost confirmed", "twice")


def kills_table(outcomes: Sequence[Outcome]) -> str:
    """Return what became of edits and replicas when the server was killed under everybody's hands."""
    head = ["killed while all type", *_COUNTS, "torn", "differ", "kills", "up s", "equal s", "longest s"]
    rows = [[*_counts(outcome), str(outcome.torn), _differing(outcome), *_times(outcome)] for outcome in outcomes]
    return figures.table(head, rows)


def gone_table(outcomes: Sequence[Outcome]) -> str:
    """Return what a killed server has kept for people who never come back."""
    rows = [[*_counts(outcome), str(outcome.torn), _oldest(outcome)] for outcome in outcomes]
    return figures.table(["killed, and all have gone", *_COUNTS, "torn", "oldest lost s"], rows)


def set_back_table(outcomes: Sequence[Outcome]) -> str:
    """Return what became of edits and replicas when an older backup was put in the server's place."""
    head = ["set back to a backup", *_COUNTS, "torn", "differ", "times", "up s", "equal s", "longest s"]
    rows = [[*_counts(outcome), str(outcome.torn), _differing(outcome), *_times(outcome)] for outcome in outcomes]
    return figures.table(head, rows)


def notes(outcomes: Sequence[Outcome]) -> list[str]:
    """Return a line for everything out of the ordinary."""
    return [f"{outcome.server}: {note}" for outcome in outcomes for note in outcome.notes]


def _counts(outcome: Outcome) -> list[str]:
    confirmed, lost_confirmed = outcome.confirmed, outcome.lost_confirmed
    told = [str(confirmed), str(lost_confirmed)] if outcome.confirms else ["–", "–"]
    return [outcome.server, str(outcome.typed), told[0], str(outcome.lost), told[1], str(outcome.twice)]


def _differing(outcome: Outcome) -> str:
    return f"{outcome.differing} of {outcome.replicas}"


def _oldest(outcome: Outcome) -> str:
    return f"{max(outcome.oldest_lost):.1f}" if outcome.oldest_lost else "–"


def _times(outcome: Outcome) -> list[str]:
    accepting = statistics.median(recovery.accepting for recovery in outcome.recoveries)
    equal = [math.inf if recovery.equal is None else recovery.equal for recovery in outcome.recoveries]
    median, longest = _seconds(statistics.median(equal)), _seconds(max(equal))
    return [str(len(equal)), f"{accepting:.1f}", median, longest]


def _seconds(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else f"> {EQUAL_SECONDS:g}"
