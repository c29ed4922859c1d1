"""The status page's content."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

from tornado.httpclient import HTTPRequest

from teaching_nb.errors import Unavailable
from teaching_nb.proxy.context import ProxyContext
from teaching_nb.proxy.exchange import exchange
from teaching_nb.proxy.identity import Caller

HEALTH_SECONDS = 3.0


async def status_of(context: ProxyContext, caller: Caller) -> dict[str, Any]:
    """Return version, hub and user; asks the hub whether it is well."""
    hub: dict[str, Any] = {"mode": context.hub.mode, "kind": context.kind, "reachable": True}
    try:
        await _ask_health(context)
    except Unavailable as error:
        hub |= {"reachable": False, "detail": error.message}
    role = context.hub.role_of(caller)
    return {
        "version": version(),
        "hub": hub,
        "user": {"subject": caller.subject, "name": caller.name, "role": role},
    }


@functools.cache
def version() -> str:
    """Return the version of this package; empty when it runs from a folder. Looked up once: that reads the disk."""
    try:
        return installed_version("teaching-nb")
    except PackageNotFoundError:
        return ""


async def _ask_health(context: ProxyContext) -> None:
    root = await context.hub.root()
    path = context.hub.health_path
    request = HTTPRequest(f"{root}{path}", connect_timeout=HEALTH_SECONDS, request_timeout=HEALTH_SECONDS)
    answer = await exchange(context, request)
    await context.hub.check()
    if answer.code != 200:
        raise Unavailable(f"the teaching hub answers with status {answer.code}")
