"""Another e-mail or Jupyter account for the same person: `hub user rename`.

A person keeps everything, for it hangs on their id. Where the new name has made an account of its own meanwhile, as
JupyterHub does after a rename, that account is merged into the person's: nothing that it had is lost.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, or_, select, update

from teaching_nb.errors import Conflict, NotFound
from teaching_nb.hub import clock
from teaching_nb.hub.administration import merging
from teaching_nb.hub.administration.merging import Merged
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import documents
from teaching_nb.hub.store.tables import users as users_table


class Names(msgspec.Struct, frozen=True):
    """What an account is found by."""

    email: str
    subject: str | None
    """The Jupyter account."""


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    before: Names
    after: Names
    merged: tuple[Merged, ...]


def rename(tx: Connection, old: str, new: str, *, merge: bool) -> Renamed:
    """Give the person with an e-mail or Jupyter account another one.

    `new` is an e-mail when it has an @, else a Jupyter account. What was made of the old name follows it: the e-mail
    that an account of JupyterHub got here, and an account that is called like its e-mail. Raises `Conflict` when
    somebody has the new name and nobody said that it is the same person.
    """
    person = _found(tx, old)
    before = Names(person.email, person.subject)
    after = _names_after(before, new)
    others = _holders(tx, after, new, except_id=person.id)
    if others and not merge:
        raise Conflict(_taken(tx, others[0], new))
    merged = tuple(merging.merge(tx, person.id, other) for other in others)
    if after.email not in (before.email, new) and users.by_email(tx, after.email) is not None:
        # An e-mail that nobody asked for, and that is somebody else's.
        after = Names(before.email, after.subject)
    values = {"email": after.email, "subject": after.subject, "updated_at": clock.now()}
    tx.execute(update(users_table).where(users_table.c.id == person.id), values)
    return Renamed(before=before, after=after, merged=merged)


def _found(tx: Connection, name: str) -> Row[Any]:
    row = users.by_email(tx, name.strip()) or users.by_subject(tx, name)
    if row is None:
        raise NotFound(f"no user has the e-mail or Jupyter account {name}; see: teaching-nb hub user list")
    return row


def _names_after(before: Names, new: str) -> Names:
    if "@" not in new:
        is_made_of_it = before.subject is not None and before.email == users.email_of(before.subject)
        return Names(users.email_of(new) if is_made_of_it else before.email, new)
    email = users.checked_email(new)
    is_called_so = before.subject is not None and before.subject.lower() == before.email
    return Names(email, new if is_called_so else before.subject)


def _holders(tx: Connection, after: Names, new: str, *, except_id: str) -> list[Row[Any]]:
    """Return the other accounts that have the new name: by the account, or by an e-mail that was asked for."""
    is_asked_for = users_table.c.email == after.email if "@" in new else users_table.c.subject == after.subject
    has_it = or_(is_asked_for, users_table.c.subject == new)
    return list(tx.execute(select(users_table).where(has_it, users_table.c.id != except_id)))


def _taken(tx: Connection, other: Row[Any], new: str) -> str:
    query = select(func.count()).select_from(documents).where(documents.c.author_id == other.id)
    count = tx.execute(query).scalar_one()
    return (
        f"{new} is the account {other.email} already, with {count} documents; if it is the same person, "
        "--merge puts all of it into the account that is renamed"
    )


def told(done: Renamed) -> str:
    """Return in lines what was done."""
    lines = [f"{_named(done.before)} is now {_named(done.after)}"]
    for merged in done.merged:
        lines.append(
            f"taken over from {merged.email}, which is removed: {merged.documents} documents, "
            f"{merged.memberships} memberships, {merged.permissions} permissions, {merged.sessions} tokens and sessions"
        )
        lines += [f"kept beside the main document: {place}" for place in merged.beside]
        if merged.is_lower:
            lines.append("the role of the removed account was higher and is not taken over: see hub user set-role")
    return "\n".join(lines)


def _named(names: Names) -> str:
    return names.email if names.subject is None else f"{names.email} (Jupyter account {names.subject})"
