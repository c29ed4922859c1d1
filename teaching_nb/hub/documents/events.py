"""Notifications about documents: for each event its payload, its rooms and who among them may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.outcomes import DocumentAudience, LogPosition, Notification
from teaching_nb.hub.room import Room, of_documents
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.events import (
    ChangedDocument,
    ChangedRecord,
    DeletedRecord,
    DocumentUpdate,
    HubEvent,
    NewRecord,
)
from teaching_nb.schema.records import Document

_author_of = select(documents_table.c.author_id).where(documents_table.c.id == bindparam("document_id"))


@dataclass(frozen=True, slots=True)
class Receivers:
    """Where the events of one document go."""

    rooms: tuple[Room, ...]
    audience: DocumentAudience


def receivers_of(tx: Connection, row: Any, caller_id: str) -> Receivers:
    """Gather the receivers of a document; `row` has the columns `DECISIVE`."""
    found = PermissionFacts.read(tx, [row])
    return Receivers(found.rooms(row, caller_id), found.audience(row))


def receivers_of_record(tx: Connection, row: Any, caller_id: str) -> Receivers:
    """Gather the receivers of a document that comes or goes; `row` has `parent_id` as well.

    Whoever follows what somebody has hears of what others put below it, too: lists say how many that are.
    """
    receivers = receivers_of(tx, row, caller_id)
    above = tx.scalar(_author_of, {"document_id": row.parent_id}) if row.parent_id else None
    if above in {None, row.author_id}:
        return receivers
    return Receivers((*receivers.rooms, of_documents(above)), receivers.audience)


def created(document: Document, receivers: Receivers) -> Notification:
    """Announce a new document."""
    return _told(NewRecord(type="Document", record=document), receivers)


def relinked(document: Document, receivers: Receivers) -> Notification:
    """Announce a document that has a new parent."""
    return _told(ChangedRecord(type="Document", record=document), receivers)


def changed(document: Document, receivers: Receivers, *, is_live: bool) -> Notification:
    """Announce new data; those who follow the document live get an update instead."""
    event = ChangedDocument(
        id=document.id, data=document.data, updated_at=document.updated_at, revision=document.revision
    )
    skipped = document.id if is_live else None
    return Notification(event, receivers.rooms, receivers.audience, not_subscribed_to=skipped)


def live_update(document_id: str, update: bytes, position: LogPosition, receivers: Receivers) -> Notification:
    """Announce new data to those who follow the document live, the sender included: the edit is the hub's."""
    event = DocumentUpdate(id=document_id, update=update)
    return Notification(event, receivers.rooms, receivers.audience, to_self=True, position=position)


def deleted(document_id: str, receivers: Receivers) -> Notification:
    """Announce that a document is gone; `receivers` were gathered before."""
    return _told(DeletedRecord(type="Document", id=document_id), receivers)


def _told(event: HubEvent, receivers: Receivers) -> Notification:
    return Notification(event, receivers.rooms, receivers.audience)
