"""Changing documents, one or many in one transaction with a few statements for all.

Each change is judged by itself, as if it came alone; a refused one leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Literal, Protocol, TypeAlias

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import NotFound, OperationalError, Stale
from teaching_nb.hub import clock
from teaching_nb.hub.access import said
from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.access.rights import NOT_FOUND, Rights
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import assessed, chat_names, documents, messages, quotas, update_log
from teaching_nb.hub.documents import events as document_events
from teaching_nb.hub.documents import rows as document_rows
from teaching_nb.hub.documents.events import Receivers
from teaching_nb.hub.documents.quotas import Place
from teaching_nb.hub.documents.rows import DocumentRow
from teaching_nb.hub.documents.update_log import Replacement
from teaching_nb.hub.outcomes import LogPosition, Outcome
from teaching_nb.schema import wire
from teaching_nb.schema.documents import with_line_feeds
from teaching_nb.schema.records import Document


class Change(msgspec.Struct, frozen=True):
    """What somebody wants of one document."""

    actor: Actor
    document_id: str
    data: Any
    on_behalf_of: bool = False
    revision: int | None = None
    """The one that the caller edited from."""
    kind: Literal["edit", "restore"] = "edit"
    """What the version that it makes is called."""
    is_assessing: bool = False
    """Whether the hub itself assesses a quiz, which its author may not say."""


Result: TypeAlias = Outcome[Document] | OperationalError

IsEqual: TypeAlias = Callable[[Any, Any], bool]
"""Tells whether what a document holds is the same as what somebody wants it to hold."""


class CheckGrowth(Protocol):
    """What refuses a document of some size, as `quotas.check_growth` does."""

    def __call__(self, actor: Actor, place: Place, *, size: int, old: Any) -> None:
        """Raise what refuses it."""


def change(tx: Connection, wanted: Change) -> Outcome[Document]:
    """Replace the data of a document; equal data changes and announces nothing. Raises what refuses it.

    That is `NotFound` or `Forbidden`; `Stale`, with the present document, when the change was made from an older
    revision; and `TooLarge`.
    """
    (result,) = change_all(tx, [wanted])
    if isinstance(result, OperationalError):
        raise result
    return result


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
    try:
        with tx.begin_nested():
            return _with_log(tx, wanted)
    except OperationalError as error:
        return error


def _with_log(tx: Connection, wanted: Change) -> Outcome[Document]:
    """Change a live document, whose log is changed along with it."""
    update_log.lock(tx, wanted.document_id)
    present = documents.changeable(tx, wanted.actor, wanted.document_id, on_behalf_of=wanted.on_behalf_of)
    _, before = documents.materialized(tx, present)
    (row,) = document_rows.read(tx, [wanted.document_id])
    around = PermissionFacts.read(tx, [row], [wanted.actor.user_id])
    pending = PendingChange(row, around, partial(quotas.check_growth, tx), documents.is_equal)
    outcome = pending.apply(wanted)
    log = _replaced(tx, wanted, pending) if pending.is_changed else None
    if log is None:
        return Outcome(documents.record(row), before)
    document_rows.store(tx, [pending])
    position = LogPosition(log.number, pending.revision)
    told = document_events.live_update(row.id, log.update, position, pending.receivers(wanted.actor))
    return Outcome(outcome.record, (*before, told, *outcome.notifications))


def _replaced(tx: Connection, wanted: Change, pending: PendingChange) -> Replacement | None:
    """Bring the log of a live document to what it is to hold; None when it holds that."""
    log = update_log.replace_data(
        tx,
        pending.document_id,
        pending.data,
        author_id=wanted.actor.user_id,
        now=pending.updated_at,
        kind=wanted.kind,
    )
    if log is None or not log.update:
        return None
    quotas.check_log(tx, wanted.actor, pending.document_id, len(log.update), is_growing=False)
    return log


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
                raise NotFound(NOT_FOUND)
            return pending_change.apply(wanted)
        except OperationalError as error:
            return error

    def changed(self) -> list[PendingChange]:
        """Return what has to be stored."""
        return [pending_change for pending_change in self._pending.values() if pending_change.is_changed]


class PendingChange:
    """A document with the changes made to it so far; the log of a live one is its user's business."""

    def __init__(self, row: DocumentRow, around: PermissionFacts, check_growth: CheckGrowth, is_equal: IsEqual) -> None:
        self._row = row
        self._check_growth = check_growth
        self._around = around
        self._rights = Rights(row, around)
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
        self._rights.check_changeable(wanted.actor, on_behalf_of=wanted.on_behalf_of)
        size = wire.check_storable(wanted.data, "data")
        if wanted.revision is not None and wanted.revision != self.revision:
            raise Stale(
                f"the document is at revision {self.revision}, the change was made from {wanted.revision}",
                document=self._now if self._rights.may_read(wanted.actor) else _without_data(self._now),
            )
        before, data = self._now.data, with_line_feeds(self._now.type, wanted.data)
        if self._is_equal(before, data):
            return Outcome(self._now)
        if not wanted.is_assessing:
            assessed.check_change(wanted.actor, self._now.type, before, data)
        said.check_change(
            wanted.actor,
            self._row.author_id,
            self._now.type,
            is_in_thread=self._row.is_in_thread,
            on_behalf_of=wanted.on_behalf_of,
        )
        chat_names.check_change(wanted.actor, self._row.author_id, self._now.type, before, data)
        messages.check_change(self._now.type, before, data, is_in_thread=self._row.is_in_thread)
        self._check_growth(wanted.actor, quotas.place_of(self._row), size=size, old=before)
        self.updated_at = clock.after(self.updated_at)
        self.revision += 1
        self._now = msgspec.structs.replace(
            self._now, data=data, updated_at=wire.timestamp(self.updated_at), revision=self.revision
        )
        self.is_changed = True
        is_live = self._row.live_id is not None
        told = document_events.changed(self._now, self.receivers(wanted.actor), is_live=is_live)
        return Outcome(self._now, (told, *assessed.told_of_key(self._row, before, data)))

    def receivers(self, actor: Actor) -> Receivers:
        """Return who hears of what somebody does with the document."""
        return Receivers(self._around.rooms(self._row, actor.user_id), self._around.audience(self._row))


def _without_data(document: Document) -> Document:
    return msgspec.structs.replace(document, data=None)
