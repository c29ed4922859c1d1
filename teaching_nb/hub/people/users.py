"""People: reading, editing, and the accounts that assertions and commands create."""

from __future__ import annotations

import hashlib
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from teaching_nb.errors import Conflict, Forbidden, InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.actors import ROLE_LEVELS, Actor
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import names
from teaching_nb.hub.room import ADMIN, of_user
from teaching_nb.hub.store.identifiers import check_free
from teaching_nb.hub.store.tables import memberships, users
from teaching_nb.schema import wire
from teaching_nb.schema.events import ChangedRecord
from teaching_nb.schema.records import Role, User
from teaching_nb.tokens import Assertion

ROLES = tuple(ROLE_LEVELS)

NAME_LENGTH = 150
"""Longest first or last name."""

EMAIL_LENGTH = 320

_user_by_id = select(users).where(users.c.id == bindparam("user_id"))
_user_by_email = select(users).where(users.c.email == bindparam("email"))
_user_by_subject = select(users).where(users.c.subject == bindparam("subject"))

_mine = memberships.alias("mine")
_shared_group = (
    select(memberships.c.user_id)
    .join(_mine, _mine.c.group_id == memberships.c.group_id)
    .where(_mine.c.user_id == bindparam("viewer_id"))
)
_visible_users = select(users).where(
    or_(users.c.id == bindparam("viewer_id"), users.c.id.in_(_shared_group)),
)
managed = _shared_group.where(_mine.c.is_admin)
"""Query for the ids of those who are in a group that `viewer_id` is group admin of."""
_teachers = (
    select(_mine.c.user_id)
    .join(memberships, memberships.c.group_id == _mine.c.group_id)
    .join(users, users.c.id == _mine.c.user_id)
    .where(
        memberships.c.user_id == bindparam("user_id"),
        _mine.c.is_admin,
        _mine.c.user_id != memberships.c.user_id,
        users.c.role != "student",
    )
    .distinct()
    .order_by(_mine.c.user_id)
)


class UserChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a caller wants to change of a user; unset fields stay."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    role: str | UnsetType = UNSET


def record(row: Row[Any], *, with_providers: bool = False) -> User:
    """Return the wire record of a user row."""
    return User(
        id=row.id,
        name=row.name,
        email=row.email,
        email_verified=row.email_verified,
        image=row.image,
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        first_name=row.first_name,
        last_name=row.last_name,
        role=row.role,
        banned=row.banned,
        ban_reason=row.ban_reason,
        ban_expires=None if row.ban_expires is None else wire.timestamp(row.ban_expires),
        auth_providers=(["credential"] if row.password_hash else []) if with_providers else UNSET,
    )


def by_id(tx: Connection, user_id: str) -> Row[Any] | None:
    """Return the row of a user."""
    return tx.execute(_user_by_id, {"user_id": user_id}).first()


def by_email(tx: Connection, email: str) -> Row[Any] | None:
    """Return the row of a user; upper and lower case do not matter."""
    return tx.execute(_user_by_email, {"email": email.lower()}).first()


def by_subject(tx: Connection, subject: str) -> Row[Any] | None:
    """Return the row of the user who stands for an account of a Jupyter server."""
    return tx.execute(_user_by_subject, {"subject": subject}).first()


def is_banned(row: Row[Any], now: int) -> bool:
    """Tell whether a user is shut out at present."""
    return bool(row.banned) and (row.ban_expires is None or row.ban_expires > now)


def actor_of(row: Row[Any], session_id: str | None = None) -> Actor:
    """Return the user behind a row as a caller."""
    return Actor(user_id=row.id, name=row.name, email=row.email, role=row.role, session_id=session_id)


def managed_ids(tx: Connection, actor: Actor) -> frozenset[str]:
    """Return the users whom an elevated actor manages, themselves included; for students nobody else."""
    if not actor.is_elevated:
        return frozenset({actor.user_id})
    return frozenset(tx.execute(managed, {"viewer_id": actor.user_id}).scalars()) | {actor.user_id}


def is_managed(tx: Connection, actor: Actor, user_id: str) -> bool:
    """Tell whether the actor manages a user: admins everybody, teachers the members of their groups."""
    if actor.is_admin:
        return True
    if not actor.is_elevated:
        return False
    if actor.user_id == user_id:
        return True
    statement = managed.where(memberships.c.user_id == bindparam("member_id")).limit(1)
    return tx.execute(statement, {"viewer_id": actor.user_id, "member_id": user_id}).first() is not None


