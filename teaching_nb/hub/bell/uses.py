"""What people use of their limits by time, told among the processes that serve one hub.

Each process counts for itself and tells the others what it has let pass, so that nobody asks anybody before an edit.
Hence the margin: what several processes let pass until they hear of each other comes on top of the limit, once. It is
missing afterwards, for what somebody has used elsewhere counts against them as if it had been here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from teaching_nb.hub.bell.rings import Use
from teaching_nb.hub.rates import OnUsed

MOST_UNTOLD = 20_000
"""Keys whose uses are too few to be told yet; beyond them all of these are forgotten."""


L = TypeVar("L", bound="Limited")


class Limited(Protocol):
    """What counts, per key, how often something is done."""

    def note(self, key: str, count: int) -> None:
        """Count what was let pass elsewhere."""


class Uses:
    """The limits of this process that hold for all processes together."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        """Has what is to be told at once rung soon."""
        self.limits: dict[str, Limited] = {}
        self._steps: dict[str, int] = {}
        self._untold: dict[tuple[str, str], int] = {}

    def share(self, name: str, make: Callable[[OnUsed], L], *, step: int = 1, at_once: bool = False) -> L:
        """Make a limit that holds for all processes: told when `step` uses of a key have come together, or at once."""

        def used(key: str) -> None:
            self._untold[name, key] = self._untold.get((name, key), 0) + 1
            if len(self._untold) > MOST_UNTOLD:
                self._untold.clear()
            if at_once:
                self._tell()

        limited = make(used)
        self.limits[name], self._steps[name] = limited, step
        return limited

    def take(self) -> list[Use]:
        """Return what is to be rung now."""
        due = [(name, key) for (name, key), count in self._untold.items() if count >= self._steps[name]]
        return [Use(name, key, self._untold.pop((name, key))) for name, key in due]

    def note(self, uses: Iterable[Use]) -> None:
        """Count what others have let pass."""
        for use in uses:
            limited = self.limits.get(use.limit)
            if limited is not None:
                limited.note(use.key, use.times)

    def forget(self) -> None:
        """Drop what nobody is there to be told of."""
        self._untold.clear()
