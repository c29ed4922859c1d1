"""Who is calling: turns what a request or a socket presents into an `Actor`, or refuses.

Used by the guard of REST requests and the socket's connect handler; believes nothing that is not signed or stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from teaching_nb.errors import Unauthorized
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.config import Settings
from teaching_nb.hub.identity import cookies
from teaching_nb.hub.identity.actor_cache import SUBJECT, ActorCache, Key
from teaching_nb.hub.identity.credential_owners import CredentialOwner
from teaching_nb.hub.people import sessions
from teaching_nb.hub.people import users as user_service
from teaching_nb.hub.store.database import Database
from teaching_nb.tokens import Assertion, verify_assertion

_LONGEST_TOKEN = 4_000

_FEW_NONCES = 1_000
"""Numbers of assertions among which it is not worth looking for those that have expired."""

_UNKNOWN = "the token is wrong or has expired"


class Credentials:
    """Checks credentials against the database and the shared secret of this process."""

    def __init__(self, database: Database, settings: Settings, *, on_adopted: Callable[[], None]) -> None:
        self._database = database
        self._secret = settings.secret
        self._nonces: dict[str, float] = {}
        self._many_nonces = _FEW_NONCES
        self._cookie_secret: bytes | None = None
        self._known = ActorCache(database)
        self._on_adopted = on_adopted
        """Called after an assertion has made an account, or has changed its role."""

    async def authenticate(self, header: str | None, *, token: str | None = None, cookie: str | None = None) -> Actor:
        """Return who presents an `Authorization` header, a socket's token, or the value of a session cookie.

        The first one that is present counts, in this order. Raises `Unauthorized` when it does not hold,
        when none is present, or when the user is banned.
        """
        if header is not None:
            return await self._by_header(header)
        if token is not None:
            return await self._by_socket_token(token)
        if cookie is not None:
            return await self._by_stored_token(await self.cookie_token(cookie), kind="cookie")
        raise Unauthorized("no credential was sent")

    async def cookie_token(self, value: str) -> str:
        """Return the token in a session cookie; raises `Unauthorized` when the hub has not signed it."""
        token = cookies.token_of(await self._secret_of_cookies(), value)
        if token is None:
            raise Unauthorized("the cookie was not made by this hub")
        return token

    async def cookie_value(self, token: str) -> str:
        """Return the value of a session cookie with a token."""
        return cookies.signed(await self._secret_of_cookies(), token)

    async def _secret_of_cookies(self) -> bytes:
        if self._cookie_secret is None:
            self._cookie_secret = await self._database.read(sessions.cookie_secret)
        return self._cookie_secret

    async def _by_header(self, header: str) -> Actor:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("the Authorization header must be: Bearer TOKEN")
        if token.count(".") == 2:
            return await self._by_assertion(token)
        return await self._by_stored_token(token, kind="bearer")

    async def _by_assertion(self, token: str) -> Actor:
        if self._secret is None:
            raise Unauthorized("this hub accepts no assertions")
        assertion = verify_assertion(self._secret, token)
        self._use_up(assertion)

        owner = await self._known.owner(Key(SUBJECT, assertion.subject))
        if owner is not None and _is_as_said(owner.actor, assertion):
            return _living(owner)
        row = await self._database.write(partial(user_service.adopt, assertion=assertion))
        self._on_adopted()
        if user_service.is_banned(row, clock.now()):
            raise Unauthorized("the account is banned")
        return user_service.actor_of(row)

    def _use_up(self, assertion: Assertion) -> None:
        if assertion.nonce in self._nonces:
            raise Unauthorized("the assertion was used before")
        if len(self._nonces) >= self._many_nonces:
            now = time.monotonic()
            self._nonces = {nonce: expiry for nonce, expiry in self._nonces.items() if expiry > now}
            self._many_nonces = max(_FEW_NONCES, 2 * len(self._nonces))
        self._nonces[assertion.nonce] = assertion.expires_at

    async def _by_stored_token(self, token: str, *, kind: str) -> Actor:
        _check_length(token)
        owner = await self._known.owner(Key(kind, sessions.token_hash(token)))
        if owner is None:
            raise Unauthorized(_UNKNOWN)
        return _living(owner)

    async def _by_socket_token(self, token: str) -> Actor:
        _check_length(token)

        def find(tx: Connection) -> Actor | None:
            actor = sessions.actor_of_bearer(tx, token)
            if actor is None and not sessions.is_one_time(tx, token):
                raise Unauthorized(_UNKNOWN)
            return actor

        actor = await self._database.read(find)
        if actor is not None:
            return actor
        return await self._database.write(lambda tx: sessions.consume_one_time(tx, token))


def _check_length(token: str) -> None:
    if len(token) > _LONGEST_TOKEN:
        raise Unauthorized(_UNKNOWN)


def _living(owner: CredentialOwner) -> Actor:
    if owner.is_expired:
        raise Unauthorized(_UNKNOWN)
    if owner.is_banned:
        raise Unauthorized("the account is banned")
    return owner.actor


def _is_as_said(actor: Actor, assertion: Assertion) -> bool:
    """Tell whether the Jupyter server says of an account what is known of it."""
    return actor.role == assertion.role and (not assertion.name or actor.name == assertion.name)
