"""Tokens that the hub issues: bearer tokens of people and programs, and one-time tokens for sockets.

Only the SHA-256 of a token is stored, so a copy of the database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from teaching_nb.errors import Unauthorized
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.services import users as user_service
from teaching_nb.hub.tables import one_time_tokens, sessions, users
from teaching_nb.schema import wire

ONE_TIME_MILLISECONDS = 180_000
"""How long a one-time token waits for its socket."""

_UNKNOWN = "the token is wrong or has expired"

_user_of_session = (
    select(users, sessions.c.id.label("session_id"), sessions.c.expires_at)
    .join(sessions, sessions.c.user_id == users.c.id)
    .where(sessions.c.token_hash == bindparam("token_hash"), sessions.c.kind == bindparam("kind"))
)
_user_of_one_time_token = (
    select(users, one_time_tokens.c.session_id, one_time_tokens.c.expires_at)
    .join(one_time_tokens, one_time_tokens.c.user_id == users.c.id)
    .where(one_time_tokens.c.token_hash == bindparam("token_hash"))
)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_bearer(tx: Connection, user_id: str, *, days: int) -> str:
    """Create a bearer token for a user and return it; it cannot be read again later."""
    token = f"tnb_{secrets.token_urlsafe(32)}"
    now = clock.now()
    values = {
        "id": wire.new_id(),
        "user_id": user_id,
        "token_hash": token_hash(token),
        "kind": "bearer",
        "expires_at": now + days * clock.DAY,
        "created_at": now,
        "updated_at": now,
    }
    tx.execute(insert(sessions), values)
    return token


def actor_of_bearer(tx: Connection, token: str, *, kind: str = "bearer") -> Actor | None:
    """Return who holds a bearer token or a session cookie; None for an unknown one.

    Raises `Unauthorized` when it has expired or its user is banned.
    """
    row = tx.execute(_user_of_session, {"token_hash": token_hash(token), "kind": kind}).first()
    return None if row is None else _living_actor(row)


def session_of(tx: Connection, session_id: str) -> Row[Any] | None:
    """Return the row of a session."""
    return tx.execute(select(sessions).where(sessions.c.id == session_id)).first()


def create_one_time(tx: Connection, actor: Actor) -> str:
    """Create a token that lets one socket of the actor in, once; forgets those that have expired."""
    token = secrets.token_hex(16)
    now = clock.now()
    tx.execute(delete(one_time_tokens).where(one_time_tokens.c.expires_at < now))
    values = {
        "token_hash": token_hash(token),
        "user_id": actor.user_id,
        "session_id": actor.session_id,
        "expires_at": now + ONE_TIME_MILLISECONDS,
    }
    tx.execute(insert(one_time_tokens), values)
    return token


def is_one_time(tx: Connection, token: str) -> bool:
    """Tell whether a one-time token waits to be used."""
    return tx.execute(_user_of_one_time_token, {"token_hash": token_hash(token)}).first() is not None


def consume_one_time(tx: Connection, token: str) -> Actor:
    """Use up a one-time token and return whose it was; raises `Unauthorized` when it does not hold."""
    row = tx.execute(_user_of_one_time_token, {"token_hash": token_hash(token)}).first()
    if row is None:
        raise Unauthorized(_UNKNOWN)
    tx.execute(delete(one_time_tokens).where(one_time_tokens.c.token_hash == token_hash(token)))
    return _living_actor(row)


def _living_actor(row: Row[Any]) -> Actor:
    now = clock.now()
    if row.expires_at <= now:
        raise Unauthorized(_UNKNOWN)
    if user_service.is_banned(row, now):
        raise Unauthorized("the account is banned")
    return user_service.actor_of(row, row.session_id)
