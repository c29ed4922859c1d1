"""Writes to a hub that refuses none: what they may have overwritten that we had not seen. Pure.

Without revisions two people who save at once both succeed, and the later write wins. What it has overwritten is told to
its writer all the same, as an event about a time between what they had read before and what they found after it: that
version has to be merged in, and stored once more.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire

MOST_WRITES = 20
"""So many are remembered: an event comes within seconds, and a document is saved once a second at most."""
MOST_SEEN = 200
LATE_MS = 5_000
"""So much later than our write another one may be stamped that was stored before it, in milliseconds."""
UNSEEN_MS = 300
"""So soon after our write nobody stores what they made of it: a change waits a second, and a click takes its time."""


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
        self._seen: deque[tuple[int, bytes]] = deque(maxlen=MOST_SEEN)
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

    def see(self, at: int, data: Any) -> None:
        """Remember that a version is merged in."""
        self._seen.append((at, _digest(data)))

    def has_sent(self, data: Any) -> bool:
        """Tell whether data are what one of our writes was: its echo has nothing new."""
        return any(save.sent == data for save in self._saves)

    def has_seen(self, at: int, data: Any) -> bool:
        """Tell whether a version is merged in. Two may be stamped with the same millisecond."""
        return (at, _digest(data)) in self._seen

    def just_before(self, at: int, within: int = LATE_MS) -> BlindSave | None:
        """Return our last write, where one of a time so soon after it may know nothing of it; mostly None."""
        last = self._saves[-1] if self._saves else None
        return last if last is not None and last.after_at < at <= last.after_at + within else None

    def back_from(self, save: BlindSave) -> list[BlindSave]:
        """Return a write of ours and those shortly before it, newest first."""
        shortly = range(save.after_at - LATE_MS, save.after_at + 1)
        return [each for each in reversed(self._saves) if each.after_at in shortly]

    def overwrote(self, at: int, data: Any) -> BlindSave | None:
        """Return the write that has overwritten a version unseen, and count that as seen; mostly None."""
        if self.has_seen(at, data):
            return None
        found = next((save for save in self._saves if save.before_at < at <= save.after_at), None)
        if found is not None:
            self.see(at, data)
        return found


def _digest(data: Any) -> bytes:
    """Return what stands for data; the order of keys counts for nothing, for it differs between events and answers."""
    return hashlib.blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=16).digest()


def milliseconds(text: str) -> int | None:
    """Return a time of the hub; None for a text that is none."""
    try:
        return wire.parse_timestamp(text)
    except InvalidInput:
        return None
