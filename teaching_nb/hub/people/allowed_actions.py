"""What may be done with documents of a type beyond changing their data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from teaching_nb.errors import Conflict, InvalidInput, NotFound
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import ADMIN
from teaching_nb.hub.store.tables import allowed_actions
from teaching_nb.schema import wire
from teaching_nb.schema.events import DeletedRecord, NewRecord
from teaching_nb.schema.records import AllowedAction

WORD_LENGTH = 100


def list_all(tx: Connection) -> list[AllowedAction]:
    """Return all allowed actions."""
    return [_record(row) for row in tx.execute(select(allowed_actions))]


def find(tx: Connection, document_type: str, action: str) -> Row[Any] | None:
    """Return the row of an allowed action."""
    query = select(allowed_actions).where(
        allowed_actions.c.document_type == document_type, allowed_actions.c.action == action
    )
    return tx.execute(query).first()


def create(tx: Connection, document_type: str, action: str) -> Outcome[AllowedAction]:
    """Allow an action on documents of a type; tells the admins."""
    if not (0 < len(document_type) <= WORD_LENGTH and 0 < len(action) <= WORD_LENGTH):
        raise InvalidInput(f"documentType and action need 1 to {WORD_LENGTH} characters")
    if find(tx, document_type, action) is not None:
        raise Conflict(f"{action} is allowed for {document_type} already")
    created = AllowedAction(id=wire.new_id(), document_type=document_type, action=action)
    tx.execute(insert(allowed_actions), {"id": created.id, "document_type": document_type, "action": action})
    return Outcome(created, (Notification(NewRecord(type="AllowedAction", record=created), (ADMIN,)),))


def remove(tx: Connection, action_id: str) -> Outcome[None]:
    """Forbid an action again; tells the admins."""
    if tx.execute(delete(allowed_actions).where(allowed_actions.c.id == action_id)).rowcount == 0:
        raise NotFound("Allowed action not found")
    return Outcome(None, (Notification(DeletedRecord(type="AllowedAction", id=action_id), (ADMIN,)),))


def _record(row: Row[Any]) -> AllowedAction:
    return AllowedAction(id=row.id, document_type=row.document_type, action=row.action)
