"""What somebody missed below some roots while they were not connected. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from teaching_nb.hub.documents import root_loads
from teaching_nb.hub.people import users
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.change_numbers import HighWaterMark
from teaching_nb.hub.store.tables import deleted_documents, document_roots
from teaching_nb.schema.access import effective_access, is_readable, own_permission
from teaching_nb.schema.records import KnownRoot, Missed, MissedRoot, RootLoad, RootMeta


def missed(tx: Connection, user_id: str, known: Sequence[KnownRoot]) -> Missed:
    """Return what a user has to learn of each root.

    Where their access may have changed, or too much time has passed, that is everything they may see now.
    """
    high_water_mark = change_numbers.high_water_mark(tx)
    asked = {root.id: root.since for root in known}
    since = {root_id: asked[root_id] for root_id in _continued(tx, user_id, asked, high_water_mark)}
    loads = _loads(tx, user_id, list(asked), since)
    return Missed(
        since=high_water_mark.number,
        roots=[_missed(tx, user_id, root_id, loads.get(root_id), since=since.get(root_id)) for root_id in asked],
    )


def _continued(tx: Connection, user_id: str, asked: dict[str, int | None], high_water_mark: HighWaterMark) -> list[str]:
    """Return the roots of which only the changes have to be told."""
    user = users.by_id(tx, user_id)
    rows = tx.execute(
        select(document_roots.c.id, document_roots.c.access_changed).where(document_roots.c.id.in_(asked))
    )
    return [
        row.id
        for row in rows
        if (since := asked[row.id]) is not None
        and user is not None
        and high_water_mark.reaches(since)
        and max(row.access_changed, user.access_changed) <= since
    ]


def _loads(tx: Connection, user_id: str, root_ids: list[str], since: dict[str, int | None]) -> dict[str, RootLoad]:
    by_since: defaultdict[int | None, list[str]] = defaultdict(list)
    for root_id in root_ids:
        by_since[since.get(root_id)].append(root_id)
    return {
        load.id: load
        for number, ids in by_since.items()
        for load in root_loads.load_roots(tx, user_id, ids, changed_after=number)
    }


def _missed(tx: Connection, user_id: str, root_id: str, load: RootLoad | None, *, since: int | None) -> MissedRoot:
    if load is None:
        return MissedRoot(id=root_id, is_complete=True, root=None, documents=[], deleted=[])
    root = RootMeta(
        id=load.id,
        access=load.access,
        shared_access=load.shared_access,
        user_permissions=load.user_permissions,
        group_permissions=load.group_permissions,
        name=load.name,
    )
    deleted = [] if since is None else _deleted(tx, user_id, root, since)
    return MissedRoot(id=root_id, is_complete=since is None, root=root, documents=load.documents, deleted=deleted)


def _deleted(tx: Connection, user_id: str, root: RootMeta, since: int) -> list[str]:
    """Return the documents below a root that are gone; those of others only where they could be seen."""
    own = own_permission(
        root.access,
        [permission.access for permission in root.group_permissions],
        [permission.access for permission in root.user_permissions],
    )
    sees_others = is_readable(effective_access(own, root.shared_access, is_own=False))
    query = select(deleted_documents.c.document_id).where(
        deleted_documents.c.root_id == root.id, deleted_documents.c.number > since
    )
    if not sees_others:
        query = query.where(deleted_documents.c.author_id == user_id)
    return list(tx.execute(query.order_by(deleted_documents.c.number)).scalars())
