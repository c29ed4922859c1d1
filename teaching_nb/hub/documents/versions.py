"""The versions of live documents, as they are stored.

Called by `update_log` just before it changes what a document holds, and by `history`, which reads. The newest
version is open: it grows while somebody edits, and its content is the document itself. It is closed when an edit
comes that begins the next one. `version_ends` decides that, and `version_thinning` says which are kept. Checks no
access: whoever calls has done so.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, select, update

from teaching_nb.hub import clock
from teaching_nb.hub.documents import removals
from teaching_nb.hub.documents.log_entries import LogEntry
from teaching_nb.hub.documents.removals import LiveText
from teaching_nb.hub.documents.version_ends import Kind, Part, Step, parts
from teaching_nb.hub.documents.version_thinning import Kept, superfluous
from teaching_nb.hub.store.statements import FrequentStatement
from teaching_nb.hub.store.tables import document_versions as versions
from teaching_nb.hub.store.tables import documents, live_texts
from teaching_nb.hub.store.tables import version_authors as authors

_LOCKED = FrequentStatement(
    select(live_texts.c.materialized).where(live_texts.c.document_id == bindparam("document")).with_for_update()
)
_NEWEST_TWO = FrequentStatement(
    select(
        versions.c.number,
        versions.c.kind,
        versions.c.began_at,
        versions.c.created_at,
        versions.c.revision,
        versions.c.content.is_not(None),
    )
    .where(versions.c.document_id == bindparam("document"))
    .order_by(versions.c.number.desc())
    .limit(2)
)
_KIND_OF_DOCUMENT = FrequentStatement(
    select(documents.c.type, documents.c.revision).where(documents.c.id == bindparam("document"))
)
_AUTHORS = FrequentStatement(
    select(authors.c.number, authors.c.user_id).where(authors.c.document_id == bindparam("document"))
)
_GO_ON = FrequentStatement(
    update(versions)
    .where(versions.c.document_id == bindparam("document"), versions.c.number == bindparam("of"))
    .values(kind=bindparam("new_kind"), created_at=bindparam("at"))
)


class _Version(NamedTuple):
    """A version as it is stored; an open one is not closed."""

    number: int
    kind: Kind
    began_at: int
    created_at: int
    revision: int | None
    is_closed: bool


def note_edits(tx: Connection, document_id: str, edits: Sequence[LogEntry]) -> None:
    """Make edits part of the open version, or of new ones; the document must still hold what was before them."""
    # On PostgreSQL others may be about to open the same version; SQLite has one writer.
    ((materialized,),) = _LOCKED.rows(tx, {"document": document_id})
    edits = [edit for edit in edits if edit.number > materialized]
    if not edits:
        return
    newest, before = _newest_two(tx, document_id)
    if newest is None:
        newest = _keep_start(tx, document_id)
    text = _text(tx, document_id, materialized, newest if newest.is_closed else before)
    steps, found = _parts(tx, text, _opened(tx, document_id, newest, before, edits), edits)
    _store(tx, document_id, newest.number, found)
    _close_all(tx, text, newest.number, found, steps=steps, edits=edits)


def close_open(tx: Connection, document_id: str) -> None:
    """End the open version with what the document holds, if there is one."""
    newest, _ = _newest_two(tx, document_id)
    if newest is None or newest.is_closed:
        return
    row = tx.execute(select(documents.c.data, documents.c.revision).where(documents.c.id == document_id)).one()
    _close(tx, document_id, newest.number, row.revision, row.data)
    thin_out(tx, document_id)


def unpacked(content: bytes) -> Any:
    """Return the data that a closed version keeps."""
    return msgspec.json.decode(zlib.decompress(content))


def thin_out(tx: Connection, document_id: str) -> None:
    """Delete the versions of a document that are not to be kept any longer."""
    rows = tx.execute(
        select(versions.c.number, versions.c.kind, versions.c.created_at, func.length(versions.c.content))
        .where(versions.c.document_id == document_id)
        .order_by(versions.c.number.desc())
    ).all()
    people = _authors(tx, document_id)
    found = [Kept(number, kind, at, size or 0, frozenset(people[number])) for number, kind, at, size in rows]
    doomed = superfluous(found, clock.now())
    if doomed:
        tx.execute(delete(versions).where(versions.c.document_id == document_id, versions.c.number.in_(doomed)))


def _newest_two(tx: Connection, document_id: str) -> tuple[_Version | None, _Version | None]:
    rows = [_Version(*row) for row in _NEWEST_TWO.rows(tx, {"document": document_id})]
    return (rows[0] if rows else None), (rows[1] if len(rows) > 1 else None)


def _text(tx: Connection, document_id: str, number: int, closed: _Version | None) -> LiveText:
    """Return the document before the edits, and the last entry of its log that is in a closed version."""
    ((type_name, revision),) = _KIND_OF_DOCUMENT.rows(tx, {"document": document_id})
    # Revisions and numbers of the log grow together.
    ahead = revision - number
    if closed is None or closed.revision is None:
        return LiveText(document_id, type_name, number, ahead, number)
    return LiveText(document_id, type_name, number, ahead, closed.revision - ahead)


def _opened(
    tx: Connection, document_id: str, newest: _Version, before: _Version | None, edits: Sequence[LogEntry]
) -> Part:
    """Return the open version, or the one that the first edit opens."""
    if newest.is_closed:
        return Part(edits[0].kind, 0, edits[0].at, edits[0].at, newest.created_at)
    return Part(
        newest.kind,
        0,
        newest.began_at,
        newest.created_at,
        None if before is None else before.created_at,
        _authors(tx, document_id)[newest.number],
        is_stored=True,
    )


def _parts(
    tx: Connection, text: LiveText, opened: Part, edits: Sequence[LogEntry]
) -> tuple[Sequence[Step], Sequence[Part]]:
    """Return the versions that edits make, and the steps of which these consist."""
    steps = removals.quick_steps(tx, text, edits)
    found = parts(replace(opened, authors=set(opened.authors)), steps)
    is_sure = not any(step.removed for step in steps)
    if is_sure or (len(found) == 1 and found[0].kind == opened.kind):
        return steps, found
    steps = removals.exact_steps(tx, text, edits)
    return steps, parts(opened, steps)


def _store(tx: Connection, document_id: str, newest: int, found: Sequence[Part]) -> None:
    """Write what is known of versions but their content; the open one is there already."""
    for number, part in _numbered(newest, found):
        known: set[str] = set()
        if part.is_stored:
            known = _authors(tx, document_id)[number]
            values = {"document": document_id, "of": number, "new_kind": part.kind, "at": part.ended_at}
            _GO_ON.run(tx, values)
        else:
            _insert(tx, document_id, number, kind=part.kind, began_at=part.began_at, created_at=part.ended_at)
        _add_authors(tx, document_id, number, part.authors - known)
        _remove_authors(tx, document_id, number, known - part.authors)


def _close_all(
    tx: Connection,
    text: LiveText,
    newest: int,
    found: Sequence[Part],
    *,
    steps: Sequence[Step],
    edits: Sequence[LogEntry],
) -> None:
    """Give all versions but the last one their content, and thin out the older ones."""
    if len(found) == 1:
        return
    # Before the first step is what the document holds.
    ends = {
        number: steps[part.stop - 1].number if part.stop else text.number
        for number, part in _numbered(newest, found[:-1])
    }
    contents = removals.contents(tx, text, set(ends.values()), edits)
    for number, end in ends.items():
        _close(tx, text.document_id, number, end + text.ahead, contents[end])
    thin_out(tx, text.document_id)


def _numbered(newest: int, found: Sequence[Part]) -> list[tuple[int, Part]]:
    first = newest if found and found[0].is_stored else newest + 1
    return list(enumerate(found, first))


def _close(tx: Connection, document_id: str, number: int, revision: int, data: Any) -> None:
    tx.execute(update(versions).where(_is(document_id, number)).values(revision=revision, **_stored(data)))


def _keep_start(tx: Connection, document_id: str) -> _Version:
    """Store what the document held before anybody edited it live as its first version, and return the row."""
    row = tx.execute(
        select(documents.c.data, documents.c.revision, documents.c.updated_at, documents.c.author_id).where(
            documents.c.id == document_id
        )
    ).one()
    at = row.updated_at
    _insert(tx, document_id, 1, kind="start", began_at=at, created_at=at, revision=row.revision, **_stored(row.data))
    _add_authors(tx, document_id, 1, {row.author_id})
    start, _ = _newest_two(tx, document_id)
    assert start is not None
    return start


def _is(document_id: str, number: int) -> ColumnElement[bool]:
    return and_(versions.c.document_id == document_id, versions.c.number == number)


def _insert(tx: Connection, document_id: str, number: int, **values: Any) -> None:
    tx.execute(insert(versions).values(document_id=document_id, number=number, **values))


def _authors(tx: Connection, document_id: str) -> Mapping[int, set[str]]:
    """Return who has written each version."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, user_id in _AUTHORS.rows(tx, {"document": document_id}):
        found[number].add(user_id)
    return found


def _add_authors(tx: Connection, document_id: str, number: int, user_ids: Collection[str]) -> None:
    if user_ids:
        rows = [{"document_id": document_id, "number": number, "user_id": user_id} for user_id in sorted(user_ids)]
        tx.execute(insert(authors), rows)


def _remove_authors(tx: Connection, document_id: str, number: int, user_ids: Collection[str]) -> None:
    if user_ids:
        of_version = (authors.c.document_id == document_id) & (authors.c.number == number)
        tx.execute(delete(authors).where(of_version, authors.c.user_id.in_(user_ids)))


def _stored(data: Any) -> dict[str, Any]:
    plain = msgspec.json.encode(data)
    return {"size": len(plain), "content": zlib.compress(plain)}
