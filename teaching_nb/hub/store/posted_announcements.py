"""The table of announcements that are posted for the other processes of a hub. Of PostgreSQL alone.

A number is taken at the end of the transaction that announces, so that what builds on an earlier change has a higher
one. Numbers of transactions that were undone stay unused, and those of others that are under way come late: the
numbers of transactions tell these apart.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, func, insert, literal_column, select, text

from teaching_nb.hub import clock
from teaching_nb.hub.store.tables import posted_announcements as posted

KEPT_MILLISECONDS = 60_000
"""How long announcements are kept; a process that has heard nothing for less than that reads them."""

MOST_LATE = 1_000
"""Announcements before the newest one that may come late."""

_BOUND = "CAST(CAST({}(pg_current_snapshot()) AS text) AS bigint)"
OLDEST_RUNNING: ColumnElement[int] = literal_column(_BOUND.format("pg_snapshot_xmin"), BigInteger)
NEXT_TRANSACTION: ColumnElement[int] = literal_column(_BOUND.format("pg_snapshot_xmax"), BigInteger)
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
    next_transaction: int
    """No transaction that has begun has this number or a higher one."""


_begin = text("SELECT pg_current_xact_id()")


def begin(tx: Connection) -> None:
    """Give a transaction that does nothing but post a number before it does, so that it counts as under way."""
    tx.execute(_begin)


def post(tx: Connection, process: str, sender_sid: str | None, body: bytes) -> int:
    """Post an announcement; return its number."""
    values = {"process": process, "sender_sid": sender_sid, "body": body, "created_at": clock.now()}
    number: int = tx.execute(insert(posted).values(**values).returning(posted.c.number)).scalar_one()
    return number


def after(tx: Connection, number: int) -> Page:
    """Return what was posted with higher numbers, in their order."""
    columns = (posted.c.number, posted.c.process, posted.c.sender_sid, posted.c.body)
    rows = tx.execute(select(*columns).where(posted.c.number > number).order_by(posted.c.number))
    found = [Posted(row.number, row.process, row.sender_sid, bytes(row.body)) for row in rows]
    oldest, following = tx.execute(select(OLDEST_RUNNING, NEXT_TRANSACTION)).one()
    return Page(found, oldest, following)


def newest(tx: Connection) -> int:
    """Return the highest number that is to be seen."""
    return tx.execute(select(func.max(posted.c.number))).scalar_one() or 0


def forget_old(tx: Connection) -> None:
    """Remove what all others have read by now."""
    tx.execute(delete(posted).where(posted.c.created_at < clock.now() - KEPT_MILLISECONDS))
