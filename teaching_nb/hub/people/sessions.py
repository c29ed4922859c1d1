"""Tokens that the hub issues: bearer tokens of programs, cookies of browsers, one-time tokens for sockets.

Only the SHA-256 of a token is stored, so a copy of the database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from teaching_nb.errors import Unauthorized
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.people import users as user_service
from teaching_nb.hub.store.tables import hub_secrets, one_time_tokens, sessions, users
from teaching_nb.schema import wire

ONE_TIME_MILLISECONDS = 180_000
"""How long a one-time token waits for its socket, whatever the clock is set to meanwhile."""

COOKIE_DAYS = 7
"""How long a sign-in holds after it was last extended."""

SHORT_DAYS = 1
"""How long a sign-in holds that was not to be remembered; it is not extended."""

SLIDING_MILLISECONDS = clock.DAY
"""Age after which a sign-in is extended when it is used."""

_UNKNOWN = "the token is wrong or has expired"

_user_of_session = (
    select(users, sessions.c.id.label("session_id"), sessions.c.expires_at)
    .join(sessions, sessions.c.user_id == users.c.id)
    .where(sessions.c.token_hash == bindparam("token_hash"), sessions.c.kind == bindparam("kind"))
)
_user_of_one_time_token = (
    select(users, one_time_tokens.c.session_id, one_time_tokens.c.expires_at, one_time_tokens.c.sealed_token)
    .join(one_time_tokens, one_time_tokens.c.user_id == users.c.id)
    .where(one_time_tokens.c.token_hash == bindparam("token_hash"))
)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_bearer(tx: Connection, user_id: str, *, days: int) -> str:
    """Create a bearer token for a user and return it; it cannot be read again later."""
    token = f"tnb_{secrets.token_urlsafe(32)}"
    _insert(tx, user_id, token, kind="bearer", days=days)
    return token


def create_cookie(
    tx: Connection, user_id: str, *, is_lasting: bool, ip_address: str | None, user_agent: str | None
) -> str:
    """Begin a session of a browser and return its token; forgets the sessions that have expired."""
    token = secrets.token_urlsafe(24)
    tx.execute(delete(sessions).where(sessions.c.expires_at <= clock.now()))
    days = COOKIE_DAYS if is_lasting else SHORT_DAYS
    _insert(tx, user_id, token, kind="cookie", days=days, ip_address=ip_address, user_agent=(user_agent or "")[:400])
    return token


def cookie_secret(tx: Connection) -> bytes:
    """Return what signs the cookies of this hub."""
    value: str = tx.execute(select(hub_secrets.c.value).where(hub_secrets.c.name == "cookie")).scalar_one()
    return bytes.fromhex(value)


def is_due(row: Row[Any]) -> bool:
    """Tell whether a session of a browser is to be extended; one that was not to be remembered never is."""
    return bool(row.kind == "cookie" and clock.now() - row.updated_at >= SLIDING_MILLISECONDS)


def extend(tx: Connection, session_id: str) -> None:
    """Let a session hold for its whole time again."""
    now = clock.now()
    values = {"expires_at": now + COOKIE_DAYS * clock.DAY, "updated_at": now}
    tx.execute(update(sessions).where(sessions.c.id == session_id, sessions.c.expires_at > now), values)


def end(tx: Connection, session_id: str) -> None:
    """End one session; its one-time tokens go with it."""
    tx.execute(delete(sessions).where(sessions.c.id == session_id))


def end_all(tx: Connection, user_id: str) -> None:
    """End all sessions and bearer tokens of a user."""
    tx.execute(delete(sessions).where(sessions.c.user_id == user_id))


def end_signed_in(tx: Connection, user_id: str, *, except_session: str | None = None) -> None:
    """End the sessions that a user began with their password; tokens of programs stay."""
    ended = delete(sessions).where(sessions.c.user_id == user_id, sessions.c.kind == "cookie")
    tx.execute(ended if except_session is None else ended.where(sessions.c.id != except_session))


def actor_of_bearer(tx: Connection, token: str, *, kind: str = "bearer") -> Actor | None:
    """Return who holds a bearer token or a session cookie; None for an unknown one.

    Raises `Unauthorized` when it has expired or its user is banned.
    """
    row = tx.execute(_user_of_session, {"token_hash": token_hash(token), "kind": kind}).first()
    return None if row is None else _living_actor(row, clock.now())


def session_of(tx: Connection, session_id: str) -> Row[Any] | None:
    """Return the row of a session."""
    return tx.execute(select(sessions).where(sessions.c.id == session_id)).first()


def by_token(tx: Connection, token: str, *, kind: str) -> Row[Any] | None:
    """Return the row of a session by its token."""
    query = select(sessions).where(sessions.c.token_hash == token_hash(token), sessions.c.kind == kind)
    return tx.execute(query).first()


def create_one_time(tx: Connection, actor: Actor, *, cookie_token: str | None = None) -> str:
    """Create a token that lets one socket of the actor in, once; forgets those that have expired.

    `cookie_token`: the token of the caller's browser session, which whoever redeems the one-time token gets.
    """
    token = secrets.token_hex(16)
    now = clock.steady()
    tx.execute(delete(one_time_tokens).where(one_time_tokens.c.expires_at < now))
    values = {
        "token_hash": token_hash(token),
        "user_id": actor.user_id,
        "session_id": actor.session_id,
        "expires_at": now + ONE_TIME_MILLISECONDS,
        "sealed_token": None if cookie_token is None else _masked(cookie_token.encode(), token).hex(),
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
    return _living_actor(row, clock.steady())


def redeem_one_time(tx: Connection, token: str) -> tuple[Actor, str | None]:
    """Use up a one-time token; return whose it was, and the token of the browser session that it was made in."""
    row = tx.execute(_user_of_one_time_token, {"token_hash": token_hash(token)}).first()
    actor = consume_one_time(tx, token)
    sealed = None if row is None else row.sealed_token
    return actor, None if sealed is None else _masked(bytes.fromhex(sealed), token).decode()


def _insert(
    tx: Connection,
    user_id: str,
    token: str,
    *,
    kind: str,
    days: int,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> None:
    now = clock.now()
    values = {
        "id": wire.new_id(),
        "user_id": user_id,
        "token_hash": token_hash(token),
        "kind": kind,
        "expires_at": now + days * clock.DAY,
        "ip_address": ip_address,
        "user_agent": user_agent,
        "created_at": now,
        "updated_at": now,
    }
    tx.execute(insert(sessions), values)


def _masked(content: bytes, one_time_token: str) -> bytes:
    """Return content that only the holder of a one-time token can read, or undo that.

    The mask is as random as the token, of which only another hash is stored, and it is used once.
    """
    mask = hashlib.shake_256(b"session of " + one_time_token.encode()).digest(len(content))
    return bytes(a ^ b for a, b in zip(content, mask, strict=True))


def _living_actor(row: Row[Any], now: int) -> Actor:
    if row.expires_at <= now:
        raise Unauthorized(_UNKNOWN)
    if user_service.is_banned(row, clock.now()):
        raise Unauthorized("the account is banned")
    return user_service.actor_of(row, row.session_id)
