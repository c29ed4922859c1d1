"""How much people may store: documents, roots and bytes, per person and per root, and new ones per hour.

Elevated people are not limited. What exists can be read, shortened and deleted whatever the limits say: only what makes
more is refused, with the value and the limit. A change that leaves a document small costs nothing: as many small
documents as somebody may have hold no more than they may store.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, LargeBinary, bindparam, case, cast, func, select

from teaching_nb.errors import TooLarge, TooManyRequests
from teaching_nb.hub import clock
from teaching_nb.hub.actors import ROLE_LEVELS, Actor
from teaching_nb.hub.store.tables import document_roots, documents, live_updates, users

T = TypeVar("T")

QUOTAS = "teaching-nb-quotas"
"""Where in `Connection.info` the limits of this hub lie; without them there are none."""

LIVE_STEP_BYTES = 4_000
"""How much the log of a live document may grow before that is counted."""

NOT_GROWING = 2
"""Changes that leave a document no larger may store so many times the limit, for their logs grow all the same."""

HEADROOM_BYTES = 5_000_000
"""How many bytes may be added, where there is room, before what is stored is added up again."""

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
        """Return the size up to which documents are not counted: `user_documents` of it are within `user_bytes`."""
        return self.user_bytes // self.user_documents if self.user_documents else 0


class Counted(Protocol):
    """What decides where a document counts."""

    @property
    def author_id(self) -> str:
        """Who has created it."""

    @property
    def root_id(self) -> str:
        """The root that it lies below."""

    @property
    def is_shared_main(self) -> bool:
        """Whether it is the one document of its type that everybody opens below its root."""

    @property
    def provisional(self) -> bool:
        """Whether no elevated person has opened the root yet."""


class Place(NamedTuple):
    """Where a document counts: for its root, and for its author unless it is the class's."""

    author_id: str | None
    root_id: str


def place_of(document: Counted) -> Place:
    """Return where a document counts."""
    return place(document.author_id, document.root_id, is_of_class=document.is_shared_main and not document.provisional)


def place(author_id: str, root_id: str, *, is_of_class: bool) -> Place:
    """Return where the document of an author below a root counts."""
    return Place(None if is_of_class else author_id, root_id)


class Quotas:
    """The limits of one hub process, and what it remembers so as not to add up for every change."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._room: dict[str, int] = {}
        """Author or root → bytes that may be added before what is stored is added up again."""
        self._used: dict[str, tuple[float, int]] = {}
        """Author or root that was full → until when that is believed, and how many bytes were stored."""

    def take(self, tx: Connection, place: Place, growth: int, *, times: int = 1) -> None:
        """Count so many more bytes that are stored; raises `TooLarge` when author or root have no room for them.

        The limits count `times` as much.
        """
        limits = {place.author_id: self.limits.user_bytes, place.root_id: self.limits.root_bytes}
        wanted = {key: limit for key, limit in limits.items() if key is not None and limit}
        for key, limit in wanted.items():
            until, used = self._used.get(key, (0.0, 0))
            if time.monotonic() < until and used + growth > times * limit:
                raise _too_large(used + growth, times * limit, is_author=key == place.author_id)
        if all(self._room.get(key, 0) >= growth for key in wanted):
            for key in wanted:
                self._room[key] -= growth
            return
        self._look(tx, place, wanted, growth, times)

    def _look(self, tx: Connection, place: Place, wanted: dict[str, int], growth: int, times: int) -> None:
        stored = tx.execute(_stored(tx), {"author_id": place.author_id, "root_id": place.root_id}).one()
        used = {place.root_id: stored.of_root or 0}
        if place.author_id is not None:
            used[place.author_id] = (stored.of_author or 0) + (stored.live or 0)
        if ROLE_LEVELS.get(stored.role, 0) and place.author_id in wanted:
            # What a teacher has made.
            wanted = {place.root_id: wanted[place.root_id]} if place.root_id in wanted else {}
            self._set_room(place.author_id, HEADROOM_BYTES)
        for key, limit in wanted.items():
            if used[key] + growth > times * limit:
                # So that whoever goes on trying does not keep the database busy.
                _remember(self._used, key, (time.monotonic() + _FULL_SECONDS, used[key]))
                raise _too_large(used[key] + growth, times * limit, is_author=key == place.author_id)
        for key, limit in wanted.items():
            self._set_room(key, min(max(0, limit - used[key] - growth), HEADROOM_BYTES))

    def _set_room(self, key: str, size: int) -> None:
        _remember(self._room, key, size)


def check_growth(tx: Connection, actor: Actor, place: Place, *, size: int, old: Any = None) -> None:
    """Raise `TooLarge` when a document of this size is too much for its author or root; never when it shrinks.

    `old` is what it holds now.
    """
    quotas = _of(tx, actor)
    if quotas is None or not is_looked_at(quotas.limits, size):
        return
    growth = size - len(msgspec.json.encode(old))
    if growth > 0:
        quotas.take(tx, place, growth)


def is_looked_at(limits: Limits, size: int) -> bool:
    """Tell whether documents of this size count at all."""
    return bool(limits.user_bytes or limits.root_bytes) and size > limits.free_bytes


def check_log(tx: Connection, actor: Actor, document_id: str, size: int, *, is_growing: bool) -> None:
    """Raise `TooLarge` when so much more log of a live document is too much for its author or root.

    With changes that leave the document no larger this goes on until twice as much is stored as is allowed.
    """
    quotas = _of(tx, actor)
    if quotas is None:
        return
    row = tx.execute(_places, {"document_id": document_id}).one_or_none()
    if row is not None:
        quotas.take(tx, place_of(row), size, times=1 if is_growing else NOT_GROWING)


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


_places = (
    select(documents.c.author_id, documents.c.root_id, documents.c.is_shared_main, document_roots.c.provisional)
    .join(document_roots, document_roots.c.id == documents.c.root_id)
    .where(documents.c.id == bindparam("document_id"))
)


def _too_large(size: int, limit: int, *, is_author: bool) -> TooLarge:
    whose = "its author" if is_author else "its document root"
    return TooLarge(
        f"with this change the documents of {whose} would have {size} bytes, the limit is {limit}: "
        "shorten or delete something, or ask who runs the hub"
    )


def _remember(known: dict[str, T], key: str, value: T) -> None:
    if len(known) > _MOST_REMEMBERED:
        known.clear()
    known[key] = value


def _adding_up(size: ColumnElement[int]) -> Any:
    of_class = documents.c.is_shared_main & document_roots.c.provisional.is_(False)
    is_counted = (documents.c.author_id == bindparam("author_id")) & ~of_class
    with_root = document_roots.c.id == documents.c.root_id
    of_author = select(func.sum(size)).select_from(documents.join(document_roots, with_root)).where(is_counted)
    of_root = select(func.sum(size)).where(documents.c.root_id == bindparam("root_id"))
    live = (
        select(func.sum(func.length(live_updates.c.update)))
        .join(documents, documents.c.id == live_updates.c.document_id)
        .join(document_roots, with_root)
        .where(is_counted)
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
