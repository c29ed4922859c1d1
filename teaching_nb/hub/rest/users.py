"""REST of users: U1 to U4, and what there is of one user."""

from __future__ import annotations

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from teaching_nb.hub.documents import lists as document_lists
from teaching_nb.hub.people import users
from teaching_nb.hub.people.users import UserChange
from teaching_nb.hub.rest.requests import HubRequest, commit, hub_of, read, read_fresh
from teaching_nb.schema import wire
from teaching_nb.schema.records import DocumentSummary, User


class UserChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of U4."""

    data: UserChange


@get("/user")
async def get_own_user(request: HubRequest) -> User | None:
    """Return the caller."""

    def find(tx: Connection) -> User | None:
        row = users.by_id(tx, request.user.user_id)
        return None if row is None else users.record(row)

    return await read(request, find)


@get("/users")
async def list_users(request: HubRequest) -> list[User]:
    """Return the users whom the caller may see."""
    return await read(request, lambda tx: users.list_visible(tx, request.user))


@get("/users/{user_id:str}")
async def get_user(request: HubRequest, user_id: FromPath[str]) -> User | None:
    """Return a user whom the caller may see."""
    user_id = wire.parse_uuid(user_id, "user id")
    return await read(request, lambda tx: users.find_visible(tx, request.user, user_id))


@put("/users/{user_id:str}")
async def change_user(request: HubRequest, user_id: FromPath[str], data: JSONBody[UserChangeBody]) -> User:
    """Change names or role."""
    user_id = wire.parse_uuid(user_id, "user id")
    promotes = hub_of(request).settings.teachers_may_promote
    return await commit(
        request,
        lambda tx: users.change(tx, request.user, user_id, data.data, teachers_may_promote=promotes),
    )


@get("/users/{user_id:str}/documents")
async def list_documents_of_user(request: HubRequest, user_id: FromPath[str]) -> list[DocumentSummary]:
    """Return a summary of a user's documents."""
    user_id = wire.parse_uuid(user_id, "user id")
    return await read_fresh(request, lambda tx: document_lists.of_author(tx, request.user, user_id), author_id=user_id)


HANDLERS = [get_own_user, list_users, get_user, change_user, list_documents_of_user]
