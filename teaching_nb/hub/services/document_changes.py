"""Changing many documents in one transaction: what `documents.change` does, with a few statements for all.

Each change is judged by itself, as if it came alone; a refused one leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    String,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from teaching_nb.errors import Forbidden, NotFound, OperationalError, Stale
from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.any_of import any_of
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.services import document_events, documents
from teaching_nb.hub.services.changes import TRANSACTION_NUMBER, next_number
from teaching_nb.hub.services.document_events import Receivers
from teaching_nb.hub.services.surroundings import Surroundings
from teaching_nb.hub.tables import document_roots, live_texts
from teaching_nb.hub.tables import documents as documents_table
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, effective_access, is_readable, is_writable
from teaching_nb.schema.documents import with_line_feeds
from teaching_nb.schema.records import Document

_present = (
    select(
        documents_table,
        document_roots.c.access,
        document_roots.c.shared_access,
        live_texts.c.document_id.label("live_id"),
    )
    .join(document_roots, documents_table.c.root_id == document_roots.c.id)
    .outerjoin(live_texts, live_texts.c.document_id == documents_table.c.id)
    .where(any_of(documents_table.c.id, "document_ids"))
)
_store_each = (
    update(documents_table)
    .where(documents_table.c.id == bindparam("document_id"))
    .values(
        data=bindparam("new_data", type_=documents_table.c.data.type),
        revision=bindparam("new_revision"),
        updated_at=bindparam("new_updated_at"),
        changed=bindparam("new_changed"),
    )
)
# To PostgreSQL every statement is a way there and back.
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
_store_at_once = (
    update(documents_table)
    .where(documents_table.c.id == _new.c.id)
    .values(
        data=cast(_new.c.data, JSONB),
        revision=_new.c.revision,
        updated_at=_new.c.updated_at,
        changed=literal_column(TRANSACTION_NUMBER),
    )
)


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants of one document."""

    actor: Actor
    document_id: str
    data: Any
    on_behalf_of: bool = False
    revision: int | None = None
    """The one that the caller edited from."""


Result: TypeAlias = Outcome[Document] | OperationalError


def change_all(tx: Connection, changes: Sequence[Change]) -> list[Result]:
    """Replace the data of documents, in order; return for each change its outcome or what refuses it."""
    rows = {row.id: row for row in tx.execute(_present, {"document_ids": [*{one.document_id for one in changes}]})}
    around = Surroundings(tx, rows.values(), {one.actor.user_id for one in changes})
    drafts = {row.id: _Draft(row, around) for row in rows.values() if row.live_id is None}
    results = [_result(tx, one, drafts.get(one.document_id), is_known=one.document_id in rows) for one in changes]
    changed = [draft for draft in drafts.values() if draft.is_changed]
    if changed:
        _store(tx, changed)
    return results


def _store(tx: Connection, drafts: Sequence[_Draft]) -> None:
    if tx.dialect.name == "postgresql":
        stored = [draft.stored() for draft in drafts]
        ids, data, revisions, times = (list(column) for column in zip(*stored, strict=True))
        texts = [msgspec.json.encode(each).decode() for each in data]
        tx.execute(_store_at_once, {"ids": ids, "data": texts, "revisions": revisions, "times": times})
        return
    number = next_number(tx)
    names = ("document_id", "new_data", "new_revision", "new_updated_at", "new_changed")
    tx.execute(_store_each, [dict(zip(names, (*draft.stored(), number), strict=True)) for draft in drafts])


def _result(tx: Connection, wanted: Change, draft: _Draft | None, *, is_known: bool) -> Result:
    try:
        if not is_known:
            raise NotFound("Document not found")
        if draft is not None:
            return draft.apply(wanted)
        # A live document, whose log is changed along with it.
        with tx.begin_nested():
            return documents.change(
                tx,
                wanted.actor,
                wanted.document_id,
                wanted.data,
                on_behalf_of=wanted.on_behalf_of,
                revision=wanted.revision,
            )
    except OperationalError as error:
        return error


class _Draft:
    """A document that is not live, with the changes made to it so far."""

    def __init__(self, row: Row[Any], around: Surroundings) -> None:
        self._row = row
        self._around = around
        self._now = documents.record(row)
        self._revision: int = row.revision
        self._updated_at: int = row.updated_at
        self.is_changed = False

    def apply(self, wanted: Change) -> Outcome[Document]:
        """Make one change; raises what refuses it."""
        self._check_access(wanted)
        wire.check_storable(wanted.data, "data")
        if wanted.revision is not None and wanted.revision != self._revision:
            raise Stale(
                f"the document is at revision {self._revision}, the change was made from {wanted.revision}",
                document=self._now if self._may_read(wanted.actor) else _without_data(self._now),
            )
        data = with_line_feeds(self._now.type, wanted.data)
        if documents.is_equal(self._now.data, data):
            return Outcome(self._now)
        self._updated_at = clock.after(self._updated_at)
        self._revision += 1
        self._now = msgspec.structs.replace(
            self._now, data=data, updated_at=wire.timestamp(self._updated_at), revision=self._revision
        )
        self.is_changed = True
        receivers = Receivers(self._around.rooms(self._row, wanted.actor.user_id), self._around.audience(self._row))
        return Outcome(self._now, (document_events.changed(self._now, receivers, is_live=False),))

    def stored(self) -> tuple[str, Any, int, int]:
        """Return what is to be stored: id, data, revision and time of the change."""
        return self._now.id, self._now.data, self._revision, self._updated_at

    def _check_access(self, wanted: Change) -> None:
        actor = wanted.actor
        if wanted.on_behalf_of and actor.is_elevated:
            if not self._is_managed(actor):
                raise NotFound("Document not found")
            return
        access = self._effective(actor)
        if is_writable(access):
            return
        if is_readable(access) or self._row.author_id == actor.user_id:
            raise Forbidden("Not authorized")
        raise NotFound("Document not found")

    def _may_read(self, actor: Actor) -> bool:
        return is_readable(self._effective(actor)) or (actor.is_elevated and self._is_managed(actor))

    def _is_managed(self, actor: Actor) -> bool:
        author_id = self._row.author_id
        return actor.is_admin or author_id == actor.user_id or self._around.manages(actor.user_id, author_id)

    def _effective(self, actor: Actor) -> Access:
        row = self._row
        own = self._around.own(actor.user_id, row.root_id, row.access, row.shared_access)
        return effective_access(own, row.shared_access, is_author=row.author_id == actor.user_id)


def _without_data(document: Document) -> Document:
    return msgspec.structs.replace(document, data=None)
