"""Whether the hub answers, and what it can do."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

import msgspec

from teaching_nb.errors import Unavailable
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.hub.rest.responses import Response
from teaching_nb.hub.rest.routes import Route

FEATURES = ("main", "revision", "live-text", "sync", "history")
"""Additions to the existing protocol that clients may use."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a hub that can serve."""

    status: str
    version: str
    features: list[str]
    warnings: list[str]
    """Why what this hub stores may be lost all the same; empty when all is well."""


@functools.cache
def version() -> str:
    """Return the version of the package; `0` when it runs from a folder without being installed."""
    try:
        return installed_version("teaching-nb")
    except PackageNotFoundError:
        return "0"


async def get_health(request: HubRequest) -> Health:
    """Tell that the hub answers; refuses with the reason while it does not hear the other processes."""
    problem = request.hub.problem()
    if problem is not None:
        raise Unavailable(problem)
    warnings = list(request.hub.database.warnings)
    return Health(status="ok", version=version(), features=list(FEATURES), warnings=warnings)


async def get_welcome(_request: HubRequest) -> Response:
    """Say what answers here."""
    return Response(200, {"content-type": "text/plain; charset=utf-8"}, b"teaching_nb hub")


ROUTES = (
    Route("GET", "/health", get_health, open_to="everybody"),
    Route("GET", "", get_welcome, open_to="everybody"),
)
