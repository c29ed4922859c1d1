"""REST of what is allowed with documents of a type."""

from __future__ import annotations

import msgspec

from teaching_nb.hub.people import allowed_actions
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema.records import AllowedAction


class NewAction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An action, and the document type that it is allowed with."""

    document_type: str
    action: str


async def list_actions(request: HubRequest) -> list[AllowedAction]:
    """Return all allowed actions."""
    return await read(request, allowed_actions.list_all)


async def create_action(request: HubRequest, body: NewAction) -> AllowedAction:
    """Allow an action on documents of a type."""
    return await commit(request, lambda tx: allowed_actions.create(tx, body.document_type, body.action))


async def remove_action(request: HubRequest, action_id: str) -> None:
    """Forbid an action again."""
    await commit(request, lambda tx: allowed_actions.remove(tx, action_id))


ROUTES = (
    Route("GET", "/admin/allowedActions", list_actions, open_to="elevated"),
    Route("POST", "/admin/allowedActions", create_action, open_to="admins"),
    Route("DELETE", "/admin/allowedActions/{action_id}", remove_action, 204, open_to="admins"),
)
