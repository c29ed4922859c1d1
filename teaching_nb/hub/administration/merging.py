"""Two accounts of one person become one: everything of the one is put into the other, then the empty one is removed."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Row, delete, select, update

from teaching_nb.hub.actors import ROLE_LEVELS
from teaching_nb.hub.documents.documents import main_key
from teaching_nb.hub.people import groups, users
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.tables import (
    cms_settings,
    deleted_documents,
    document_roots,
    documents,
    live_texts,
    live_updates,
    memberships,
    one_time_tokens,
    sessions,
    user_permissions,
    version_authors,
)
from teaching_nb.hub.store.tables import users as users_table


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over from an account that is gone."""

    email: str
    documents: int
    beside: tuple[str, ...]
    """Main documents of places where both had one: the other is main, and these are kept beside it."""
    memberships: int
    permissions: int
    sessions: int
    is_lower: bool
    """Whether the account that is gone had a higher role, which the person does not get."""


def merge(tx: Connection, person_id: str, other: Row[Any]) -> Merged:
    """Put everything of an account into that of the person, and remove it."""
    person = users.by_id(tx, person_id)
    assert person is not None
    main, beside = _main_documents(tx, person_id, other.id)
    done = Merged(
        email=other.email,
        documents=_take_documents(tx, person_id, other.id, main),
        beside=tuple(_place(tx, row) for row in beside),
        memberships=_take_memberships(tx, person_id, other.id),
        permissions=_take_permissions(tx, person_id, other.id),
        sessions=_move(tx, sessions.c.user_id, person_id, other.id),
        is_lower=ROLE_LEVELS.get(other.role, 0) > ROLE_LEVELS.get(person.role, 0),
    )
    _take_the_rest(tx, person, other)
    tx.execute(delete(users_table).where(users_table.c.id == other.id))
    change_numbers.user_access_changed(tx, [person_id])
    return done


def _main_documents(tx: Connection, person_id: str, other_id: str) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Return what is main afterwards, one per root and type, and what is kept beside it. Takes all keys away.

    The older one is main, unless it is as it was made and the other is not.
    """
    authors = documents.c.author_id.in_([person_id, other_id])
    query = select(documents, live_texts.c.head).outerjoin(live_texts, live_texts.c.document_id == documents.c.id)
    rows = tx.execute(query.where(authors, documents.c.main_key.is_not(None))).all()
    found = sorted(rows, key=lambda row: (not _is_edited(row), row.created_at, row.id))
    # Others belong to their root, not to their author.
    own = [row for row in found if row.main_key == main_key(row.root_id, row.author_id, row.type)]
    first: dict[tuple[str, str], Row[Any]] = {}
    for row in own:
        first.setdefault((row.root_id, row.type), row)
    main = list(first.values())
    beside = [row for row in own if first[row.root_id, row.type] is not row]
    tx.execute(update(documents).where(documents.c.id.in_([row.id for row in own])), {"main_key": None})
    for row in beside:
        # Whoever knows no main documents, as the existing website, takes the oldest one.
        created_at = max(row.created_at, first[row.root_id, row.type].created_at + 1)
        tx.execute(update(documents).where(documents.c.id == row.id), {"created_at": created_at})
    return main, beside


def _is_edited(row: Row[Any]) -> bool:
    return bool(row.revision > 1 or row.head)


def _take_documents(tx: Connection, person_id: str, other_id: str, main: list[Row[Any]]) -> int:
    query = select(documents.c.root_id).where(documents.c.author_id == other_id)
    root_ids = list(tx.execute(query).scalars())
    statement = update(documents).where(documents.c.author_id == other_id)
    tx.execute(statement, {"author_id": person_id, "changed": change_numbers.next_number(tx)})
    for row in main:
        statement = update(documents).where(documents.c.id == row.id)
        tx.execute(statement, {"main_key": main_key(row.root_id, person_id, row.type)})
    for root_id in set(root_ids):
        # Whoever was told that these are another's has to be told anew.
        change_numbers.root_access_changed(tx, root_id)
    return len(root_ids)


def _take_memberships(tx: Connection, person_id: str, other_id: str) -> int:
    administered = groups.administered_ids(tx, person_id)
    rows = tx.execute(select(memberships).where(memberships.c.user_id == other_id)).all()
    return sum(
        groups.set_member(tx, row.group_id, person_id, is_admin=row.is_admin or row.group_id in administered)
        for row in rows
    )


def _take_permissions(tx: Connection, person_id: str, other_id: str) -> int:
    """Move permissions; where both have one below a root, the person's own counts."""
    present = select(user_permissions.c.root_id).where(user_permissions.c.user_id == person_id)
    missing = user_permissions.c.root_id.not_in(present.scalar_subquery())
    query = select(user_permissions).where(user_permissions.c.user_id == other_id, missing)
    rows = tx.execute(query).all()
    for row in rows:
        tx.execute(update(user_permissions).where(user_permissions.c.id == row.id), {"user_id": person_id})
        change_numbers.root_access_changed(tx, row.root_id)
    return len(rows)


def _take_the_rest(tx: Connection, person: Row[Any], other: Row[Any]) -> None:
    for column in (
        one_time_tokens.c.user_id,
        document_roots.c.creator_id,
        live_updates.c.author_id,
        deleted_documents.c.author_id,
    ):
        _move(tx, column, person.id, other.id)
    versions = select(version_authors).where(version_authors.c.user_id == other.id)
    for row in tx.execute(versions).all():
        key = (version_authors.c.document_id == row.document_id, version_authors.c.number == row.number)
        if tx.execute(select(version_authors).where(*key, version_authors.c.user_id == person.id)).first() is None:
            tx.execute(
                update(version_authors).where(*key, version_authors.c.user_id == other.id), {"user_id": person.id}
            )
    if tx.execute(select(cms_settings).where(cms_settings.c.user_id == person.id)).first() is None:
        _move(tx, cms_settings.c.user_id, person.id, other.id)
    kept = {}
    if person.password_hash is None:
        kept["password_hash"] = other.password_hash
    if other.banned and not person.banned:
        # Who was shut out does not come in again by being renamed.
        kept |= {"banned": True, "ban_reason": other.ban_reason, "ban_expires": other.ban_expires}
    if kept:
        tx.execute(update(users_table).where(users_table.c.id == person.id), kept)


def _move(tx: Connection, column: Column[str], person_id: str, other_id: str) -> int:
    return tx.execute(update(column.table).where(column == other_id), {column.name: person_id}).rowcount


def _place(tx: Connection, row: Row[Any]) -> str:
    name = tx.execute(select(document_roots.c.name).where(document_roots.c.id == row.root_id)).scalar_one()
    return f"{row.id} of {name or row.root_id} ({row.type})"
