"""Change numbers: every write that clients may have missed gets one, and they only grow.

Documents keep the number of their last write, roots and users that of the last change of access, deletions
leave a note. A client that names the number up to which it knows everything is told what came later.

SQLite counts in a row of its own: writes happen one after the other, in the order of their numbers. On
PostgreSQL they happen side by side, and a counter would make them wait for each other; there the number
is that of the transaction, and a reader knows everything below the oldest one that is still under way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from teaching_nb.hub import clock
from teaching_nb.hub.store.statements import SqliteStatement
from teaching_nb.hub.store.tables import change_counter, deleted_documents, document_roots, users

KEPT_DAYS = 90
"""How long deletions are remembered; who was away for longer gets everything anew."""

TRANSACTION_NUMBER = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
"""What `next_number` asks PostgreSQL for, as an expression of SQL."""

_increment = SqliteStatement(
    update(change_counter).values(value=change_counter.c.value + 1).returning(change_counter.c.value)
)
_transaction_number = text(f"SELECT {TRANSACTION_NUMBER}")
_finished_number = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) - 1")


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """What a reader can know."""

    number: int
    """Everything up to this change can be seen by now."""
    forgotten: int
    """Deletions up to this change may have been forgotten."""

    def reaches(self, since: int) -> bool:
        """Tell whether it can be said what has happened since a change."""
        return self.forgotten <= since <= self.number


def next_number(tx: Connection) -> int:
    """Return the number of a change that is being made."""
    if _is_postgresql(tx):
        number: int = tx.execute(_transaction_number).scalar_one()
        return number
    ((number,),) = _increment.rows(tx, {})
    return number


def high_water_mark(tx: Connection) -> HighWaterMark:
    """Return up to where a reader sees everything."""
    row = tx.execute(select(change_counter)).one()
    number = tx.execute(_finished_number).scalar_one() if _is_postgresql(tx) else row.value
    return HighWaterMark(number, row.forgotten)


def root_access_changed(tx: Connection, root_id: str) -> None:
    """Note that other people may see other things below a root than before."""
    statement = update(document_roots).where(document_roots.c.id == root_id)
    tx.execute(statement, {"access_changed": next_number(tx)})


def user_access_changed(tx: Connection, user_ids: Collection[str]) -> None:
    """Note that these people may see other things than before, wherever that is."""
    if user_ids:
        tx.execute(update(users).where(users.c.id.in_(user_ids)), {"access_changed": next_number(tx)})


def documents_deleted(tx: Connection, rows: Iterable[Row[Any]]) -> None:
    """Note that documents are gone."""
    number, now = next_number(tx), clock.now()
    values = [
        {
            "document_id": row.id,
            "root_id": row.root_id,
            "author_id": row.author_id,
            "number": number,
            "deleted_at": now,
        }
        for row in rows
    ]
    if values:
        tx.execute(insert(deleted_documents), values)


def forget_old(tx: Connection) -> None:
    """Drop the notes of deletions that are older than `KEPT_DAYS`."""
    is_old = deleted_documents.c.deleted_at < clock.now() - KEPT_DAYS * clock.DAY
    newest = tx.execute(select(func.max(deleted_documents.c.number)).where(is_old)).scalar_one()
    if newest is not None:
        tx.execute(delete(deleted_documents).where(is_old))
        tx.execute(update(change_counter).values(forgotten=newest))


def _is_postgresql(tx: Connection) -> bool:
    return tx.dialect.name == "postgresql"
