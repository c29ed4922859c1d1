"""REST of accounts: below `/api/auth/admin`, as in the existing system."""

from __future__ import annotations

import msgspec
from litestar import post
from litestar.params import JSONBody

from teaching_nb.hub.administration import accounts
from teaching_nb.hub.administration.accounts import AccountChange, NewAccount
from teaching_nb.hub.rest.requests import HubRequest, caller_of, commit, hub_of, read
from teaching_nb.hub.rest.sessions import Done
from teaching_nb.schema import wire
from teaching_nb.schema.records import User


class Names(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Further fields of a new account."""

    first_name: str = ""
    last_name: str = ""


class NewAccountBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of create-user."""

    email: str
    name: str
    password: str | None = None
    role: str = "student"
    data: Names = Names()


class ChangeBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of update-user."""

    user_id: str
    data: AccountChange


class RoleBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of set-role."""

    user_id: str
    role: str


class PasswordBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of set-user-password."""

    user_id: str
    new_password: str


class BanBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of ban-user; the time is in seconds."""

    user_id: str
    ban_reason: str | None = None
    ban_expires_in: int | None = None


class UserBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A body that names a user and nothing else."""

    user_id: str


class NamedUser(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with a user in it."""

    user: User


class PasswordSet(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of set-user-password."""

    status: bool = True


@post("/admin/create-user", status_code=200)
async def create_user(request: HubRequest, data: JSONBody[NewAccountBody]) -> NamedUser:
    """Create an account."""
    actor = caller_of(request)
    accounts.check_elevated(actor, accounts.NO_CREATE)
    password_hash = None if data.password is None else await hub_of(request).passwords.hashed(data.password)
    wanted = NewAccount(
        email=data.email,
        name=data.name,
        role=data.role,
        first_name=data.data.first_name,
        last_name=data.data.last_name,
    )
    created = await hub_of(request).database.write(lambda tx: accounts.create(tx, actor, wanted, password_hash))
    return NamedUser(user=created)


@post("/admin/update-user", status_code=200)
async def update_user(request: HubRequest, data: JSONBody[ChangeBody]) -> User:
    """Change names, e-mail or role."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    changed = await commit(request, lambda tx: accounts.change(tx, actor, user_id, data.data))
    return _plain(changed)


@post("/admin/set-role", status_code=200)
async def set_role(request: HubRequest, data: JSONBody[RoleBody]) -> NamedUser:
    """Change the role of a user."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    changed = await commit(request, lambda tx: accounts.set_role(tx, actor, user_id, data.role))
    return NamedUser(user=_plain(changed))


@post("/admin/set-user-password", status_code=200)
async def set_user_password(request: HubRequest, data: JSONBody[PasswordBody]) -> PasswordSet:
    """Set the password of a user."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    await read(request, lambda tx: accounts.check_password_change(tx, actor, user_id))
    password_hash = await hub_of(request).passwords.hashed(data.new_password)
    await commit(request, lambda tx: accounts.set_password(tx, actor, user_id, password_hash))
    return PasswordSet()


@post("/admin/ban-user", status_code=200)
async def ban_user(request: HubRequest, data: JSONBody[BanBody]) -> NamedUser:
    """Shut a user out."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    banned = await commit(
        request,
        lambda tx: accounts.ban(tx, actor, user_id, reason=data.ban_reason, seconds=data.ban_expires_in),
    )
    return NamedUser(user=_plain(banned))


@post("/admin/unban-user", status_code=200)
async def unban_user(request: HubRequest, data: JSONBody[UserBody]) -> NamedUser:
    """Let a user in again."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    return NamedUser(user=_plain(await commit(request, lambda tx: accounts.unban(tx, actor, user_id))))


@post("/admin/revoke-user-sessions", status_code=200)
async def revoke_user_sessions(request: HubRequest, data: JSONBody[UserBody]) -> Done:
    """End all sessions of a user."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    await commit(request, lambda tx: accounts.end_sessions(tx, actor, user_id))
    return Done()


@post("/admin/remove-user", status_code=200)
async def remove_user(request: HubRequest, data: JSONBody[UserBody]) -> Done:
    """Delete a user with everything that is theirs."""
    actor, user_id = caller_of(request), _user_id(data.user_id)
    await commit(request, lambda tx: accounts.remove(tx, actor, user_id))
    return Done()


def _user_id(text: str) -> str:
    return wire.parse_uuid(text, "userId")


def _plain(user: User) -> User:
    """Return a user without the ways in which they sign in, as these answers have it."""
    return msgspec.structs.replace(user, auth_providers=msgspec.UNSET)


HANDLERS = [
    create_user,
    update_user,
    set_role,
    set_user_password,
    ban_user,
    unban_user,
    revoke_user_sessions,
    remove_user,
]
