"""Student groups and their members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, insert, select, update

from teaching_nb.errors import Forbidden, InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import ADMIN, Room, of_group, of_user
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.identifiers import check_free
from teaching_nb.hub.store.tables import group_permissions, memberships, student_groups, users
from teaching_nb.schema import wire
from teaching_nb.schema.events import ChangedRecord, DeletedRecord, NewRecord, RecordEvent
from teaching_nb.schema.records import StudentGroup

NAME_LENGTH = 300

_user: BindParameter[str] = bindparam("user_id")
_group: BindParameter[str] = bindparam("group_id")
_groups_of_user = select(memberships.c.group_id).where(memberships.c.user_id == _user)
_group_by_id = select(student_groups).where(student_groups.c.id == _group)
_membership = select(memberships.c.is_admin).where(memberships.c.user_id == _user, memberships.c.group_id == _group)
_administered = _groups_of_user.where(memberships.c.is_admin)


class GroupChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a caller wants to change of a group; unset fields stay."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    can_present: bool | UnsetType = UNSET
    presented_document: Any = UNSET


def group_ids_of(tx: Connection, user_id: str) -> frozenset[str]:
    """Return the groups that a user is a member of."""
    return frozenset(tx.execute(_groups_of_user, {"user_id": user_id}).scalars())


def administered_ids(tx: Connection, user_id: str) -> frozenset[str]:
    """Return the groups that a user is group admin of."""
    return frozenset(tx.execute(_administered, {"user_id": user_id}).scalars())


def is_administered(tx: Connection, actor: Actor, group_id: str) -> bool:
    """Tell whether the actor may govern a group: admins every group, teachers those of which they are group admins."""
    if actor.is_admin:
        return True
    return actor.is_elevated and _is_group_admin(tx, actor.user_id, group_id) is True


def exists(tx: Connection, group_id: str) -> bool:
    """Tell whether there is such a group."""
    return tx.execute(_group_by_id, {"group_id": group_id}).first() is not None


def list_visible(tx: Connection, actor: Actor) -> list[StudentGroup]:
    """Return all groups to admins, to others those they are members of."""
    query = select(student_groups)
    if not actor.is_admin:
        query = query.where(student_groups.c.id.in_(_groups_of_user))
    return _records(tx, tx.execute(query, {} if actor.is_admin else {"user_id": actor.user_id}).all())


def find_visible(tx: Connection, actor: Actor, group_id: str) -> StudentGroup | None:
    """Return a group to its members and to admins; None otherwise."""
    row = tx.execute(_group_by_id, {"group_id": group_id}).first()
    if row is None or not (actor.is_admin or _is_group_admin(tx, actor.user_id, group_id) is not None):
        return None
    return _records(tx, [row])[0]


def create(
    tx: Connection, actor: Actor, *, name: str, description: str, parent_id: str | None
) -> Outcome[StudentGroup]:
    """Create a group with the caller as its first group admin; tells the caller and the admins."""
    if parent_id:
        _check_parent(tx, actor, parent_id, child_id=None)
    group_id = insert_group(tx, name=name, description=description, parent_id=parent_id or None)
    set_member(tx, group_id, actor.user_id, is_admin=True)
    created = _find(tx, group_id)
    return Outcome(created, (_told(NewRecord, created, of_user(actor.user_id)),), access_changed=True)


def change(tx: Connection, actor: Actor, group_id: str, wanted: GroupChange) -> Outcome[StudentGroup]:
    """Change a group's fields; tells its members and the admins."""
    row = _governed(tx, actor, group_id)
    values: dict[str, Any] = {key: value for key, value in msgspec.structs.asdict(wanted).items() if value is not UNSET}
    if "name" in values:
        values["name"] = checked_name(values["name"])
    wire.check_storable(values.get("presented_document"), "presentedDocument")
    if "parent_id" in values:
        values["parent_id"] = values["parent_id"] or None
        if values["parent_id"] not in (None, row.parent_id):
            _check_parent(tx, actor, values["parent_id"], child_id=group_id)
    if values.get("can_present") is False:
        # Who stops presenting may name the document that was presented, as the existing website does.
        values["presented_document"] = None
    elif not row.can_present and "can_present" not in values and values.get("presented_document") is not None:
        raise Forbidden("a group that may not present has no presented document; set canPresent with it")
    if values:
        values["updated_at"] = clock.after(row.updated_at)
        tx.execute(update(student_groups).where(student_groups.c.id == group_id), values)
    changed = _find(tx, group_id)
    return Outcome(
        changed, (_told(ChangedRecord, changed, of_group(group_id)),), access_changed="can_present" in values
    )


