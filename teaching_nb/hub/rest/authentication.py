"""Guards that look at the role of the caller, whom the gate has put into the request."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler


def elevated_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse students before the handler looks at the request."""
    if not connection.user.is_elevated:
        raise PermissionDeniedException


def admin_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse everybody but admins before the handler looks at the request."""
    if not connection.user.is_admin:
        raise PermissionDeniedException
