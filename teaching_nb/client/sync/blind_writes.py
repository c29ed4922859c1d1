"""Writes to a hub that refuses none: what they may have overwritten that we had not seen. Pure.

Without revisions two people who save at once both succeed, and the later write wins. What it has overwritten is told to
its writer all the same, as an event about a time between what they had read before and what they found after it: that
version has to be merged in, and stored once more.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire

MOST_WRITES = 20
"""So many are remembered: an event comes within seconds, and a document is saved once a second at most."""
MOST_SEEN = 200


@dataclass(frozen=True, slots=True)
class BlindSave:
    """One write of ours, in milliseconds since the epoch by the hub's clock."""

    before: Any
    """The data that was there just before; the write was made of it."""
    sent: Any
    before_at: int
    after_at: int


@dataclass(frozen=True, slots=True)
class Told:
    """A version that an event has told of."""

    at: int
    updated_at: str
    """The same as the hub writes it."""
    data: Any


class BlindWrites:
    """The last writes of one document, and which versions of it are merged in."""

    def __init__(self) -> None:
        self._saves: deque[BlindSave] = deque(maxlen=MOST_WRITES)
        self._seen: deque[int] = deque(maxlen=MOST_SEEN)
        self._put_off: list[Told] = []

    def add(self, save: BlindSave) -> None:
        """Remember a write."""
        self._saves.append(save)

    def put_off(self, told: Told) -> None:
        """Keep a version that is told of while we write: only the answer says how the two belong together."""
        self._put_off.append(told)

    def take_put_off(self) -> list[Told]:
        """Return what was kept, oldest first, and forget it."""
        kept, self._put_off = sorted(self._put_off, key=lambda told: told.at), []
        return kept

    def see(self, at: int) -> None:
        """Remember that the version of a time is merged in."""
        self._seen.append(at)

    def overwrote(self, at: int) -> BlindSave | None:
        """Return the write that has overwritten the version of a time unseen, and count it as seen; mostly None."""
        if at in self._seen:
            return None
        found = next((save for save in self._saves if save.before_at < at <= save.after_at), None)
        if found is not None:
            self.see(at)
        return found


def milliseconds(text: str) -> int | None:
    """Return a time of the hub; None for a text that is none."""
    try:
        return wire.parse_timestamp(text)
    except InvalidInput:
        return None
