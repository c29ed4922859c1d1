"""The shape of REST errors, ours and bugs. Never tells what is inside.

Below `/api/auth` an error is `{message, code}`, elsewhere `{errors: [...]}`, as in the existing system.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from teaching_nb.errors import Forbidden, InternalError, InvalidInput, NotFound, OperationalError, TooManyRequests
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.rest.responses import Response
from teaching_nb.schema import wire

logger = logging.getLogger(__name__)

ACCOUNT_PATHS = "/api/auth/"

FOR_EVERYBODY = frozenset(
    {"user", "users", "studentGroups", "documentRoots", "documents", "cms", "checklogin", "logout", "sync"}
)
"""First words below `/api/v1` for which the existing system has a rule that lets everybody pass."""

FOR_ELEVATED = frozenset({"permissions", "admin"})
"""Those for which it has one that lets elevated people pass."""


class BadRequest(InvalidInput):
    """A query or a body that does not fit, found before any handler has seen it."""


class RoleRefusal(Forbidden):
    """What the existing system says when it has no rule that lets the caller pass; it has a shape of its own."""

    def __init__(self) -> None:
        super().__init__("User does not have the role, method or path")


class TooManySignIns(TooManyRequests):
    """Somebody tries to sign in again and again; the existing system says so as text that holds JSON."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests. Please try again later.", retryAfter=seconds)


def json_type(path: str) -> str:
    """Return the content type of JSON: account paths name no charset, as in the existing backend."""
    return "application/json" if path.startswith(ACCOUNT_PATHS) else "application/json; charset=utf-8"


def no_such_path(path: str, actor: Actor | None) -> OperationalError:
    """Return what is told at a path without a route."""
    noun = path.removeprefix("/api/v1").lstrip("/").partition("/")[0]
    is_elevated = actor is not None and actor.is_elevated
    is_ruled = noun in FOR_EVERYBODY or (noun in FOR_ELEVATED and is_elevated)
    return RoleRefusal() if path.startswith("/api/v1") and not is_ruled else NotFound("no such path")


def no_such_method(path: str) -> OperationalError:
    """Return what is told at a path that knows other methods only."""
    return RoleRefusal() if path.startswith("/api/v1") else NotFound("no such path")


def response(method: str, path: str, error: Exception) -> Response:
    """Return what is told about an error; what nobody meant is logged as the failure of what was asked."""
    refusal = error if isinstance(error, OperationalError) else _of_bug(f"{method} {path}", error)
    body, media_type = wire.encode(_body(path, refusal)), json_type(path)
    if isinstance(refusal, TooManySignIns):
        media_type = "text/plain; charset=utf-8"
    return Response(refusal.status, {"content-type": media_type, **_headers(refusal)}, body)


def _body(path: str, error: OperationalError) -> dict[str, Any]:
    if isinstance(error, RoleRefusal):
        return {"error": error.message}
    if isinstance(error, TooManySignIns):
        return {"message": error.message}
    if path.startswith(ACCOUNT_PATHS):
        return _account_error(error)
    if error.status == 401:
        return {"error": "Unauthorized"}
    return {"errors": [error.to_wire()]}


def _headers(error: OperationalError) -> dict[str, str]:
    if error.status != 429:
        return {}
    seconds = str(error.extra.get("retryAfter", 1))
    more = {"x-retry-after": seconds} if isinstance(error, TooManySignIns) else {}
    return {"retry-after": seconds, **more}


def _account_error(error: OperationalError) -> dict[str, Any]:
    message = "Unauthorized" if error.status == 401 and "code" not in error.extra else error.message
    derived = "VALIDATION_ERROR" if isinstance(error, BadRequest) else _as_code(message)
    code = error.extra.get("code", derived)
    return {"message": message, "code": code} if code else {"message": message}


def _as_code(message: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", message.upper()).strip("_")


def _of_bug(asked: str, error: Exception) -> OperationalError:
    if isinstance(error, RecursionError):
        return BadRequest("the body is nested too deeply")
    logger.error("%s failed", asked, exc_info=error)
    return InternalError("the hub made a mistake; its log says more")
