"""Who may receive the events of one document: gathered from the database, decided without it.

Services build a `DocumentAudience` inside their transaction; the publisher asks `audience_allows` per receiver.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Row, bindparam, literal, select, union_all

from teaching_nb.hub.access.ownership import belongs_to
from teaching_nb.hub.actors import ROLE_LEVELS
from teaching_nb.hub.outcomes import DocumentAudience
from teaching_nb.hub.room import ADMIN, ALL, Room, of_group, of_root, of_user
from teaching_nb.hub.store.tables import (
    document_roots,
    documents,
    group_permissions,
    memberships,
    user_permissions,
    users,
)
from teaching_nb.schema.access import Access, effective_access, is_readable, kind, own_permission

ELEVATED = ("teacher", "admin")

_root: BindParameter[str] = bindparam("root_id")
_user: BindParameter[str] = bindparam("user_id")

DECISIVE = (
    documents.c.id,
    documents.c.author_id,
    documents.c.root_id,
    documents.c.is_shared_main,
    document_roots.c.access,
    document_roots.c.shared_access,
    document_roots.c.provisional,
    document_roots.c.creator_id,
)
"""Columns of a document and its root that decide who is told of it."""

_document_with_root = (
    select(*DECISIVE)
    .join(document_roots, documents.c.root_id == document_roots.c.id)
    .where(documents.c.id == bindparam("document_id"))
)

_all_user_accesses = select(user_permissions.c.user_id, user_permissions.c.access).where(
    user_permissions.c.root_id == _root
)
_all_group_accesses = (
    select(memberships.c.user_id, group_permissions.c.access)
    .join(group_permissions, group_permissions.c.group_id == memberships.c.group_id)
    .where(group_permissions.c.root_id == _root)
)
# Keyed by "of everybody".
_user_accesses = {True: _all_user_accesses, False: _all_user_accesses.where(user_permissions.c.user_id == _user)}
_group_accesses = {True: _all_group_accesses, False: _all_group_accesses.where(memberships.c.user_id == _user)}

_theirs = memberships.alias("theirs")
_managers = (
    select(memberships.c.user_id)
    .join(_theirs, (_theirs.c.group_id == memberships.c.group_id) & (_theirs.c.user_id == _user))
    .join(users, users.c.id == memberships.c.user_id)
    .where(memberships.c.is_admin, memberships.c.user_id != _user, users.c.role.in_(ELEVATED))
)

_permission_rooms = union_all(
    select(literal(True).label("is_group"), group_permissions.c.group_id.label("id"), group_permissions.c.access).where(
        group_permissions.c.root_id == _root
    ),
    select(literal(False), user_permissions.c.user_id, user_permissions.c.access).where(
        user_permissions.c.root_id == _root
    ),
)


def document_audience(tx: Connection, document_id: str) -> DocumentAudience | None:
    """Gather who may see a document; None when it does not exist."""
    row = tx.execute(_document_with_root, {"document_id": document_id}).first()
    return None if row is None else audience_of(tx, row)


def audience_of(tx: Connection, row: Any) -> DocumentAudience:
    """Gather who may see a document; `row` has its columns and those of its root that decide.

    Where nobody but the author depends on permissions, only theirs are fetched.
    """
    only = None if depends_on_permissions(row) else row.author_id
    wanted = {"root_id": row.root_id, "user_id": only}
    return DocumentAudience(
        document_id=row.id,
        author_id=row.author_id,
        root_access=row.access,
        shared_access=row.shared_access,
        user_accesses=_by_user(tx.execute(_user_accesses[only is None], wanted)),
        group_accesses=_by_user(tx.execute(_group_accesses[only is None], wanted)),
        managers=managers_of(tx, row.author_id),
        is_shared_main=row.is_shared_main,
        provisional=row.provisional,
        creator_id=row.creator_id,
    )


def depends_on_permissions(row: Any) -> bool:
    """Tell whether permissions of others than the author decide who may see a document."""
    return kind(row.shared_access) != "None" or bool(row.is_shared_main)


def audience_allows(audience: DocumentAudience, user_id: str, role: str) -> bool:
    """Tell whether a user may receive the document's data: by his access, as an admin, or as a manager."""
    level = ROLE_LEVELS.get(role, 0)
    if level >= 2 or (level >= 1 and user_id in audience.managers):
        return True
    return is_readable(access_in(audience, user_id, role))


def access_in(audience: DocumentAudience, user_id: str, role: str) -> Access:
    """Return the effective access of a user by the strict rule."""
    own = own_permission(
        audience.root_access,
        audience.group_accesses.get(user_id, ()),
        audience.user_accesses.get(user_id, ()),
    )
    return effective_access(own, audience.shared_access, is_own=belongs_to(audience, user_id, role, own))


def managers_of(tx: Connection, user_id: str) -> frozenset[str]:
    """Return the elevated users who are group admins of a group with this user, himself left out."""
    return frozenset(tx.execute(_managers, {"user_id": user_id}).scalars())


def permission_rooms(tx: Connection, root_id: str, *, with_none: bool = False) -> tuple[Room, ...]:
    """Return the rooms of the groups and users with a permission on the root; None permissions on request."""
    rows = tx.execute(_permission_rooms, {"root_id": root_id})
    return tuple(
        of_group(row.id) if row.is_group else of_user(row.id) for row in rows if with_none or kind(row.access) != "None"
    )


def shared_rooms(shared_access: Access) -> tuple[Room, ...]:
    """Return room `all` for a shared root."""
    return () if kind(shared_access) == "None" else (ALL,)


def document_rooms(
    tx: Connection, *, root_id: str, shared_access: Access, author_id: str, caller_id: str | None = None
) -> tuple[Room, ...]:
    """Return the rooms of a document's events: the union of the old and the new protocol's, each once."""
    rooms = (*permission_rooms(tx, root_id), *shared_rooms(shared_access), ADMIN, of_user(author_id), of_root(root_id))
    return unique((*rooms, of_user(caller_id)) if caller_id else rooms)


def unique(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """Return the rooms without repetition, in order."""
    return tuple(dict.fromkeys(rooms))


def _by_user(rows: Iterable[Row[Any]]) -> dict[str, tuple[Access, ...]]:
    found: dict[str, tuple[Access, ...]] = {}
    for row in rows:
        found[row.user_id] = (*found.get(row.user_id, ()), cast("Access", row.access))
    return found
