"""The entries of the update logs, as they are read. Called by `update_log`, which writes them, and by the history."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from teaching_nb.hub.store.tables import live_updates

EVERYTHING = -1
"""A number before that of every entry."""


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


def entries(tx: Connection, document_id: str, *, after: int = EVERYTHING) -> list[LogEntry]:
    """Return the entries of a document's log with a higher number, in their order."""
    columns = live_updates.c
    query = (
        select(columns.number, columns.author_id, columns.created_at, columns.update, columns.is_packed)
        .where(columns.document_id == document_id, columns.number > after)
        .order_by(columns.number)
    )
    return [
        LogEntry(number, author_id, at, _unpacked(update, is_packed=is_packed), is_packed)
        for number, author_id, at, update, is_packed in tx.execute(query)
    ]


def updates(tx: Connection, document_id: str) -> tuple[bytes, ...]:
    """Return all updates of a document, in their order."""
    query = (
        select(live_updates.c.update, live_updates.c.is_packed)
        .where(live_updates.c.document_id == document_id)
        .order_by(live_updates.c.number)
    )
    return tuple(_unpacked(update, is_packed=is_packed) for update, is_packed in tx.execute(query))


def _unpacked(update: bytes, *, is_packed: bool) -> bytes:
    return zlib.decompress(update) if is_packed else bytes(update)
