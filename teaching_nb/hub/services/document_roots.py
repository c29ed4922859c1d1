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
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.audience import permission_rooms, shared_rooms, unique
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import ADMIN, ALL, Room, of_user
from teaching_nb.hub.services import changes, document_events, groups, permissions, users
from teaching_nb.hub.services.identifiers import check_free
from teaching_nb.hub.services.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.tables import document_roots, documents
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, as_group, as_root, as_user, highest, is_access, is_writable
from teaching_nb.schema.events import CHANGED_RECORD, DELETED_RECORD, NEW_RECORD
from teaching_nb.schema.records import RootGroupPermission, RootMeta, RootUserPermission

logger = logging.getLogger(__name__)

NAME_LENGTH = 200

_DEFAULT_ACCESS: Access = "RW_DocumentRoot"
_DEFAULT_SHARED: Access = "None_DocumentRoot"

_root_by_id = select(document_roots).where(document_roots.c.id == bindparam("root_id"))
_documents_below = (
    select(documents.c.id, documents.c.author_id, documents.c.root_id, document_roots.c.access)
    .add_columns(document_roots.c.shared_access)
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

    A student's root is provisional, and permissions in his body are ignored. Raises `Conflict` when the id is taken.
    """
    present = find(tx, root_id)
    if present is not None and not (present.provisional and actor.is_elevated):
        raise Conflict(f"document root {root_id} exists already")
    if actor.is_elevated:
        _check_permissions(tx, actor, wanted)
    if present is None:
        insert_root(tx, actor, root_id, wanted)
    else:
        _take_over(tx, actor, present, wanted)
    if actor.is_elevated:
        _store_permissions(tx, root_id, wanted)
    if staff_group_id is not None:
        _open_for_staff(tx, root_id, staff_group_id)
    created = meta(tx, root_id)
    rooms = (*announced_rooms(tx, created), of_user(actor.user_id))
    if present is not None:
        rooms = (ALL, *rooms)
    event = NEW_RECORD if present is None else CHANGED_RECORD
    # Nobody can be in the room of a root, or follow its documents, before it exists.
    return Outcome(created, (_told(event, created, unique(rooms)),), access_changed=present is not None)


def ensure(
    tx: Connection, actor: Actor, root_id: str, wanted: RootSettings | None, *, staff_group_id: str | None = None
) -> Outcome[RootMeta] | None:
    """Make sure that a root exists, with `wanted` when it is new or was provisional.

    Returns what was done, None when nothing was to do. Raises `NotFound` when the root
    is missing and nothing says how it should be.
    """
    present = find(tx, root_id)
    if present is None and wanted is None:
        raise NotFound("Document root not found")
    if present is not None and (wanted is None or not (present.provisional and actor.is_elevated)):
        return None
    settings = NewRoot() if wanted is None else NewRoot(**_fields(wanted))
    return create(tx, actor, root_id, settings, staff_group_id=staff_group_id)


def change(tx: Connection, actor: Actor, root_id: str, wanted: RootSettings) -> Outcome[RootMeta]:
    """Change the access values of a root; tells everybody."""
    row = find(tx, root_id)
    if row is None:
        raise NotFound("Document root not found")
    if not _may_change(tx, actor, row):
        raise Forbidden("Not authorized")
    values: dict[str, Any] = {}
    if wanted.access is not UNSET:
        values["access"] = as_root(_known(wanted.access, "access"))
    if wanted.shared_access is not UNSET:
        values["shared_access"] = as_root(_known(wanted.shared_access, "sharedAccess"))
    if wanted.name is not UNSET:
        values["name"] = _checked_name(wanted.name)
    if all(getattr(row, key) == value for key, value in values.items()):
        return Outcome(meta(tx, root_id))
    # What an elevated user has decided is no longer a student's proposal.
    values["provisional"] = False
    if row.creator_id is None or row.provisional:
        # A teacher who may change it now must not lose that by his own change.
        values["creator_id"] = actor.user_id
    values["access_changed"] = changes.next_number(tx)
    tx.execute(update(document_roots).where(document_roots.c.id == root_id), values)
    changed = meta(tx, root_id)
    return Outcome(changed, (_told(CHANGED_RECORD, changed, (ALL,)),), access_changed=True)


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
    notifications.append(Notification(DELETED_RECORD, {"type": "DocumentRoot", "id": root_id}, rooms=rooms))
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
    """Return G+, U+ and `all`, or `admin` for a root that is not shared."""
    return (*permission_rooms(tx, root.id), *(shared_rooms(root.shared_access) or (ADMIN,)))


def insert_root(tx: Connection, actor: Actor | None, root_id: str, wanted: RootSettings) -> None:
    """Insert a root; without an actor it is made by the administrator of the machine."""
    check_free(tx, root_id)
    values = {
        "id": root_id,
        **_accesses(wanted),
        "name": None if wanted.name is UNSET else _checked_name(wanted.name),
        "provisional": actor is not None and not actor.is_elevated,
        "creator_id": None if actor is None else actor.user_id,
        "created_at": clock.now(),
        "access_changed": changes.next_number(tx),
    }
    tx.execute(insert(document_roots), values)


def _take_over(tx: Connection, actor: Actor, row: Row[Any], wanted: RootSettings) -> None:
    values = {
        **_accesses(wanted),
        "name": row.name if wanted.name is UNSET else _checked_name(wanted.name),
        "provisional": False,
        "creator_id": actor.user_id,
        "access_changed": changes.next_number(tx),
    }
    tx.execute(update(document_roots).where(document_roots.c.id == row.id), values)


def _accesses(wanted: RootSettings) -> dict[str, Access]:
    shared = wanted.shared_access
    return {
        "access": as_root(wanted.access),
        "shared_access": as_root(shared) if is_access(shared) else _DEFAULT_SHARED,
    }


def _fields(wanted: RootSettings) -> dict[str, Any]:
    return {"access": wanted.access, "shared_access": wanted.shared_access, "name": wanted.name}


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


def _may_change(tx: Connection, actor: Actor, row: Row[Any]) -> bool:
    if actor.is_admin:
        return True
    if not actor.is_elevated:
        return False
    is_default = row.access == _DEFAULT_ACCESS and row.shared_access == _DEFAULT_SHARED
    if is_default or row.provisional or row.creator_id == actor.user_id:
        return True
    mine = groups.group_ids_of(tx, actor.user_id)
    own = [entry.access for entry in permissions.of_root(tx, OF_USERS, [row.id]) if entry.user_id == actor.user_id]
    own += [entry.access for entry in permissions.of_root(tx, OF_GROUPS, [row.id]) if entry.group_id in mine]
    return bool(own) and is_writable(highest(own))


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


def _told(event: Any, root: RootMeta, rooms: tuple[Room, ...]) -> Notification:
    return Notification(event, {"type": "DocumentRoot", "record": wire.to_plain(root)}, rooms=rooms)
