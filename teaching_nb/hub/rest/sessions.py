"""Who the caller is, and tokens for his sockets. Below `/api/auth`, as in the existing system."""

from __future__ import annotations

import msgspec
from litestar import get
from sqlalchemy import Connection

from teaching_nb.errors import Unauthorized
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.rest.authentication import PUBLIC
from teaching_nb.hub.rest.requests import HubRequest, hub_of, read
from teaching_nb.hub.services import sessions, users
from teaching_nb.schema import wire
from teaching_nb.schema.records import User


class OneTimeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that lets one socket in, once."""

    token: str


class Session(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A session without its secret."""

    id: str
    token: str
    user_id: str
    expires_at: str
    created_at: str
    updated_at: str
    ip_address: str | None
    user_agent: str | None
    impersonated_by: str | None


class CurrentSession(msgspec.Struct, frozen=True, kw_only=True):
    """Who is calling; an assertion of the Jupyter server has no session."""

    session: Session | None
    user: User


@get("/one-time-token/generate")
async def generate_one_time_token(request: HubRequest) -> OneTimeToken:
    """Return a token for one socket, valid for three minutes."""
    token = await hub_of(request).database.write(lambda tx: sessions.create_one_time(tx, request.user))
    return OneTimeToken(token=token)


@get("/get-session", opt=PUBLIC)
async def get_session(request: HubRequest) -> CurrentSession | None:
    """Return who is calling; null for nobody."""
    try:
        actor = await hub_of(request).credentials.authenticate(request.headers.get("authorization"))
    except Unauthorized:
        return None
    return await read(request, lambda tx: _current(tx, actor))


def _current(tx: Connection, actor: Actor) -> CurrentSession | None:
    user = users.by_id(tx, actor.user_id)
    row = sessions.session_of(tx, actor.session_id) if actor.session_id else None
    if user is None:
        return None
    if row is None:
        return CurrentSession(session=None, user=users.record(user))
    session = Session(
        id=row.id,
        # Only a hash of it is stored.
        token="",
        user_id=row.user_id,
        expires_at=wire.timestamp(row.expires_at),
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        impersonated_by=None,
    )
    return CurrentSession(session=session, user=users.record(user))


HANDLERS = [generate_one_time_token, get_session]
