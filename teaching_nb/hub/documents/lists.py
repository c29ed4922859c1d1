"""Many documents at once, for those who look after their authors. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from msgspec import UNSET
from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    bindparam,
    case,
    cast,
    desc,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union,
)

from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.hub.access.decisions import access_to
from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import document_roots, group_permissions, memberships, user_permissions
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import is_readable
from teaching_nb.schema.documents import live_types
from teaching_nb.schema.limits import LISTED_CHARACTERS, ROOT_NAMES
from teaching_nb.schema.records import Document, DocumentSummary, RootName

SAID = "quill_v2"
"""The type of what is said in a thread of comments, and of a formatted text."""

_READABLE_OF_ROOTS = ("RO_DocumentRoot", "RW_DocumentRoot")
"""Access values of a root by which everybody may read something."""

_of_roots = (
    select(documents_table)
    .where(documents_table.c.root_id.in_(bindparam("root_ids", expanding=True)))
    .order_by(documents_table.c.created_at, documents_table.c.id)
)
_of_managed = _of_roots.where(
    or_(documents_table.c.author_id == bindparam("viewer_id"), documents_table.c.author_id.in_(users.managed))
)
_summaries: Select[Any] = (
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
_below = documents_table.alias("below")
_count_below = select(func.count()).where(_below.c.parent_id == documents_table.c.id)
_size = case(
    (documents_table.c.type.in_(live_types()), None),
    else_=func.length(cast(documents_table.c.data, Text)),
)
_is_text = documents_table.c.type == SAID
_json = type_coerce(documents_table.c.data, JSON())
_states = _summaries.add_columns(
    case((_is_text, _json["thread"].as_string())).label("thread"),
    case((_is_text, cast(_json["resolved"].as_string(), Text))).label("resolved"),
    document_roots.c.access,
    document_roots.c.shared_access,
    _size.label("size"),
    type_coerce(case((_size <= LISTED_CHARACTERS, documents_table.c.data)), documents_table.c.data.type).label("data"),
    _count_below.correlate(documents_table).scalar_subquery().label("below"),
    _count_below.where(or_(_below.c.author_id == bindparam("viewer_id"), _below.c.author_id.in_(users.managed)))
    .correlate(documents_table)
    .scalar_subquery()
    .label("below_of_managed"),
)
"""The same with what an overview says of each document; read for those who look after the author."""


def _newest_below(*conditions: ColumnElement[bool], author: ColumnElement[Any]) -> Select[Any]:
    """Return the query for the named roots with such documents below them: a row each, or two where one is shared.

    So what is decided in Python does not grow with the documents below a root.
    """
    return (
        select(
            author.label("author_id"),
            documents_table.c.root_id,
            documents_table.c.is_shared_main,
            document_roots.c.access,
            document_roots.c.shared_access,
            document_roots.c.provisional,
            document_roots.c.creator_id,
            document_roots.c.name,
            func.max(documents_table.c.changed).label("changed"),
        )
        .join(document_roots, documents_table.c.root_id == document_roots.c.id)
        .where(document_roots.c.name.is_not(None), *conditions)
        .group_by(document_roots.c.id, documents_table.c.root_id, documents_table.c.is_shared_main)
    )


_viewer: BindParameter[str] = bindparam("viewer_id")
_NOT_THEIRS: ColumnElement[str] = literal_column("''")
_named = _newest_below(author=_NOT_THEIRS).order_by(desc("changed"), documents_table.c.root_id).limit(ROOT_NAMES)
_named_own = _newest_below(documents_table.c.author_id == _viewer, author=func.max(documents_table.c.author_id))
_named_of_managed = _newest_below(
    documents_table.c.author_id.in_(users.managed), documents_table.c.author_id != _viewer, author=_NOT_THEIRS
)
_opened_by_permission = union(
    select(user_permissions.c.root_id).where(user_permissions.c.user_id == _viewer),
    select(group_permissions.c.root_id)
    .join(memberships, memberships.c.group_id == group_permissions.c.group_id)
    .where(memberships.c.user_id == _viewer),
    select(document_roots.c.id).where(document_roots.c.creator_id == _viewer),
    select(document_roots.c.id).where(
        document_roots.c.shared_access.in_(_READABLE_OF_ROOTS), document_roots.c.access.in_(_READABLE_OF_ROOTS)
    ),
)
"""Roots below which somebody may possibly read what others have: each found by an index, not by looking at all."""
_named_of_others = _newest_below(
    documents_table.c.root_id.in_(_opened_by_permission),
    or_(documents_table.c.is_shared_main == true(), document_roots.c.shared_access.in_(_READABLE_OF_ROOTS)),
    author=_NOT_THEIRS,
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
    """Return what there is of one author: their own list for everybody, that of managed users for teachers.

    Who looks after the author gets short data with it; authors may be shut out from documents of their own.
    """
    if author_id != actor.user_id and not users.is_managed(tx, actor, author_id):
        raise Forbidden("Not Authorized")
    if users.by_id(tx, author_id) is None:
        raise NotFound("User not found")
    if author_id == actor.user_id:
        return [_summary(row) for row in tx.execute(_summaries, {"author_id": author_id})]
    rows = tx.execute(_states, {"author_id": author_id, "viewer_id": actor.user_id}).all()
    open_roots = _shared_with(tx, actor, rows)
    return [
        _summary(
            row,
            data=_listed_data(row),
            number_below=row.below if row.root_id in open_roots else row.below_of_managed,
        )
        for row in rows
    ]


def _listed_data(row: Row[Any]) -> Any:
    """Return what a list tells of what a document holds: of one that was said in a thread, in which, and no more."""
    if row.thread is not None:
        # SQLite has 0 and 1 for what PostgreSQL calls false and true.
        resolved = {"1": True, "true": True, "0": False, "false": False}.get(row.resolved)
        return {"thread": row.thread} if resolved is None else {"thread": row.thread, "resolved": resolved}
    return UNSET if row.size is None or row.size > LISTED_CHARACTERS else row.data


def root_names(tx: Connection, actor: Actor) -> list[RootName]:
    """Return the slugs of the roots below which the caller may read something, those that changed last first."""
    if actor.is_admin:
        return _first_names(tx.execute(_named))
    viewer = {"viewer_id": actor.user_id}
    rows = [*tx.execute(_named_own, viewer), *tx.execute(_named_of_others, viewer)]
    found = PermissionFacts.of_roots(tx, {row.root_id for row in rows}, [actor.user_id])

    def may_read(row: Row[Any]) -> bool:
        own = found.own_below(row.root_id, row.access, actor.user_id)
        return is_readable(access_to(row, actor.user_id, actor.role, own))

    readable = list(filter(may_read, rows))
    if actor.is_elevated:
        readable += tx.execute(_named_of_managed, viewer)
    readable.sort(key=lambda row: (-row.changed, row.root_id))
    return _first_names(readable)


def _first_names(rows: Iterable[Row[Any]]) -> list[RootName]:
    names = {row.root_id: row.name for row in rows}
    return [RootName(id=root_id, name=name) for root_id, name in islice(names.items(), ROOT_NAMES)]


def _summary(row: Row[Any], **state: Any) -> DocumentSummary:
    return DocumentSummary(
        id=row.id,
        author_id=row.author_id,
        type=row.type,
        parent_id=row.parent_id,
        document_root_id=row.root_id,
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
        root_name=row.root_name,
        **state,
    )


def _shared_with(tx: Connection, actor: Actor, rows: Collection[Row[Any]]) -> set[str]:
    """Return the roots below which the caller may read what everybody has written."""
    roots = {row.root_id: row for row in rows}
    if actor.is_admin:
        return {*roots}
    shared = {root_id for root_id, row in roots.items() if is_readable(row.shared_access)}
    found = PermissionFacts.of_roots(tx, shared, [actor.user_id])
    return {
        root_id for root_id in shared if is_readable(found.own_below(root_id, roots[root_id].access, actor.user_id))
    }
