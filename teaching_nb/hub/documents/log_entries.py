"""The entries of the update logs, as they are read. Called by `update_log`, which writes them, and by the history."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, select

from teaching_nb.hub.store.statements import FrequentStatement
from teaching_nb.hub.store.tables import live_updates

EVERYTHING = -1
"""A number before that of every entry."""


_log = live_updates.c
_ENTRIES = FrequentStatement(
    select(_log.number, _log.author_id, _log.created_at, _log.update, _log.is_packed)
    .where(_log.document_id == bindparam("document"), _log.number > bindparam("after"))
    .order_by(_log.number)
)
_UPDATES = FrequentStatement(
    select(_log.update, _log.is_packed).where(_log.document_id == bindparam("document")).order_by(_log.number)
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One update of a live document."""

    number: int
    author_id: str | None
    """None for what the hub has made, and when the account is deleted."""
    at: int
    """When it was stored, in milliseconds."""
    update: bytes
    is_merged: bool = False
    """It stands for all entries that were before it."""
    kind: Literal["edit", "restore"] = "edit"


@dataclass(frozen=True, slots=True)
class Missed:
    """What somebody lacks of a log who has its beginning."""

    entries: tuple[LogEntry, ...]
    """In their order; the first one may stand for what they have, too."""
    head: int
    behind: int
    """What the revision of the record with an entry is ahead of the entry's number."""


def entries(tx: Connection, document_id: str, *, after: int = EVERYTHING) -> list[LogEntry]:
    """Return the entries of a document's log with a higher number, in their order."""
    rows = _ENTRIES.rows(tx, {"document": document_id, "after": after})
    return [
        entry(number, author_id, at, update, is_packed=bool(is_packed))
        for number, author_id, at, update, is_packed in rows
    ]


def entry(number: int, author_id: str | None, at: int, update: bytes, *, is_packed: bool) -> LogEntry:
    """Return an entry of what its row holds."""
    return LogEntry(number, author_id, at, _unpacked(update, is_packed=is_packed), is_packed)


def updates(tx: Connection, document_id: str) -> tuple[bytes, ...]:
    """Return all updates of a document, in their order."""
    rows = _UPDATES.rows(tx, {"document": document_id})
    return tuple(_unpacked(update, is_packed=is_packed) for update, is_packed in rows)


def _unpacked(update: bytes, *, is_packed: bool) -> bytes:
    return zlib.decompress(update) if is_packed else bytes(update)
