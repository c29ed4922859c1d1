"""Where a person stands in the editor of the existing system. Kept for its clients; holds no GitHub token."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row, insert, select, update

from teaching_nb.errors import InvalidInput
from teaching_nb.hub import clock
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import of_user
from teaching_nb.hub.store.tables import cms_settings
from teaching_nb.schema import wire
from teaching_nb.schema.events import ChangedRecord
from teaching_nb.schema.records import CmsSettings

_LONGEST = 1_000


class Place(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be changed; unset fields stay."""

    active_branch: str | UnsetType | None = UNSET
    active_path: str | UnsetType | None = UNSET


def find(tx: Connection, user_id: str) -> CmsSettings | None:
    """Return the settings of a user; None when they have none yet."""
    row = _row(tx, user_id)
    return None if row is None else _record(row)


def get_or_create(tx: Connection, user_id: str) -> Outcome[CmsSettings]:
    """Return the settings of a user, made on the first read."""
    return Outcome(_record(_ensured(tx, user_id)))


def change(tx: Connection, user_id: str, place: Place) -> Outcome[None]:
    """Remember where a user stands."""
    row = _ensured(tx, user_id)
    values = {key: value for key, value in msgspec.structs.asdict(place).items() if value is not UNSET}
    for key, value in values.items():
        if value is not None and len(value) > _LONGEST:
            raise InvalidInput(f"{key} has {len(value)} characters, the limit is {_LONGEST}")
    if values:
        values["updated_at"] = clock.after(row.updated_at)
        tx.execute(update(cms_settings).where(cms_settings.c.id == row.id), values)
    return Outcome(None)


def sign_out(tx: Connection, user_id: str) -> Outcome[None]:
    """Tell the user's own sockets that there is no token; there never is one."""
    row = _row(tx, user_id)
    if row is None:
        return Outcome(None)
    event = ChangedRecord(type="CmsSettings", record=_record(row))
    return Outcome(None, (Notification(event, (of_user(user_id),)),))


def _row(tx: Connection, user_id: str) -> Row[Any] | None:
    return tx.execute(select(cms_settings).where(cms_settings.c.user_id == user_id)).first()


def _ensured(tx: Connection, user_id: str) -> Row[Any]:
    row = _row(tx, user_id)
    if row is None:
        now = clock.now()
        values = {"id": wire.new_id(), "user_id": user_id, "created_at": now, "updated_at": now}
        tx.execute(insert(cms_settings), values)
        row = _row(tx, user_id)
    assert row is not None
    return row


def _record(row: Row[Any]) -> CmsSettings:
    return CmsSettings(
        id=row.id,
        user_id=row.user_id,
        active_branch=row.active_branch,
        active_path=row.active_path,
        token=None,
        token_expires_at=None,
        created_at=wire.timestamp(row.created_at),
        updated_at=wire.timestamp(row.updated_at),
    )
