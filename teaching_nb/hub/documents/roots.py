"""Document roots: creating, opening and closing them, and their permissions as those see them who set them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from teaching_nb.errors import Conflict, Forbidden, InvalidInput, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.access.facts import DECISIVE, own_access
from teaching_nb.hub.access.ownership import governs_root
from teaching_nb.hub.access.rooms import permission_rooms, shared_rooms, unique
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.documents import personal as personal_documents
from teaching_nb.hub.documents import quotas
from teaching_nb.hub.documents import shared as shared_documents
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import groups, permissions, users
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.room import ADMIN, ALL, Room, of_user
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.identifiers import check_free
from teaching_nb.hub.store.tables import document_roots, documents
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, as_group, as_root, as_user, is_access, kind, lesser
from teaching_nb.schema.events import ChangedRecord, DeletedRecord, NewRecord, RecordEvent
from teaching_nb.schema.records import RootGroupPermission, RootMeta, RootUserPermission

logger = logging.getLogger(__name__)

NAME_LENGTH = 200

_DEFAULT_ACCESS: Access = "RW_DocumentRoot"
_DEFAULT_SHARED: Access = "None_DocumentRoot"

_root_by_id = select(document_roots).where(document_roots.c.id == bindparam("root_id"))
_documents_below = (
    select(*DECISIVE)
    .join(document_roots, documents.c.root_id == document_roots.c.id)
    .where(documents.c.root_id == bindparam("root_id"))
    # Younger documents are below older ones: children are announced first.
    .order_by(documents.c.created_at.desc(), documents.c.id)
)


class WantedUserPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A user permission in the body of a new root."""

    user_id: str
    access: str


class WantedGroupPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A group permission in the body of a new root."""

    group_id: str
    access: str


class RootSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a caller wants of a root; unset fields get their default, or stay."""

    access: str | UnsetType = UNSET
    shared_access: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET


class NewRoot(RootSettings, frozen=True, kw_only=True, rename="camel"):
    """The body of a new root."""

    user_permissions: list[WantedUserPermission] = []
    group_permissions: list[WantedGroupPermission] = []
    written_by_staff: bool = False
    """Whether what lies there is written by elevated people for others: what others have made there is not."""


def find(tx: Connection, root_id: str) -> Row[Any] | None:
    """Return the row of a root."""
    return tx.execute(_root_by_id, {"root_id": root_id}).first()


def meta(tx: Connection, root_id: str) -> RootMeta:
    """Return a root with all its permissions; it must exist."""
    return _metas(tx, [root_id])[0]


def create(
    tx: Connection, actor: Actor, root_id: str, wanted: NewRoot, *, staff_group_id: str | None = None
) -> Outcome[RootMeta]:
    """Create a root, or let an elevated caller take over one that a student has created.

    `staff_group_id`: the group that keeps RW on roots that are not open to all.

    A student's root is provisional, and permissions in its body are ignored. Taking one over does not open the
    documents that people have of their own there. What was made where staff write is moved to where its author alone
    finds it: nobody is to take it for the word of staff. Raises `Conflict` when the id is taken.
    """
    present = find(tx, root_id)
    if present is not None and not (present.provisional and actor.is_elevated):
        raise Conflict(f"document root {root_id} exists already")
    if actor.is_elevated:
        _check_permissions(tx, actor, wanted)
    moved: list[Notification] = []
    if present is None:
        insert_root(tx, actor, root_id, wanted)
    else:
        _take_over(tx, actor, present, wanted)
        if wanted.written_by_staff:
            made_before = personal_documents.ids_below(tx, root_id)
            moved = personal_documents.move(tx, made_before, wire.new_id(), name=None) if made_before else []
    if actor.is_elevated:
        _store_permissions(tx, root_id, wanted)
    if staff_group_id is not None:
        _open_for_staff(tx, root_id, staff_group_id)
    created = meta(tx, root_id)
    rooms = (*announced_rooms(tx, created), of_user(actor.user_id))
    if present is not None:
        rooms = (ALL, *rooms)
    event = NewRecord if present is None else ChangedRecord
    # Nobody can be in the room of a root, or follow its documents, before it exists.
    told = (_told(event, created, unique(rooms)), *moved)
    return Outcome(created, told, access_changed=present is not None)


