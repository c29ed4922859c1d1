"""REST of the editor of the existing system: X1 to X4. The hub has no connection to GitHub."""

from __future__ import annotations

from functools import partial

from litestar import get, post, put
from litestar.params import JSONBody

from teaching_nb.errors import NotFound
from teaching_nb.hub.people import cms_settings
from teaching_nb.hub.people.cms_settings import Place
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.schema.records import CmsSettings


@get("/cms/settings")
async def get_settings(request: HubRequest) -> CmsSettings:
    """Return the caller's settings."""
    user_id = request.user.user_id
    found = await read(request, lambda tx: cms_settings.find(tx, user_id))
    if found is None:
        found = await commit(request, partial(cms_settings.get_or_create, user_id=user_id))
    return found


@put("/cms/settings", status_code=204)
async def change_settings(request: HubRequest, data: JSONBody[Place | None] = None) -> None:
    """Remember where the caller stands."""
    await commit(request, lambda tx: cms_settings.change(tx, request.user.user_id, data or Place()))


@get("/cms/github-token")
async def get_github_token() -> None:
    """Refuse: there is no GitHub application behind this hub."""
    raise NotFound("this hub is not connected with GitHub")


@post("/cms/logout", status_code=204)
async def sign_out(request: HubRequest) -> None:
    """Tell the caller's sockets that there is no GitHub token."""
    await commit(request, lambda tx: cms_settings.sign_out(tx, request.user.user_id))


HANDLERS = [get_settings, change_settings, get_github_token, sign_out]
