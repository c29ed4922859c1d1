"""What every request passes before it reaches a route: other sites, who is calling, how often.

Denies by default: below `/api/v1` nothing but what is open to everybody is served to nobody, whether it exists or
not. Below `/api/auth` the routes themselves refuse strangers (`endpoints.check_open_to`), as they all do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from teaching_nb.errors import TooManyRequests, Unauthorized
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.identity import cookies
from teaching_nb.hub.identity.origins import Origins, origin_of
from teaching_nb.hub.people import sessions
from teaching_nb.hub.rest.refusals import ACCOUNT_PATHS
from teaching_nb.hub.rest.requests import HubRequest, Presented

_METHODS = "GET,POST,PUT,DELETE,OPTIONS,HEAD"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestGuard:
    """Judges requests; knows no route."""

    def __init__(self, hub: HubContext, public_paths: frozenset[str]) -> None:
        self._hub = hub
        self._public_paths = public_paths
        self._origins = Origins(hub.settings)
        self._writes = hub.writes_of_users("requests")

    async def admit(self, request: HubRequest) -> dict[str, str]:
        """Put the caller into the request and return further headers of the answer; raises what refuses it."""
        headers, path = request.headers, request.path
        is_account, is_writing = path.startswith(ACCOUNT_PATHS), request.method not in _SAFE_METHODS
        if is_account and is_writing:
            self._check_page(headers)
        if not is_account and (path in self._public_paths or not path.startswith("/api/v1/")):
            return {}
        try:
            actor, presented = await self._caller(headers)
        except Unauthorized:
            if not is_account:
                raise
            return {}
        request.actor, request.presented = actor, presented
        if is_writing and not is_account:
            self._check_write(actor, presented, headers)
        return await self._extended(actor, presented) if presented.is_cookie else {}

    async def _caller(self, headers: Mapping[str, str]) -> tuple[Actor, Presented]:
        """Return who is calling, and by what; a header counts before a cookie. Raises `Unauthorized`."""
        credentials, header = self._hub.credentials, headers.get("authorization")
        if header is not None:
            actor = await credentials.authenticate(header)
            return actor, Presented(header.partition(" ")[2].strip(), is_cookie=False)
        cookie = cookies.read(headers.get("cookie"), self._hub.settings.cookie_name) or ""
        actor = await credentials.authenticate(None, cookie=cookie or None)
        return actor, Presented(await credentials.cookie_token(cookie), is_cookie=True)

    def _check_page(self, headers: Mapping[str, str]) -> None:
        """Refuse a foreign page that makes a browser act on an account; a program sends neither of these."""
        is_browser = "cookie" in headers or any(name.startswith("sec-fetch-") for name in headers)
        if is_browser or "origin" in headers:
            self._origins.check(headers)

    def _check_write(self, actor: Actor, presented: Presented, headers: Mapping[str, str]) -> None:
        if presented.is_cookie and "x-requested-with" not in headers:
            self._origins.check(headers)
        if self._writes is not None and not self._writes.allows(actor.user_id):
            limit = self._hub.settings.user_writes_per_second
            raise TooManyRequests(f"too many changes, the limit is {limit} per second", retryAfter=1)

    async def _extended(self, actor: Actor, presented: Presented) -> dict[str, str]:
        """Extend a session that has been used for a day; return the header that renews its cookie."""
        session_id = actor.session_id
        if session_id is None:
            return {}
        database = self._hub.database
        row = await database.read(lambda tx: sessions.session_of(tx, session_id))
        if row is None or not sessions.is_due(row):
            return {}
        await database.write(lambda tx: sessions.extend(tx, session_id))
        value = await self._hub.credentials.cookie_value(presented.token)
        return {"set-cookie": cookies.session_cookie(self._hub.settings, value)}

    def cross_origin_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what lets the pages of configured sites read the answer."""
        origin = origin_of(headers) if self._origins.foreign else None
        if origin is None:
            return {}
        found = {"access-control-allow-credentials": "true", "vary": "Origin"}
        if origin in self._origins.foreign:
            found["access-control-allow-origin"] = origin
            found["access-control-expose-headers"] = "x-document-revision, x-document-updated-at, retry-after"
        if "access-control-request-method" in headers:
            found["access-control-allow-methods"] = _METHODS
            wanted = headers.get("access-control-request-headers", "")
            if wanted and origin in self._origins.foreign:
                found["access-control-allow-headers"] = re.sub(r"[^A-Za-z0-9_, -]", "", wanted)
        return found