def change(tx: Connection, actor: Actor, root_id: str, wanted: RootSettings) -> Outcome[int]:
    """Change the access values of a root; tells everybody.

    This is the explicit act that may open people's own documents to others; returns how many people's it has opened.
    """
    row = find(tx, root_id)
    if row is None:
        raise NotFound("Document root not found")
    if not may_change(tx, actor, row):
        raise Forbidden("Not authorized")
    values: dict[str, Any] = {}
    if wanted.access is not UNSET:
        values["access"] = as_root(_known(wanted.access, "access"))
    if wanted.shared_access is not UNSET:
        values["shared_access"] = as_root(_known(wanted.shared_access, "sharedAccess"))
    if wanted.name is not UNSET:
        values["name"] = _checked_name(wanted.name)
    is_same = all(getattr(row, key) == value for key, value in values.items())
    if is_same and not row.provisional:
        return Outcome(0)
    if row.provisional:
        shared_documents.give_back(tx, row, values.get("shared_access", row.shared_access))
    # What an elevated user has decided is no longer a student's proposal.
    values |= {"provisional": False, "confirmed_at": clock.now()}
    if row.creator_id is None or row.provisional:
        # A teacher who may change it now must not lose that by their own change.
        values["creator_id"] = actor.user_id
    values["access_changed"] = change_numbers.next_number(tx)
    tx.execute(update(document_roots).where(document_roots.c.id == root_id), values)
    changed = meta(tx, root_id)
    opened = opened_authors(tx, row, changed, except_id=actor.user_id)
    if opened:
        logger.warning("%s shows the documents of %d people below the root %s to others", actor.email, opened, root_id)
    return Outcome(opened, (told_to_all(changed),), access_changed=True)


def told_to_all(root: RootMeta) -> Notification:
    """Tell everybody of a root that has changed."""
    return _told(ChangedRecord, root, (ALL,))


def remove(tx: Connection, actor: Actor, root_id: str) -> Outcome[RootMeta]:
    """Delete a root with everything below it; for admins. Its documents are announced first, then the root."""
    row = find(tx, root_id)
    if row is None:
        raise NotFound("DocumentRoot not found")
    if not actor.is_admin:
        raise Forbidden("Not authorized")
    removed = meta(tx, root_id)
    rooms = unique((*permission_rooms(tx, root_id, with_none=True), *(shared_rooms(row.shared_access) or (ADMIN,))))
    notifications = [
        document_events.deleted(below.id, document_events.receivers_of(tx, below, actor.user_id))
        for below in tx.execute(_documents_below, {"root_id": root_id}).all()
    ]
    tx.execute(delete(document_roots).where(document_roots.c.id == root_id))
    notifications.append(Notification(DeletedRecord(type="DocumentRoot", id=root_id), rooms))
    return Outcome(removed, tuple(notifications), access_changed=True)


def visible_permissions(tx: Connection, actor: Actor, root_ids: Sequence[str]) -> list[RootMeta]:
    """Return roots with the permissions that the caller governs: all for admins; unknown ids are left out."""
    found = _metas(tx, root_ids)
    if actor.is_admin:
        return found
    managed = users.managed_ids(tx, actor)
    administered = groups.administered_ids(tx, actor.user_id)
    return [
        msgspec.structs.replace(
            root,
            user_permissions=[entry for entry in root.user_permissions if entry.user_id in managed],
            group_permissions=[entry for entry in root.group_permissions if entry.group_id in administered],
        )
        for root in found
    ]


def announced_rooms(tx: Connection, root: RootMeta) -> tuple[Room, ...]:
    """Return the rooms of all who have a permission on a root, and `all`, or `admin` if the root is not shared."""
    return (*permission_rooms(tx, root.id), *(shared_rooms(root.shared_access) or (ADMIN,)))


def insert_root(tx: Connection, actor: Actor | None, root_id: str, wanted: RootSettings) -> None:
    """Insert a root; without an actor it is made by the administrator of the machine."""
    quotas.check_new_root(tx, actor)
    is_provisional, now = actor is not None and not actor.is_elevated, clock.now()
    check_free(tx, root_id)
    values = {
        "id": root_id,
        **_accesses(wanted),
        "name": None if wanted.name is UNSET else _checked_name(wanted.name),
        "provisional": is_provisional,
        "creator_id": None if actor is None else actor.user_id,
        "created_at": now,
        "confirmed_at": None if is_provisional else now,
        "access_changed": change_numbers.next_number(tx),
    }
    tx.execute(insert(document_roots), values)


def _take_over(tx: Connection, actor: Actor, row: Row[Any], wanted: RootSettings) -> None:
    values = confirmation(actor, row, wanted)
    shared_documents.give_back(tx, row, values["shared_access"])
    if personal_documents.count_authors(tx, row.id, except_id=actor.user_id):
        values["shared_access"] = lesser(row.shared_access, values["shared_access"])
    values["access_changed"] = change_numbers.next_number(tx)
    tx.execute(update(document_roots).where(document_roots.c.id == row.id), values)


