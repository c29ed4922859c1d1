"""The REST application: all routes, and what happens to a request from the guard to its answer."""

from __future__ import annotations

import functools
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from teaching_nb.hub.context import HubContext
from teaching_nb.hub.rest import (
    accounts,
    administration,
    allowed_actions,
    assessments,
    cms,
    document_roots,
    documents,
    groups,
    health,
    history,
    permissions,
    refusals,
    sessions,
    sync,
    users,
)
from teaching_nb.hub.rest.endpoints import Endpoints
from teaching_nb.hub.rest.openapi import described
from teaching_nb.hub.rest.paths import Spelling
from teaching_nb.hub.rest.request_guard import RequestGuard
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.hub.rest.responses import Response
from teaching_nb.hub.rest.routes import Route, below


async def get_openapi(_request: HubRequest) -> dict[str, Any]:
    """Describe the interface."""
    return _description()


@functools.cache
def _description() -> dict[str, Any]:
    return described(ROUTES, version=health.version())


ROUTES = (
    *below(
        "/api/v1",
        (
            # A class changes documents all the time, and what is listed first is found first.
            *documents.ROUTES,
            *assessments.ROUTES,
            *document_roots.ROUTES,
            *users.ROUTES,
            *sync.ROUTES,
            *history.ROUTES,
            *groups.ROUTES,
            *permissions.ROUTES,
            *allowed_actions.ROUTES,
            *administration.ROUTES,
            *cms.ROUTES,
            *health.ROUTES,
            Route("GET", "/openapi.json", get_openapi, open_to="everybody"),
        ),
    ),
    *below("/api/auth", (*sessions.ROUTES, *accounts.ROUTES)),
)
"""Everything that may be asked."""

PUBLIC_PATHS = frozenset(
    route.path for route in ROUTES if route.open_to == "everybody" and not route.path.startswith(refusals.ACCOUNT_PATHS)
)
"""Paths of `/api/v1` for which nobody is asked who they are."""


class Rest:
    """Everything that the hub answers over HTTP, as an ASGI application."""

    def __init__(self, hub: HubContext) -> None:
        self._hub = hub
        self._guard = RequestGuard(hub, PUBLIC_PATHS)
        self._spelling = Spelling(ROUTES)
        self._endpoints = Endpoints(ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or tell why not."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        scope["path"] = self._spelling.canonical(scope["path"])
        request = HubRequest(scope, receive, self._hub)
        headers = self._guard.cross_origin_headers(request.headers)
        try:
            response = await self._response(request, headers)
        except ClientDisconnect:
            # Whoever has hung up is told nothing, and half a body is no request.
            return
        except Exception as error:  # noqa: BLE001 - every error has its answer, and a bug its place in the log
            response = refusals.response(request.method, request.path, error)
        await response.send(send, headers)

    async def _response(self, request: HubRequest, headers: dict[str, str]) -> Response:
        """Return what the hub has to say; adds what the guard says to the headers of every answer."""
        if request.method == "OPTIONS":
            return Response(204, {"content-length": "0"})
        headers.update(await self._guard.admit(request))
        return await self._endpoints.respond(request)
