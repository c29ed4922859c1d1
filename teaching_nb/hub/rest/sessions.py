"""Signing in and out, who the caller is, and tokens for their sockets. Below `/api/auth`, as in the existing system."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, InvalidInput, NotFound, Unauthorized
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.identity import cookies
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.people import sessions, users
from teaching_nb.hub.rest.refusals import TooManySignIns
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Answer, Route
from teaching_nb.schema import wire
from teaching_nb.schema.records import User

BANNED = "You have been banned from this application. Please contact support if you believe this is an error."


class SignIn(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who wants to come in."""

    email: str
    password: str
    remember_me: bool = True


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to whoever may come in."""

    redirect: bool = False
    token: str
    user: User


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The answer when there is nothing to say."""

    success: bool = True


class OneTimeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that lets one socket in, once."""

    token: str


class Session(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A session; `token` is empty unless it is that of a browser."""

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


async def sign_in(request: HubRequest, body: SignIn) -> Answer[SignedIn]:
    """Begin a session of a browser."""
    hub = request.hub
    email = body.email.strip().lower()
    wait = hub.sign_ins.wait(_digest(f"{email} {request.address}"))
    if wait:
        raise TooManySignIns(wait)
    row = await read(request, lambda tx: users.by_email(tx, email))
    if not await hub.passwords.matches(row.password_hash if row else None, body.password) or row is None:
        raise Unauthorized("Invalid email or password", code="INVALID_EMAIL_OR_PASSWORD")
    if users.is_banned(row, clock.now()):
        raise Forbidden(BANNED, code="BANNED_USER")
    agent = request.headers.get("user-agent")
    token = await hub.database.write(
        lambda tx: sessions.create_cookie(
            tx, row.id, is_lasting=body.remember_me, ip_address=request.address[:60], user_agent=agent
        )
    )
    headers = await _cookie(request, token, is_lasting=body.remember_me)
    return Answer(SignedIn(token=token, user=users.record(row)), headers)


async def sign_in_elsewhere(_request: HubRequest) -> None:
    """Refuse: accounts of other services are not connected with this hub."""
    raise NotFound(
        "this hub has no social sign-in; sign in with e-mail and password, or through Jupyter",
        code="PROVIDER_NOT_FOUND",
    )


async def sign_up(_request: HubRequest) -> None:
    """Refuse: accounts are made by those who run the hub."""
    raise InvalidInput("Email and password sign up is not enabled", code="EMAIL_PASSWORD_SIGN_UP_DISABLED")


async def sign_out(request: HubRequest) -> Answer[Done]:
    """End the session of the caller and the sockets that came in with it."""
    actor, presented = request.actor, request.presented
    if actor is not None and actor.session_id is not None and presented is not None and presented.is_cookie:
        session_id = actor.session_id

        def end(tx: Connection) -> Outcome[None]:
            sessions.end(tx, session_id)
            return Outcome(None, access_changed=True)

        await commit(request, end)
    return Answer(Done(), {"set-cookie": cookies.cleared_cookie(request.hub.settings)})


async def get_session(request: HubRequest) -> CurrentSession | None:
    """Return who is calling; null for nobody."""
    actor, presented = request.actor, request.presented
    if actor is None or presented is None:
        return None
    # The token of a program is not repeated; that of a browser is, as in the existing system.
    token = presented.token if presented.is_cookie else ""
    return await read(request, lambda tx: _current(tx, actor, token))


async def generate_one_time_token(request: HubRequest) -> OneTimeToken:
    """Return a token for one socket, valid for three minutes."""
    actor, presented = request.user, request.presented
    cookie_token = presented.token if presented is not None and presented.is_cookie else None
    token = await request.hub.database.write(lambda tx: sessions.create_one_time(tx, actor, cookie_token=cookie_token))
    return OneTimeToken(token=token)


async def verify_one_time_token(request: HubRequest, body: OneTimeToken) -> Answer[CurrentSession | None]:
    """Use up a one-time token and return the session that it was made in.

    The cookie of a browser's session comes with it. A program's token must not become a cookie that lives for a
    week: who shows one that was made with it learns whose it is, and no more.
    """

    def redeem(tx: Connection) -> tuple[CurrentSession | None, str | None]:
        actor, token = sessions.redeem_one_time(tx, body.token)
        return _current(tx, actor, token or ""), token

    try:
        current, token = await request.hub.database.write(redeem)
    except Unauthorized as error:
        raise InvalidInput("Invalid token", code=None) from error
    headers = {} if token is None else await _cookie(request, token, is_lasting=True)
    return Answer(current, headers)


def _digest(who: str) -> str:
    """Return what stands for an account and an address, for it is told to other processes."""
    return hashlib.blake2b(who.encode(errors="replace"), digest_size=16).hexdigest()


async def _cookie(request: HubRequest, token: str, *, is_lasting: bool) -> dict[str, str]:
    hub = request.hub
    value = await hub.credentials.cookie_value(token)
    return {"set-cookie": cookies.session_cookie(hub.settings, value, is_lasting=is_lasting)}


def _current(tx: Connection, actor: Actor, token: str) -> CurrentSession | None:
    user = users.by_id(tx, actor.user_id)
    row = sessions.session_of(tx, actor.session_id) if actor.session_id else None
    if user is None:
        return None
    if row is None:
        return CurrentSession(session=None, user=users.record(user))
    session = Session(
        id=row.id,
        token=token,
        user_id=row.user_id,
        expires_at=wire.timestamp(row.expires_at),
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        impersonated_by=None,
    )
    return CurrentSession(session=session, user=users.record(user))


ROUTES = (
    Route("POST", "/sign-in/email", sign_in, open_to="everybody"),
    Route("POST", "/sign-in/social", sign_in_elsewhere, 201, open_to="everybody"),
    Route("POST", "/sign-up/email", sign_up, 201, open_to="everybody"),
    Route("POST", "/sign-out", sign_out, open_to="everybody"),
    Route("GET", "/get-session", get_session, open_to="everybody"),
    Route("GET", "/one-time-token/generate", generate_one_time_token),
    Route("POST", "/one-time-token/verify", verify_one_time_token, open_to="everybody"),
)