def confirmation(actor: Actor, row: Row[Any], wanted: RootSettings) -> dict[str, Any]:
    """Return the columns of a provisional root that change when an elevated person opens it."""
    return {
        **_accesses(wanted),
        "name": row.name if wanted.name is UNSET else _checked_name(wanted.name),
        "provisional": False,
        "creator_id": actor.user_id,
        "confirmed_at": clock.now(),
    }


def _accesses(wanted: RootSettings) -> dict[str, Access]:
    shared = wanted.shared_access
    return {
        "access": as_root(wanted.access),
        "shared_access": as_root(shared) if is_access(shared) else _DEFAULT_SHARED,
    }


def _check_permissions(tx: Connection, actor: Actor, wanted: NewRoot) -> None:
    for entry in wanted.user_permissions:
        permissions.checked_access(entry.access)
        permissions.check_grantable(tx, actor, OF_USERS, entry.user_id)
    for group_entry in wanted.group_permissions:
        permissions.checked_access(group_entry.access)
        permissions.check_grantable(tx, actor, OF_GROUPS, group_entry.group_id)


def _store_permissions(tx: Connection, root_id: str, wanted: NewRoot) -> None:
    for entry in wanted.user_permissions:
        access = as_user(permissions.checked_access(entry.access))
        permissions.put(tx, OF_USERS, root_id=root_id, subject_id=entry.user_id, access=access)
    for group_entry in wanted.group_permissions:
        access = as_group(permissions.checked_access(group_entry.access))
        permissions.put(tx, OF_GROUPS, root_id=root_id, subject_id=group_entry.group_id, access=access)


def _open_for_staff(tx: Connection, root_id: str, group_id: str) -> None:
    row = find(tx, root_id)
    assert row is not None
    has_own = any(entry.group_id == group_id for entry in permissions.of_root(tx, OF_GROUPS, [root_id]))
    if row.access == _DEFAULT_ACCESS or has_own:
        return
    if groups.exists(tx, group_id):
        permissions.put(tx, OF_GROUPS, root_id=root_id, subject_id=group_id, access="RW_StudentGroup")
    else:
        logger.warning("the group for staff does not exist: %s", group_id)


def may_change(tx: Connection, actor: Actor, row: Row[Any]) -> bool:
    """Tell whether somebody may change the access values of a root."""
    if not actor.is_elevated:
        return False
    is_default = row.access == _DEFAULT_ACCESS and row.shared_access == _DEFAULT_SHARED
    if is_default or row.provisional:
        return True
    own = own_access(tx, actor.user_id, row.id, row.access)
    return governs_root(row.creator_id, actor.user_id, actor.role, own)


def opened_authors(tx: Connection, before: Row[Any], after: RootMeta, *, except_id: str = "") -> int:
    """Return how many people, `except_id` not counted, have own documents that a change has opened to others."""
    was, now = lesser(before.shared_access, before.access), lesser(after.shared_access, after.access)
    if kind(was) == kind(now) or lesser(was, now) != was:
        return 0
    return personal_documents.count_authors(tx, before.id, except_id=except_id)


def _metas(tx: Connection, root_ids: Sequence[str]) -> list[RootMeta]:
    of_users: defaultdict[str, list[RootUserPermission]] = defaultdict(list)
    of_groups: defaultdict[str, list[RootGroupPermission]] = defaultdict(list)
    for row in permissions.of_root(tx, OF_USERS, root_ids):
        of_users[row.root_id].append(RootUserPermission(id=row.id, access=row.access, user_id=row.user_id))
    for row in permissions.of_root(tx, OF_GROUPS, root_ids):
        of_groups[row.root_id].append(RootGroupPermission(id=row.id, access=row.access, group_id=row.group_id))
    rows = tx.execute(select(document_roots).where(document_roots.c.id.in_(root_ids)))
    return [
        RootMeta(
            id=row.id,
            access=row.access,
            shared_access=row.shared_access,
            user_permissions=of_users[row.id],
            group_permissions=of_groups[row.id],
            name=row.name or UNSET,
            is_confirmed=not row.provisional if row.name else UNSET,
        )
        for row in rows
    ]


def _known(access: str, what: str) -> str:
    if not is_access(access):
        raise InvalidInput(f"unknown {what} {access[:40]!r}; use RO_DocumentRoot, RW_DocumentRoot or None_DocumentRoot")
    return access


def _checked_name(name: str | None) -> str | None:
    if name is not None and len(name) > NAME_LENGTH:
        raise InvalidInput(f"name has {len(name)} characters, the limit is {NAME_LENGTH}")
    return name or None


def _told(event: type[RecordEvent], root: RootMeta, rooms: tuple[Room, ...]) -> Notification:
    return Notification(event(type="DocumentRoot", record=root), rooms)
