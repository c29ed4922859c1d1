"""The rooms that are told of a root: of groups and people with a permission on it, of everybody if it is shared."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, literal, select, union_all

from teaching_nb.hub.room import ALL, Room, of_group, of_user
from teaching_nb.hub.store.tables import group_permissions, user_permissions
from teaching_nb.schema.access import Access, kind

_permissions = union_all(
    select(literal(True).label("is_group"), group_permissions.c.group_id.label("id"), group_permissions.c.access).where(
        group_permissions.c.root_id == bindparam("root_id")
    ),
    select(literal(False), user_permissions.c.user_id, user_permissions.c.access).where(
        user_permissions.c.root_id == bindparam("root_id")
    ),
)


def permission_rooms(tx: Connection, root_id: str, *, with_none: bool = False) -> tuple[Room, ...]:
    """Return the rooms of the groups and users with a permission on the root; None permissions on request."""
    rows = tx.execute(_permissions, {"root_id": root_id})
    return tuple(
        of_group(row.id) if row.is_group else of_user(row.id) for row in rows if with_none or kind(row.access) != "None"
    )


def shared_rooms(shared_access: Access) -> tuple[Room, ...]:
    """Return room `all` for a shared root."""
    return () if kind(shared_access) == "None" else (ALL,)


def unique(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """Return the rooms without repetition, in order."""
    return tuple(dict.fromkeys(rooms))
