"""Waiting for what an observable object shows, or what another thread does; always with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from traitlets import HasTraits

from teaching_nb.client import Classroom

SECONDS = 30.0


def join(room: Classroom, room_id: str) -> None:
    """Have somebody hear what happens in a room, from now on."""
    room.join_room(room_id)
    # The hub takes a socket's events one after the other: with the answer to this one they are in the room.
    assert room._loop.ask(room._connection.call("JOIN_ROOM", room_id)) is True


def wait_for(thing: HasTraits, name: str, is_there: Callable[[Any], bool], timeout: float = SECONDS) -> Any:
    """Return the value of a trait as soon as it is as wanted; raise an AssertionError with the last one."""
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


def wait_until(is_there: Callable[[], object], what: str, timeout: float = SECONDS) -> None:
    """Wait until something holds that nobody announces."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not is_there():
        assert time.monotonic() < deadline, f"not within {timeout:g} s: {what}"
        pause.wait(0.01)
