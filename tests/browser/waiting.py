"""Wait for a fact outside the browser. Inside it, Playwright's `expect` and `wait_for_function` do it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, TypeVar

T = TypeVar("T")
_POLL_SECONDS = 0.05


def wait_until(probe: Callable[[], T | Literal[False] | None], what: str, *, timeout: float = 20.0) -> T:
    """Return the first result of `probe` that is neither None nor False; raise TimeoutError naming `what`."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while True:
        result = probe()
        if result is not None and result is not False:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what}; last seen {result!r}")
        pause.wait(_POLL_SECONDS)
