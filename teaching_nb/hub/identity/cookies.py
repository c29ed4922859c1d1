"""The session cookie: reading it, signing what it holds, and writing it. Pure.

Its value is `token.signature`, URL-encoded, as in the existing system. The token is what the hub looks up;
the signature lets it refuse a made-up value without asking the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from urllib.parse import quote, unquote, urlsplit

from teaching_nb.hub.config import Settings

COOKIE_SECONDS = 604_800
"""How long a browser keeps the cookie: seven days."""

_LONGEST = 500


def read(header: str | None, name: str) -> str | None:
    """Return the value of one cookie of a `Cookie` header, decoded; None when it is absent."""
    for part in (header or "").split(";"):
        key, equals, value = part.strip().partition("=")
        if equals and key == name:
            return unquote(value.strip('"'))
    return None


def signed(secret: bytes, token: str) -> str:
    """Return the value of a cookie that holds a token."""
    return f"{token}.{_signature(secret, token)}"


def token_of(secret: bytes, value: str) -> str | None:
    """Return the token in a cookie's value; None when the signature does not fit."""
    token, dot, signature = value[:_LONGEST].partition(".")
    if not dot or not hmac.compare_digest(_signature(secret, token).encode(), signature.encode()):
        return None
    return token


def session_cookie(settings: Settings, value: str, *, is_lasting: bool = True) -> str:
    """Return the `Set-Cookie` header of a session; one that is not lasting ends with the browser."""
    return _set_cookie(settings, quote(value, safe=""), COOKIE_SECONDS if is_lasting else None)


def cleared_cookie(settings: Settings) -> str:
    """Return the `Set-Cookie` header that removes the session cookie."""
    return _set_cookie(settings, "", 0)


def _set_cookie(settings: Settings, value: str, max_age: int | None) -> str:
    parts = [f"{settings.cookie_name}={value}"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    domain = _domain(settings.base_url)
    if domain is not None:
        parts.append(f"Domain={domain}")
    parts += ["Path=/", "HttpOnly", "SameSite=Lax"]
    if settings.is_secure:
        parts.append("Secure")
    return "; ".join(parts)


def _domain(base_url: str | None) -> str | None:
    """Return the host of the address; None for an IP address, which cookies cannot name."""
    host = urlsplit(base_url).hostname if base_url else None
    if host is None:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


def _signature(secret: bytes, token: str) -> str:
    return base64.b64encode(hmac.digest(secret, token.encode(), hashlib.sha256)).decode()
