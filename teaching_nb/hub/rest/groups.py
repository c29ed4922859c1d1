"""REST of student groups, their members and their admins."""

from __future__ import annotations

import msgspec

from teaching_nb.hub.people import groups
from teaching_nb.hub.people.groups import GroupChange
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema import wire
from teaching_nb.schema.records import StudentGroup


class NewGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A new group."""

    name: str = ""
    description: str = ""
    parent_id: str | None = None


class GroupChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a group that change."""

    data: GroupChange = GroupChange()


class AdminMark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether somebody is admin of a group."""

    is_admin: bool


async def list_groups(request: HubRequest) -> list[StudentGroup]:
    """Return the caller's groups; all groups to an admin."""
    return await read(request, lambda tx: groups.list_visible(tx, request.user))


async def get_group(request: HubRequest, group_id: str) -> StudentGroup | None:
    """Return a group to its members and to admins."""
    return await read(request, lambda tx: groups.find_visible(tx, request.user, group_id))


async def create_group(request: HubRequest, body: NewGroup) -> StudentGroup:
    """Create a group with the caller as its first group admin."""
    parent_id = wire.parse_uuid(body.parent_id, "parentId") if body.parent_id else None
    return await commit(
        request,
        lambda tx: groups.create(tx, request.user, name=body.name, description=body.description, parent_id=parent_id),
    )


async def change_group(request: HubRequest, group_id: str, body: GroupChangeBody) -> StudentGroup:
    """Change the fields of a group."""
    return await commit(request, lambda tx: groups.change(tx, request.user, group_id, body.data))


async def remove_group(request: HubRequest, group_id: str) -> StudentGroup:
    """Delete a group and its subgroups."""
    return await commit(request, lambda tx: groups.remove(tx, request.user, group_id))


async def add_member(request: HubRequest, group_id: str, user_id: str) -> StudentGroup:
    """Make a user a member."""
    return await commit(request, lambda tx: groups.add_member(tx, request.user, group_id, user_id))


async def remove_member(request: HubRequest, group_id: str, user_id: str) -> StudentGroup:
    """End a membership."""
    return await commit(request, lambda tx: groups.remove_member(tx, request.user, group_id, user_id))


async def set_group_admin(request: HubRequest, group_id: str, user_id: str, body: AdminMark) -> StudentGroup:
    """Give or take the group-admin mark."""
    return await commit(
        request, lambda tx: groups.set_admin(tx, request.user, group_id, user_id, is_admin=body.is_admin)
    )


ROUTES = (
    Route("GET", "/studentGroups", list_groups),
    Route("GET", "/studentGroups/{group_id}", get_group),
    Route("POST", "/studentGroups", create_group, open_to="elevated"),
    Route("PUT", "/studentGroups/{group_id}", change_group, open_to="elevated"),
    Route("DELETE", "/studentGroups/{group_id}", remove_group, open_to="elevated"),
    Route("POST", "/studentGroups/{group_id}/members/{user_id}", add_member, open_to="elevated"),
    Route("DELETE", "/studentGroups/{group_id}/members/{user_id}", remove_member, open_to="elevated"),
    Route("POST", "/studentGroups/{group_id}/admins/{user_id}", set_group_admin, open_to="elevated"),
)
