"""How much people may store: documents, roots and bytes, per person and per root, and new ones per hour.

Elevated people are not limited. What exists can be read, shortened and deleted whatever the limits say: only what makes
more is refused, with the value and the limit. A change that leaves a document small costs nothing: as many small
documents as somebody may have hold no more than they may store.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, LargeBinary, bindparam, case, cast, func, select

from teaching_nb.errors import TooLarge, TooManyRequests
from teaching_nb.hub import clock
from teaching_nb.hub.actors import ROLE_LEVELS, Actor
from teaching_nb.hub.tables import document_roots, documents, live_updates, users

QUOTAS = "teaching-nb-quotas"
"""Where in `Connection.info` the limits of this hub lie; without them there are none."""

LIVE_STEP_BYTES = 100_000
"""How much the log of a live document may grow before it is looked how much its author stores."""

HEADROOM_BYTES = 5_000_000
"""How much may be added, where there is room, before it is looked again."""

_HOUR = 3_600_000
_FULL_SECONDS = 2.0
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is allowed; 0 stands for no limit."""

    user_documents: int
    user_bytes: int
    user_roots: int
    documents_per_hour: int
    roots_per_hour: int
    root_documents: int
    root_bytes: int

    @property
    def free_bytes(self) -> int:
        """Return the size of documents that are never looked at: all that one may have hold what one may store."""
        return self.user_bytes // self.user_documents if self.user_documents else 0


class Owned(NamedTuple):
    """Where a document counts."""

    author_id: str
    root_id: str


