"""Whether the hub answers, and what it can do."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

import msgspec
from litestar import MediaType, get

from teaching_nb.hub.rest.authentication import FOR_EVERYBODY
from teaching_nb.hub.rest.requests import HubRequest, hub_of

FEATURES = ("main", "revision", "live-text", "sync", "history")
"""Additions to the existing protocol that clients may use."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a hub that can serve."""

    status: str
    version: str
    features: list[str]
    warnings: list[str]
    """Why what this hub stores may be lost all the same; empty when all is well."""


def version() -> str:
    """Return the version of the package; `0` when it runs from a folder without being installed."""
    try:
        return installed_version("teaching-nb")
    except PackageNotFoundError:
        return "0"


@get("/health", opt=FOR_EVERYBODY)
async def get_health(request: HubRequest) -> Health:
    """Tell that the hub answers."""
    warnings = list(hub_of(request).database.warnings)
    return Health(status="ok", version=version(), features=list(FEATURES), warnings=warnings)


@get("/", media_type=MediaType.TEXT, opt=FOR_EVERYBODY)
async def get_welcome() -> str:
    """Say what answers here."""
    return "teaching_nb hub"


@get("/openapi.json", include_in_schema=False, opt=FOR_EVERYBODY)
async def get_openapi(request: HubRequest) -> dict[str, Any]:
    """Describe the interface."""
    return request.app.openapi_schema.to_schema()


HANDLERS = [get_health, get_welcome, get_openapi]