def teacher_ids(tx: Connection, user_id: str) -> list[str]:
    """Return who manages a user, but for themselves and those admins who do not lead a group of theirs."""
    return list(tx.execute(_teachers, {"user_id": user_id}).scalars())


def list_visible(tx: Connection, actor: Actor) -> list[User]:
    """Return everybody to elevated callers; to students themselves and the members of their groups."""
    if actor.is_elevated:
        return [record(row, with_providers=True) for row in tx.execute(select(users))]
    rows = tx.execute(_visible_users, {"viewer_id": actor.user_id})
    return [record(row, with_providers=row.id == actor.user_id) for row in rows]


def find_visible(tx: Connection, actor: Actor, user_id: str) -> User | None:
    """Return a user whom the caller may see; None otherwise."""
    if actor.is_elevated or actor.user_id == user_id:
        row = by_id(tx, user_id)
    else:
        statement = _visible_users.where(users.c.id == bindparam("user_id"))
        row = tx.execute(statement, {"viewer_id": actor.user_id, "user_id": user_id}).first()
    return None if row is None else record(row, with_providers=True)


def change(
    tx: Connection, actor: Actor, user_id: str, wanted: UserChange, *, teachers_may_promote: bool
) -> Outcome[User]:
    """Change names and role of a user; tells the user and the admins."""
    if not actor.is_elevated and actor.user_id != user_id:
        raise Forbidden("Not authorized")
    row = by_id(tx, user_id)
    if row is None:
        raise NotFound("User not found")
    if not is_managed(tx, actor, user_id) and actor.user_id != user_id:
        raise Forbidden("Not authorized")
    values: dict[str, Any] = {}
    if wanted.first_name is not UNSET:
        values["first_name"] = checked_name(wanted.first_name, "firstName")
    if wanted.last_name is not UNSET:
        values["last_name"] = checked_name(wanted.last_name, "lastName")
    if wanted.role is not UNSET and wanted.role != row.role:
        _check_role_change(actor, row, wanted.role, teachers_may_promote=teachers_may_promote)
        values["role"] = wanted.role
    if not values:
        return Outcome(record(row, with_providers=True))
    if "first_name" in values or "last_name" in values:
        names.check_chosen(tx, actor, row, _name_with(row, values))
    return store(tx, row, values)


def set_role(tx: Connection, email: str, role: str) -> Outcome[User]:
    """Set the role of an account, as the administrator of the machine."""
    row = by_email(tx, email)
    if row is None:
        raise NotFound(f"no user has the e-mail {email}")
    return store(tx, row, {"role": checked_role(role)})


def set_password(tx: Connection, user_id: str, password_hash: str) -> None:
    """Store the hash of a user's password."""
    values = {"password_hash": password_hash, "updated_at": clock.now()}
    tx.execute(update(users).where(users.c.id == user_id), values)


def create(
    tx: Connection,
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    user_id: str | None = None,
    subject: str | None = None,
    name: str | None = None,
) -> Row[Any]:
    """Create a user; raises `Conflict` when the e-mail or the id is taken."""
    email = checked_email(email)
    if by_email(tx, email) is not None:
        raise Conflict(f"a user with the e-mail {email} exists already")
    user_id = user_id or wire.new_id()
    check_free(tx, user_id)
    now = clock.now()
    values = {
        "id": user_id,
        "email": email,
        "first_name": checked_name(first_name, "firstName"),
        "last_name": checked_name(last_name, "lastName"),
        "name": name if name is not None else display_name(first_name, last_name, email),
        "role": checked_role(role),
        "subject": subject,
        "created_at": now,
        "updated_at": now,
    }
    tx.execute(insert(users), values)
    return cast("Row[Any]", by_id(tx, user_id))


def adopt(tx: Connection, assertion: Assertion) -> Row[Any]:
    """Create or update the user whom the Jupyter server vouches for; a loaded user is found by their e-mail."""
    row = by_subject(tx, assertion.subject)
    name = assertion.name[: 2 * NAME_LENGTH] or assertion.subject[: 2 * NAME_LENGTH]
    if row is None:
        row = by_email(tx, email_of(assertion.subject))
        if row is None or row.subject is not None:
            return _create_for(tx, assertion, name, is_email_taken=row is not None)
    values = {"subject": assertion.subject, "role": checked_role(assertion.role), **_names(name)}
    if any(getattr(row, key) != value for key, value in values.items()):
        tx.execute(update(users).where(users.c.id == row.id), {**values, "updated_at": clock.now()})
    return cast("Row[Any]", by_id(tx, row.id))


