"""The REST application: the gate, all handlers, the shape of errors, OpenAPI."""

from __future__ import annotations

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from teaching_nb.errors import OperationalError
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.rest import (
    accounts,
    administration,
    allowed_actions,
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
from teaching_nb.hub.rest.authentication import known_only
from teaching_nb.hub.rest.document_puts import DocumentPuts
from teaching_nb.hub.rest.gate import Gate
from teaching_nb.hub.rest.requests import check_text
from teaching_nb.schema.limits import REST_BODY_BYTES


class _Rest(Litestar):
    """Litestar without the plugins for pydantic and attrs that it loads wherever these are installed."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create_rest(hub: HubContext) -> Gate:
    """Return the REST application of a running hub, with what stands before it."""
    return Gate(DocumentPuts(rest_application(hub), hub), hub)


def rest_application(hub: HubContext) -> Litestar:
    """Return all handlers: everything below `/api`."""
    handlers = [
        *health.HANDLERS,
        *users.HANDLERS,
        *groups.HANDLERS,
        *permissions.HANDLERS,
        *document_roots.HANDLERS,
        *documents.HANDLERS,
        *history.HANDLERS,
        *allowed_actions.HANDLERS,
        *administration.HANDLERS,
        *cms.HANDLERS,
        *sync.HANDLERS,
    ]
    return _Rest(
        route_handlers=[
            Router("/api/v1", route_handlers=handlers),
            Router("/api/auth", route_handlers=[*sessions.HANDLERS, *accounts.HANDLERS]),
        ],
        exception_handlers={
            OperationalError: refusals.operational,
            HTTPException: refusals.of_framework,
            Exception: refusals.unexpected,
        },
        guards=[known_only],
        before_request=check_text,
        request_max_body_size=REST_BODY_BYTES,
        state=State({"hub": hub}),
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="teaching_nb hub",
            version=health.version(),
            # The description itself is served by `health`, beside the other paths of the interface.
            path="/api/v1/openapi",
            render_plugins=[JsonRenderPlugin()],
        ),
    )
