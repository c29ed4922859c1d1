"""The update log of live documents, and its way back into `documents.data`.

Called by the live rooms (create, load, append, materialize) and by the services of documents (stale_ids,
materialize, replace_data). Checks no access: whoever calls has done so.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from teaching_nb.errors import InternalError, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.access.facts import DECISIVE, PermissionFacts
from teaching_nb.hub.access.said import in_thread
from teaching_nb.hub.crdt.document import LiveDoc, initial_update, merged
from teaching_nb.hub.documents import log_entries, versions
from teaching_nb.hub.documents import rows as document_rows
from teaching_nb.hub.documents.log_entries import LogEntry
from teaching_nb.hub.outcomes import LogPosition, Notification, Outcome
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.statements import FrequentStatement
from teaching_nb.hub.store.tables import document_roots, documents, live_texts, live_updates
from teaching_nb.schema import wire
from teaching_nb.schema.events import ChangedDocument

MAX_LOG_ENTRIES = 500
"""Entries of a log beyond which materialising merges them into one."""

MAX_LOG_BYTES = 500_000
"""Size of the entries after the first beyond which materialising merges them, unless the first one is larger still."""


_ADVANCE = FrequentStatement(
    update(live_texts)
    .where(live_texts.c.document_id == bindparam("document"))
    .values(head=live_texts.c.head + 1, touched_at=bindparam("now"))
    .returning(
        live_texts.c.head,
        live_texts.c.materialized,
        select(documents.c.revision).where(documents.c.id == bindparam("document")).scalar_subquery(),
    )
)
_LOCK = (
    select(live_texts.c.head).where(live_texts.c.document_id == bindparam("document")).with_for_update(key_share=True)
)
_ADD_ENTRY = FrequentStatement(insert(live_updates))
_NOTE_WRITTEN = FrequentStatement(
    update(live_texts).where(live_texts.c.document_id == bindparam("document")).values(materialized=bindparam("number"))
)
_SIZE = func.length(live_updates.c.update)
_OF_LOG = live_updates.c.document_id == bindparam("document")
_LOG_SIZE = FrequentStatement(select(func.count(), func.sum(_SIZE)).where(_OF_LOG))
_FIRST_SIZE = FrequentStatement(select(_SIZE).where(_OF_LOG).order_by(live_updates.c.number).limit(1))


@dataclass(frozen=True, slots=True)
class LiveState:
    """A live document as its log holds it."""

    type_name: str
    updates: tuple[bytes, ...]
    head: int
    revision: int
    is_in_thread: bool
    """Whether it lies below a thread of comments."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What has brought a log to other data."""

    update: bytes
    """Empty when the log held these data."""
    number: int
    """Number of the newest entry."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of a live document without reading its log."""

    head: int
    data: dict[str, Any]


