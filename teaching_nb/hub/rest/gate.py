"""What every request passes before it reaches a handler: other sites, who is calling, how often.

Denies by default: below `/api/v1` nothing but the three public paths is served to nobody, whether it exists
or not. A path is brought to the one form in which the framework routes it before it is judged. Below `/api/auth`
the framework's guard refuses strangers (`authentication.known_only`); it stands before all other handlers too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

from teaching_nb.errors import OperationalError, TooManyRequests, Unauthorized
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.identity import cookies
from teaching_nb.hub.identity.origins import Origins, origin_of
from teaching_nb.hub.people import sessions
from teaching_nb.hub.rates import writes_of_users
from teaching_nb.hub.rest import refusals

PUBLIC_PATHS = frozenset({"/api/v1", "/api/v1/health", "/api/v1/openapi.json"})

_METHODS = "GET,POST,PUT,DELETE,OPTIONS,HEAD"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# The existing system compares paths without regard to case.
_WORDS = {
    word.lower(): word
    for word in (
        "documentRoots", "documents", "studentGroups", "users", "user", "permissions", "admin", "cms", "health", "sync",
        "multiple", "main", "linkTo", "members", "admins", "group", "allowedActions", "linkUserPassword",
        "revokeUserPassword", "export", "settings", "logout", "checklogin", "github-token", "openapi.json",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Presented:
    """The credential behind a request."""

    token: str
    is_cookie: bool


Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Gate:
    """Stands before the REST application."""

    def __init__(self, app: Application, hub: HubContext) -> None:
        self._app = app
        self._hub = hub
        self._origins = Origins(hub.settings)
        self._writes = writes_of_users(hub.settings.user_writes_per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        send = _adding(self._cross_origin_headers(headers), send)
        if scope["method"] == "OPTIONS":
            await send_answer(send, 204, None)
            return
        scope["path"] = canonical(scope["path"])
        try:
            set_cookie = await self._admit(scope, headers)
        except OperationalError as error:
            answer = refusals.shaped(scope["path"], error)
            await send_answer(send, error.status, answer.body, answer.headers)
            return
        # As monitors ask; the server leaves out the body.
        is_monitor = scope["method"] == "HEAD" and scope["path"] in PUBLIC_PATHS
        asked = {**scope, "method": "GET"} if is_monitor else scope
        await self._app(asked, receive, _adding(set_cookie, send))

    async def _admit(self, scope: Scope, headers: Mapping[str, str]) -> dict[str, str]:
        """Put the caller into the scope and return further headers of the answer; raises what refuses them."""
        path, is_writing = scope["path"], scope["method"] not in _SAFE_METHODS
        is_account = path.startswith("/api/auth/")
        if is_account and is_writing:
            self._check_page(headers)
        scope["user"], scope["auth"] = None, None
        if not is_account and (path in PUBLIC_PATHS or not path.startswith("/api/v1/")):
            return {}
        presented = await self._presented(headers)
        try:
            actor = await self._authenticated(headers, presented)
        except Unauthorized:
            if not is_account:
                raise
            return {}
        scope["user"], scope["auth"] = actor, presented
        if is_writing and not is_account:
            self._check_write(actor, presented, headers)
        return await self._extended(actor, presented)

    async def _presented(self, headers: Mapping[str, str]) -> Presented | None:
        """Return what is to be looked at; a header counts before a cookie."""
        header = headers.get("authorization")
        if header is not None:
            return Presented(header.partition(" ")[2].strip(), is_cookie=False)
        value = cookies.read(headers.get("cookie"), self._hub.settings.cookie_name)
        if not value:
            return None
        try:
            return Presented(await self._hub.credentials.cookie_token(value), is_cookie=True)
        except Unauthorized:
            return None

    async def _authenticated(self, headers: Mapping[str, str], presented: Presented | None) -> Actor:
        cookie = None
        if presented is not None and presented.is_cookie:
            cookie = await self._hub.credentials.cookie_value(presented.token)
        return await self._hub.credentials.authenticate(headers.get("authorization"), cookie=cookie)

    def _check_page(self, headers: Mapping[str, str]) -> None:
        """Refuse a foreign page that makes a browser act on an account; a program sends neither of these."""
        is_browser = "cookie" in headers or any(name.startswith("sec-fetch-") for name in headers)
        if is_browser or "origin" in headers:
            self._origins.check(headers)

    def _check_write(self, actor: Actor, presented: Presented | None, headers: Mapping[str, str]) -> None:
        if presented is not None and presented.is_cookie and "x-requested-with" not in headers:
            self._origins.check(headers)
        if self._writes is not None and not self._writes.allows(actor.user_id):
            limit = self._hub.settings.user_writes_per_second
            raise TooManyRequests(f"too many changes, the limit is {limit} per second", retryAfter=1)

    async def _extended(self, actor: Actor, presented: Presented | None) -> dict[str, str]:
        """Extend a session that has been used for a day; return the header that renews its cookie."""
        session_id = actor.session_id
        if presented is None or not presented.is_cookie or session_id is None:
            return {}
        database = self._hub.database
        row = await database.read(lambda tx: sessions.session_of(tx, session_id))
        if row is None or not sessions.is_due(row):
            return {}
        await database.write(lambda tx: sessions.extend(tx, session_id))
        value = await self._hub.credentials.cookie_value(presented.token)
        return {"set-cookie": cookies.session_cookie(self._hub.settings, value)}

    def _cross_origin_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what lets the pages of configured sites read the answer."""
        origin = origin_of(headers)
        if origin is None or not self._origins.foreign:
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


def canonical(path: str) -> str:
    """Return a decoded path as the framework routes it, its words as the handlers spell them.

    Empty segments do not count there; dots are names like all others.
    """
    parts = [part for part in path.split("/") if part]
    if [part.lower() for part in parts[:2]] == ["api", "v1"]:
        parts = ["api", "v1", *(_WORDS.get(part.lower(), part) for part in parts[2:])]
    return "/" + "/".join(parts)


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    if not headers:
        return send
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *raw]}
        await send(message)

    return adding


async def send_answer(send: Send, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
    """Send a whole answer; without content for None."""
    content = b"" if body is None else msgspec.json.encode(body)
    named = {"content-length": str(len(content)), **(headers or {})}
    if content:
        named["content-type"] = "application/json"
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": False})
