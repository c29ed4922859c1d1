"""The shape of REST errors: our own, those of the web framework, and bugs. Never tells what is inside.

Below `/api/auth` an error is `{message, code}`, elsewhere `{errors: [...]}`, as in the existing system.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)

from teaching_nb.errors import InternalError, InvalidInput, NotFound, OperationalError, TooLarge, error_for_status
from teaching_nb.schema.limits import REST_BODY_BYTES

logger = logging.getLogger(__name__)

_Request = Request[Any, Any, Any]

_ROLE_REFUSAL = {"error": "User does not have the role, method or path"}

_BODY = "data"
"""What the framework calls the body: the parameter of the handler."""

ACCOUNT_PATHS = "/api/auth/"

_FOR_EVERYBODY = frozenset(
    {"user", "users", "studentGroups", "documentRoots", "documents", "cms", "checklogin", "logout", "sync"}
)
_FOR_ELEVATED = frozenset({"permissions", "admin"})


@dataclass(frozen=True, slots=True)
class Shaped:
    """An error as it is sent."""

    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def shaped(path: str, error: OperationalError) -> Shaped:
    """Return body and headers of a refusal on purpose."""
    headers = {"retry-after": str(error.extra.get("retryAfter", 1))} if error.status == 429 else {}
    if path.startswith(ACCOUNT_PATHS):
        return Shaped(_account_error(error), headers)
    if error.status == 401:
        return Shaped({"error": "Unauthorized"})
    return Shaped({"errors": [error.to_wire()]}, headers)


def operational(request: _Request, error: OperationalError) -> Response[dict[str, Any]]:
    """Answer a refusal on purpose."""
    answer = shaped(request.scope["path"], error)
    return Response(answer.body, status_code=error.status, headers=answer.headers)


def of_framework(request: _Request, error: HTTPException) -> Response[dict[str, Any]]:
    """Answer what Litestar refused by itself."""
    if _is_role_refusal(request, error):
        return Response(_ROLE_REFUSAL, status_code=403)
    if isinstance(error, ValidationException):
        return operational(request, _invalid(request, _mistakes(error)))
    if isinstance(error, (NotFoundException, MethodNotAllowedException)):
        return operational(request, NotFound("no such path"))
    if error.status_code == 413:
        return operational(request, TooLarge(f"the body is above the limit of {REST_BODY_BYTES} bytes"))
    if isinstance(error, ClientException) and error.status_code == 400:
        return operational(request, _invalid(request, f"the body is not JSON: {error.detail}"))
    if error.status_code >= 500:
        return unexpected(request, error)
    return operational(request, error_for_status(error.status_code, error.detail))


def unexpected(request: _Request, error: Exception) -> Response[dict[str, Any]]:
    """Answer a bug; the cause goes to the log alone."""
    return operational(request, of_bug(f"{request.method} {request.url.path}", error))


def of_bug(asked: str, error: Exception) -> OperationalError:
    """Return what to tell about an exception that nobody meant, and log it as the failure of what was asked."""
    if isinstance(error, RecursionError):
        return InvalidInput("the body is nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return InvalidInput("the body is not UTF-8")
    logger.error("%s failed", asked, exc_info=error)
    return InternalError("the hub made a mistake; its log says more")


def _is_role_refusal(request: _Request, error: HTTPException) -> bool:
    """Tell whether the existing system would not have found a rule that lets the caller pass."""
    path = request.scope["path"]
    if isinstance(error, PermissionDeniedException):
        return True
    if not path.startswith("/api/v1"):
        return False
    if isinstance(error, MethodNotAllowedException):
        return True
    if not isinstance(error, NotFoundException):
        return False
    noun = path.removeprefix("/api/v1").lstrip("/").partition("/")[0]
    actor = request.scope.get("user")
    is_elevated = actor is not None and actor.is_elevated
    return not (noun in _FOR_EVERYBODY or (noun in _FOR_ELEVATED and is_elevated))


def _invalid(request: _Request, message: str) -> InvalidInput:
    is_account = request.scope["path"].startswith(ACCOUNT_PATHS)
    return InvalidInput(message, code="VALIDATION_ERROR") if is_account else InvalidInput(message)


def _account_error(error: OperationalError) -> dict[str, Any]:
    message = "Unauthorized" if error.status == 401 and "code" not in error.extra else error.message
    code = error.extra.get("code", re.sub(r"[^A-Z0-9]+", "_", message.upper()).strip("_"))
    return {"message": message, "code": code} if code else {"message": message}


def _mistakes(error: ValidationException) -> str:
    extra = error.extra
    if not isinstance(extra, list) or not extra:
        return error.detail
    return "; ".join(_mistake(mistake.get("message"), mistake.get("key", _BODY)) for mistake in extra)


def _mistake(message: object, place: object) -> str:
    """Say in words what is wrong; the framework calls the body `data`, and what is missing by its mere name."""
    if message == repr(place):
        return "the request needs a JSON body and has none" if place == _BODY else f"`{place}` is missing"
    return f"{message} - in the body" if place == _BODY else f"{message} - at {place}"
