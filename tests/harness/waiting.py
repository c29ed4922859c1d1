"""Waiting for what another process, thread or task does; always with an end.

In a browser, Playwright's `expect` and `wait_for_function` do it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from traitlets import HasTraits

T = TypeVar("T")

SECONDS = 30.0
"""How long something may take on a slow machine."""
_LOOK_SECONDS = 0.02


def wait_until(probe: Callable[[], T | Literal[False] | None], what: str, timeout: float = SECONDS) -> T:
    """Return the first result of `probe` that is true; raises `AssertionError` with `what` and the last one."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (result := probe()):
        assert time.monotonic() < deadline, f"not within {timeout:g} s: {what}; last seen {result!r}"
        pause.wait(_LOOK_SECONDS)
    return result


async def until(condition: Callable[[], object], timeout: float = SECONDS) -> None:
    """Return when a condition holds, and let the other tasks of this loop go on meanwhile."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(_LOOK_SECONDS)


def wait_for(thing: HasTraits, name: str, is_there: Callable[[Any], bool], timeout: float = SECONDS) -> Any:
    """Return the value of a trait as soon as it is as wanted; raises `AssertionError` with the last one."""
    arrived = threading.Event()

    def look(change: Any) -> None:
        if is_there(change.new):
            arrived.set()

    thing.observe(look, name)
    try:
        if not is_there(getattr(thing, name)) and not arrived.wait(timeout):
            raise AssertionError(f"{name} is still {getattr(thing, name)!r} after {timeout:g} s")
        return getattr(thing, name)
    finally:
        thing.unobserve(look, name)


def wait_value(thing: HasTraits, name: str, value: Any, timeout: float = SECONDS) -> None:
    """Wait until a trait has a value."""
    wait_for(thing, name, lambda present: present == value, timeout)
