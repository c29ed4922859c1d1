"""Who stands behind many credentials at once: as `sessions` and `users` tell for one, in one query for all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.people import users as user_service
from teaching_nb.hub.store.any_of import any_of
from teaching_nb.hub.store.tables import sessions, users

_of_tokens = (
    select(users, sessions.c.id.label("session_id"), sessions.c.expires_at, sessions.c.kind, sessions.c.token_hash)
    .join(sessions, sessions.c.user_id == users.c.id)
    .where(any_of(sessions.c.token_hash, "hashes"))
)
_of_subjects = select(users).where(any_of(users.c.subject, "subjects"))


@dataclass(frozen=True, slots=True)
class CredentialOwner:
    """What the database says about a credential."""

    actor: Actor
    is_banned: bool
    expires_at: int | None = None
    """When the session ends, in milliseconds since the epoch; None for a subject, who has none."""

    @property
    def is_expired(self) -> bool:
        """Tell whether the session has ended."""
        return self.expires_at is not None and self.expires_at <= clock.now()


def of_tokens(tx: Connection, hashes: Collection[str]) -> dict[tuple[str, str], CredentialOwner]:
    """Return who holds tokens, by the kind of the session and the hash; unknown ones are left out."""
    if not hashes:
        return {}
    rows = tx.execute(_of_tokens, {"hashes": list(hashes)})
    return {(row.kind, row.token_hash): _owner(row, row.session_id, row.expires_at) for row in rows}


def of_subjects(tx: Connection, subjects: Collection[str]) -> dict[str, CredentialOwner]:
    """Return who stands for accounts of a Jupyter server; unknown ones are left out."""
    if not subjects:
        return {}
    return {row.subject: _owner(row) for row in tx.execute(_of_subjects, {"subjects": list(subjects)})}


def _owner(row: Row[Any], session_id: str | None = None, expires_at: int | None = None) -> CredentialOwner:
    return CredentialOwner(user_service.actor_of(row, session_id), user_service.is_banned(row, clock.now()), expires_at)
