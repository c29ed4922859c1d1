"""A clock that tests move, in place of the hub's."""

from __future__ import annotations

import pytest

from teaching_nb.hub import clock


class MovedClock:
    """Shows the true time and what it was moved forward by."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead = 0
        true_now = clock.now
        patch.setattr(clock, "now", lambda: true_now() + self._ahead)

    def advance(self, milliseconds: int) -> None:
        """Move the clock forward."""
        self._ahead += milliseconds
