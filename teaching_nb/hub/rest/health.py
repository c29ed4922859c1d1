"""Whether the hub answers, and what it can do."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

import msgspec
from litestar import MediaType, get

from teaching_nb.hub.rest.requests import HubRequest

FEATURES = ("main", "revision", "live-text", "sync")
"""Additions to the existing protocol that clients may use."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a hub that can serve."""

    status: str
    version: str
    features: list[str]


def version() -> str:
    """Return the version of the package; `0` when it runs from a folder without being installed."""
    try:
        return installed_version("teaching-nb")
    except PackageNotFoundError:
        return "0"


@get("/health")
async def get_health() -> Health:
    """Tell that the hub answers."""
    return Health(status="ok", version=version(), features=list(FEATURES))


@get("/", media_type=MediaType.TEXT)
async def get_welcome() -> str:
    """Say what answers here."""
    return "teaching_nb hub"


@get("/openapi.json", include_in_schema=False)
async def get_openapi(request: HubRequest) -> dict[str, Any]:
    """Describe the interface."""
    return request.app.openapi_schema.to_schema()


HANDLERS = [get_health, get_welcome, get_openapi]
