"""The table of announcements that are posted for the other processes of a hub. Of PostgreSQL alone.

All that a transaction announces is one row with one number. It is taken at the end of the transaction, so that what
builds on an earlier change has a higher one. Numbers of transactions that were undone stay unused, and those of others
that are under way come late: the numbers of transactions tell these apart.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
)

from teaching_nb.hub import clock
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import posted_announcements as posted

if TYPE_CHECKING:
    from teaching_nb.hub.store.postgresql_statements import Fetch
    from teaching_nb.hub.store.statements import Statement

KEPT_MILLISECONDS = 60_000
"""How long announcements are kept; a process that has heard nothing for less than that reads them."""

MOST_LATE = 1_000
"""Announcements before the newest one that may come late."""

OLDEST_RUNNING: ColumnElement[int] = literal_column(
    "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)", BigInteger
)
"""What a reader sees besides rows, as `Page` says it."""


class Posted(NamedTuple):
    """What a transaction of some process announces."""

    number: int
    process: str
    body: bytes


class Page(NamedTuple):
    """What a reader sees."""

    rows: list[Posted]
    oldest_running: int
    """All transactions with a lower number are over."""


_post = (
    insert(posted)
    .values({name: bindparam(name, type_=posted.c[name].type) for name in ("process", "body", "created_at")})
    .returning(posted.c.number)
)
_begin = text("SELECT pg_current_xact_id()")
_mark = text(f"SELECT {change_numbers.TRANSACTION_NUMBER}")


def begin(tx: Connection) -> None:
    """Give a transaction that does nothing but post a number before it does, so that it counts as under way."""
    tx.execute(_begin)


def post(tx: Connection, process: str, body: bytes) -> int:
    """Post what a transaction announces; return its number."""
    number: int = tx.execute(_post, row(process, body)).scalar_one()
    return number


async def post_quickly(fetch: Fetch, values: dict[str, Any]) -> int:
    """Do the same with a row in a transaction straight through the driver."""
    ((number,),) = await fetch(posting_statement(), values)
    return int(number)


@cache
def posting_statement() -> Statement:
    """Return what posts a row, and returns its number."""
    # The driver comes with the extra `postgresql`, and this module is part of every hub.
    from teaching_nb.hub.store.postgresql_statements import statement

    return statement(_post)


def after(tx: Connection, number: int) -> Page:
    """Return what was posted with higher numbers, in their order."""
    columns = (posted.c.number, posted.c.process, posted.c.body)
    rows = tx.execute(select(*columns).where(posted.c.number > number).order_by(posted.c.number))
    found = [Posted(each.number, each.process, bytes(each.body)) for each in rows]
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


def row(process: str, body: bytes) -> dict[str, Any]:
    """Return what is posted for a transaction, without its number."""
    return {"process": process, "body": body, "created_at": clock.now()}
