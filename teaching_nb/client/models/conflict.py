"""Two versions of one text that could not be merged: its author decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Conflict:
    """What was written here, and what everybody sees instead; nothing happens to either by itself."""

    mine: str
    """The version that waits in this notebook."""
    _read: Callable[[], str]
    _use: Callable[[str], None]
    _forget: Callable[[str], None]

    @property
    def theirs(self) -> str:
        """Return the shared text as it is now."""
        return self._read()

    def use_mine(self) -> None:
        """Replace the shared text by this version, for everybody; what it replaces stays in the history."""
        self._use(self.mine)

    def keep_theirs(self) -> None:
        """Leave the shared text as it is, and forget this version."""
        self._forget(self.mine)

    def __repr__(self) -> str:
        return f"<Conflict: mine has {len(self.mine)} characters, theirs {len(self.theirs)}>"
