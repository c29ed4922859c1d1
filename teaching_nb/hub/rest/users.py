"""REST of users: who there is, their names and roles, and what there is of one."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from teaching_nb.hub.documents import lists as document_lists
from teaching_nb.hub.people import users
from teaching_nb.hub.people.users import UserChange
from teaching_nb.hub.rest.requests import HubRequest, commit, read, read_fresh
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema.records import DocumentSummary, User


class UserChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a user that change."""

    data: UserChange


async def get_own_user(request: HubRequest) -> User | None:
    """Return the caller."""

    def find(tx: Connection) -> User | None:
        row = users.by_id(tx, request.user.user_id)
        return None if row is None else users.record(row)

    return await read(request, find)


async def list_users(request: HubRequest) -> list[User]:
    """Return the users whom the caller may see."""
    return await read(request, lambda tx: users.list_visible(tx, request.user))


async def get_user(request: HubRequest, user_id: str) -> User | None:
    """Return a user whom the caller may see."""
    return await read(request, lambda tx: users.find_visible(tx, request.user, user_id))


async def change_user(request: HubRequest, user_id: str, body: UserChangeBody) -> User:
    """Change names or role."""
    promotes = request.hub.settings.teachers_may_promote
    return await commit(
        request,
        lambda tx: users.change(tx, request.user, user_id, body.data, teachers_may_promote=promotes),
    )


async def list_documents_of_user(request: HubRequest, user_id: str) -> list[DocumentSummary]:
    """Return a summary of a user's documents."""
    return await read_fresh(request, lambda tx: document_lists.of_author(tx, request.user, user_id), author_id=user_id)


ROUTES = (
    Route("GET", "/user", get_own_user),
    Route("GET", "/users", list_users),
    Route("GET", "/users/{user_id}", get_user),
    Route("PUT", "/users/{user_id}", change_user),
    Route("GET", "/users/{user_id}/documents", list_documents_of_user),
)
