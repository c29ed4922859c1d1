"""Who was found behind a credential a moment ago, so that not every request has to ask the database.

Forgets at once whatever a write of this process may have changed: sessions, bans, roles, names. What another
process changes (`teaching-nb hub user set-role`, a second hub) is noticed after `SECONDS`. Requests that have to
ask at the same time ask together: a class that writes would otherwise fill the database with these questions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from teaching_nb.hub.identity import credential_owners
from teaching_nb.hub.identity.credential_owners import CredentialOwner
from teaching_nb.hub.store.database import Database

SECONDS = 2.0
"""How long an answer of the database is believed."""

SUBJECT = "subject"
"""The kind of a credential that names an account of the Jupyter server."""

_FEW = 500
"""Up to so many answers are kept without looking for old ones among them."""


class Key(NamedTuple):
    """What a credential is looked up by: a kind of session and the hash of a token, or a subject."""

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class _Entry:
    owner: CredentialOwner
    people_changes: int
    read_at: float


class ActorCache:
    """Credentials and their owners, as the database told them a moment ago."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries: dict[Key, _Entry] = {}
        self._many = _FEW
        self._asked: dict[Key, asyncio.Future[CredentialOwner | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def owner(self, key: Key) -> CredentialOwner | None:
        """Return the owner of a credential, perhaps banned or expired; None when there is none."""
        known = self._known(key)
        if known is not None:
            return known
        future = self._asked.get(key)
        if future is None:
            future = self._asked[key] = asyncio.get_running_loop().create_future()
            future.add_done_callback(_look_at)
            if self._task is None:
                self._task = asyncio.create_task(self._ask(), name="actor-cache")
        # Others may wait for the same answer.
        return await asyncio.shield(future)

    def _known(self, key: Key) -> CredentialOwner | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._is_current(entry) and not entry.owner.is_expired:
            return entry.owner
        del self._entries[key]
        return None

    def _is_current(self, entry: _Entry) -> bool:
        return entry.people_changes == self._database.people_changes and time.monotonic() - entry.read_at < SECONDS

    def _forget_old(self) -> None:
        """Drop the answers that nobody has asked for again, as for tokens of sessions that have ended."""
        if len(self._entries) < self._many:
            return
        self._entries = {key: entry for key, entry in self._entries.items() if self._is_current(entry)}
        self._many = max(_FEW, 2 * len(self._entries))

    async def _ask(self) -> None:
        """Ask the database for all who wait in one query, and again for those who have come meanwhile."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._answer(asked)
        finally:
            self._task = None

    async def _answer(self, asked: dict[Key, asyncio.Future[CredentialOwner | None]]) -> None:
        people_changes, read_at = self._database.people_changes, time.monotonic()
        keys = list(asked)
        try:
            found = await self._database.read(lambda tx: _find(tx, keys))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            for future in asked.values():
                future.set_exception(error)
            return
        self._forget_old()
        for key, future in asked.items():
            owner = found.get(key)
            # A ban may end without any write.
            if owner is not None and not owner.is_banned:
                self._entries[key] = _Entry(owner, people_changes, read_at)
            future.set_result(owner)


def _find(tx: Connection, keys: Collection[Key]) -> dict[Key, CredentialOwner]:
    subjects = [key.word for key in keys if key.kind == SUBJECT]
    hashes = [key.word for key in keys if key.kind != SUBJECT]
    by_token = {Key(*key): owner for key, owner in credential_owners.of_tokens(tx, hashes).items()}
    return by_token | {Key(SUBJECT, word): owner for word, owner in credential_owners.of_subjects(tx, subjects).items()}


def _look_at(future: asyncio.Future[CredentialOwner | None]) -> None:
    # Nobody may be left who waits, and an exception that nobody looks at is logged as a mistake.
    if not future.cancelled():
        future.exception()