def remove(tx: Connection, actor: Actor, group_id: str) -> Outcome[StudentGroup]:
    """Delete a group and its subgroups; tells the members of each, children first, what they lose with it."""
    row = _governed(tx, actor, group_id)
    doomed = [*reversed(_descendants(tx, group_id)), group_id]
    members = tx.execute(select(memberships.c.user_id).where(memberships.c.group_id.in_(doomed))).scalars().all()
    change_numbers.user_access_changed(tx, members)
    notifications = _told_of_permissions(tx, doomed)
    tx.execute(delete(student_groups).where(student_groups.c.id == group_id))
    notifications += [
        Notification(DeletedRecord(type="StudentGroup", id=deleted), (of_group(deleted), ADMIN)) for deleted in doomed
    ]
    return Outcome(_record(row), tuple(notifications), access_changed=True)


def add_member(tx: Connection, actor: Actor, group_id: str, user_id: str) -> Outcome[StudentGroup]:
    """Make a user an ordinary member; tells the group, the admins and the new member."""
    _governed(tx, actor, group_id)
    if tx.execute(select(users.c.id).where(users.c.id == user_id)).first() is None:
        raise NotFound("User not found")
    if actor.user_id == user_id:
        _check_last_admin(tx, actor, group_id, "Cannot remove self from group if the last admin")
    set_member(tx, group_id, user_id, is_admin=False)
    changed = _find(tx, group_id)
    welcome = Notification(NewRecord(type="StudentGroup", record=changed), (of_user(user_id),))
    return Outcome(changed, (_told(ChangedRecord, changed, of_group(group_id)), welcome), access_changed=True)


def remove_member(tx: Connection, actor: Actor, group_id: str, user_id: str) -> Outcome[StudentGroup]:
    """End a membership; tells the group, the admins and the former member."""
    _governed(tx, actor, group_id)
    if _is_group_admin(tx, user_id, group_id) is None:
        return Outcome(_find(tx, group_id))
    if actor.user_id == user_id:
        _check_last_admin(tx, actor, group_id, "Cannot remove self from group if the last admin")
    tx.execute(delete(memberships).where(memberships.c.group_id == group_id, memberships.c.user_id == user_id))
    change_numbers.user_access_changed(tx, [user_id])
    changed = _find(tx, group_id)
    event = ChangedRecord(type="StudentGroup", record=changed)
    notifications = (
        Notification(event, (of_user(user_id), of_group(group_id), ADMIN)),
        Notification(DeletedRecord(type="StudentGroup", id=group_id), (of_user(user_id),)),
    )
    return Outcome(changed, notifications, access_changed=True)


def set_admin(tx: Connection, actor: Actor, group_id: str, user_id: str, *, is_admin: bool) -> Outcome[StudentGroup]:
    """Give or take the group-admin mark of a member; tells the group and the admins."""
    _governed(tx, actor, group_id)
    if _is_group_admin(tx, user_id, group_id) is None:
        raise InvalidInput("User is not a member of the group")
    if actor.user_id == user_id and not is_admin and not actor.is_admin:
        _check_last_admin(tx, actor, group_id, "Cannot remove admin role from self if the last admin")
    set_member(tx, group_id, user_id, is_admin=is_admin)
    changed = _find(tx, group_id)
    return Outcome(changed, (_told(ChangedRecord, changed, of_group(group_id)),), access_changed=True)


def announced(tx: Connection, group_ids: Sequence[str]) -> list[Notification]:
    """Return the announcement of each group as it is now, to its members and the admins."""
    rows = tx.execute(select(student_groups).where(student_groups.c.id.in_(group_ids))).all()
    return [_told(ChangedRecord, group, of_group(group.id)) for group in _records(tx, rows)]


def insert_group(
    tx: Connection, *, name: str, description: str, parent_id: str | None, group_id: str | None = None
) -> str:
    """Insert a group without members and return its id."""
    if group_id is not None:
        check_free(tx, group_id)
    now = clock.now()
    values = {
        "id": group_id or wire.new_id(),
        "name": checked_name(name),
        "description": description,
        "parent_id": parent_id,
        "created_at": now,
        "updated_at": now,
    }
    tx.execute(insert(student_groups), values)
    return values["id"]  # type: ignore[return-value]  # the one entry that is text


