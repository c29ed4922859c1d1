"""The own permission (P): what a user may do with documents of their own below a root, or many. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, select, union_all

from teaching_nb.hub.store.tables import group_permissions, memberships, user_permissions
from teaching_nb.schema.access import Access, own_permission

_user: BindParameter[str] = bindparam("user_id")
_root: BindParameter[str] = bindparam("root_id")
_ids: BindParameter[list[str]] = bindparam("root_ids", expanding=True)

_is_member = and_(memberships.c.group_id == group_permissions.c.group_id, memberships.c.user_id == _user)
_accesses = union_all(
    select(user_permissions.c.access).where(user_permissions.c.root_id == _root, user_permissions.c.user_id == _user),
    select(group_permissions.c.access).join(memberships, _is_member).where(group_permissions.c.root_id == _root),
)
_user_rows = select(user_permissions).where(user_permissions.c.user_id == _user, user_permissions.c.root_id.in_(_ids))
_group_rows = select(group_permissions).join(memberships, _is_member).where(group_permissions.c.root_id.in_(_ids))


def own_access(tx: Connection, user_id: str, root_id: str, root_access: Access) -> Access:
    """Return P of a user on a root whose own access is at hand."""
    found = tx.execute(_accesses, {"user_id": user_id, "root_id": root_id}).scalars()
    return own_permission(root_access, list(found))


class OwnAccesses:
    """The permissions that concern one user on several roots."""

    def __init__(self, tx: Connection, user_id: str, root_ids: Collection[str]) -> None:
        wanted = {"user_id": user_id, "root_ids": list(root_ids)}
        self.of_user = _by_root(tx.execute(_user_rows, wanted))
        """Root id → rows of user permissions."""
        self.of_groups = _by_root(tx.execute(_group_rows, wanted))
        """Root id → rows of group permissions."""

    def own(self, root_id: str, root_access: Access) -> Access:
        """Return P of the user on a root."""
        return own_permission(
            root_access,
            [row.access for row in self.of_groups[root_id]],
            [row.access for row in self.of_user[root_id]],
        )


def _by_root(rows: Iterable[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.root_id].append(row)
    return found