class Quotas:
    """The limits of one hub process, and what it remembers so as not to add up for every change."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._room: dict[str, int] = {}
        """Author or root → bytes that may be added before it is looked again."""
        self._full: dict[str, tuple[float, TooLarge]] = {}
        """Author or root → until when nothing more is taken, and what is said."""

    def take(self, tx: Connection, owned: Owned, growth: int) -> None:
        """Take that a document grows; raises `TooLarge` when its author or root has no room for that."""
        wanted = {owned.author_id: self.limits.user_bytes, owned.root_id: self.limits.root_bytes}
        wanted = {key: limit for key, limit in wanted.items() if limit}
        for key in wanted:
            self._check_full(key)
        if all(self._room.get(key, 0) >= growth for key in wanted):
            for key in wanted:
                self._room[key] -= growth
            return
        self._look(tx, owned, wanted, growth)

    def _check_full(self, key: str) -> None:
        until, refusal = self._full.get(key, (0.0, None))
        if refusal is not None and time.monotonic() < until:
            raise TooLarge(refusal.message)

    def _look(self, tx: Connection, owned: Owned, wanted: dict[str, int], growth: int) -> None:
        stored = tx.execute(_stored(tx), {"author_id": owned.author_id, "root_id": owned.root_id}).one()
        of_author = (stored.of_author or 0) + (stored.live or 0)
        used = {owned.author_id: of_author, owned.root_id: stored.of_root or 0}
        if ROLE_LEVELS.get(stored.role, 0):
            # The class's text, which a teacher made.
            wanted.pop(owned.author_id, None)
            used[owned.author_id] = 0
        for key, limit in wanted.items():
            if used[key] + growth > limit:
                whose = "its author" if key == owned.author_id else "its document root"
                self._refuse(key, used[key] + growth, limit, whose)
        if len(self._room) > _MOST_REMEMBERED:
            self._room.clear()
        for key in (owned.author_id, owned.root_id):
            left = wanted.get(key, 2 * HEADROOM_BYTES + growth) - used[key] - growth
            self._room[key] = min(left, HEADROOM_BYTES)

    def _refuse(self, key: str, size: int, limit: int, whose: str) -> None:
        if len(self._full) > _MOST_REMEMBERED:
            self._full.clear()
        refusal = TooLarge(
            f"with this change the documents of {whose} would have {size} bytes, the limit is {limit}: "
            "shorten or delete something, or ask who runs the hub"
        )
        # So that whoever goes on trying does not keep the database busy.
        self._full[key] = (time.monotonic() + _FULL_SECONDS, refusal)
        raise refusal


def check_growth(tx: Connection, actor: Actor, owned: Owned, *, size: int, old: Any = None) -> None:
    """Raise `TooLarge` when a document of this size is too much for its author or root; never when it shrinks.

    `old` is what it holds now.
    """
    quotas = _of(tx, actor)
    if quotas is None or not is_looked_at(quotas.limits, size):
        return
    growth = size - len(msgspec.json.encode(old))
    if growth > 0:
        quotas.take(tx, owned, growth)


def is_looked_at(limits: Limits, size: int) -> bool:
    """Tell whether documents of this size count at all."""
    return bool(limits.user_bytes or limits.root_bytes) and size > limits.free_bytes


def check_live_growth(tx: Connection, actor: Actor, document_id: str, growth: int) -> None:
    """Raise `TooLarge` when the log of a live document is too much for its author or root."""
    quotas = _of(tx, actor)
    if quotas is None:
        return
    query = select(documents.c.author_id, documents.c.root_id).where(documents.c.id == document_id)
    row = tx.execute(query).one_or_none()
    if row is not None:
        quotas.take(tx, Owned(row.author_id, row.root_id), growth)


def check_new_document(tx: Connection, actor: Actor, *, author_id: str, root_id: str) -> None:
    """Raise `TooLarge` or `TooManyRequests` when the actor, or the root, has too many documents."""
    quotas = _of(tx, actor)
    if quotas is None:
        return
    limits, hour = quotas.limits, clock.now() - _HOUR
    of_author = tx.execute(_documents_of_author, {"author_id": author_id, "hour": hour}).one()
    _check_number("documents", of_author.number, limits.user_documents)
    _check_hour("documents", of_author, limits.documents_per_hour, hour)
    if limits.root_documents:
        count = tx.execute(_documents_of_root, {"root_id": root_id}).scalar_one()
        if count >= limits.root_documents:
            raise TooLarge(f"the document root has {count} documents, the limit is {limits.root_documents}")


def check_new_root(tx: Connection, actor: Actor | None) -> None:
    """Raise `TooLarge` or `TooManyRequests` when the actor has made too many document roots."""
    quotas = None if actor is None else _of(tx, actor)
    if quotas is None or actor is None:
        return
    hour = clock.now() - _HOUR
    found = tx.execute(_roots_of_creator, {"creator_id": actor.user_id, "hour": hour}).one()
    _check_number("document roots", found.number, quotas.limits.user_roots)
    _check_hour("document roots", found, quotas.limits.roots_per_hour, hour)


def _of(tx: Connection, actor: Actor) -> Quotas | None:
    found: Quotas | None = None if actor.is_elevated else tx.info.get(QUOTAS)
    return found


def _check_number(what: str, count: int, limit: int) -> None:
    if limit and count >= limit:
        raise TooLarge(f"you have {count} {what}, the limit is {limit}: delete some, or ask who runs the hub")


def _check_hour(what: str, found: Any, limit: int, hour: int) -> None:
    if limit and found.recent >= limit:
        seconds = max(1, (found.oldest - hour) // 1_000 + 1)
        raise TooManyRequests(
            f"you have made {found.recent} {what} within an hour, the limit is {limit}; "
            f"the next one can be made in {-(-seconds // 60)} minutes",
            retryAfter=seconds,
        )


def _counted(created_at: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    is_recent = created_at > bindparam("hour")
    return (
        func.count().label("number"),
        func.count(case((is_recent, 1))).label("recent"),
        func.min(case((is_recent, created_at))).label("oldest"),
    )


_documents_of_author = select(*_counted(documents.c.created_at)).where(documents.c.author_id == bindparam("author_id"))
_roots_of_creator = (
    select(*_counted(document_roots.c.created_at))
    .select_from(document_roots)
    .where(document_roots.c.creator_id == bindparam("creator_id"))
)
_documents_of_root = select(func.count()).select_from(documents).where(documents.c.root_id == bindparam("root_id"))


def _adding_up(size: ColumnElement[int]) -> Any:
    of_author = select(func.sum(size)).where(documents.c.author_id == bindparam("author_id"))
    of_root = select(func.sum(size)).where(documents.c.root_id == bindparam("root_id"))
    live = (
        select(func.sum(func.length(live_updates.c.update)))
        .join(documents, documents.c.id == live_updates.c.document_id)
        .where(documents.c.author_id == bindparam("author_id"))
    )
    return select(
        of_author.scalar_subquery().label("of_author"),
        of_root.scalar_subquery().label("of_root"),
        live.scalar_subquery().label("live"),
        select(users.c.role).where(users.c.id == bindparam("author_id")).scalar_subquery().label("role"),
    )


_in_sqlite = _adding_up(func.length(cast(documents.c.data, LargeBinary)))
_in_postgresql = _adding_up(func.pg_column_size(documents.c.data))
"""PostgreSQL keeps large values compressed, and tells that size without reading them."""


def _stored(tx: Connection) -> Any:
    return _in_postgresql if tx.dialect.name == "postgresql" else _in_sqlite
