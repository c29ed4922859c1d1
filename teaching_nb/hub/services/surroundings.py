"""Who may do what with many documents at once: as `audience` tells for one, in a few queries for all.

Used where writes of many people share a transaction. Reads only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, select, true

from teaching_nb.hub.audience import ELEVATED, shared_rooms, unique
from teaching_nb.hub.outcomes import DocumentAudience
from teaching_nb.hub.tables import group_permissions, memberships, user_permissions, users
from teaching_nb.schema.access import Access, kind, own_permission
from teaching_nb.schema.events import ROOM_ADMIN

_roots: BindParameter[list[str]] = bindparam("root_ids", expanding=True)
_users: BindParameter[list[str]] = bindparam("user_ids", expanding=True)

_user_rows = select(user_permissions.c.root_id, user_permissions.c.user_id, user_permissions.c.access).where(
    user_permissions.c.root_id.in_(_roots)
)
_group_rows = select(group_permissions.c.root_id, group_permissions.c.group_id, group_permissions.c.access).where(
    group_permissions.c.root_id.in_(_roots)
)
_everybody = select(memberships.c.group_id, memberships.c.user_id).where(
    memberships.c.group_id.in_(bindparam("group_ids", expanding=True))
)
_these = _everybody.where(memberships.c.user_id.in_(_users))
_admins = memberships.alias("admins")
_managers = (
    select(memberships.c.user_id, _admins.c.user_id.label("manager_id"))
    .join(_admins, (_admins.c.group_id == memberships.c.group_id) & (_admins.c.is_admin == true()))
    .join(users, users.c.id == _admins.c.user_id)
    .where(memberships.c.user_id.in_(_users), _admins.c.user_id != memberships.c.user_id, users.c.role.in_(ELEVATED))
)

_Accesses = dict[str, tuple[Access, ...]]


class Surroundings:
    """The permissions around some documents, as their transaction sees them."""

    def __init__(self, tx: Connection, rows: Iterable[Row[Any]], caller_ids: Collection[str]) -> None:
        """Read what concerns documents (each with `shared_access` of its root) and their callers."""
        self._shared = {row.root_id: row.shared_access for row in rows}
        self._author_ids = {row.author_id for row in rows}
        self._user_rows = _by_root(tx.execute(_user_rows, {"root_ids": list(self._shared)}))
        self._group_rows = _by_root(tx.execute(_group_rows, {"root_ids": list(self._shared)}))
        self._members = self._read_members(tx, caller_ids)
        self._managers = self._read_managers(tx)
        self._everybodys: dict[str, tuple[_Accesses, _Accesses]] = {}

    def own(self, user_id: str, root_id: str, root_access: Access) -> Access:
        """Return P of an author or caller on a root whose own access is at hand."""
        return own_permission(root_access, self._of_groups(user_id, root_id), self._of_user(user_id, root_id))

    def manages(self, user_id: str, author_id: str) -> bool:
        """Tell whether an elevated user is group admin of a group with an author."""
        return user_id in self._managers[author_id]

    def audience(self, row: Row[Any]) -> DocumentAudience:
        """Return who may see a document; as in `audience_of`, all permissions count only on a shared root."""
        if kind(row.shared_access) == "None":
            of_user, of_groups = self._of_user(row.author_id, row.root_id), self._of_groups(row.author_id, row.root_id)
            user_accesses = {row.author_id: of_user} if of_user else {}
            group_accesses = {row.author_id: of_groups} if of_groups else {}
        else:
            user_accesses, group_accesses = self._of_everybody(row.root_id)
        return DocumentAudience(
            document_id=row.id,
            author_id=row.author_id,
            root_access=row.access,
            shared_access=row.shared_access,
            user_accesses=user_accesses,
            group_accesses=group_accesses,
            managers=frozenset(self._managers[row.author_id]),
        )

    def rooms(self, row: Row[Any], caller_id: str) -> tuple[str, ...]:
        """Return the rooms of a document's events; as `document_rooms`."""
        groups = (entry.group_id for entry in self._group_rows[row.root_id] if kind(entry.access) != "None")
        people = (entry.user_id for entry in self._user_rows[row.root_id] if kind(entry.access) != "None")
        fixed = (*shared_rooms(row.shared_access), ROOM_ADMIN, row.author_id, row.root_id, caller_id)
        return unique((*groups, *people, *fixed))

    def _of_user(self, user_id: str, root_id: str) -> tuple[Access, ...]:
        return tuple(row.access for row in self._user_rows[root_id] if row.user_id == user_id)

    def _of_groups(self, user_id: str, root_id: str) -> tuple[Access, ...]:
        return tuple(row.access for row in self._group_rows[root_id] if user_id in self._members[row.group_id])

    def _of_everybody(self, root_id: str) -> tuple[_Accesses, _Accesses]:
        if root_id not in self._everybodys:
            of_groups: defaultdict[str, list[Access]] = defaultdict(list)
            for row in self._group_rows[root_id]:
                for user_id in self._members[row.group_id]:
                    of_groups[user_id].append(row.access)
            of_users: _Accesses = {row.user_id: (row.access,) for row in self._user_rows[root_id]}
            self._everybodys[root_id] = of_users, {user_id: tuple(found) for user_id, found in of_groups.items()}
        return self._everybodys[root_id]

    def _read_members(self, tx: Connection, caller_ids: Collection[str]) -> defaultdict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        group_ids = list({row.group_id for rows in self._group_rows.values() for row in rows})
        if not group_ids:
            return found
        is_shared = any(kind(access) != "None" for access in self._shared.values())
        wanted = {"group_ids": group_ids, "user_ids": [*self._author_ids.union(caller_ids)]}
        for row in tx.execute(_everybody if is_shared else _these, wanted):
            found[row.group_id].add(row.user_id)
        return found

    def _read_managers(self, tx: Connection) -> defaultdict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in tx.execute(_managers, {"user_ids": list(self._author_ids)}):
            found[row.user_id].add(row.manager_id)
        return found


def _by_root(rows: Iterable[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.root_id].append(row)
    return found
