"""Document roots as one user sees them: their permissions, their documents, and what is shared with them.

Four statements, however many roots are asked for. Reads only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from msgspec import UNSET
from sqlalchemy import BindParameter, Connection, Row, bindparam, or_, select

from teaching_nb.hub.actors import is_elevated_role
from teaching_nb.hub.documents import documents
from teaching_nb.hub.people import permissions, users
from teaching_nb.hub.people.permissions import Concerning
from teaching_nb.hub.store.tables import document_roots
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import Access, effective_access, is_readable, kind, own_permission
from teaching_nb.schema.records import Document, RootGroupPermission, RootLoad, RootUserPermission

_user: BindParameter[str] = bindparam("user_id")
_ids: BindParameter[list[str]] = bindparam("root_ids", expanding=True)
_shared: BindParameter[list[str]] = bindparam("shared_ids", expanding=True)

_roots = select(document_roots).where(document_roots.c.id.in_(_ids))
_visible_documents = (
    select(documents_table)
    .where(
        documents_table.c.root_id.in_(_ids),
        or_(documents_table.c.author_id == _user, documents_table.c.root_id.in_(_shared)),
    )
    .order_by(documents_table.c.created_at, documents_table.c.id)
)


def load_roots(
    tx: Connection,
    user_id: str,
    root_ids: Collection[str],
    *,
    document_type: str | None = None,
    skip_missing: bool = False,
    changed_after: int | None = None,
) -> list[RootLoad]:
    """Return the roots that exist, each with what the user may see below it.

    `skip_missing` leaves out the roots below which they see no document (of the type, if one is given);
    `changed_after` leaves out the documents that have not changed since that change number.
    """
    roots = tx.execute(_roots, {"root_ids": list(root_ids)}).all()
    concerning = permissions.concerning(tx, user_id, [root.id for root in roots])
    own = {root.id: own_permission(root.access, *concerning[root.id].accesses) for root in roots}
    visible = _documents(tx, user_id, roots, own, document_type=document_type, changed_after=changed_after)
    return [
        _load(root, concerning[root.id], visible[root.id]) for root in roots if visible[root.id] or not skip_missing
    ]


def _documents(
    tx: Connection,
    user_id: str,
    roots: Iterable[Row[Any]],
    own: dict[str, Access],
    *,
    document_type: str | None,
    changed_after: int | None,
) -> defaultdict[str, list[Document]]:
    shared = {
        root.id for root in roots if kind(effective_access(own[root.id], root.shared_access, is_own=False)) != "None"
    }
    provisional = {root.id for root in roots if root.provisional}
    query = _visible_documents
    if document_type is not None:
        query = query.where(documents_table.c.type == bindparam("document_type"))
    if changed_after is not None:
        query = query.where(documents_table.c.changed > changed_after)
    wanted = {"user_id": user_id, "root_ids": list(own), "shared_ids": list(shared), "document_type": document_type}
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for row in tx.execute(query, wanted):
        is_shared = row.root_id in shared
        if row.is_shared_main and not (is_shared or row.root_id in provisional or _is_elevated(tx, user_id)):
            # It belongs to its root, and its author is a reader like all others.
            continue
        # Only authors get this far without being readers: they may know that their documents exist.
        found[row.root_id].append(documents.record(row, with_data=is_readable(own[row.root_id])))
    return found


def _is_elevated(tx: Connection, user_id: str) -> bool:
    row = users.by_id(tx, user_id)
    return row is not None and is_elevated_role(row.role)


def _load(root: Row[Any], concerning: Concerning, visible: list[Document]) -> RootLoad:
    return RootLoad(
        id=root.id,
        access=root.access,
        shared_access=root.shared_access,
        user_permissions=[
            RootUserPermission(id=row.id, access=row.access, user_id=row.user_id) for row in concerning.of_user
        ],
        group_permissions=[
            RootGroupPermission(id=row.id, access=row.access, group_id=row.group_id) for row in concerning.of_groups
        ],
        name=root.name or UNSET,
        documents=visible,
    )
