"""The table of announcements that are posted for the other processes of a hub. Of PostgreSQL alone.

A number is taken at the end of the transaction that announces, so that what builds on an earlier change has a higher
one. Numbers of transactions that were undone stay unused, and those of others that are under way come late: the
numbers of transactions tell these apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, func, insert, literal_column, select, text

from teaching_nb.hub import clock
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import posted_announcements as posted

KEPT_MILLISECONDS = 60_000
"""How long announcements are kept; a process that has heard nothing for less than that reads them."""

MOST_LATE = 1_000
"""Announcements before the newest one that may come late."""

OLDEST_RUNNING: ColumnElement[int] = literal_column(
    "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)", BigInteger
)
"""What a reader sees besides rows, as `Page` says it."""


class Posted(NamedTuple):
    """One announcement of some process."""

    number: int
    process: str
    sender_sid: str | None
    body: bytes


class Page(NamedTuple):
    """What a reader sees."""

    rows: list[Posted]
    oldest_running: int
    """All transactions with a lower number are over."""


_post = insert(posted).returning(posted.c.number, sort_by_parameter_order=True)
_begin = text("SELECT pg_current_xact_id()")
_mark = text(f"SELECT {change_numbers.TRANSACTION_NUMBER}")


def begin(tx: Connection) -> None:
    """Give a transaction that does nothing but post a number before it does, so that it counts as under way."""
    tx.execute(_begin)


def post(tx: Connection, process: str, found: Sequence[tuple[str | None, bytes]]) -> list[int]:
    """Post announcements, each with the socket that sent it; return their numbers, which grow."""
    now = clock.now()
    values = [{"process": process, "sender_sid": sid, "body": body, "created_at": now} for sid, body in found]
    return list(tx.execute(_post, values).scalars()) if values else []


def after(tx: Connection, number: int) -> Page:
    """Return what was posted with higher numbers, in their order."""
    columns = (posted.c.number, posted.c.process, posted.c.sender_sid, posted.c.body)
    rows = tx.execute(select(*columns).where(posted.c.number > number).order_by(posted.c.number))
    found = [Posted(row.number, row.process, row.sender_sid, bytes(row.body)) for row in rows]
    return Page(found, tx.execute(select(OLDEST_RUNNING)).scalar_one())


def mark(tx: Connection) -> int:
    """Return a number that is higher than that of every transaction which has one by now.

    A snapshot knows no such number: its upper end is behind the last transaction that is over, and others with higher
    numbers may be under way.
    """
    number: int = tx.execute(_mark).scalar_one()
    return number


def newest(tx: Connection) -> int:
    """Return the highest number that is to be seen."""
    return tx.execute(select(func.max(posted.c.number))).scalar_one() or 0


def forget_old(tx: Connection) -> None:
    """Remove what all others have read by now."""
    tx.execute(delete(posted).where(posted.c.created_at < clock.now() - KEPT_MILLISECONDS))
