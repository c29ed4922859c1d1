"""REST of permissions: P1 to P6."""

from __future__ import annotations

import msgspec
from litestar import delete, post, put
from litestar.params import FromPath, JSONBody

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.people import permissions
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.rest.authentication import elevated_only
from teaching_nb.hub.rest.requests import HubRequest, commit
from teaching_nb.schema import wire
from teaching_nb.schema.records import GroupPermission, UserPermission


class NewUserPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of P1."""

    document_root_id: str | None = None
    user_id: str | None = None
    access: str | None = None


class NewGroupPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of P4."""

    document_root_id: str | None = None
    group_id: str | None = None
    access: str | None = None


class AccessChange(msgspec.Struct, frozen=True, kw_only=True):
    """The body of P2 and P5."""

    access: str | None = None


@post("/permissions/user", status_code=200, guards=[elevated_only])
async def grant_to_user(request: HubRequest, data: JSONBody[NewUserPermission]) -> UserPermission:
    """Set the permission of a user on a root."""
    if not data.document_root_id or not data.user_id or not data.access:
        raise InvalidInput("Missing documentRootId, userId or access")
    root_id = wire.parse_uuid(data.document_root_id, "documentRootId")
    user_id = wire.parse_uuid(data.user_id, "userId")
    access = data.access
    return await commit(
        request,
        lambda tx: permissions.grant(tx, request.user, OF_USERS, root_id=root_id, subject_id=user_id, access=access),
    )


@put("/permissions/user/{permission_id:str}", guards=[elevated_only])
async def change_of_user(
    request: HubRequest, permission_id: FromPath[str], data: JSONBody[AccessChange]
) -> UserPermission:
    """Change the permission of a user."""
    permission_id = wire.parse_uuid(permission_id, "permission id")
    return await commit(request, lambda tx: permissions.change(tx, request.user, OF_USERS, permission_id, data.access))


@delete("/permissions/user/{permission_id:str}", status_code=200, guards=[elevated_only])
async def revoke_of_user(request: HubRequest, permission_id: FromPath[str]) -> UserPermission:
    """Delete the permission of a user."""
    permission_id = wire.parse_uuid(permission_id, "permission id")
    return await commit(request, lambda tx: permissions.revoke(tx, request.user, OF_USERS, permission_id))


@post("/permissions/group", status_code=200, guards=[elevated_only])
async def grant_to_group(request: HubRequest, data: JSONBody[NewGroupPermission]) -> GroupPermission:
    """Set the permission of a group on a root."""
    if not data.document_root_id or not data.group_id or not data.access:
        raise InvalidInput("Missing documentRootId, groupId or access")
    root_id = wire.parse_uuid(data.document_root_id, "documentRootId")
    group_id = wire.parse_uuid(data.group_id, "groupId")
    access = data.access
    return await commit(
        request,
        lambda tx: permissions.grant(tx, request.user, OF_GROUPS, root_id=root_id, subject_id=group_id, access=access),
    )


@put("/permissions/group/{permission_id:str}", guards=[elevated_only])
async def change_of_group(
    request: HubRequest, permission_id: FromPath[str], data: JSONBody[AccessChange]
) -> GroupPermission:
    """Change the permission of a group."""
    permission_id = wire.parse_uuid(permission_id, "permission id")
    return await commit(request, lambda tx: permissions.change(tx, request.user, OF_GROUPS, permission_id, data.access))


@delete("/permissions/group/{permission_id:str}", status_code=200, guards=[elevated_only])
async def revoke_of_group(request: HubRequest, permission_id: FromPath[str]) -> GroupPermission:
    """Delete the permission of a group."""
    permission_id = wire.parse_uuid(permission_id, "permission id")
    return await commit(request, lambda tx: permissions.revoke(tx, request.user, OF_GROUPS, permission_id))


HANDLERS = [grant_to_user, change_of_user, revoke_of_user, grant_to_group, change_of_group, revoke_of_group]