def set_member(tx: Connection, group_id: str, user_id: str, *, is_admin: bool) -> bool:
    """Make a user a member with or without the mark; tell whether anything changed."""
    present = _is_group_admin(tx, user_id, group_id)
    if present is None:
        tx.execute(insert(memberships), {"group_id": group_id, "user_id": user_id, "is_admin": is_admin})
        change_numbers.user_access_changed(tx, [user_id])
    elif present is not is_admin:
        tx.execute(
            update(memberships)
            .where(memberships.c.group_id == group_id, memberships.c.user_id == user_id)
            .values(is_admin=is_admin)
        )
    return present is not is_admin


def checked_name(name: str) -> str:
    """Return a group's name; raises `InvalidInput` when it is too long."""
    if len(name) > NAME_LENGTH:
        raise InvalidInput(f"name has {len(name)} characters, the limit is {NAME_LENGTH}")
    return name


def _is_group_admin(tx: Connection, user_id: str, group_id: str) -> bool | None:
    """Return the mark of a membership; None for no member."""
    row = tx.execute(_membership, {"user_id": user_id, "group_id": group_id}).first()
    return None if row is None else bool(row.is_admin)


def _governed(tx: Connection, actor: Actor, group_id: str) -> Row[Any]:
    row = tx.execute(_group_by_id, {"group_id": group_id}).first()
    mark = _is_group_admin(tx, actor.user_id, group_id)
    if row is None or (mark is None and not actor.is_admin):
        raise NotFound("Group not found")
    if not (actor.is_admin or (actor.is_elevated and mark)):
        raise Forbidden("Not authorized")
    return row


def _check_parent(tx: Connection, actor: Actor, parent_id: str, *, child_id: str | None) -> None:
    if not is_administered(tx, actor, parent_id):
        raise Forbidden("Not authorized to create subgroup in this group")
    if tx.execute(_group_by_id, {"group_id": parent_id}).first() is None:
        raise NotFound("Parent group not found")
    if child_id is not None and parent_id in {child_id, *_descendants(tx, child_id)}:
        raise Forbidden("a group cannot be below itself")


def _check_last_admin(tx: Connection, actor: Actor, group_id: str, message: str) -> None:
    admins = tx.execute(
        select(memberships.c.user_id).where(memberships.c.group_id == group_id, memberships.c.is_admin)
    ).scalars()
    if set(admins) == {actor.user_id}:
        raise Forbidden(message)


def _descendants(tx: Connection, group_id: str) -> list[str]:
    """Return the ids of all subgroups, parents before children."""
    found: list[str] = []
    level = [group_id]
    while level:
        level = list(tx.execute(select(student_groups.c.id).where(student_groups.c.parent_id.in_(level))).scalars())
        found += level
    return found


def _find(tx: Connection, group_id: str) -> StudentGroup:
    row = tx.execute(_group_by_id, {"group_id": group_id}).first()
    return _records(tx, [cast("Row[Any]", row)])[0]


def _records(tx: Connection, rows: Iterable[Row[Any]]) -> list[StudentGroup]:
    rows = list(rows)
    query = select(memberships).where(memberships.c.group_id.in_([row.id for row in rows]))
    members: defaultdict[str, list[str]] = defaultdict(list)
    admins: defaultdict[str, list[str]] = defaultdict(list)
    for membership in tx.execute(query.order_by(memberships.c.user_id)):
        members[membership.group_id].append(membership.user_id)
        if membership.is_admin:
            admins[membership.group_id].append(membership.user_id)
    return [_record(row, user_ids=members[row.id], admin_ids=admins[row.id]) for row in rows]


def _record(
    row: Row[Any], *, user_ids: list[str] | UnsetType = UNSET, admin_ids: list[str] | UnsetType = UNSET
) -> StudentGroup:
    return StudentGroup(
        id=row.id,
        name=row.name,
        description=row.description,
        parent_id=row.parent_id,
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        can_present=row.can_present,
        presented_document=row.presented_document,
        user_ids=user_ids,
        admin_ids=admin_ids,
    )


def _told(event: type[RecordEvent], group: StudentGroup, room: Room) -> Notification:
    return Notification(event(type="StudentGroup", record=group), (room, ADMIN))


def _told_of_permissions(tx: Connection, group_ids: Sequence[str]) -> list[Notification]:
    """Return what tells that the permissions of groups disappear."""
    rows = tx.execute(
        select(group_permissions.c.id, group_permissions.c.group_id).where(group_permissions.c.group_id.in_(group_ids))
    )
    return [
        Notification(DeletedRecord(type="GroupPermission", id=row.id), (of_group(row.group_id), ADMIN)) for row in rows
    ]
