"""The shape of REST errors: our own, those of the web framework, and bugs. Never tells what is inside."""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import (
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


def operational(_request: _Request, error: OperationalError) -> Response[dict[str, Any]]:
    """Answer a refusal on purpose."""
    if error.status == 401:
        return Response({"error": "Unauthorized"}, status_code=401)
    return Response({"errors": [error.to_wire()]}, status_code=error.status)


def of_framework(request: _Request, error: HTTPException) -> Response[dict[str, Any]]:
    """Answer what Litestar refused by itself."""
    # The existing backend answers a method that it does not know like a missing role.
    if isinstance(error, (PermissionDeniedException, MethodNotAllowedException)):
        return Response(_ROLE_REFUSAL, status_code=403)
    if isinstance(error, ValidationException):
        return operational(request, InvalidInput(_mistakes(error)))
    if isinstance(error, NotFoundException):
        return operational(request, NotFound("no such path"))
    if error.status_code == 413:
        return operational(request, TooLarge(f"the body is above the limit of {REST_BODY_BYTES} bytes"))
    if error.status_code >= 500:
        return unexpected(request, error)
    return operational(request, error_for_status(error.status_code, error.detail))


def unexpected(request: _Request, error: Exception) -> Response[dict[str, Any]]:
    """Answer a bug; the cause goes to the log alone."""
    if isinstance(error, RecursionError):
        return operational(request, InvalidInput("the body is nested too deeply"))
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return operational(request, InternalError("the hub made a mistake; its log says more"))


def _mistakes(error: ValidationException) -> str:
    extra = error.extra
    if not isinstance(extra, list) or not extra:
        return error.detail
    places = [f"{mistake.get('message')} - at {mistake.get('key', 'body')}" for mistake in extra]
    return "; ".join(places)
