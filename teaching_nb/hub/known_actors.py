"""Who was found behind a token a moment ago, so that not every request has to ask the database.

Forgets at once whatever a write of this process may have changed: sessions, bans, roles, names. What another
process changes (`teaching-nb hub user set-role`, a second hub) is noticed after `SECONDS`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.database import Database

SECONDS = 2.0
"""How long an answer of the database is believed."""

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the database said about a token."""

    actor: Actor
    expires_at: int
    """When the session ends, in milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class _Entry:
    found: Found
    people_changes: int
    read_at: float


class KnownActors:
    """Actors by the hash of their token."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries: dict[str, _Entry] = {}

    def actor(self, key: str) -> Actor | None:
        """Return who holds a token; None when that has to be looked up."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        is_current = (
            entry.people_changes == self._database.people_changes
            and time.monotonic() - entry.read_at < SECONDS
            and entry.found.expires_at > clock.now()
        )
        if is_current:
            return entry.found.actor
        del self._entries[key]
        return None

    def remember(self, key: str, found: Found, *, people_changes: int, read_at: float) -> None:
        """Keep an answer; `people_changes` and `read_at` are those from before the question."""
        if len(self._entries) >= _MOST:
            self._entries.clear()
        self._entries[key] = _Entry(found, people_changes, read_at)
