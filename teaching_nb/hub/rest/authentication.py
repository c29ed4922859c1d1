"""Who calls REST, and the guards that look at his role."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from teaching_nb.hub.context import HubContext

PUBLIC: dict[str, Any] = {"exclude_from_auth": True}
"""Option of handlers that need no credential."""


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the `Actor` behind the `Authorization` header into `request.user`; refuses everybody else."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Return the caller; raises `Unauthorized`."""
        hub: HubContext = connection.app.state.hub
        actor = await hub.credentials.authenticate(connection.headers.get("authorization"))
        return AuthenticationResult(user=actor, auth=None)


def elevated_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse students before the handler looks at the request."""
    if not connection.user.is_elevated:
        raise PermissionDeniedException


def admin_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse everybody but admins before the handler looks at the request."""
    if not connection.user.is_admin:
        raise PermissionDeniedException
