"""Where one version of a live document ends and the next one begins. Pure: knows no database and no Yjs.

`versions` asks with the edits that have come since the document was written last, one by one, and stores the answer.
Of the versions that stand for these edits the first one may be open already, and holds older edits (`is_noted`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["start", "edit", "restore", "removal"]
"""`removal`: edits that have taken away much of what the version before it holds."""

SECOND, MINUTE = 1_000, 60_000

PAUSE = 30 * SECOND
"""Pause (ms) after which the next edit begins a version."""

LONGEST = 60 * SECOND
"""Time (ms) of continuous editing after which a version ends."""

AUTHOR_SPACING = 10 * SECOND
"""Shortest time (ms) between two versions that end because somebody else edits."""

MUCH, SHARE, LEAST = 30, 3, 10
"""`MUCH` characters are much, or one `SHARE`th of a shorter text, but never fewer than `LEAST`."""

MUCH_OF_OTHERS = 5
"""So many characters of others are much, a short line; or the whole text when it has fewer."""

MOST_AT_ONCE = 3
"""Versions of each person that may end between two moments of writing a document back; the newest ones."""


@dataclass(frozen=True, slots=True)
class Step:
    """One edit, and what it does to the text. Characters are counted as Yjs does, in units of UTF-16."""

    number: int
    """Number of the edit in the log."""
    author_id: str | None
    at: int
    kind: Literal["edit", "restore"] = "edit"
    is_noted: bool = False
    """It is part of the open version, and nothing has ended with it."""
    is_adding: bool = False
    removed: Mapping[int, int] = field(default_factory=dict)
    """Number of an older edit (0: unknown) → how many characters that it wrote are removed."""
    taken: Mapping[int, int] = field(default_factory=dict)
    """The same, of edits of others alone."""
    size: int = 0
    """Characters of the text before it."""


@dataclass(slots=True)
class _State:
    """The text after one edit of a version, and how much of it has been removed since."""

    number: int
    stop: int
    """Index of the step after it."""
    has_added: bool
    """Text was added since the version before."""
    lost: Counter[str | None] = field(default_factory=Counter)
    """Person → characters of it that they have removed since."""
    taken: Counter[str | None] = field(default_factory=Counter)
    """The same, of what others wrote alone."""
    total: int = 0

    def lose(self, person: str | None, lost: int, taken: int) -> None:
        """Count characters that somebody has removed."""
        self.total += lost
        self.lost[person] += lost
        self.taken[person] += taken

    def has_lost_much(self, step: Step) -> bool:
        """Tell whether the author of an edit has removed so much of it that it has to be kept as a version."""
        person = step.author_id
        return self.lost[person] >= much(step.size) or self.taken[person] >= much_of_others(step.size)

    def has_lost_as_much_as(self, older: _State) -> bool:
        """Tell whether an older state is superfluous: this one would restore all that the older one would."""
        # The first comparison says the same as the others mostly, and costs a tenth.
        return self.total >= older.total and self.lost >= older.lost and self.taken >= older.taken


@dataclass(slots=True)
class Part:
    """Some edits in a row that make one version."""

    kind: Kind
    first: int
    """Index of its first edit among the steps; `stop` is that of the first edit of the next version."""
    began_at: int
    ended_at: int
    previous_end: int | None
    """When the version before was edited last; None when there is none."""
    authors: set[str] = field(default_factory=set)
    is_stored: bool = False
    """Whether it is in the database already, as the open version."""
    stop: int = 0
    _states: list[_State] = field(default_factory=list)
    """The last state of the version before, and the own ones that may have to be kept."""

    def begin(self, number: int) -> None:
        """Begin with the state after this edit, the last one of the version before."""
        self._states = [_State(number, self.first, has_added=False)]

    def end_before(self, steps: Sequence[Step], place: int) -> int | None:
        """Count what an edit removes; return the index of the step that begins the next version, None for none."""
        step = steps[place]
        if step.removed:
            self._count(step)
        if step.is_noted or not (self.is_stored or place > self.first):
            return None
        if self._is_over(step) or _is_much(step):
            return place
        return self._fullest(step)

    def take(self, steps: Sequence[Step], place: int) -> None:
        """Add an edit."""
        step = steps[place]
        self.ended_at = max(self.ended_at, step.at)
        if step.author_id is not None:
            self.authors.add(step.author_id)
        if self.kind == "edit" and self._states[0].has_lost_much(step):
            self.kind = "removal"
        last = self._states[-1]
        if len(self._states) > 1 and not last.total:
            self._states.pop()
        self._states.append(_State(step.number, place + 1, last.has_added or step.is_adding))

    def _count(self, step: Step) -> None:
        """Count what an edit removes in each state that held it, and forget states that have become superfluous."""
        removed, taken = _Sum(step.removed), _Sum(step.taken)
        kept: list[_State] = []
        for state in self._states:
            if gone := removed.up_to(state.number):
                state.lose(step.author_id, gone, taken.up_to(state.number))
            while len(kept) > 1 and state.has_lost_as_much_as(kept[-1]):
                kept.pop()
            kept.append(state)
        self._states = kept

    def _is_over(self, step: Step) -> bool:
        """Tell whether kind, time or author of an edit end the version."""
        if "restore" in {self.kind, step.kind}:
            return True
        if step.at - self.ended_at >= PAUSE or step.at - self.began_at >= LONGEST:
            return True
        if step.author_id is None or step.author_id in self.authors:
            return False
        return self.previous_end is None or step.at - self.previous_end >= AUTHOR_SPACING

    def _fullest(self, step: Step) -> int | None:
        """Return the index after the state of which the most was removed, by many small edits, if that is much."""
        found = [
            (state.lost[step.author_id], state.stop)
            for state in self._states
            if state.has_added and state.has_lost_much(step)
        ]
        return max(found)[1] if found else None


class _Sum:
    """Adds up what was removed of older edits."""

    def __init__(self, gone: Mapping[int, int]) -> None:
        self._waiting = sorted(gone.items(), reverse=True)
        self._total = 0

    def up_to(self, number: int) -> int:
        """Return how much was removed of this edit and older ones. To be called with growing numbers."""
        while self._waiting and self._waiting[-1][0] <= number:
            self._total += self._waiting.pop()[1]
        return self._total


def much(size: int) -> int:
    """Return how many characters of a text of this size are much."""
    return min(MUCH, max(LEAST, size // SHARE))


def much_of_others(size: int) -> int:
    """Return how many characters that others wrote are much, in a text of this size."""
    return max(1, min(MUCH_OF_OTHERS, size))


def parts(opened: Part, steps: Sequence[Step]) -> list[Part]:
    """Return the versions that steps make; the first one is `opened`."""
    opened.begin(steps[0].number - 1)
    found, place = [opened], 0
    while place < len(steps):
        last = found[-1]
        end = last.end_before(steps, place)
        if end is None:
            last.take(steps, place)
            place += 1
            continue
        _finish(last, steps, end)
        found.append(_next(last, steps))
        place = end
    found[-1].stop = place
    return _limited(found)


def _is_much(step: Step) -> bool:
    lost, taken = sum(step.removed.values()), sum(step.taken.values())
    return lost >= much(step.size) or taken >= much_of_others(step.size)


def _finish(part: Part, steps: Sequence[Step], stop: int) -> None:
    """End a version, perhaps before edits that it had taken already."""
    own, later = steps[part.first : stop], steps[stop:]
    part.stop = stop
    if own:
        part.ended_at = max(step.at for step in own)
        kept = {step.author_id for step in own}
        part.authors -= {step.author_id for step in later if step.author_id and step.author_id not in kept}


def _next(part: Part, steps: Sequence[Step]) -> Part:
    step = steps[part.stop]
    found = Part(step.kind, part.stop, step.at, step.at, part.ended_at)
    found.begin(steps[part.stop - 1].number if part.stop else step.number - 1)
    return found


def _limited(found: list[Part]) -> list[Part]:
    """Put versions together where one person ends too many at once."""
    counts: Counter[str] = Counter()
    kept = [found[-1]]
    for part in reversed(found[:-1]):
        authors = part.authors or {""}
        counts.update(authors)
        if any(counts[author] <= MOST_AT_ONCE for author in authors):
            kept.append(part)
            continue
        after = kept[-1]
        after.first, after.began_at, after.kind = part.first, part.began_at, part.kind
        after.previous_end, after.is_stored = part.previous_end, part.is_stored
        after.authors |= part.authors
    return kept[::-1]
