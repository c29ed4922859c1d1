"""How long a notebook waits for the hub when it opens documents. Any thread."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 2.0
"""A notebook waits so long in all for a hub that does not answer, however many documents it opens."""


class Patience:
    """What is left of the time to wait; all of it again as soon as the hub answers."""

    def __init__(self) -> None:
        self._left = SECONDS

    def spend(self, wait: Callable[[float], bool], most: float | None = None) -> None:
        """Call `wait` with the seconds that it may take, `most` at most; it tells whether there was an answer."""
        begun = time.monotonic()
        is_answered = False
        try:
            is_answered = wait(self._left if most is None else min(most, self._left))
        finally:
            # Also when the user has interrupted it.
            if not is_answered:
                self._left = max(0.0, self._left - (time.monotonic() - begun))
        if is_answered:
            self.renew()

    def renew(self) -> None:
        """Start over with all the time: the hub answers."""
        self._left = SECONDS