def checked_email(email: str) -> str:
    """Return an e-mail address in lower case; raises `InvalidInput` when it cannot be one."""
    email = email.strip().lower()
    name, at, host = email.rpartition("@")
    if not (name and at and host) or len(email) > EMAIL_LENGTH or any(map(str.isspace, email)):
        raise InvalidInput(f"not an e-mail address: {email[:60]!r}")
    return email


def checked_name(name: str, what: str) -> str:
    """Return a first or last name; raises `InvalidInput` when it is too long."""
    if len(name) > NAME_LENGTH:
        raise InvalidInput(f"{what} has {len(name)} characters, the limit is {NAME_LENGTH}")
    return name


def checked_role(role: str) -> Role:
    """Return the role; raises `InvalidInput` when it is none of the three."""
    if role not in ROLES:
        raise InvalidInput(f"unknown role {role[:40]!r}; use student, teacher or admin")
    return cast("Role", role)


def display_name(first_name: str, last_name: str, email: str) -> str:
    """Return the name that others see."""
    return f"{first_name} {last_name}".strip() or email.partition("@")[0]


def list_all(tx: Connection) -> list[User]:
    """Return all users, by e-mail."""
    return [record(row) for row in tx.execute(select(users).order_by(users.c.email))]


def store(tx: Connection, row: Row[Any], values: dict[str, Any]) -> Outcome[User]:
    """Write fields of a user without any check; tells the user and the admins."""
    if ("first_name" in values or "last_name" in values) and "name" not in values:
        values["name"] = _name_with(row, values)
    values["updated_at"] = clock.after(row.updated_at)
    tx.execute(update(users).where(users.c.id == row.id), values)
    changed = record(cast("Row[Any]", by_id(tx, row.id)), with_providers=True)
    notification = Notification(ChangedRecord(type="User", record=changed), (of_user(row.id), ADMIN))
    return Outcome(changed, (notification,), access_changed="role" in values)


def _name_with(row: Row[Any], values: dict[str, Any]) -> str:
    """Return the name that others would see with new first or last names."""
    return display_name(values.get("first_name", row.first_name), values.get("last_name", row.last_name), row.email)


def _check_role_change(actor: Actor, target: Row[Any], role: str, *, teachers_may_promote: bool) -> None:
    if not actor.is_elevated:
        raise Forbidden("Not authorized")
    if role not in ROLE_LEVELS:
        raise Forbidden("Not allowed to set this role")
    wanted, present = ROLE_LEVELS[role], ROLE_LEVELS.get(target.role, 0)
    if wanted > actor.level:
        raise Forbidden("Not allowed to set a higher role")
    if actor.user_id == target.id and wanted < actor.level:
        raise Forbidden("Not allowed to lower own role")
    if present > actor.level:
        raise Forbidden("Not allowed to change the role of user with a higher role")
    if actor.is_admin or actor.user_id == target.id:
        return
    if present >= actor.level:
        raise Forbidden("Not allowed to change the role of an equal")
    if wanted > present and not teachers_may_promote:
        raise Forbidden("Teachers may not promote on this hub")


def email_of(subject: str) -> str:
    """Return the e-mail that an account of a Jupyter server gets here."""
    return subject.lower() if "@" in subject else f"{subject.lower()}@localhost"


def _names(name: str) -> dict[str, str]:
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first[:NAME_LENGTH], "last_name": last.strip()[:NAME_LENGTH]}


def _create_for(tx: Connection, assertion: Assertion, name: str, *, is_email_taken: bool) -> Row[Any]:
    email = email_of(assertion.subject)
    if is_email_taken:
        # Two accounts whose names differ in upper and lower case only.
        digest = hashlib.sha256(assertion.subject.encode()).hexdigest()[:8]
        email = f"{assertion.subject.lower().partition('@')[0]}-{digest}@localhost"
    names = _names(name)
    return create(
        tx,
        email=email,
        first_name=names["first_name"],
        last_name=names["last_name"],
        role=assertion.role,
        subject=assertion.subject,
        name=name,
    )
