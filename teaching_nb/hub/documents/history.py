"""Looking at the versions of a document, and bringing one back.

The history of a document may hold what was deleted from it. It is therefore for those who may write the document,
for its author, and for those who look after them; who may only read the document does not see it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.hub.access.decisions import access_in, audience_allows
from teaching_nb.hub.access.facts import document_audience
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import changes, documents, update_log, versions
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.tables import document_versions, users, version_authors
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.records import Document, Version, VersionAuthor, VersionContent, VersionPage

MOST_LISTED = 200
"""Versions in one answer."""

_listed = (
    select(
        document_versions.c.number,
        document_versions.c.kind,
        document_versions.c.created_at,
        document_versions.c.size,
        document_versions.c.revision,
        documents_table.c.revision.label("present_revision"),
    )
    .join(documents_table, documents_table.c.id == document_versions.c.document_id)
    .order_by(document_versions.c.number.desc())
)
_with_content = _listed.add_columns(document_versions.c.content, documents_table.c.data)


def page(tx: Connection, actor: Actor, document_id: str, *, before: int | None, limit: int) -> VersionPage:
    """Return the versions of a document, newest first; its live edits must have been written into it.

    Raises `NotFound` when the document is hidden, `Forbidden` for those who may only read it.
    """
    check_access(tx, actor, document_id)
    query = _listed.where(document_versions.c.document_id == document_id).limit(limit + 1)
    if before is not None:
        query = query.where(document_versions.c.number < before)
    rows = tx.execute(query).all()
    found = _records(tx, document_id, list(rows[:limit]))
    return VersionPage(versions=found, next=found[-1].number if len(rows) > limit else None)


def find(tx: Connection, actor: Actor, document_id: str, number: int) -> VersionContent:
    """Return one version with its content; raises as `page`, and `NotFound` for one that is not kept."""
    check_access(tx, actor, document_id)
    row = _demanded(tx, document_id, number)
    (version,) = _records(tx, document_id, [row])
    return VersionContent(data=_data(row), **msgspec.structs.asdict(version))


def all_contents(tx: Connection, document_id: str) -> list[VersionContent]:
    """Return all versions of a document, newest first, without asking who may see them."""
    rows = tx.execute(_with_content.where(document_versions.c.document_id == document_id)).all()
    found = _records(tx, document_id, rows)
    return [
        VersionContent(data=_data(row), **msgspec.structs.asdict(version))
        for row, version in zip(rows, found, strict=True)
    ]


def restore(
    tx: Connection,
    actor: Actor,
    document_id: str,
    number: int,
    *,
    on_behalf_of: bool = False,
    revision: int | None = None,
) -> Outcome[Document]:
    """Make the content of a version the present one, as a new version; what was present is a version too.

    Needs what `changes.change` needs, and raises what it raises; `NotFound` for a version that is not kept.
    """
    documents.changeable(tx, actor, document_id, on_behalf_of=on_behalf_of)
    # Read before edits of this second become a version, for that may be the end of an older one.
    row = _row(tx, document_id, number)
    notifications = update_log.materialize(tx, update_log.stale_ids(tx, document_ids=[document_id])).notifications
    if row is None or row.content is None:
        row = _demanded(tx, document_id, number)
    changed = changes.change(tx, Change(actor, document_id, _data(row), on_behalf_of, revision, kind="restore"))
    return Outcome(changed.record, (*notifications, *changed.notifications))


def check_access(tx: Connection, actor: Actor, document_id: str) -> None:
    """Raise `NotFound` when a document is hidden from somebody, `Forbidden` when only its history is."""
    audience = document_audience(tx, document_id)
    if audience is None:
        raise NotFound("Document not found")
    access = access_in(audience, actor.user_id, actor.role)
    # What is shared belongs to its root: who has created it is a reader like all others.
    is_author = audience.author_id == actor.user_id and not audience.is_shared_main
    if is_writable(access) or (is_author and is_readable(access)):
        return
    # Whom the audience lets in without a readable access looks after the author; asked without their own access.
    looks_after = actor.is_admin or (actor.is_elevated and actor.user_id in audience.managers)
    if looks_after:
        return
    if is_author or audience_allows(audience, actor.user_id, actor.role):
        raise Forbidden("the history of a document is for those who may change it")
    raise NotFound("Document not found")


def _row(tx: Connection, document_id: str, number: int) -> Row[Any] | None:
    query = _with_content.where(document_versions.c.document_id == document_id, document_versions.c.number == number)
    return tx.execute(query).one_or_none()


def _demanded(tx: Connection, document_id: str, number: int) -> Row[Any]:
    row = _row(tx, document_id, number)
    if row is None:
        raise NotFound(f"version {number} of the document is not kept")
    return row


def _data(row: Row[Any]) -> Any:
    """Return the content of a version; that of the open one is the document's."""
    return row.data if row.content is None else versions.unpacked(row.content)


def _records(tx: Connection, document_id: str, rows: Sequence[Any]) -> list[Version]:
    people = _authors(tx, document_id, [row.number for row in rows])
    # Only the newest one can be open, and the content of the document is read for it alone.
    present = _present_size(tx, document_id) if rows and rows[0].revision is None else 0
    return [
        Version(
            number=row.number,
            kind="edit" if row.kind == "removal" else row.kind,
            created_at=wire.timestamp(row.created_at),
            revision=row.present_revision if row.revision is None else row.revision,
            size=present if row.size is None else row.size,
            authors=people[row.number],
        )
        for row in rows
    ]


def _present_size(tx: Connection, document_id: str) -> int:
    data = tx.execute(select(documents_table.c.data).where(documents_table.c.id == document_id)).scalar_one()
    return len(msgspec.json.encode(data))


def _authors(tx: Connection, document_id: str, numbers: Sequence[int]) -> defaultdict[int, list[VersionAuthor]]:
    found: defaultdict[int, list[VersionAuthor]] = defaultdict(list)
    query = (
        select(version_authors.c.number, users.c.id, users.c.name)
        .join(users, users.c.id == version_authors.c.user_id)
        .where(version_authors.c.document_id == document_id, version_authors.c.number.in_(numbers))
        .order_by(users.c.name, users.c.id)
    )
    for row in tx.execute(query) if numbers else ():
        found[row.number].append(VersionAuthor(id=row.id, name=row.name))
    return found
