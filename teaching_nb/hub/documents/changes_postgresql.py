"""Changing many documents on PostgreSQL with two statements: what `changes` does in a transaction.

The first one reads the documents and all that decides who may change them and who hears of it, and digests of that.
The second one makes up the digests anew and stores only if their sum is the same: nothing that the decision rests on
has changed by then and, as it is a serializable transaction of its own, nothing of it changes while it stores.

Where other processes change documents of the same class, too, all of it is locked first, and both are READ COMMITTED:
PostgreSQL notes what a serializable transaction has read by pages, so that one of two would be undone again and again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    String,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from teaching_nb.hub.access.facts import PermissionFacts, facts, facts_of_lists
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents as document_service
from teaching_nb.hub.documents.changes import Change, PendingChange, PendingChanges, Result
from teaching_nb.hub.documents.quotas import Place, Quotas, is_looked_at
from teaching_nb.hub.documents.rows import LOCK, DocumentRow, present
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.change_numbers import TRANSACTION_NUMBER
from teaching_nb.hub.store.postgresql_statements import Fetch, LostRace, Statements, statement
from teaching_nb.hub.store.statements import Statement
from teaching_nb.hub.store.tables import documents
from teaching_nb.schema.access import ACCESS_VALUES, kind

MOST = 50_000
"""Documents, roots and people that are remembered at most."""

ATTEMPTS = 3
"""How often changes are tried here when somebody else is quicker each time."""

_present = present.cte("present")
_people = (
    select(_present.c.author_id.label("id"))
    .union(select(func.unnest(bindparam("caller_ids", type_=ARRAY(String)))))
    .cte("people")
)
_unshared = [value for value in ACCESS_VALUES if kind(value) == "None"]
_shared_roots = select(_present.c.root_id).where(
    or_(_present.c.is_shared_main, and_(*(_present.c.shared_access != value for value in _unshared)))
)
_facts_around = facts(
    lambda column: column.in_(select(_present.c.root_id)),
    lambda column: column.in_(_shared_roots),
    lambda column: column.in_(select(_people.c.id)),
).cte("facts")


def _digest(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    return func.hashtextextended(func.concat_ws(literal_column("' '"), *columns), literal_column("0")).label("digest")


def _digest_of_document(document: FromClause, *live_id: ColumnElement[Any]) -> ColumnElement[int]:
    names = ("id", "author_id", "root_id", "is_shared_main", "revision", "updated_at")
    creator_id = func.coalesce(_present.c.creator_id, literal_column("''"))
    of_root = (_present.c.access, _present.c.shared_access, _present.c.provisional, creator_id)
    return _digest(*(document.c[name] for name in names), *of_root, *live_id)


def _digests(found: FromClause) -> Subquery:
    """Return a digest of each row that was read, with the document, root or person that it is about.

    Two things that differ have the same digest once in 2^64 times.
    """
    return union_all(
        select(found.c.of, _digest(*found.c)),
        select(_present.c.id, _digest_of_document(_present, _present.c.live_id)),
    ).subquery("digests")


def _as_json(value: ColumnElement[Any], table: FromClause) -> ColumnElement[str]:
    return cast(select(value).select_from(table).scalar_subquery(), Text)


_of_each = _digests(_facts_around)
_sums = select(_of_each.c.of, func.sum(_of_each.c.digest).label("sum")).group_by(_of_each.c.of).subquery("sums")
_read = statement(
    select(
        _as_json(func.json_agg(_present.table_valued()), _present),
        _as_json(func.json_agg(func.json_build_array(*_facts_around.c)), _facts_around),
        _as_json(func.json_object_agg(_sums.c.of, _sums.c.sum), _sums),
    )
)

# By now it is known of which roots and people; to find that out once more would take half as long again.
_of_all = _digests(facts_of_lists.subquery("facts"))
_sum = select(cast(func.sum(_of_all.c.digest), Text)).scalar_subquery()
_new = (
    func.unnest(
        bindparam("ids", type_=ARRAY(String)),
        bindparam("data", type_=ARRAY(Text)),
        bindparam("revisions", type_=ARRAY(BigInteger)),
        bindparam("times", type_=ARRAY(BigInteger)),
    )
    .table_valued("id", "data", "revision", "updated_at")
    .render_derived(name="new")
)
_lock = statement(LOCK)


def _storing(isolation: str) -> Statement:
    return statement(
        update(documents)
        .where(
            documents.c.id == _new.c.id,
            _present.c.id == _new.c.id,
            _sum == bindparam("digest", type_=Text),
            # Whoever stands between hub and server may have dropped what the connection was set to.
            func.current_setting(literal_column("'transaction_isolation'")) == literal_column(f"'{isolation}'"),
        )
        .values(
            data=cast(_new.c.data, JSONB),
            revision=_new.c.revision,
            updated_at=_new.c.updated_at,
            changed=literal_column(TRANSACTION_NUMBER),
        )
        .returning(documents.c.id, _digest_of_document(documents))
    )


_store = _storing("serializable")
_store_locked = _storing("read committed")


_rows_of = msgspec.json.Decoder(list[DocumentRow])
_facts_of = msgspec.json.Decoder(list[tuple[str, str, str, str]])
_sums_of = msgspec.json.Decoder(dict[str, int])


Post: TypeAlias = Callable[[Fetch, list[Result]], Awaitable[int | None]]
"""Posts what other processes have to be told of some results; returns its number, None for nothing."""


class _MustAddUp(Exception):
    """A change is so large that what its author stores has to be added up, which takes a transaction."""


class DocumentChanges:
    """Changes documents, one call after the other.

    Remembers how it has left them, and what it has read around them, so that the next change of a document needs the
    second statement alone: that one knows better, should something have changed.
    """

    def __init__(self, statements: Statements, quotas: Quotas | None = None) -> None:
        self._statements = statements
        self._quotas = quotas
        self._forget()

    async def change_all(
        self, changes: Sequence[Change], *, committed: Callable[[list[Result]], None]
    ) -> list[Result] | None:
        """Return what `changes.change_all` returns, after the commit, of which `committed` has been told.

        None when that has to do it in a transaction: for live and for large documents, and when others are always
        quicker.
        """

        async def store(values: dict[str, Any], results: list[Result]) -> list[Any]:
            def tell(stored: list[Any]) -> None:
                if stored:
                    committed(results)

            return await self._statements.write(_store, values, committed=tell)

        return await self._tried(changes, _about(changes), _Ways(self._statements.read, store))

    async def change_all_locked(
        self, changes: Sequence[Change], *, post: Post, committed: Callable[[list[Result], int | None], None]
    ) -> list[Result] | None:
        """Do the same where other processes change documents, too, and post for them what is to be told.

        `committed` is told the number of what was posted as well.
        """
        about = _about(changes)

        async def job(fetch: Fetch) -> tuple[list[Result], int | None] | None:
            async def store(values: dict[str, Any], _results: list[Result]) -> list[Any]:
                return await fetch(_store_locked, values)

            await fetch(_lock, about.values())
            results = await self._tried(changes, about, _Ways(fetch, store))
            return None if results is None else (results, await post(fetch, results))

        def tell(done: tuple[list[Result], int | None] | None) -> None:
            if done is not None:
                committed(*done)

        try:
            done = await self._statements.write_locked(job, committed=tell)
        except LostRace:
            return None
        return None if done is None else done[0]

    async def _tried(self, changes: Sequence[Change], about: _About, ways: _Ways) -> list[Result] | None:
        rows = self._remembered(about)
        for _ in range(ATTEMPTS):
            is_fresh = rows is None
            try:
                rows = await self._read(about, ways) if rows is None else rows
                pending = PendingChanges(rows, self._around, self._check_growth, _is_equal)
                if any(map(pending.is_live, changes)):
                    return None
                results = [pending.apply(one) for one in changes]
                changed = pending.changed()
                if is_fresh and not changed:
                    return results
                # Nobody is refused, or told that nothing has changed, because of what is only remembered: the data,
                # of which they may be told, is not.
                may_store = is_fresh or all(map(_is_change, results))
                if may_store and await self._store(about, rows, changed, results, ways):
                    return results
            except _MustAddUp:
                return None
            except LostRace:
                pass
            rows = None
        return None

    def _check_growth(self, actor: Actor, place: Place, *, size: int, old: Any) -> None:  # noqa: ARG002 - a protocol
        """Raise `_MustAddUp` for a document so large that it counts for what its author may store."""
        quotas = self._quotas
        if quotas is not None and not actor.is_elevated and is_looked_at(quotas.limits, size):
            raise _MustAddUp

    def _remembered(self, about: _About) -> list[DocumentRow] | None:
        """Return the documents; None unless all of them, their roots and people are remembered."""
        rows = [self._rows[document_id] for document_id in about.document_ids if document_id in self._rows]
        is_all = len(rows) == len(about.document_ids) and self._around.cover(rows, about.caller_ids)
        return rows if is_all else None

    async def _read(self, about: _About, ways: _Ways) -> list[DocumentRow]:
        ((documents, found, sums),) = await ways.read(_read, about.values())
        rows = _rows_of.decode(documents or "[]")
        if len(self._digests) > MOST:
            self._forget()
        self._around.learn(rows, about.caller_ids, _facts_of.decode(found or "[]"))
        self._digests.update(dict.fromkeys(about.all_ids(rows), 0) | _sums_of.decode(sums or "{}"))
        for document_id in about.document_ids:
            self._rows.pop(document_id, None)
        return rows

    async def _store(
        self,
        about: _About,
        rows: Sequence[DocumentRow],
        pending: Sequence[PendingChange],
        results: list[Result],
        ways: _Ways,
    ) -> bool:
        """Store all or, when something has changed of what was read or remembered, nothing."""
        texts = [_canonical(pending_change.data) for pending_change in pending]
        values = {
            "document_ids": about.document_ids,
            **self._around.lists(rows, about.caller_ids),
            "ids": [pending_change.document_id for pending_change in pending],
            "data": [text.decode() for text in texts],
            "revisions": [pending_change.revision for pending_change in pending],
            "times": [pending_change.updated_at for pending_change in pending],
            "digest": str(sum(self._digests.get(one, 0) for one in about.all_ids(rows))),
        }

        digests = dict(await ways.store(values, results))
        if not digests:
            return False
        self._digests.update(digests)
        by_id = {row.id: row for row in rows}
        for pending_change, text in zip(pending, texts, strict=True):
            self._rows[pending_change.document_id] = msgspec.structs.replace(
                by_id[pending_change.document_id],
                data=_fingerprint(text),
                revision=pending_change.revision,
                updated_at=pending_change.updated_at,
            )
        return True

    def _forget(self) -> None:
        self._rows: dict[str, DocumentRow] = {}
        """With a fingerprint, in bytes, instead of the data."""
        self._around = PermissionFacts()
        self._digests: dict[str, int] = {}
        """The sum of the digests of what was read of a document, a root or a person, by id."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """How to ask the database."""

    read: Fetch
    store: Callable[[dict[str, Any], list[Result]], Awaitable[list[Any]]]
    """Stores values, which make up some results; returns the rows of the statement, none when something has changed."""


@dataclass(frozen=True, slots=True)
class _About:
    """What some changes are about."""

    document_ids: list[str]
    caller_ids: list[str]

    def values(self) -> dict[str, Any]:
        """Return what both statements ask for."""
        return {"document_ids": self.document_ids, "caller_ids": self.caller_ids}

    def all_ids(self, rows: Iterable[DocumentRow]) -> set[str]:
        """Return the ids of everything whose digests the second statement adds up."""
        of_rows = (one for row in rows for one in (row.id, row.author_id, row.root_id))
        return {*self.caller_ids, *of_rows}


def _about(changes: Sequence[Change]) -> _About:
    return _About([*{one.document_id for one in changes}], [*{one.actor.user_id for one in changes}])


def _is_change(result: Result) -> bool:
    return isinstance(result, Outcome) and bool(result.notifications)


def _is_equal(old: Any, new: Any) -> bool:
    return old == _fingerprint(_canonical(new)) if isinstance(old, bytes) else document_service.is_equal(old, new)


def _canonical(data: Any) -> bytes:
    return msgspec.json.encode(data, order="deterministic")


def _fingerprint(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()
