"""REST of administration: passwords of users (A4, A5) and the export of what they wrote (A6)."""

from __future__ import annotations

import msgspec
from litestar import MediaType, Response, post
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from teaching_nb.hub.administration import accounts, exports
from teaching_nb.hub.administration.exports import Export
from teaching_nb.hub.documents import live_log
from teaching_nb.hub.rest.authentication import elevated_only
from teaching_nb.hub.rest.requests import HubRequest, commit, hub_of, read, uuids
from teaching_nb.schema import wire


class Password(msgspec.Struct, frozen=True, kw_only=True):
    """The body of A4."""

    pw: str


class WantedExport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of A6."""

    user_ids: list[str] = []
    ignored_document_types: list[str] = []
    history: bool = False
    """An addition of ours: the versions of the documents, too."""


@post("/admin/users/{user_id:str}/linkUserPassword", status_code=201, guards=[elevated_only])
async def link_password(request: HubRequest, user_id: FromPath[str], data: JSONBody[Password]) -> Response[None]:
    """Give a user who has none a password."""
    user_id = wire.parse_uuid(user_id, "user id")

    def check(tx: Connection) -> None:
        accounts.check_link(tx, request.user, user_id)

    await read(request, check)
    password_hash = await hub_of(request).passwords.hashed(data.pw)
    await commit(request, lambda tx: accounts.link_password(tx, request.user, user_id, password_hash))
    # As text, nothing is sent as nothing; as JSON it would be `null`.
    return Response(None, status_code=201, media_type=MediaType.TEXT)


@post("/admin/users/{user_id:str}/revokeUserPassword", status_code=204, guards=[elevated_only])
async def revoke_password(request: HubRequest, user_id: FromPath[str]) -> None:
    """Take the password of a user who can sign in otherwise."""
    user_id = wire.parse_uuid(user_id, "user id")
    await commit(request, lambda tx: accounts.revoke_password(tx, request.user, user_id))


@post("/admin/export", status_code=200, guards=[elevated_only])
async def export(request: HubRequest, data: JSONBody[WantedExport]) -> list[Export]:
    """Return everything that some users have written."""
    user_ids = uuids(data.user_ids, "userIds")
    stale = await read(
        request, lambda tx: [i for user_id in user_ids for i in live_log.stale_ids(tx, author_id=user_id)]
    )
    if stale:
        await hub_of(request).commits.write(lambda tx: live_log.materialize(tx, stale), invalidates_access=False)
    return await read(
        request,
        lambda tx: exports.export(
            tx,
            request.user,
            user_ids,
            ignored_types=data.ignored_document_types,
            with_history=data.history,
        ),
    )


HANDLERS = [link_password, revoke_password, export]
