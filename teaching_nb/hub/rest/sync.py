"""REST of catching up after a break of the connection."""

from __future__ import annotations

import msgspec

from teaching_nb.errors import Forbidden
from teaching_nb.hub.documents import catching_up
from teaching_nb.hub.rest.requests import HubRequest, read_fresh, uuids
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema import wire
from teaching_nb.schema.records import KnownRoot, Missed


class WantedSync(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the caller knows already."""

    roots: list[KnownRoot]
    user_id: str | None = None


async def sync(request: HubRequest, body: WantedSync) -> Missed:
    """Return what changed and what was deleted below some roots, as the caller or another user sees them."""
    user_id = request.user.user_id if body.user_id is None else wire.parse_uuid(body.user_id, "userId")
    if user_id != request.user.user_id and not request.user.is_elevated:
        raise Forbidden("Not Authorized")
    root_ids = uuids([root.id for root in body.roots], "document root id")
    known = [KnownRoot(id=root.id.lower(), since=root.since) for root in body.roots]
    return await read_fresh(request, lambda tx: catching_up.missed(tx, user_id, known), root_ids=root_ids)


ROUTES = (Route("POST", "/sync", sync),)
