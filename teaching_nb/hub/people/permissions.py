"""Permissions of users and groups on document roots.

One row per root and user or group: setting a permission again changes the row that exists. The two kinds
differ in table, tier and room only, so one description of each stands for the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import BindParameter, Connection, Row, Table, and_, bindparam, delete, insert, select, update

from teaching_nb.errors import Forbidden, InvalidInput, NotFound
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import groups, users
from teaching_nb.hub.room import ADMIN, Room, of_documents, of_group, of_user
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import (
    document_roots,
    group_permissions,
    memberships,
    student_groups,
    user_permissions,
)
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, as_group, as_user, is_access
from teaching_nb.schema.events import ChangedRecord, DeletedRecord, NewRecord, RecordEvent
from teaching_nb.schema.records import GroupPermission, UserPermission

P = TypeVar("P", UserPermission, GroupPermission)


@dataclass(frozen=True, slots=True)
class PermissionKind(Generic[P]):
    """What tells user permissions from group permissions."""

    name: Literal["UserPermission", "GroupPermission"]
    table: Table
    subjects: Table
    column: Literal["user_id", "group_id"]
    in_tier: Callable[[Access], Access]
    is_governed: Callable[[Connection, Actor, str], bool]
    room: Callable[[str], Room]
    governors: Callable[[Connection, str], Sequence[str]]
    """Returns the teachers who may set it, but for those in its room; several of them may be at it."""
    make: type[P]

    def record(self, row: Row[Any]) -> P:
        """Return the wire record of a row."""
        subject = {self.column: getattr(row, self.column)}
        return self.make(id=row.id, access=row.access, document_root_id=row.root_id, **subject)


OF_USERS = PermissionKind(
    name="UserPermission",
    table=user_permissions,
    subjects=users_table,
    column="user_id",
    in_tier=as_user,
    is_governed=users.is_managed,
    room=of_user,
    governors=users.teacher_ids,
    make=UserPermission,
)
OF_GROUPS = PermissionKind(
    name="GroupPermission",
    table=group_permissions,
    subjects=student_groups,
    column="group_id",
    in_tier=as_group,
    is_governed=groups.is_administered,
    room=of_group,
    governors=lambda _tx, _group_id: (),
    make=GroupPermission,
)


_user: BindParameter[str] = bindparam("user_id")
_roots: BindParameter[list[str]] = bindparam("root_ids", expanding=True)
_is_member = and_(memberships.c.group_id == group_permissions.c.group_id, memberships.c.user_id == _user)
_of_user = select(user_permissions).where(user_permissions.c.user_id == _user, user_permissions.c.root_id.in_(_roots))
_of_groups_of = select(group_permissions).join(memberships, _is_member).where(group_permissions.c.root_id.in_(_roots))


def grant(
    tx: Connection, actor: Actor, kind: PermissionKind[P], *, root_id: str, subject_id: str, access: str
) -> Outcome[P]:
    """Set the permission of one user or group on a root; tells whom it concerns, their teachers and the admins."""
    check_grantable(tx, actor, kind, subject_id)
    if tx.execute(select(document_roots.c.id).where(document_roots.c.id == root_id)).first() is None:
        raise NotFound("Document root not found")
    return put(tx, kind, root_id=root_id, subject_id=subject_id, access=checked_access(access))


def change(tx: Connection, actor: Actor, kind: PermissionKind[P], permission_id: str, access: str | None) -> Outcome[P]:
    """Change the access of a permission; None leaves it. Told in any case, as the existing backend does."""
    row = _governed(tx, actor, kind, permission_id)
    wanted = row.access if access is None else kind.in_tier(checked_access(access))
    changed = _update(tx, kind, row, wanted)
    if changed.notifications:
        return changed
    return Outcome(changed.record, (_told(tx, kind, ChangedRecord, changed.record, getattr(row, kind.column)),))


def revoke(tx: Connection, actor: Actor, kind: PermissionKind[P], permission_id: str) -> Outcome[P]:
    """Delete a permission; tells whom it concerned, their teachers and the admins."""
    row = _governed(tx, actor, kind, permission_id)
    tx.execute(delete(kind.table).where(kind.table.c.id == permission_id))
    change_numbers.root_access_changed(tx, row.root_id)
    rooms = _rooms(tx, kind, getattr(row, kind.column))
    notification = Notification(DeletedRecord(type=kind.name, id=permission_id), rooms)
    return Outcome(kind.record(row), (notification,), access_changed=True)


def check_grantable(tx: Connection, actor: Actor, kind: PermissionKind[P], subject_id: str) -> None:
    """Raise `Forbidden` or `NotFound` unless the actor may give this user or group a permission."""
    if not kind.is_governed(tx, actor, subject_id):
        raise Forbidden("Not authorized")
    if tx.execute(select(kind.subjects.c.id).where(kind.subjects.c.id == subject_id)).first() is None:
        raise NotFound(f"{'User' if kind.column == 'user_id' else 'Group'} not found")


def put(tx: Connection, kind: PermissionKind[P], *, root_id: str, subject_id: str, access: Access) -> Outcome[P]:
    """Insert or change the permission of one user or group on a root, without any check."""
    table, column = kind.table, kind.table.c[kind.column]
    wanted = kind.in_tier(access)
    present = tx.execute(select(table).where(table.c.root_id == root_id, column == subject_id)).first()
    if present is not None:
        return _update(tx, kind, present, wanted)
    values = {"id": wire.new_id(), "root_id": root_id, kind.column: subject_id, "access": wanted}
    tx.execute(insert(table), values)
    change_numbers.root_access_changed(tx, root_id)
    created = kind.record(tx.execute(select(table).where(table.c.id == values["id"])).one())
    return Outcome(created, (_told(tx, kind, NewRecord, created, subject_id),), access_changed=True)


def checked_access(access: str) -> Access:
    """Return the word when it is one of the nine; raises `InvalidInput` otherwise."""
    if not is_access(access):
        raise InvalidInput(f"unknown access {access[:40]!r}; use a word such as RO_User, RW_StudentGroup")
    return access  # type: ignore[return-value]  # is_access has said so


def of_root(tx: Connection, kind: PermissionKind[P], root_ids: Sequence[str]) -> list[Row[Any]]:
    """Return all permissions of one kind on some roots."""
    return list(tx.execute(select(kind.table).where(kind.table.c.root_id.in_(root_ids)).order_by(kind.table.c.id)))


@dataclass(slots=True)
class Concerning:
    """The permissions on one root that concern one user."""

    of_user: list[Row[Any]] = field(default_factory=list)
    of_groups: list[Row[Any]] = field(default_factory=list)

    @property
    def accesses(self) -> tuple[list[Access], list[Access]]:
        """Return what groups and user are given, in the order of `own_permission`."""
        return [row.access for row in self.of_groups], [row.access for row in self.of_user]


def concerning(tx: Connection, user_id: str, root_ids: Collection[str]) -> defaultdict[str, Concerning]:
    """Return the permissions, to be shown, that concern a user: root id → theirs and their groups'."""
    found: defaultdict[str, Concerning] = defaultdict(Concerning)
    wanted = {"user_id": user_id, "root_ids": list(root_ids)}
    for row in tx.execute(_of_user, wanted):
        found[row.root_id].of_user.append(row)
    for row in tx.execute(_of_groups_of, wanted):
        found[row.root_id].of_groups.append(row)
    return found


