"""Guards that look at the caller, whom the gate has put into the request: whether there is one, and their role.

`known_only` stands before every handler, also before those of the framework itself; a handler that serves
everybody says so with `opt=FOR_EVERYBODY`.
"""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler

from teaching_nb.errors import Unauthorized

_IS_PUBLIC = "is_public"

FOR_EVERYBODY = {_IS_PUBLIC: True}
"""Options of a handler that needs no caller."""


def is_public(handler: BaseRouteHandler) -> bool:
    """Tell whether a handler serves strangers too."""
    return handler.opt.get(_IS_PUBLIC) is True


def known_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse strangers, however they got past the gate."""
    if not is_public(handler) and connection.scope.get("user") is None:
        raise Unauthorized("sign in first")


def elevated_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse students before the handler looks at the request."""
    if not connection.user.is_elevated:
        raise PermissionDeniedException


def admin_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse everybody but admins before the handler looks at the request."""
    if not connection.user.is_admin:
        raise PermissionDeniedException
