"""The versions of live documents: when one ends, what is kept of it, and for how long.

Called by `live_text` just before it changes what a document holds, and by `history`, which reads. The newest
version is open: it grows while somebody edits, and its content is the document itself. It is closed, with the
content at hand, when an edit comes that begins the next one. Checks no access: whoever calls has done so.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from teaching_nb.hub import clock
from teaching_nb.hub.tables import document_versions as versions
from teaching_nb.hub.tables import documents, live_texts
from teaching_nb.hub.tables import version_authors as authors

Kind = Literal["start", "edit", "restore"]

SECOND, MINUTE = 1_000, 60_000

PAUSE = 30 * SECOND
"""Milliseconds without an edit after which the next one begins a version."""

LONGEST = 60 * SECOND
"""Milliseconds of continuous editing after which a version ends."""

AUTHOR_SPACING = 10 * SECOND
"""Shortest milliseconds between two versions that end because somebody else edits."""

SPACINGS: tuple[tuple[int, int], ...] = (
    (10 * MINUTE, 0),
    (60 * MINUTE, MINUTE),
    (clock.DAY, 10 * MINUTE),
    (30 * clock.DAY, clock.DAY),
    (365 * clock.DAY, 7 * clock.DAY),
)
"""(age, span): up to this age one version is kept of each span, the newest; older ones go. Of a span 0 all are kept."""

NEWEST_KEPT = 100
"""Versions that are kept of a span 0; further ones are kept as those of the next age."""

KEPT_BEFORE_RESTORES = 20
"""Versions that a restore of the last day has replaced, and that are kept whatever came soon after."""

MOST_BYTES = 2_000_000
"""Compressed bytes of all versions of one document; beyond them the oldest go. The newest one always stays."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Some edits in a row, not yet part of any version."""

    author_ids: frozenset[str]
    began_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What thinning needs to know of a closed version."""

    number: int
    kind: str
    created_at: int
    size: int
    """Compressed bytes."""


def note_edits(tx: Connection, document_id: str, edits: Edits, *, kind: Kind = "edit") -> None:
    """Make edits part of the open version, or of a new one; the document must still hold what was before them."""
    # On PostgreSQL others may be about to open the same version; SQLite has one writer.
    tx.execute(select(live_texts.c.head).where(live_texts.c.document_id == document_id).with_for_update())
    newest, before = _newest_two(tx, document_id)
    if newest is None:
        _keep_start(tx, document_id)
        _open(tx, document_id, 2, edits, kind)
        return
    if newest.is_closed:
        _open(tx, document_id, newest.number + 1, edits, kind)
        return
    known = _author_ids(tx, document_id, newest.number)
    if kind == "restore" or _is_over(newest, before, known, edits):
        close(tx, document_id, newest.number)
        _open(tx, document_id, newest.number + 1, edits, kind)
        return
    there = (versions.c.document_id == document_id) & (versions.c.number == newest.number)
    tx.execute(update(versions).where(there).values(created_at=max(edits.ended_at, newest.created_at)))
    _add_authors(tx, document_id, newest.number, edits.author_ids - known)


def close(tx: Connection, document_id: str, number: int) -> None:
    """Keep the content of the document as that of its open version, and thin out the older ones."""
    row = tx.execute(select(documents.c.data, documents.c.revision).where(documents.c.id == document_id)).one()
    there = (versions.c.document_id == document_id) & (versions.c.number == number)
    tx.execute(update(versions).where(there).values(revision=row.revision, **_stored(row.data)))
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
    )
    doomed = superfluous([Kept(number, kind, at, size or 0) for number, kind, at, size in rows], clock.now())
    if doomed:
        tx.execute(delete(versions).where(versions.c.document_id == document_id, versions.c.number.in_(doomed)))


def superfluous(newest_first: Sequence[Kept], now: int) -> set[int]:
    """Return the numbers of the versions that need not be kept. Pure."""
    doomed: set[int] = set()
    taken: set[tuple[int, int]] = set()
    protected = _protected(newest_first, now)
    size = 0
    for position, version in enumerate(newest_first):
        span = _span(now - version.created_at)
        if span == 0 and position >= NEWEST_KEPT:
            span = SPACINGS[1][1]
        place = (span, version.created_at // span) if span else (0, version.number)
        is_spare = span is None or place in taken
        is_kept = position == 0 or version.number in protected or not is_spare
        if not is_kept or (position > 0 and size + version.size > MOST_BYTES):
            doomed.add(version.number)
            continue
        if span is not None:
            taken.add(place)
        size += version.size
    return doomed


def _protected(newest_first: Sequence[Kept], now: int) -> set[int]:
    """Return what is kept although newer versions are near: the start, and what restores have replaced lately."""
    start = {version.number for version in newest_first if version.kind == "start"}
    replaced = [
        older.number
        for newer, older in pairwise(newest_first)
        if newer.kind == "restore" and now - newer.created_at < clock.DAY
    ]
    return start.union(replaced[:KEPT_BEFORE_RESTORES])


def _span(age: int) -> int | None:
    """Return of which span one version of this age is kept; None when it is too old."""
    return next((span for limit, span in SPACINGS if age <= limit), None)


def _is_over(newest: Row[Any], before: Row[Any] | None, known: Collection[str], edits: Edits) -> bool:
    """Tell whether edits do not belong to the open version any more."""
    if newest.kind == "restore" or edits.began_at - newest.created_at >= PAUSE:
        return True
    if edits.ended_at - newest.began_at >= LONGEST:
        return True
    is_somebody_else = not edits.author_ids.issubset(known)
    return is_somebody_else and (before is None or edits.began_at - before.created_at >= AUTHOR_SPACING)


def _newest_two(tx: Connection, document_id: str) -> tuple[Row[Any] | None, Row[Any] | None]:
    rows = tx.execute(
        select(
            versions.c.number,
            versions.c.kind,
            versions.c.began_at,
            versions.c.created_at,
            versions.c.content.is_not(None).label("is_closed"),
        )
        .where(versions.c.document_id == document_id)
        .order_by(versions.c.number.desc())
        .limit(2)
    ).all()
    return (rows[0] if rows else None), (rows[1] if len(rows) > 1 else None)


def _author_ids(tx: Connection, document_id: str, number: int) -> set[str]:
    query = select(authors.c.user_id).where(authors.c.document_id == document_id, authors.c.number == number)
    return set(tx.execute(query).scalars())


def _keep_start(tx: Connection, document_id: str) -> None:
    """Keep what the document held before anybody edited it live."""
    row = tx.execute(
        select(documents.c.data, documents.c.revision, documents.c.updated_at, documents.c.author_id).where(
            documents.c.id == document_id
        )
    ).one()
    at = row.updated_at
    _insert(tx, document_id, 1, kind="start", began_at=at, created_at=at, revision=row.revision, **_stored(row.data))
    _add_authors(tx, document_id, 1, {row.author_id})


def _open(tx: Connection, document_id: str, number: int, edits: Edits, kind: Kind) -> None:
    _insert(tx, document_id, number, kind=kind, began_at=edits.began_at, created_at=edits.ended_at)
    _add_authors(tx, document_id, number, edits.author_ids)


def _insert(tx: Connection, document_id: str, number: int, **values: Any) -> None:
    tx.execute(insert(versions).values(document_id=document_id, number=number, **values))


def _add_authors(tx: Connection, document_id: str, number: int, user_ids: Collection[str]) -> None:
    if user_ids:
        rows = [{"document_id": document_id, "number": number, "user_id": user_id} for user_id in sorted(user_ids)]
        tx.execute(insert(authors), rows)


def _stored(data: Any) -> dict[str, Any]:
    plain = msgspec.json.encode(data)
    return {"size": len(plain), "content": zlib.compress(plain)}
