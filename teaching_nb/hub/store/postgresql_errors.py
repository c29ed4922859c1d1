"""What PostgreSQL's errors mean to the hub: lost races, lost connections, and what is no mistake of ours."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from teaching_nb.errors import Unavailable

logger = logging.getLogger(__name__)

RACES = {"40001", "40P01", "23505", "42P07"}
"""Serialization failure, deadlock, unique violation, and a table that is there already, for two hubs begin on an empty
database: in a repetition the job meets the other one's row."""

WRONG_SETTINGS = {"28000", "28P01", "3D000", "42501"}
"""No such account, wrong password, no such database, and no right to it: waiting changes none of them."""

_UNAVAILABLE = "the database cannot be used at the moment; try again"

# Out of disk or memory, an intervention such as a shutdown, trouble with files.
_TROUBLE = {"53", "57", "58"}


def code(error: BaseException) -> str:
    """Return what PostgreSQL calls an error of its own, asyncpg's or wrapped by SQLAlchemy; empty for others."""
    found: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found or ""


def is_lost(error: Exception) -> bool:
    """Tell whether the connection has ended; it may have done so long ago, while it lay in the pool.

    To find that out before every job would cost a way to the server and back.
    """
    return isinstance(error, DBAPIError) and error.connection_invalidated


def readable(error: Exception) -> Exception:
    """Return what the caller of the database is told."""
    is_ours = not isinstance(error, (OperationalError, InterfaceError, OSError)) and not is_lost(error)
    if is_ours and code(error) not in RACES and code(error)[:2] not in _TROUBLE:
        return error
    return unavailable(error)


def unavailable(error: Exception) -> Unavailable:
    """Log what has happened, and return what is said of it."""
    logger.error("the database refused a job: %s", getattr(error, "orig", None) or error)
    return Unavailable(_UNAVAILABLE)
