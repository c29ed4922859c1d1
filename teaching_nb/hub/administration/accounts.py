"""Accounts: creating, editing, passwords, bans and removal. What people may do with each other's.

Nobody changes the credentials of somebody whose role is as high as their own, themselves left out; teachers
look after those whom they manage. Checks come before writes. Hashing happens elsewhere, as it is slow.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row, delete, select

from teaching_nb.errors import Conflict, Forbidden, InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.actors import ROLE_LEVELS, Actor
from teaching_nb.hub.documents import shared as shared_documents
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import groups, names, sessions, users
from teaching_nb.hub.room import ADMIN, of_group, of_user
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.hub.store.tables import user_permissions
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema.events import DeletedRecord, ForwardedAction
from teaching_nb.schema.records import User

RELOAD = "nav-reload"
"""The action that makes the pages of somebody who was banned find out about it."""

LONGEST_BAN_SECONDS = 100 * 365 * 86_400

_REASON_LENGTH = 1_000

NO_CREATE = "You are not allowed to create users"
NO_UPDATE = "You are not allowed to update users"
NO_ROLE = "You are not allowed to change users role"
NO_PASSWORD = "You are not allowed to set users password"  # noqa: S105 - a sentence
NO_BAN = "You are not allowed to ban users"
NO_REMOVE = "You are not allowed to delete users"
NO_SESSIONS = "You are not allowed to revoke users sessions"


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is to be changed of an account; unset fields stay."""

    name: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A new account."""

    email: str
    name: str
    first_name: str = ""
    last_name: str = ""
    role: str = "student"


def create(tx: Connection, actor: Actor, wanted: NewAccount, password_hash: str | None) -> User:
    """Create an account; only admins choose its role."""
    check_elevated(actor, NO_CREATE)
    if wanted.role != "student" and not actor.is_admin:
        raise Forbidden(NO_ROLE)
    try:
        row = users.create(
            tx,
            email=wanted.email,
            first_name=wanted.first_name,
            last_name=wanted.last_name,
            role=wanted.role,
            name=_checked_name(wanted.name),
        )
    except Conflict as error:
        raise InvalidInput("User already exists. Use another email.") from error
    if password_hash is not None:
        users.set_password(tx, row.id, password_hash)
    return users.record(row)


def change(tx: Connection, actor: Actor, user_id: str, wanted: AccountChange) -> Outcome[User]:
    """Change names, e-mail and role; tells the user and the admins."""
    check_elevated(actor, NO_UPDATE)
    row = _governed(tx, actor, user_id, NO_UPDATE)
    values: dict[str, Any] = {}
    if wanted.name is not UNSET:
        values["name"] = _checked_name(wanted.name)
    elif not (wanted.first_name is UNSET and wanted.last_name is UNSET):
        values["name"] = row.name
    if wanted.first_name is not UNSET:
        values["first_name"] = users.checked_name(wanted.first_name, "firstName")
    if wanted.last_name is not UNSET:
        values["last_name"] = users.checked_name(wanted.last_name, "lastName")
    if wanted.email is not UNSET:
        values["email"] = _free_email(tx, wanted.email, row)
    if wanted.role is not UNSET and wanted.role != row.role:
        values["role"] = _settable_role(actor, row, wanted.role)
    _check_names(tx, actor, row, values)
    return users.store(tx, row, values)


def set_role(tx: Connection, actor: Actor, user_id: str, role: str) -> Outcome[User]:
    """Change the role of somebody; for admins."""
    if not actor.is_admin:
        raise Forbidden(NO_ROLE)
    row = _existing(tx, user_id)
    return users.store(tx, row, {"role": _settable_role(actor, row, role)})


def check_password_change(tx: Connection, actor: Actor, user_id: str) -> None:
    """Raise `Forbidden` or `NotFound` unless the actor may set the password of a user."""
    check_elevated(actor, NO_PASSWORD)
    _governed(tx, actor, user_id, NO_PASSWORD)


def set_password(tx: Connection, actor: Actor, user_id: str, password_hash: str) -> Outcome[User]:
    """Set the password of a user; tells them and the admins.

    Whoever came in with the old one is out, sockets included; only the session that changes its own password goes on.
    """
    check_password_change(tx, actor, user_id)
    changed = users.store(tx, _existing(tx, user_id), {"password_hash": password_hash})
    sessions.end_signed_in(tx, user_id, except_session=actor.session_id)
    return Outcome(changed.record, changed.notifications, access_changed=True)


def check_link(tx: Connection, actor: Actor, user_id: str) -> Row[Any]:
    """Return the row of a user who may get a first password; raises `Forbidden` for others."""
    row = users.by_id(tx, user_id)
    if row is None:
        raise Forbidden("unknown user")
    _check_governs(tx, actor, row, "Not authorized")
    if row.password_hash is not None:
        raise Forbidden("user already has email-password account")
    return row


def link_password(tx: Connection, actor: Actor, user_id: str, password_hash: str) -> Outcome[None]:
    """Give a user without a password one; tells them and the admins."""
    changed = users.store(tx, check_link(tx, actor, user_id), {"password_hash": password_hash})
    return Outcome(None, changed.notifications)


def revoke_password(tx: Connection, actor: Actor, user_id: str) -> Outcome[None]:
    """Take the password of a user who can sign in otherwise; tells everybody concerned, the caller too.

    Ends what they began with it, as `set_password` does.
    """
    row = users.by_id(tx, user_id)
    if row is None or row.password_hash is None:
        return Outcome(None)
    _check_governs(tx, actor, row, "Not authorized")
    if row.subject is None:
        raise Forbidden("cannot revoke only login method of user")
    changed = users.store(tx, row, {"password_hash": None})
    told = tuple(msgspec.structs.replace(notification, to_self=True) for notification in changed.notifications)
    sessions.end_signed_in(tx, user_id, except_session=actor.session_id)
    return Outcome(None, told, access_changed=True)


def ban(tx: Connection, actor: Actor, user_id: str, *, reason: str | None, seconds: int | None) -> Outcome[User]:
    """Shut somebody out, for some time or for good; ends their sessions and sockets. For admins."""
    row = _for_admin(tx, actor, user_id, NO_BAN, own="You cannot ban yourself")
    if seconds is not None and not 0 < seconds <= LONGEST_BAN_SECONDS:
        raise InvalidInput(f"banExpiresIn is {seconds} seconds, it must be 1 to {LONGEST_BAN_SECONDS}")
    values = {
        "banned": True,
        "ban_reason": (reason or "No reason")[:_REASON_LENGTH],
        "ban_expires": None if seconds is None else clock.now() + seconds * 1_000,
    }
    sessions.end_all(tx, user_id)
    changed = users.store(tx, row, values)
    told = msgspec.structs.replace(changed.notifications[0], rooms=(ADMIN,))
    reload = Notification(ForwardedAction(action=RELOAD), (of_user(user_id),))
    return Outcome(changed.record, (told, reload), access_changed=True)


def unban(tx: Connection, actor: Actor, user_id: str) -> Outcome[User]:
    """Let somebody in again; tells them and the admins. For admins."""
    row = _for_admin(tx, actor, user_id, NO_BAN, own=None)
    return users.store(tx, row, {"banned": False, "ban_reason": None, "ban_expires": None})


def end_sessions(tx: Connection, actor: Actor, user_id: str) -> Outcome[None]:
    """End all sessions, tokens and sockets of somebody."""
    check_elevated(actor, NO_SESSIONS)
    _governed(tx, actor, user_id, NO_SESSIONS)
    sessions.end_all(tx, user_id)
    return Outcome(None, access_changed=True)


def remove(tx: Connection, actor: Actor, user_id: str) -> Outcome[None]:
    """Delete somebody with everything that is theirs; whatever disappears is announced. For admins.

    What they have shared with everybody belongs to its roots and stays, under the name of who has opened the root.
    """
    row = _for_admin(tx, actor, user_id, NO_REMOVE, own="You cannot remove yourself")
    notifications = shared_documents.hand_over(tx, user_id, to=actor.user_id)
    own = select(documents_table.c.id).where(documents_table.c.author_id == user_id)
    own = own.order_by(documents_table.c.created_at, documents_table.c.id)
    notifications += document_trees.remove_all(tx, list(tx.execute(own).scalars()), actor.user_id)
    permitted = select(user_permissions.c.id).where(user_permissions.c.user_id == user_id)
    notifications += [
        Notification(DeletedRecord(type="UserPermission", id=permission_id), (of_user(user_id), ADMIN))
        for permission_id in tx.execute(permitted).scalars()
    ]
    group_ids = sorted(groups.group_ids_of(tx, user_id))
    tx.execute(delete(users_table).where(users_table.c.id == row.id))
    notifications += groups.announced(tx, group_ids)
    rooms = (of_user(user_id), *map(of_group, group_ids), ADMIN)
    notifications.append(Notification(DeletedRecord(type="User", id=user_id), rooms))
    return Outcome(None, tuple(notifications), access_changed=True)


def check_elevated(actor: Actor, refusal: str) -> None:
    """Raise `Forbidden` for students."""
    if not actor.is_elevated:
        raise Forbidden(refusal)


def _existing(tx: Connection, user_id: str) -> Row[Any]:
    row = users.by_id(tx, user_id)
    if row is None:
        raise NotFound("User not found")
    return row


def _governed(tx: Connection, actor: Actor, user_id: str, refusal: str) -> Row[Any]:
    row = _existing(tx, user_id)
    _check_governs(tx, actor, row, refusal)
    return row


def _check_governs(tx: Connection, actor: Actor, row: Row[Any], refusal: str) -> None:
    if actor.user_id == row.id:
        return
    if ROLE_LEVELS.get(row.role, 0) >= actor.level or not users.is_managed(tx, actor, row.id):
        raise Forbidden(refusal)


def _for_admin(tx: Connection, actor: Actor, user_id: str, refusal: str, *, own: str | None) -> Row[Any]:
    if not actor.is_admin:
        raise Forbidden(refusal)
    if own is not None and actor.user_id == user_id:
        raise InvalidInput(own)
    return _governed(tx, actor, user_id, refusal)


def _check_names(tx: Connection, actor: Actor, row: Row[Any], values: dict[str, Any]) -> None:
    if "name" in values:
        names.check_chosen(tx, actor, row, values["name"])
    first, last = values.get("first_name", row.first_name), values.get("last_name", row.last_name)
    if (first, last) != (row.first_name, row.last_name):
        names.check_chosen(tx, actor, row, f"{first} {last}")


def _settable_role(actor: Actor, row: Row[Any], role: str) -> str:
    if not actor.is_admin:
        raise Forbidden(NO_ROLE)
    checked = users.checked_role(role)
    if actor.user_id == row.id and ROLE_LEVELS[checked] < actor.level:
        raise Forbidden(NO_ROLE)
    return checked


def _free_email(tx: Connection, email: str, row: Row[Any]) -> str:
    checked = users.checked_email(email)
    other = users.by_email(tx, checked)
    if other is not None and other.id != row.id:
        raise InvalidInput("User already exists. Use another email.")
    return checked


def _checked_name(name: str) -> str:
    limit = 2 * users.NAME_LENGTH
    if len(name) > limit:
        raise InvalidInput(f"name has {len(name)} characters, the limit is {limit}")
    return name
