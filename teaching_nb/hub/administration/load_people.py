"""People of a file for `hub load` who have another e-mail here than in the file: found by their id, and renamed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from teaching_nb.errors import InvalidInput
from teaching_nb.hub import clock
from teaching_nb.hub.administration.class_file import UserEntry
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import users as users_table


def known_password_hashes(tx: Connection, entries: list[UserEntry]) -> dict[str, str]:
    """Return the stored hashes of those whose passwords are in the file, by the e-mail that stands there."""
    found = {}
    for entry in entries:
        row = None if entry.password is None else _row_of(tx, entry)
        if row is not None and row.password_hash:
            found[entry.email.strip().lower()] = row.password_hash
    return found


def rename(tx: Connection, entries: list[UserEntry]) -> set[str]:
    """Give everybody whose id is known the e-mail that the file has for them; return the ids of those who changed.

    Two people may swap theirs. Raises `InvalidInput` with the path when a third account has it.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for index, entry in enumerate(entries):
        email, row = users.checked_email(entry.email), _row_by_id(tx, entry)
        if row is not None and row.email != email:
            wanted[row.id] = (email, f"$.users[{index}].email")
    for user_id, (email, path) in wanted.items():
        holder = users.by_email(tx, email)
        if holder is not None and holder.id not in wanted:
            raise InvalidInput(
                f"the person {user_id} cannot get the e-mail {email}: the account {holder.id} has it here; "
                f"if it is theirs too, see `teaching-nb hub user rename --help` - at `{path}`"
            )
    # Nobody has two at any time, also where people swap.
    for user_id in wanted:
        _set_email(tx, user_id, f"{user_id}@renamed.invalid")
    for user_id, (email, _) in wanted.items():
        _set_email(tx, user_id, email)
    return set(wanted)


def _row_of(tx: Connection, entry: UserEntry) -> Row[Any] | None:
    return _row_by_id(tx, entry) or users.by_email(tx, entry.email.strip())


def _row_by_id(tx: Connection, entry: UserEntry) -> Row[Any] | None:
    user_id = None if entry.id is None else entry.id.lower()
    return tx.execute(select(users_table).where(users_table.c.id == user_id)).first()


def _set_email(tx: Connection, user_id: str, email: str) -> None:
    values = {"email": email, "updated_at": clock.now()}
    tx.execute(update(users_table).where(users_table.c.id == user_id), values)
