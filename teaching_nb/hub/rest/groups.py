"""REST of student groups: G1 to G8."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from teaching_nb.hub.people import groups
from teaching_nb.hub.people.groups import GroupChange
from teaching_nb.hub.rest.authentication import elevated_only
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.schema import wire
from teaching_nb.schema.records import StudentGroup


class NewGroup(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of G3."""

    name: str = ""
    description: str = ""
    parent_id: str | None = None


class GroupChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of G4."""

    data: GroupChange = GroupChange()


class AdminMark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of G8."""

    is_admin: bool


@get("/studentGroups")
async def list_groups(request: HubRequest) -> list[StudentGroup]:
    """Return the caller's groups; all groups to an admin."""
    return await read(request, lambda tx: groups.list_visible(tx, request.user))


@get("/studentGroups/{group_id:str}")
async def get_group(request: HubRequest, group_id: FromPath[str]) -> StudentGroup | None:
    """Return a group to its members and to admins."""
    group_id = wire.parse_uuid(group_id, "group id")
    return await read(request, lambda tx: groups.find_visible(tx, request.user, group_id))


@post("/studentGroups", status_code=200, guards=[elevated_only])
async def create_group(request: HubRequest, data: JSONBody[NewGroup]) -> StudentGroup:
    """Create a group with the caller as its first group admin."""
    parent_id = wire.parse_uuid(data.parent_id, "parentId") if data.parent_id else None
    return await commit(
        request,
        lambda tx: groups.create(tx, request.user, name=data.name, description=data.description, parent_id=parent_id),
    )


@put("/studentGroups/{group_id:str}", guards=[elevated_only])
async def change_group(request: HubRequest, group_id: FromPath[str], data: JSONBody[GroupChangeBody]) -> StudentGroup:
    """Change the fields of a group."""
    group_id = wire.parse_uuid(group_id, "group id")
    return await commit(request, lambda tx: groups.change(tx, request.user, group_id, data.data))


@delete("/studentGroups/{group_id:str}", status_code=200, guards=[elevated_only])
async def remove_group(request: HubRequest, group_id: FromPath[str]) -> StudentGroup:
    """Delete a group and its subgroups."""
    group_id = wire.parse_uuid(group_id, "group id")
    return await commit(request, lambda tx: groups.remove(tx, request.user, group_id))


@post("/studentGroups/{group_id:str}/members/{user_id:str}", status_code=200, guards=[elevated_only])
async def add_member(request: HubRequest, group_id: FromPath[str], user_id: FromPath[str]) -> StudentGroup:
    """Make a user a member."""
    group_id, user_id = wire.parse_uuid(group_id, "group id"), wire.parse_uuid(user_id, "user id")
    return await commit(request, lambda tx: groups.add_member(tx, request.user, group_id, user_id))


@delete("/studentGroups/{group_id:str}/members/{user_id:str}", status_code=200, guards=[elevated_only])
async def remove_member(request: HubRequest, group_id: FromPath[str], user_id: FromPath[str]) -> StudentGroup:
    """End a membership."""
    group_id, user_id = wire.parse_uuid(group_id, "group id"), wire.parse_uuid(user_id, "user id")
    return await commit(request, lambda tx: groups.remove_member(tx, request.user, group_id, user_id))


@post("/studentGroups/{group_id:str}/admins/{user_id:str}", status_code=200, guards=[elevated_only])
async def set_group_admin(
    request: HubRequest, group_id: FromPath[str], user_id: FromPath[str], data: JSONBody[AdminMark]
) -> StudentGroup:
    """Give or take the group-admin mark."""
    group_id, user_id = wire.parse_uuid(group_id, "group id"), wire.parse_uuid(user_id, "user id")
    return await commit(
        request, lambda tx: groups.set_admin(tx, request.user, group_id, user_id, is_admin=data.is_admin)
    )


HANDLERS = [
    list_groups,
    get_group,
    create_group,
    change_group,
    remove_group,
    add_member,
    remove_member,
    set_group_admin,
]
