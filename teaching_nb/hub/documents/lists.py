"""Many documents at once, for those who look after their authors. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, or_, select

from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import document_roots
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, DocumentSummary

_of_roots = (
    select(documents_table)
    .where(documents_table.c.root_id.in_(bindparam("root_ids", expanding=True)))
    .order_by(documents_table.c.created_at, documents_table.c.id)
)
_of_managed = _of_roots.where(
    or_(documents_table.c.author_id == bindparam("viewer_id"), documents_table.c.author_id.in_(users.managed))
)
_summaries = (
    select(
        documents_table.c.id,
        documents_table.c.author_id,
        documents_table.c.type,
        documents_table.c.parent_id,
        documents_table.c.root_id,
        documents_table.c.created_at,
        documents_table.c.updated_at,
        document_roots.c.name.label("root_name"),
    )
    .join(document_roots, documents_table.c.root_id == document_roots.c.id)
    .where(documents_table.c.author_id == bindparam("author_id"))
    .order_by(documents_table.c.created_at, documents_table.c.id)
)


def of_roots(tx: Connection, actor: Actor, root_ids: Sequence[str], *, author_id: str | None = None) -> list[Document]:
    """Return the documents below some roots whose authors the caller manages: all of them for an admin.

    Raises `Forbidden` when `author_id` names somebody whom they do not manage.
    """
    if author_id is not None and not users.is_managed(tx, actor, author_id):
        raise Forbidden("Not authorized")
    query = _of_roots if actor.is_admin else _of_managed
    wanted = {"root_ids": list(root_ids), "viewer_id": actor.user_id}
    if author_id is not None:
        query = query.where(documents_table.c.author_id == bindparam("author_id"))
        wanted["author_id"] = author_id
    return [documents.record(row) for row in tx.execute(query, wanted)]


def of_author(tx: Connection, actor: Actor, author_id: str) -> list[DocumentSummary]:
    """Return what there is of one author: their own list for everybody, that of managed users for teachers."""
    if author_id != actor.user_id and not users.is_managed(tx, actor, author_id):
        raise Forbidden("Not Authorized")
    if users.by_id(tx, author_id) is None:
        raise NotFound("User not found")
    return [
        DocumentSummary(
            id=row.id,
            author_id=row.author_id,
            type=row.type,
            parent_id=row.parent_id,
            document_root_id=row.root_id,
            created_at=wire.timestamp(row.created_at),
            updated_at=wire.timestamp(row.updated_at),
            root_name=row.root_name,
        )
        for row in tx.execute(_summaries, {"author_id": author_id})
    ]
