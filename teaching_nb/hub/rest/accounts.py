"""REST of accounts: below `/api/auth/admin`, as in the existing system."""

from __future__ import annotations

import msgspec

from teaching_nb.hub.administration import accounts
from teaching_nb.hub.administration.accounts import AccountChange, NewAccount
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Route
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


async def create_user(request: HubRequest, body: NewAccountBody) -> NamedUser:
    """Create an account."""
    actor = request.user
    accounts.check_elevated(actor, accounts.NO_CREATE)
    password_hash = None if body.password is None else await request.hub.passwords.hashed(body.password)
    wanted = NewAccount(
        email=body.email,
        name=body.name,
        role=body.role,
        first_name=body.data.first_name,
        last_name=body.data.last_name,
    )
    created = await request.hub.database.write(lambda tx: accounts.create(tx, actor, wanted, password_hash))
    return NamedUser(user=created)


async def update_user(request: HubRequest, body: ChangeBody) -> User:
    """Change names, e-mail or role."""
    actor, user_id = request.user, _user_id(body.user_id)
    changed = await commit(request, lambda tx: accounts.change(tx, actor, user_id, body.data))
    return _plain(changed)


async def set_role(request: HubRequest, body: RoleBody) -> NamedUser:
    """Change the role of a user."""
    actor, user_id = request.user, _user_id(body.user_id)
    changed = await commit(request, lambda tx: accounts.set_role(tx, actor, user_id, body.role))
    return NamedUser(user=_plain(changed))


async def set_user_password(request: HubRequest, body: PasswordBody) -> PasswordSet:
    """Set the password of a user."""
    actor, user_id = request.user, _user_id(body.user_id)
    await read(request, lambda tx: accounts.check_password_change(tx, actor, user_id))
    password_hash = await request.hub.passwords.hashed(body.new_password)
    await commit(request, lambda tx: accounts.set_password(tx, actor, user_id, password_hash))
    return PasswordSet()


async def ban_user(request: HubRequest, body: BanBody) -> NamedUser:
    """Shut a user out."""
    actor, user_id = request.user, _user_id(body.user_id)
    banned = await commit(
        request,
        lambda tx: accounts.ban(tx, actor, user_id, reason=body.ban_reason, seconds=body.ban_expires_in),
    )
    return NamedUser(user=_plain(banned))


async def unban_user(request: HubRequest, body: UserBody) -> NamedUser:
    """Let a user in again."""
    actor, user_id = request.user, _user_id(body.user_id)
    return NamedUser(user=_plain(await commit(request, lambda tx: accounts.unban(tx, actor, user_id))))


async def revoke_user_sessions(request: HubRequest, body: UserBody) -> Done:
    """End all sessions of a user."""
    actor, user_id = request.user, _user_id(body.user_id)
    await commit(request, lambda tx: accounts.end_sessions(tx, actor, user_id))
    return Done()


async def remove_user(request: HubRequest, body: UserBody) -> Done:
    """Delete a user with everything that is theirs."""
    actor, user_id = request.user, _user_id(body.user_id)
    await commit(request, lambda tx: accounts.remove(tx, actor, user_id))
    return Done()


def _user_id(text: str) -> str:
    return wire.parse_uuid(text, "userId")


def _plain(user: User) -> User:
    """Return a user without the ways in which they sign in, as these answers have it."""
    return msgspec.structs.replace(user, auth_providers=msgspec.UNSET)


ROUTES = (
    Route("POST", "/admin/create-user", create_user),
    Route("POST", "/admin/update-user", update_user),
    Route("POST", "/admin/set-role", set_role),
    Route("POST", "/admin/set-user-password", set_user_password),
    Route("POST", "/admin/ban-user", ban_user),
    Route("POST", "/admin/unban-user", unban_user),
    Route("POST", "/admin/revoke-user-sessions", revoke_user_sessions),
    Route("POST", "/admin/remove-user", remove_user),
)
