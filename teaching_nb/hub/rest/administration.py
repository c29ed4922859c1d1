"""REST of administration: passwords of users, and the export of what they wrote."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from teaching_nb.hub.administration import accounts, exports
from teaching_nb.hub.administration.exports import Export
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.rest.requests import HubRequest, commit, read, uuids
from teaching_nb.hub.rest.routes import Route


class Password(msgspec.Struct, frozen=True, kw_only=True):
    """A new password."""

    pw: str


class WantedExport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose documents are exported, and of which types not."""

    user_ids: list[str] = []
    ignored_document_types: list[str] = []
    history: bool = False
    """An addition of ours: the versions of the documents, too."""


async def link_password(request: HubRequest, user_id: str, body: Password) -> None:
    """Give a user who has none a password."""

    def check(tx: Connection) -> None:
        accounts.check_link(tx, request.user, user_id)

    await read(request, check)
    password_hash = await request.hub.passwords.hashed(body.pw)
    await commit(request, lambda tx: accounts.link_password(tx, request.user, user_id, password_hash))


async def revoke_password(request: HubRequest, user_id: str) -> None:
    """Take the password of a user who can sign in otherwise."""
    await commit(request, lambda tx: accounts.revoke_password(tx, request.user, user_id))


async def export(request: HubRequest, body: WantedExport) -> list[Export]:
    """Return everything that some users have written."""
    user_ids = uuids(body.user_ids, "userIds")
    stale = await read(
        request, lambda tx: [i for user_id in user_ids for i in update_log.stale_ids(tx, author_id=user_id)]
    )
    if stale:
        await request.hub.commits.write(lambda tx: update_log.materialize(tx, stale), invalidates_access=False)
    return await read(
        request,
        lambda tx: exports.export(
            tx,
            request.user,
            user_ids,
            ignored_types=body.ignored_document_types,
            with_history=body.history,
        ),
    )


ROUTES = (
    Route("POST", "/admin/users/{user_id}/linkUserPassword", link_password, 201, open_to="elevated"),
    Route("POST", "/admin/users/{user_id}/revokeUserPassword", revoke_password, 204, open_to="elevated"),
    Route("POST", "/admin/export", export, open_to="elevated"),
)