def load(tx: Connection, document_id: str) -> LiveState | None:
    """Return the log of a document; None when it has never been opened live, or is gone."""
    row = tx.execute(_live_rows().add_columns(in_thread).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        return None
    updates, revision = log_entries.updates(tx, document_id), row.revision + row.head - row.materialized
    return LiveState(row.type, updates, row.head, revision, bool(row.is_in_thread))


def head(tx: Connection, document_id: str) -> int:
    """Return the number of the newest entry of a log, 0 when there is none."""
    query = select(live_texts.c.head).where(live_texts.c.document_id == document_id)
    return tx.execute(query).scalar_one_or_none() or 0


def create(tx: Connection, document_id: str) -> LiveState:
    """Return the log of a document, beginning it from the JSON when there is none yet.

    Raises `InvalidInput` when the document has no live text.
    """
    # Whoever changes the document meanwhile would change what has no log yet, and the log would not have it.
    found = select(documents.c.type, documents.c.data).where(documents.c.id == document_id)
    row = tx.execute(found.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotFound(f"there is no document {document_id}")
    first = initial_update(row.type, row.data)
    try:
        with tx.begin_nested():
            now = clock.now()
            tx.execute(insert(live_texts).values(document_id=document_id, head=0, materialized=0, touched_at=now))
            _add_entry(tx, document_id, 0, first, author_id=None, now=now)
    except IntegrityError:
        # Somebody else was first; their initial state has the same bytes.
        pass
    state = load(tx, document_id)
    assert state is not None
    return state


def lock(tx: Connection, document_id: str) -> None:
    """Keep everybody else from adding to a log until this transaction is over; first wait for those who do so now."""
    if tx.dialect.name != "sqlite":
        tx.execute(_LOCK, {"document": document_id})


def append(tx: Connection, document_id: str, entry: bytes, author_id: str) -> LogPosition:
    """Add an update to the log; return where it stands."""
    now = clock.now()
    head, materialized, revision = _advance(tx, document_id, now)
    _add_entry(tx, document_id, head, entry, author_id=author_id, now=now)
    return LogPosition(head, revision + head - materialized)


def stale_ids(
    tx: Connection,
    *,
    root_ids: Collection[str] | None = None,
    document_ids: Collection[str] | None = None,
    author_id: str | None = None,
) -> list[str]:
    """Return the documents whose log is newer than their data, among those that all conditions name."""
    query = (
        select(live_texts.c.document_id)
        .join(documents, documents.c.id == live_texts.c.document_id)
        .where(live_texts.c.head > live_texts.c.materialized)
    )
    if root_ids is not None:
        query = query.where(documents.c.root_id.in_(root_ids))
    if document_ids is not None:
        query = query.where(documents.c.id.in_(document_ids))
    if author_id is not None:
        query = query.where(documents.c.author_id == author_id)
    return list(tx.execute(query).scalars())


def materialize_alone(
    tx: Connection, document_ids: Collection[str], *, known: Mapping[str, Snapshot] | None = None
) -> Outcome[list[str]]:
    """Write logs back while whoever adds to them, or changes the documents, waits: else this would lose every race."""
    # In the order in which a change of live data locks them.
    document_rows.lock(tx, document_ids, ())
    for document_id in sorted(document_ids):
        lock(tx, document_id)
    return materialize(tx, document_ids, known=known)


def materialize(
    tx: Connection, document_ids: Collection[str], *, known: Mapping[str, Snapshot] | None = None
) -> Outcome[list[str]]:
    """Write the content of the logs into the documents; the record names those that were written.

    A snapshot in `known` is used when it is as new as the log, and spares reading the log.
    """
    rows = tx.execute(_live_rows().where(documents.c.id.in_(document_ids))).all()
    written: list[str] = []
    notifications: list[Notification] = []
    around = PermissionFacts.read(tx, [row for row in rows if row.head > row.materialized])
    for row in rows:
        if row.head > row.materialized:
            notifications.append(_materialize_row(tx, row, around, (known or {}).get(row.id)))
            written.append(row.id)
        _compact(tx, row.id, row.head)
    return Outcome(written, tuple(notifications))


def replace_data(
    tx: Connection, document_id: str, data: Any, *, author_id: str, now: int, kind: Literal["edit", "restore"] = "edit"
) -> Replacement | None:
    """Bring the log of a live document to `data` by the smallest change; the caller writes the row.

    Returns None when the document is not live. A log that is newer than the row is materialised first; read the
    row's revision after this call.
    """
    state = load(tx, document_id)
    if state is None:
        return None
    materialize(tx, [document_id])
    change = LiveDoc(state.type_name, log_entries.updates(tx, document_id)).replace(data)
    if not change:
        return Replacement(change, state.head)
    edit = LogEntry(state.head + 1, author_id, now, change, kind=kind)
    versions.note_edits(tx, document_id, [edit])
    head, _, _ = _advance(tx, document_id, now)
    _add_entry(tx, document_id, head, change, author_id=author_id, now=now)
    _NOTE_WRITTEN.run(tx, {"document": document_id, "number": head})
    return Replacement(change, head)


def _live_rows() -> Any:
    return select(
        *DECISIVE,
        documents.c.type,
        documents.c.revision,
        documents.c.updated_at,
        live_texts.c.head,
        live_texts.c.materialized,
    ).select_from(
        documents.join(live_texts, live_texts.c.document_id == documents.c.id).join(
            document_roots, document_roots.c.id == documents.c.root_id
        )
    )


def _advance(tx: Connection, document_id: str, now: int) -> tuple[int, int, int]:
    """Take the next number of the log; return it, the newest materialised one and the revision of the record."""
    rows = _ADVANCE.rows(tx, {"document": document_id, "now": now})
    if not rows:
        raise NotFound(f"there is no live document {document_id}")
    ((head, materialized, revision),) = rows
    return head, materialized, revision


def _add_entry(
    tx: Connection,
    document_id: str,
    number: int,
    entry: bytes,
    *,
    author_id: str | None,
    now: int,
    is_packed: bool = False,
) -> None:
    _ADD_ENTRY.run(
        tx,
        {
            "document_id": document_id,
            "number": number,
            "update": entry,
            "author_id": author_id,
            "created_at": now,
            "is_packed": is_packed,
        },
    )


def _materialize_row(tx: Connection, row: Row[Any], around: PermissionFacts, snapshot: Snapshot | None) -> Notification:
    versions.note_edits(tx, row.id, log_entries.entries(tx, row.id, after=row.materialized))
    data = snapshot.data if snapshot and snapshot.head == row.head else _data(row.type, log_entries.updates(tx, row.id))
    revision = row.revision + row.head - row.materialized
    updated_at = clock.after(row.updated_at)
    values = {"data": data, "revision": revision, "updated_at": updated_at, "changed": change_numbers.next_number(tx)}
    tx.execute(update(documents).where(documents.c.id == row.id), values)
    _NOTE_WRITTEN.run(tx, {"document": row.id, "number": row.head})
    event = ChangedDocument(id=row.id, data=data, updated_at=wire.timestamp(updated_at), revision=revision)
    return Notification(event, around.rooms(row), around.audience(row), not_subscribed_to=row.id)


def _data(type_name: str, updates: tuple[bytes, ...]) -> dict[str, Any]:
    try:
        return LiveDoc(type_name, updates).data()
    except ValueError as error:
        raise InternalError("the update log of a live document cannot be read") from error


def _compact(tx: Connection, document_id: str, head: int) -> None:
    """Merge the log into one entry, numbered as its last one, when it has become long.

    Deleted text is left out; what stays of it are the places in the history that others may still refer to.
    """
    if not _is_long(tx, document_id):
        return
    # What is deleted later may be among what is merged, and nobody could tell any more what was there, and whose.
    versions.close_open(tx, document_id)
    whole = merged(log_entries.updates(tx, document_id))
    tx.execute(delete(live_updates).where(live_updates.c.document_id == document_id))
    packed = zlib.compress(whole)
    _add_entry(tx, document_id, head, packed, author_id=None, now=clock.now(), is_packed=True)


def _is_long(tx: Connection, document_id: str) -> bool:
    ((count, total),) = _LOG_SIZE.rows(tx, {"document": document_id})
    if count <= 2:
        return False
    ((first,),) = _FIRST_SIZE.rows(tx, {"document": document_id})
    return bool(count > MAX_LOG_ENTRIES or total - first > max(MAX_LOG_BYTES, first))
