"""Changing many documents in one transaction: what `documents.change` does, with a few statements for all.

Each change is judged by itself, as if it came alone; a refused one leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, NotFound, OperationalError, Stale
from teaching_nb.hub import clock
from teaching_nb.hub.access.decisions import access_to
from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents, quotas
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.documents import rows as document_rows
from teaching_nb.hub.documents.events import Receivers
from teaching_nb.hub.documents.quotas import Place
from teaching_nb.hub.documents.rows import DocumentRow
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_readable, is_writable
from teaching_nb.schema.documents import with_line_feeds
from teaching_nb.schema.records import Document


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

IsEqual: TypeAlias = Callable[[Any, Any], bool]
"""Tells whether what a document holds is the same as what somebody wants it to hold."""


class CheckGrowth(Protocol):
    """What refuses a document of some size, as `quotas.check_growth` does."""

    def __call__(self, actor: Actor, place: Place, *, size: int, old: Any) -> None:
        """Raise what refuses it."""


def change_all(tx: Connection, changes: Sequence[Change]) -> list[Result]:
    """Replace the data of documents, in order; return for each change its outcome or what refuses it."""
    rows = document_rows.read(tx, {one.document_id for one in changes})
    around = PermissionFacts.read(tx, rows, {one.actor.user_id for one in changes})
    pending = PendingChanges(rows, around, partial(quotas.check_growth, tx))
    results = [_change_live(tx, one) if pending.is_live(one) else pending.apply(one) for one in changes]
    changed = pending.changed()
    if changed:
        document_rows.store(tx, changed)
    return results


def _change_live(tx: Connection, wanted: Change) -> Result:
    """Change a live document, whose log is changed along with it."""
    try:
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


class PendingChanges:
    """Documents as they were read, with the changes made to them so far; nothing is stored here."""

    def __init__(
        self,
        rows: Collection[DocumentRow],
        around: PermissionFacts,
        check_growth: CheckGrowth,
        is_equal: IsEqual | None = None,
    ) -> None:
        is_equal = is_equal or documents.is_equal
        self._live_ids = {row.id for row in rows if row.live_id is not None}
        self._pending = {
            row.id: PendingChange(row, around, check_growth, is_equal) for row in rows if row.live_id is None
        }

    def is_live(self, wanted: Change) -> bool:
        """Tell whether a change is of a live document, which cannot be changed here."""
        return wanted.document_id in self._live_ids

    def apply(self, wanted: Change) -> Result:
        """Make one change; return its outcome or what refuses it."""
        pending_change = self._pending.get(wanted.document_id)
        try:
            if pending_change is None:
                raise NotFound("Document not found")
            return pending_change.apply(wanted)
        except OperationalError as error:
            return error

    def changed(self) -> list[PendingChange]:
        """Return what has to be stored."""
        return [pending_change for pending_change in self._pending.values() if pending_change.is_changed]


class PendingChange:
    """A document that is not live, with the changes made to it so far."""

    def __init__(self, row: DocumentRow, around: PermissionFacts, check_growth: CheckGrowth, is_equal: IsEqual) -> None:
        self._row = row
        self._check_growth = check_growth
        self._around = around
        self._is_equal = is_equal
        self._now = documents.record(row)
        self.document_id: str = row.id
        self.revision: int = row.revision
        self.updated_at: int = row.updated_at
        self.is_changed = False

    @property
    def data(self) -> Any:
        """Return what the document holds."""
        return self._now.data

    def apply(self, wanted: Change) -> Outcome[Document]:
        """Make one change; raises what refuses it."""
        self._check_access(wanted)
        size = wire.check_storable(wanted.data, "data")
        if wanted.revision is not None and wanted.revision != self.revision:
            raise Stale(
                f"the document is at revision {self.revision}, the change was made from {wanted.revision}",
                document=self._now if self._may_read(wanted.actor) else _without_data(self._now),
            )
        data = with_line_feeds(self._now.type, wanted.data)
        if self._is_equal(self._now.data, data):
            return Outcome(self._now)
        self._check_growth(wanted.actor, quotas.place_of(self._row), size=size, old=self._now.data)
        self.updated_at = clock.after(self.updated_at)
        self.revision += 1
        self._now = msgspec.structs.replace(
            self._now, data=data, updated_at=wire.timestamp(self.updated_at), revision=self.revision
        )
        self.is_changed = True
        receivers = Receivers(self._around.rooms(self._row, wanted.actor.user_id), self._around.audience(self._row))
        return Outcome(self._now, (document_events.changed(self._now, receivers, is_live=False),))

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
        own = self._around.own(actor.user_id, row)
        return access_to(row, actor.user_id, actor.role, own)


def _without_data(document: Document) -> Document:
    return msgspec.structs.replace(document, data=None)
