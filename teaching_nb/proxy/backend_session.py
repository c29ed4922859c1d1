"""The session of the server's owner at the school's existing backend: opened when it is needed, and again when it ends.

There are two versions. The present one signs people in by e-mail and password, and gives a one-time token for each
socket; that of April 2025 has neither, so that its session comes as a cookie from a browser. What goes wrong is said
in sentences of at most 123 bytes, which is what a WebSocket can be closed with.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal
from urllib.parse import urlsplit

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.proxy.upstream import UNTRUSTED, Unusable
from teaching_nb.schema import hub_kinds

Version = Literal["2025", "present"]

ASK_SECONDS = 10.0

REFUSED_SECONDS = 30.0
"""How long a refused sign-in is not tried again."""
TOO_OFTEN_SECONDS = 10.0
"""The backend bears three sign-ins in ten seconds from one address; it says how many of these are left."""
SPREAD_SECONDS = 2.0
"""A class that waits behind one address comes back within so long: in step it would ask more often than is of use."""

UNREACHABLE = hub_kinds.BACKEND_UNREACHABLE
REFUSED = "the school's backend refuses this sign-in: check TeachingNB.hub_email and its password"
BANNED = "the school's backend has banned this account: ask its administrators"
ORIGIN = "the school's backend takes no sign-in from here: use a session cookie in TeachingNB.hub_token_file"
TOO_OFTEN = "the school's backend takes no more sign-ins just now: it is tried again within half a minute"
UNKNOWN = "no backend that teaching_nb knows is there: check TeachingNB.hub_url and TeachingNB.hub_kind"
NO_PASSWORDS = "this version of the backend has no passwords: put its session cookie into TeachingNB.hub_token_file"
ENDED = "the session at the school's backend has ended: put a new cookie into TeachingNB.hub_token_file"
NO_ACCOUNT = "no account for the school's backend: set TeachingNB.hub_email and hub_password_file"
NO_COOKIE = "TeachingNB.hub_token_file must hold the session cookie of the school's backend, as NAME=VALUE"

_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^\s;,\"\\]+")
_NOBODY_BEHIND = frozenset({502, 503, 504})
_ORIGIN_CODES = frozenset({"MISSING_OR_NULL_ORIGIN", "INVALID_ORIGIN"})


@dataclass(frozen=True, slots=True)
class Account:
    """What the owner is known by: an e-mail with a password, or else a cookie. Read anew each time it is needed."""

    email: str
    password: Callable[[], str] = field(repr=False)
    cookie: Callable[[], str] = field(repr=False)


class BackendSession:
    """Cookies of one session. Everything raises `Unavailable` where nobody answers, else `Unusable` with a sentence.

    `on_lost` is called when nobody answers.
    """

    def __init__(self, root: str, account: Account, on_lost: Callable[[], None]) -> None:
        self._root = root
        self._on_lost = on_lost
        self._account = account
        self._client = SimpleAsyncHTTPClient(force_instance=True)
        self._cookies: dict[str, str] = {}
        self._version: Version | None = None
        self._given = ""
        """The cookie of the account that this session was begun with, so that one that has ended is known again."""
        self._opening = asyncio.Lock()
        self._refusal: tuple[Unusable, float] | None = None
        """Why the backend refuses to sign in, and until when it is not asked again."""

    @property
    def is_of_2025(self) -> bool:
        """Tell whether this is the version of April 2025; False until it has been asked."""
        return self._version == "2025"

    async def cookies(self) -> str:
        """Return the Cookie header of the session; opens the session when there is none."""
        if not self._cookies:
            async with self._opening:
                if not self._cookies:
                    await self._open()
        return self._header

    async def one_time_token(self) -> str | None:
        """Return a fresh token for one socket, or None in the version that wants none."""
        used = await self.cookies()
        if self.is_of_2025:
            if (await self._ask("GET", "/api/v1/checklogin", used)).code == 401:
                await self.reopen(used)
            return None
        answer = await self._ask("GET", "/api/auth/one-time-token/generate", used)
        if answer.code == 401:
            await self.reopen(used)
            answer = await self._ask("GET", "/api/auth/one-time-token/generate", self._header)
        token = _json(answer).get("token")
        if answer.code != 200 or not isinstance(token, str):
            raise Unusable(_status(answer))
        self.keep(answer)
        return token

    async def reopen(self, used: str) -> None:
        """Open another session in place of the one that `used` is the header of, unless that has happened."""
        async with self._opening:
            if self._cookies and self._header == used:
                self._cookies = {}
            if not self._cookies:
                await self._open()

    def keep(self, answer: HTTPResponse) -> None:
        """Take the cookies of this session that an answer renews."""
        self._cookies |= {name: value for name, value in _set_cookies(answer).items() if name in self._cookies}

    def close(self) -> None:
        """Ask nothing more."""
        self._client.close()

    @property
    def _header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def _open(self) -> None:
        if self._refusal is not None and time.monotonic() < self._refusal[1]:
            raise self._refusal[0]
        self._version = await self._find_version()
        if self._account.email:
            await self._sign_in()
        else:
            await self._take_cookie()

    async def _find_version(self) -> Version:
        """Ask what both versions answer everybody, and nothing else does."""
        answer = await self._ask("GET", "/api/auth/get-session")
        if answer.code == 200 and answer.body in {b"null", b""}:
            return "present"
        answer = await self._ask("GET", "/api/v1/checklogin")
        if answer.code == 401 or (answer.code == 200 and answer.body == b"OK"):
            return "2025"
        raise Unusable(UNKNOWN)

    async def _sign_in(self) -> None:
        if self.is_of_2025:
            raise Unusable(NO_PASSWORDS)
        body = {"email": self._account.email, "password": _read(self._account.password)}
        answer = await self._ask("POST", "/api/auth/sign-in/email", body=body)
        if _json(answer).get("code") in _ORIGIN_CODES:
            # A backend that asks programs for an origin trusts its own.
            answer = await self._ask(
                "POST", "/api/auth/sign-in/email", body=body, headers={"Origin": origin_of(self._root)}
            )
        cookies = _set_cookies(answer)
        if answer.code != 200 or not cookies:
            raise self._remembered(answer)
        self._cookies, self._refusal = cookies, None

    def _remembered(self, answer: HTTPResponse) -> Unusable:
        """Return why there was no sign-in, and remember it for a while, so as not to ask again and again."""
        refusal = Unusable(_why_refused(answer))
        seconds = REFUSED_SECONDS
        if answer.code == 429:
            seconds = seconds_until_free(answer.headers.get("X-Retry-After", "")) + random.uniform(0, SPREAD_SECONDS)  # noqa: S311
        self._refusal = (refusal, time.monotonic() + seconds)
        return refusal

    async def _take_cookie(self) -> None:
        cookie = _read(self._account.cookie)
        if not cookie:
            raise Unusable(NO_ACCOUNT)
        if not _COOKIE.fullmatch(cookie):
            raise Unusable(NO_COOKIE)
        path = "/api/v1/checklogin" if self.is_of_2025 else "/api/auth/get-session"
        answer = await self._ask("GET", path, cookie)
        if answer.code != 200 or answer.body == b"null":
            raise Unusable(ENDED if answer.code in {200, 401} else _status(answer))
        name, _, value = cookie.partition("=")
        self._cookies = {name: value}
        self.keep(answer)

    async def _ask(
        self,
        method: str,
        path: str,
        cookies: str = "",
        *,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> HTTPResponse:
        """Send a request and return its answer, whatever the status."""
        request = HTTPRequest(
            self._root + path,
            method=method,
            headers={**(headers or {}), **({"Cookie": cookies} if cookies else {})},
            body=None if body is None else json.dumps(body),
            connect_timeout=ASK_SECONDS,
            request_timeout=ASK_SECONDS,
            follow_redirects=False,
        )
        if body is not None:
            request.headers["Content-Type"] = "application/json"
        try:
            answer = await self._client.fetch(request, raise_error=False)
        except ssl.SSLCertVerificationError as error:
            raise Unusable(UNTRUSTED) from error
        except (HTTPClientError, HTTPInputError, OSError) as error:
            self._on_lost()
            raise Unavailable(UNREACHABLE) from error
        if answer.code in _NOBODY_BEHIND:
            self._on_lost()
            raise Unavailable(UNREACHABLE)
        return answer


def seconds_until_free(told: str) -> float:
    """Return how long a backend takes no sign-in that says so, in whole seconds, or says nothing of use."""
    seconds = float(told) if told.isascii() and told.isdecimal() else TOO_OFTEN_SECONDS
    return min(seconds, REFUSED_SECONDS - SPREAD_SECONDS)


def _read(secret: Callable[[], str]) -> str:
    try:
        return secret()
    except ConfigurationError as error:
        raise Unusable(str(error)) from error


def _why_refused(answer: HTTPResponse) -> str:
    code = _json(answer).get("code")
    if answer.code == 429:
        return TOO_OFTEN
    if code == "BANNED_USER":
        return BANNED
    if code in _ORIGIN_CODES:
        return ORIGIN
    return REFUSED if answer.code in {400, 401, 403} else _status(answer)


def _status(answer: HTTPResponse) -> str:
    return f"the school's backend answers with status {answer.code}: ask who runs it, or try again later"


def _json(answer: HTTPResponse) -> dict[str, Any]:
    try:
        content = json.loads(answer.body or b"null")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _set_cookies(answer: HTTPResponse) -> dict[str, str]:
    """Return the cookies that an answer sets, as they are to be sent back."""
    found: dict[str, str] = {}
    for line in answer.headers.get_list("Set-Cookie"):
        try:
            parsed = SimpleCookie(line)
        except CookieError:
            continue
        found |= {name: morsel.coded_value for name, morsel in parsed.items() if morsel.value}
    return found


def origin_of(url: str) -> str:
    """Return where an address is, as browsers name it: without a path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
