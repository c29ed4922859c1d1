"""REST of the permissions of users and groups on roots."""

from __future__ import annotations

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.people import permissions
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.rest.requests import HubRequest, commit
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema import wire
from teaching_nb.schema.records import GroupPermission, UserPermission


class NewUserPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission of a user."""

    document_root_id: str | None = None
    user_id: str | None = None
    access: str | None = None


class NewGroupPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission of a group."""

    document_root_id: str | None = None
    group_id: str | None = None
    access: str | None = None


class AccessChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a permission says from now on."""

    access: str | None = None


async def grant_to_user(request: HubRequest, body: NewUserPermission) -> UserPermission:
    """Set the permission of a user on a root."""
    if not body.document_root_id or not body.user_id or not body.access:
        raise InvalidInput("Missing documentRootId, userId or access")
    root_id = wire.parse_uuid(body.document_root_id, "documentRootId")
    user_id = wire.parse_uuid(body.user_id, "userId")
    access = body.access
    return await commit(
        request,
        lambda tx: permissions.grant(tx, request.user, OF_USERS, root_id=root_id, subject_id=user_id, access=access),
    )


async def change_of_user(request: HubRequest, permission_id: str, body: AccessChange) -> UserPermission:
    """Change the permission of a user."""
    return await commit(request, lambda tx: permissions.change(tx, request.user, OF_USERS, permission_id, body.access))


async def revoke_of_user(request: HubRequest, permission_id: str) -> UserPermission:
    """Delete the permission of a user."""
    return await commit(request, lambda tx: permissions.revoke(tx, request.user, OF_USERS, permission_id))


async def grant_to_group(request: HubRequest, body: NewGroupPermission) -> GroupPermission:
    """Set the permission of a group on a root."""
    if not body.document_root_id or not body.group_id or not body.access:
        raise InvalidInput("Missing documentRootId, groupId or access")
    root_id = wire.parse_uuid(body.document_root_id, "documentRootId")
    group_id = wire.parse_uuid(body.group_id, "groupId")
    access = body.access
    return await commit(
        request,
        lambda tx: permissions.grant(tx, request.user, OF_GROUPS, root_id=root_id, subject_id=group_id, access=access),
    )


async def change_of_group(request: HubRequest, permission_id: str, body: AccessChange) -> GroupPermission:
    """Change the permission of a group."""
    return await commit(request, lambda tx: permissions.change(tx, request.user, OF_GROUPS, permission_id, body.access))


async def revoke_of_group(request: HubRequest, permission_id: str) -> GroupPermission:
    """Delete the permission of a group."""
    return await commit(request, lambda tx: permissions.revoke(tx, request.user, OF_GROUPS, permission_id))


ROUTES = (
    Route("POST", "/permissions/user", grant_to_user, open_to="elevated"),
    Route("PUT", "/permissions/user/{permission_id}", change_of_user, open_to="elevated"),
    Route("DELETE", "/permissions/user/{permission_id}", revoke_of_user, open_to="elevated"),
    Route("POST", "/permissions/group", grant_to_group, open_to="elevated"),
    Route("PUT", "/permissions/group/{permission_id}", change_of_group, open_to="elevated"),
    Route("DELETE", "/permissions/group/{permission_id}", revoke_of_group, open_to="elevated"),
)
