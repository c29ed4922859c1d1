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
"""Milliseconds without an edit after which the next one begins a version."""

LONGEST = 60 * SECOND
"""Milliseconds of continuous editing after which a version ends."""

AUTHOR_SPACING = 10 * SECOND
"""Shortest milliseconds between two versions that end because somebody else edits."""

MUCH, SHARE, LEAST = 30, 3, 10
"""So many characters are much, or the text divided by the second, but never fewer than the third."""

MUCH_OF_OTHERS = 5
"""So many characters are much when somebody else wrote them: a short line. A text that has fewer is much as a whole."""

MOST_AT_ONCE = 3
"""Versions of each person that may end between two moments of writing a document back; the newest ones."""


@dataclass(frozen=True, slots=True)
class Step:
    """One edit, and what it does to the text. Characters are counted as Yjs does, in units of UTF-16."""

    number: int
    """The edit's in the log."""
    author_id: str | None
    at: int
    kind: Literal["edit", "restore"] = "edit"
    is_noted: bool = False
    """It is part of the open version, and nothing has ended with it."""
    is_adding: bool = False
    removed: Mapping[int, int] = field(default_factory=dict)
    """Edit that wrote it (0: unknown) → characters of it that are taken away."""
    taken: Mapping[int, int] = field(default_factory=dict)
    """The same, of what others wrote."""
    size: int = 0
    """Characters of the text before it."""


@dataclass(slots=True)
class _State:
    """What the text was after one edit of a version, and what is gone of that by now."""

    number: int
    stop: int
    """Place of the step after it."""
    has_added: bool
    """Text has come since the version before."""
    lost: Counter[str | None] = field(default_factory=Counter)
    """Who has taken away how much of it since."""
    taken: Counter[str | None] = field(default_factory=Counter)
    """The same, of what others wrote."""
    total: int = 0

    def lose(self, person: str | None, lost: int, taken: int) -> None:
        """Count what somebody has taken away."""
        self.total += lost
        self.lost[person] += lost
        self.taken[person] += taken

    def has_lost_much(self, step: Step) -> bool:
        """Tell whether this edit, with others of the same person, takes away so much that it has to be kept."""
        person = step.author_id
        return self.lost[person] >= much(step.size) or self.taken[person] >= much_of_others(step.size)

    def has_lost_as_much_as(self, older: _State) -> bool:
        """Tell whether an older state need not be kept, for it holds less of what may be lost still."""
        # The first comparison says the same as the others mostly, and costs a tenth.
        return self.total >= older.total and self.lost >= older.lost and self.taken >= older.taken


@dataclass(slots=True)
class Part:
    """Some edits in a row that make one version."""

    kind: Kind
    first: int
    """Place of its first edit among the steps; `stop` is that of the next version's."""
    began_at: int
    ended_at: int
    previous_end: int | None
    """When the version before was edited last; None when there is none."""
    authors: set[str] = field(default_factory=set)
    is_stored: bool = False
    """It was open before these steps."""
    stop: int = 0
    _states: list[_State] = field(default_factory=list)
    """That of the version before, and of its own those that may become worth keeping."""

    def begin(self, number: int) -> None:
        """Take the state after this edit for that of the version before."""
        self._states = [_State(number, self.first, has_added=False)]

    def end_before(self, steps: Sequence[Step], place: int) -> int | None:
        """Count what an edit takes away; return the place with which the next version begins, None for none."""
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
        """Add what is gone to each state that held it, and forget those that are not worth keeping any more."""
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
        """Tell whether an edit does not belong to the version any more, whatever it does."""
        if "restore" in {self.kind, step.kind}:
            return True
        if step.at - self.ended_at >= PAUSE or step.at - self.began_at >= LONGEST:
            return True
        if step.author_id is None or step.author_id in self.authors:
            return False
        return self.previous_end is None or step.at - self.previous_end >= AUTHOR_SPACING

    def _fullest(self, step: Step) -> int | None:
        """Return the place after the state that has lost most, bit by bit, when that is much."""
        found = [
            (state.lost[step.author_id], state.stop)
            for state in self._states
            if state.has_added and state.has_lost_much(step)
        ]
        return max(found)[1] if found else None


class _Sum:
    """Adds up what is gone, edit by edit."""

    def __init__(self, gone: Mapping[int, int]) -> None:
        self._waiting = sorted(gone.items(), reverse=True)
        self._total = 0

    def up_to(self, number: int) -> int:
        """Return how much is gone of this edit and those before; the numbers asked for grow."""
        while self._waiting and self._waiting[-1][0] <= number:
            self._total += self._waiting.pop()[1]
        return self._total


def much(size: int) -> int:
    """Return how many characters are much of a text."""
    return min(MUCH, max(LEAST, size // SHARE))


def much_of_others(size: int) -> int:
    """Return how many characters that others wrote are much of a text."""
    return max(1, min(MUCH_OF_OTHERS, size))


def parts(opened: Part, steps: Sequence[Step]) -> list[Part]:
    """Return the versions that steps make, beginning with the one that is open, or that they open."""
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
