"""Changing many documents on PostgreSQL with two statements: what `changes` does in a transaction.

The first one reads the documents and all that decides who may change them and who hears of it, and digests of that.
The second one makes up the digests anew and stores only if their sum is the same: nothing that the decision rests on
has changed by then and, as it is a serializable transaction of its own, nothing of it changes while it stores.

Where other processes change documents of the same class, too, all of it is locked first, and both are READ COMMITTED:
PostgreSQL notes what a serializable transaction has read by pages, so that one of two would be undone again and again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import assessed
from teaching_nb.hub.documents import change_statements_postgresql as statements
from teaching_nb.hub.documents import documents as document_service
from teaching_nb.hub.documents.changes import Change, PendingChange, PendingChanges, Result
from teaching_nb.hub.documents.quotas import Place, Quotas, is_looked_at
from teaching_nb.hub.documents.rows import DocumentRow
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.postgresql_statements import Fetch, LostRace, Statements

MOST = 50_000
"""Documents, roots and people that are remembered at most."""

ATTEMPTS = 3
"""How often changes are tried here when somebody else is quicker each time."""

_rows_of = msgspec.json.Decoder(list[DocumentRow])
_facts_of = msgspec.json.Decoder(list[tuple[str, str, str, str]])
_sums_of = msgspec.json.Decoder(dict[str, int])


class Posting(Protocol):
    """Posts what other processes have to be told of results."""

    def row(self, results: list[Result], /) -> dict[str, Any] | None:
        """Return it as the values of `posted_announcements.posting_statement`; None for nothing."""

    async def post(self, fetch: Fetch, results: list[Result], /) -> int | None:
        """Post it; return its number, None for nothing."""

    def unknown(self) -> AbstractContextManager[None]:
        """Stand around a statement that may post, and tells the number only when it is committed."""

    def has_posted(self, number: int, /) -> None:
        """Note the number of what was posted."""


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

            return await self._statements.write(statements.STORE, values, committed=tell)

        return await self._tried(changes, _about(changes), _Ways(self._statements.read, store))

    async def change_all_locked(
        self, changes: Sequence[Change], *, posting: Posting, committed: Callable[[list[Result], int | None], None]
    ) -> list[Result] | None:
        """Do the same where other processes change documents, too, and post for them what is to be told.

        `committed` is told the number of what was posted as well.
        """
        about = _about(changes)
        results = await self._change_at_once(changes, about, posting, committed)
        if results is not None:
            return results

        async def job(fetch: Fetch) -> tuple[list[Result], int | None] | None:
            async def store(values: dict[str, Any], _results: list[Result]) -> list[Any]:
                return await fetch(statements.STORE_LOCKED, values)

            await fetch(statements.LOCK_ALL, about.values())
            results = await self._tried(changes, about, _Ways(fetch, store))
            return None if results is None else (results, await posting.post(fetch, results))

        def tell(done: tuple[list[Result], int | None] | None) -> None:
            if done is not None:
                committed(*done)

        try:
            done = await self._statements.write_locked(job, committed=tell)
        except LostRace:
            return None
        return None if done is None else done[0]

    async def _change_at_once(
        self,
        changes: Sequence[Change],
        about: _About,
        posting: Posting,
        committed: Callable[[list[Result], int | None], None],
    ) -> list[Result] | None:
        """Lock, store and post with one call, from what is remembered; None when that cannot be done, and was not.

        What is remembered, and not what is stored, may be what cannot be changed so.
        """
        rows = self._remembered(about)
        applied = None if rows is None else self._applied(rows, changes)
        if rows is None or applied is None:
            return None
        pending, results = applied
        row = posting.row(results) if all(map(_is_change, results)) else None
        if row is None:
            return None
        storing = self._storing(about, rows, pending)

        def tell(found: list[Any]) -> None:
            if found:
                *_, (_, number) = found
                posting.has_posted(number)
                committed(results, number)

        try:
            with posting.unknown():
                found = await self._statements.call(statements.locking_function(), storing.values | row, committed=tell)
        except LostRace:
            return None
        if found is None:
            return None
        if not found:
            # Something has changed of what is remembered.
            for document_id in about.document_ids:
                self._rows.pop(document_id, None)
            return None
        self._note_stored(storing, found[:-1])
        return results

    async def _tried(self, changes: Sequence[Change], about: _About, ways: _Ways) -> list[Result] | None:
        rows = self._remembered(about)
        for _ in range(ATTEMPTS):
            is_fresh = rows is None
            try:
                rows = await self._read(about, ways) if rows is None else rows
                applied = self._applied(rows, changes)
                if applied is None:
                    return None
                pending, results = applied
                if is_fresh and not pending:
                    return results
                # Nobody is refused, or told that nothing has changed, because of what is only remembered: the data,
                # of which they may be told, is not.
                if is_fresh or all(map(_is_change, results)):
                    storing = self._storing(about, rows, pending)
                    if self._note_stored(storing, await ways.store(storing.values, results)):
                        return results
            except LostRace:
                pass
            rows = None
        return None

    def _applied(
        self, rows: Sequence[DocumentRow], changes: Sequence[Change]
    ) -> tuple[list[PendingChange], list[Result]] | None:
        """Return what has to be stored, and the results; None when a transaction has to do it."""
        pending = PendingChanges(rows, self._around, self._check_growth, _is_equal)
        if any(map(pending.is_live, changes)):
            return None
        try:
            results = [pending.apply(one) for one in changes]
        except _MustAddUp:
            return None
        return pending.changed(), results

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
        ((documents, found, sums),) = await ways.read(statements.READ, about.values())
        rows = _rows_of.decode(documents or "[]")
        if len(self._digests) > MOST:
            self._forget()
        self._around.learn(rows, about.caller_ids, _facts_of.decode(found or "[]"))
        self._digests.update(dict.fromkeys(about.all_ids(rows), 0) | _sums_of.decode(sums or "{}"))
        for document_id in about.document_ids:
            self._rows.pop(document_id, None)
        return rows

    def _storing(self, about: _About, rows: Sequence[DocumentRow], pending: Sequence[PendingChange]) -> _Storing:
        """Return how to store all, or nothing when something has changed of what was read or remembered."""
        texts = [_canonical(one.data) for one in pending]
        values = {
            "document_ids": about.document_ids,
            "caller_ids": about.caller_ids,
            **self._around.lists(rows, about.caller_ids),
            "ids": [one.document_id for one in pending],
            "data": [text.decode() for text in texts],
            "revisions": [one.revision for one in pending],
            "times": [one.updated_at for one in pending],
            "digest": str(sum(self._digests.get(one, 0) for one in about.all_ids(rows))),
        }
        by_id = {row.id: row for row in rows}
        stored = [
            msgspec.structs.replace(
                by_id[one.document_id], data=_fingerprint(text), revision=one.revision, updated_at=one.updated_at
            )
            for one, text in zip(pending, texts, strict=True)
        ]
        return _Storing(values, stored)

    def _note_stored(self, storing: _Storing, digests: Sequence[tuple[str, int]]) -> bool:
        """Remember what was stored, if it was, by the digests that the statement has returned; tell whether."""
        self._digests.update(digests)
        if digests:
            # What is told of a key depends on what it was before.
            self._rows.update({row.id: row for row in storing.rows if row.type != assessed.KEY})
        return bool(digests)

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
class _Storing:
    """How documents are stored."""

    values: dict[str, Any]
    """Of the statement."""
    rows: list[DocumentRow]
    """Those that are changed, as they are remembered then."""


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
