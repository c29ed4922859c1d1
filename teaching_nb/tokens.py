"""Signed credentials between our own processes: minting and verifying, nothing else.

Two kinds, both JWT (HS256) and bound to one audience so that neither passes for the other:

* an *assertion*: the Jupyter server tells its embedded hub who is calling; lives for seconds, single use;
* a *kernel token*: the Jupyter server gives it to a kernel it starts, and accepts it from that kernel only.

No date of the calendar decides about either, for the clock may be set while they are in use. A kernel token lives
as long as its kernel; an assertion, which stays on one machine, counts the seconds since that machine was started.

Tokens that a hub issues to people (bearer, session, one-time) are rows of the hub and not made here.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
import msgspec

from teaching_nb.errors import Unauthorized

ASSERTION_SECONDS = 30
"""Lifetime of an assertion."""

_ALGORITHM = "HS256"
_ASSERTION_AUDIENCE = "teaching-nb-hub"
_KERNEL_AUDIENCE = "teaching-nb-kernel"


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """Who is calling, vouched for by the Jupyter server."""

    subject: str
    """The account's name at the Jupyter server; the hub keeps one user per subject."""
    name: str
    """Display name."""
    role: str
    """Role of the account at the embedded hub: student, teacher or admin."""
    nonce: str
    """Single-use number; the hub refuses one that it has seen."""
    expires_at: float
    """By `time.monotonic`, which all processes of a machine share."""


class KernelToken(msgspec.Struct, frozen=True, kw_only=True):
    """Which kernel of which user is calling."""

    subject: str
    name: str
    role: str
    kernel_id: str


def new_secret() -> str:
    """Return a fresh random secret of 256 bits in hexadecimal."""
    return secrets.token_hex(32)


def mint_assertion(secret: str, *, subject: str, name: str, role: str) -> str:
    """Sign who is calling for the embedded hub."""
    claims = {
        "aud": _ASSERTION_AUDIENCE,
        "sub": subject,
        "name": name,
        "role": role,
        "jti": secrets.token_hex(12),
        "minted": time.monotonic(),
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def verify_assertion(secret: str, token: str) -> Assertion:
    """Return the content of an assertion.

    Raises `Unauthorized` when it is malformed, expired, signed by somebody else, or meant for something else.
    Single use is checked by the caller, who remembers the nonces.
    """
    claims = _decode(secret, token, _ASSERTION_AUDIENCE, ("minted", "sub", "jti"))
    minted, now = claims["minted"], time.monotonic()
    if not isinstance(minted, (int, float)):
        raise Unauthorized("token is not valid")
    if not minted <= now < minted + ASSERTION_SECONDS:
        raise Unauthorized("token has expired")
    return Assertion(
        subject=str(claims["sub"]),
        name=str(claims.get("name", "")),
        role=str(claims.get("role", "student")),
        nonce=str(claims["jti"]),
        expires_at=minted + ASSERTION_SECONDS,
    )


def mint_kernel_token(secret: str, *, subject: str, name: str, role: str, kernel_id: str) -> str:
    """Sign the token of one kernel.

    It has no expiry of its own: whoever verifies it must check that the kernel still runs, and the
    secret changes with every start of the Jupyter server.
    """
    claims = {
        "aud": _KERNEL_AUDIENCE,
        "sub": subject,
        "name": name,
        "role": role,
        "kernel": kernel_id,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def verify_kernel_token(secret: str, token: str) -> KernelToken:
    """Return the content of a kernel token; raises `Unauthorized` when it does not hold."""
    claims = _decode(secret, token, _KERNEL_AUDIENCE, ("sub", "kernel"))
    return KernelToken(
        subject=str(claims["sub"]),
        name=str(claims.get("name", "")),
        role=str(claims.get("role", "student")),
        kernel_id=str(claims["kernel"]),
    )


def kernel_of(token: str) -> str:
    """Return the id of the kernel that a token was given to, without verifying it; empty for any other token."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False, "verify_aud": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("kernel", "")) if claims.get("aud") == _KERNEL_AUDIENCE else ""


def _decode(secret: str, token: str, audience: str, required: tuple[str, ...]) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=audience,
            options={"require": list(required), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorized("token is not valid") from error
    return claims