def _governed(tx: Connection, actor: Actor, kind: PermissionKind[P], permission_id: str) -> Row[Any]:
    row = tx.execute(select(kind.table).where(kind.table.c.id == permission_id)).first()
    if row is None:
        raise NotFound(f"{'User' if kind.column == 'user_id' else 'Group'} permission not found")
    if not kind.is_governed(tx, actor, getattr(row, kind.column)):
        raise Forbidden("Not authorized")
    return row


def _update(tx: Connection, kind: PermissionKind[P], row: Row[Any], access: str) -> Outcome[P]:
    if row.access == access:
        return Outcome(kind.record(row))
    tx.execute(update(kind.table).where(kind.table.c.id == row.id).values(access=access))
    change_numbers.root_access_changed(tx, row.root_id)
    changed = kind.record(tx.execute(select(kind.table).where(kind.table.c.id == row.id)).one())
    notification = _told(tx, kind, ChangedRecord, changed, getattr(row, kind.column))
    return Outcome(changed, (notification,), access_changed=True)


def _told(
    tx: Connection, kind: PermissionKind[P], event: type[RecordEvent], permission: P, subject_id: str
) -> Notification:
    return Notification(event(type=kind.name, record=permission), _rooms(tx, kind, subject_id))


def _rooms(tx: Connection, kind: PermissionKind[P], subject_id: str) -> tuple[Room, ...]:
    """Return where a permission is told: to whom it concerns, the admins, and those who may set it, if they follow."""
    return (kind.room(subject_id), *map(of_documents, kind.governors(tx, subject_id)), ADMIN)
