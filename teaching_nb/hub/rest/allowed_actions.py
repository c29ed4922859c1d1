"""REST of allowed actions: A1 to A3."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from teaching_nb.hub.people import allowed_actions
from teaching_nb.hub.rest.authentication import admin_only, elevated_only
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.schema import wire
from teaching_nb.schema.records import AllowedAction


class NewAction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of A2."""

    document_type: str
    action: str


@get("/admin/allowedActions", guards=[elevated_only])
async def list_actions(request: HubRequest) -> list[AllowedAction]:
    """Return all allowed actions."""
    return await read(request, allowed_actions.list_all)


@post("/admin/allowedActions", status_code=200, guards=[admin_only])
async def create_action(request: HubRequest, data: JSONBody[NewAction]) -> AllowedAction:
    """Allow an action on documents of a type."""
    return await commit(request, lambda tx: allowed_actions.create(tx, data.document_type, data.action))


@delete("/admin/allowedActions/{action_id:str}", status_code=204, guards=[admin_only])
async def remove_action(request: HubRequest, action_id: FromPath[str]) -> None:
    """Forbid an action again."""
    action_id = wire.parse_uuid(action_id, "action id")
    await commit(request, lambda tx: allowed_actions.remove(tx, action_id))


HANDLERS = [list_actions, create_action, remove_action]
