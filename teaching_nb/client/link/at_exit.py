"""What is open when the process ends is closed first, so that nothing unsent is lost."""

from __future__ import annotations

import atexit
import weakref
from typing import Protocol

EXIT_SECONDS = 3.0


class Closable(Protocol):
    """What can be closed, within some time."""

    def close(self, timeout: float) -> None:
        """Send what is unsaved, and end."""


_open: weakref.WeakSet[Closable] = weakref.WeakSet()


def close_at_exit(closable: Closable) -> None:
    """Have something closed when the process ends, unless nobody holds it any more by then."""
    _open.add(closable)


def _close_all() -> None:
    for each in list(_open):
        each.close(EXIT_SECONDS)


atexit.register(_close_all)
