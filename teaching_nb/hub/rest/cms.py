"""REST that the editor of the existing system asks for. The hub has no connection to GitHub."""

from __future__ import annotations

from functools import partial

from teaching_nb.errors import NotFound
from teaching_nb.hub.people import cms_settings
from teaching_nb.hub.people.cms_settings import Place
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema.records import CmsSettings


async def get_settings(request: HubRequest) -> CmsSettings:
    """Return the caller's settings."""
    user_id = request.user.user_id
    found = await read(request, lambda tx: cms_settings.find(tx, user_id))
    if found is None:
        found = await commit(request, partial(cms_settings.get_or_create, user_id=user_id))
    return found


async def change_settings(request: HubRequest, body: Place | None = None) -> None:
    """Remember where the caller stands."""
    await commit(request, lambda tx: cms_settings.change(tx, request.user.user_id, body or Place()))


async def get_github_token(_request: HubRequest) -> None:
    """Refuse: there is no GitHub application behind this hub."""
    raise NotFound("this hub is not connected with GitHub")


async def sign_out(request: HubRequest) -> None:
    """Tell the caller's sockets that there is no GitHub token."""
    await commit(request, lambda tx: cms_settings.sign_out(tx, request.user.user_id))


ROUTES = (
    Route("GET", "/cms/settings", get_settings),
    Route("PUT", "/cms/settings", change_settings, 204),
    Route("GET", "/cms/github-token", get_github_token),
    Route("POST", "/cms/logout", sign_out, 204),
)
