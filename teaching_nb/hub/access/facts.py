"""The facts about permissions that decide about documents, for as many documents and people as there are, in one query.

Reads only, and where the database allows it (see `database.memory_of`) not what it has read before. What follows from
the facts is in `decisions`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, CompoundSelect, Connection, literal_column, or_, select, true, union_all

from teaching_nb.hub.access.decisions import depends_on_permissions
from teaching_nb.hub.access.rooms import shared_rooms, unique
from teaching_nb.hub.access.said import is_said
from teaching_nb.hub.outcomes import DocumentAudience
from teaching_nb.hub.room import ADMIN, Room, of_documents, of_group, of_root, of_user
from teaching_nb.hub.store.any_of import any_of
from teaching_nb.hub.store.database import memory_of
from teaching_nb.hub.store.tables import (
    document_roots,
    documents,
    group_permissions,
    memberships,
    user_permissions,
    users,
)
from teaching_nb.schema.access import Access, kind, own_permission

ELEVATED = ("teacher", "admin")

DECISIVE = (
    documents.c.id,
    documents.c.author_id,
    documents.c.root_id,
    documents.c.is_shared_main,
    document_roots.c.access,
    document_roots.c.shared_access,
    document_roots.c.provisional,
    document_roots.c.creator_id,
)
"""Columns of a document and its root that decide who may do what with it."""

Condition: TypeAlias = Callable[[ColumnElement[str]], ColumnElement[bool]]

_MOST = 50_000
"""How many facts, roots and people are remembered before all are forgotten and read anew; some ten megabytes."""

_admins = memberships.alias("admins")


def facts(in_roots: Condition, in_shared_roots: Condition, among_people: Condition) -> CompoundSelect[Any]:
    """Return the query for all that concerns roots and people; of a shared root that is everybody's access.

    Every row is a fact, of whom or what it tells, and up to two more words.
    """
    return union_all(
        _fact("user", user_permissions.c.root_id, user_permissions.c.user_id, user_permissions.c.access).where(
            in_roots(user_permissions.c.root_id)
        ),
        _fact("group", group_permissions.c.root_id, group_permissions.c.group_id, group_permissions.c.access).where(
            in_roots(group_permissions.c.root_id)
        ),
        _fact("anybody", group_permissions.c.root_id, memberships.c.user_id, group_permissions.c.access)
        .join(memberships, memberships.c.group_id == group_permissions.c.group_id)
        .where(in_shared_roots(group_permissions.c.root_id)),
        _fact("member", memberships.c.user_id, memberships.c.group_id).where(among_people(memberships.c.user_id)),
        _fact("manager", memberships.c.user_id, _admins.c.user_id)
        .join(_admins, (_admins.c.group_id == memberships.c.group_id) & (_admins.c.is_admin == true()))
        .join(users, users.c.id == _admins.c.user_id)
        .where(
            among_people(memberships.c.user_id),
            _admins.c.user_id != memberships.c.user_id,
            or_(*(users.c.role == role for role in ELEVATED)),
        ),
    )


def _fact(name: str, *columns: Any) -> Any:
    nothing: Any = literal_column("''")
    of, who, access = (*columns, nothing)[:3]
    return select(literal_column(f"'{name}'").label("fact"), of.label("of"), who.label("who"), access.label("access"))


facts_of_lists = facts(
    partial(any_of, name="root_ids"), partial(any_of, name="shared_ids"), partial(any_of, name="user_ids")
)

_decisive_rows = (
    select(*DECISIVE, is_said)
    .join(document_roots, documents.c.root_id == document_roots.c.id)
    .where(any_of(documents.c.id, "document_ids"))
)

_Accesses = dict[str, tuple[Access, ...]]
_RootKey = tuple[str, bool]
"""A root is known by its id and whether permissions of everybody are."""


@dataclass(slots=True)
class _Root:
    """The permissions on one root."""

    of_users: _Accesses = field(default_factory=dict)
    of_groups: dict[str, Access] = field(default_factory=dict)
    of_members: _Accesses = field(default_factory=dict)
    """User id → permissions of their groups. Of everybody, and known of a shared root alone."""


@dataclass(slots=True)
class _Person:
    """Where one person belongs."""

    group_ids: set[str] = field(default_factory=set)
    managers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Known:
    """The facts that have been read: by root, and by person."""

    roots: dict[_RootKey, _Root] = field(default_factory=dict)
    people: dict[str, _Person] = field(default_factory=dict)
    size: int = 0
    """Number of the facts, roots and people in it."""

    @classmethod
    def within(cls, memory: dict[Any, Any]) -> _Known:
        """Return the facts in a transaction cache, or begin anew when they have become too many."""
        known: _Known | None = memory.get(cls)
        if known is None or known.size > _MOST:
            known = memory[cls] = cls()
        return known

    def missing(self, rows: Collection[Any], caller_ids: Iterable[str]) -> tuple[set[_RootKey], set[str]]:
        """Return the roots and people of which documents and their callers need facts that were not read yet."""
        keys = {_key(row) for row in rows}
        return keys - self.roots.keys(), {*caller_ids, *(row.author_id for row in rows)} - self.people.keys()

    def add(self, keys: Collection[_RootKey], user_ids: Collection[str], found: Iterable[Any]) -> None:
        """Add all facts about some roots and people, as they were read."""
        roots = {root_id: _Root() for root_id, _ in keys}
        people = {user_id: _Person() for user_id in user_ids}
        self.size += len(keys) + len(people)
        for fact, of, who, access in found:
            self.size += 1
            if fact == "user":
                roots[of].of_users[who] = (access,)
            elif fact == "group":
                roots[of].of_groups[who] = access
            elif fact == "anybody":
                members = roots[of].of_members
                members[who] = (*members.get(who, ()), access)
            elif fact == "member":
                people[of].group_ids.add(who)
            else:
                people[of].managers.add(who)
        self.roots.update((key, roots[key[0]]) for key in keys)
        self.people.update(people)


class PermissionFacts:
    """The permissions around some documents, each a row with the columns `DECISIVE`."""

    def __init__(self, known: _Known | None = None) -> None:
        self._known = known or _Known()

    @classmethod
    def read(cls, tx: Connection, rows: Collection[Any], caller_ids: Iterable[str] = ()) -> PermissionFacts:
        """Read what concerns documents and their callers, as the transaction sees it."""
        return cls._reading(tx, {_key(row) for row in rows}, {*caller_ids, *(row.author_id for row in rows)})

    @classmethod
    def of_roots(cls, tx: Connection, root_ids: Iterable[str], user_ids: Iterable[str]) -> PermissionFacts:
        """Read what people may do with documents of their own below some roots, as the transaction sees it."""
        return cls._reading(tx, {(root_id, False) for root_id in root_ids}, set(user_ids))

    @classmethod
    def _reading(cls, tx: Connection, keys: set[_RootKey], user_ids: set[str]) -> PermissionFacts:
        known = _Known.within(memory_of(tx))
        keys, user_ids = keys - known.roots.keys(), user_ids - known.people.keys()
        if keys or user_ids:
            known.add(keys, user_ids, tx.execute(facts_of_lists, _lists(keys, user_ids)))
        return cls(known)

    def cover(self, rows: Collection[Any], caller_ids: Iterable[str]) -> bool:
        """Tell whether all facts that decide about documents and their callers have been read."""
        return not any(self._known.missing(rows, caller_ids))

    def learn(self, rows: Collection[Any], caller_ids: Iterable[str], found: Iterable[Any]) -> None:
        """Put the facts that were just read about documents and their callers in the place of older ones."""
        if self._known.size > _MOST:
            self._known = _Known()
        self._known.add(*_Known().missing(rows, caller_ids), found)

    @staticmethod
    def lists(rows: Collection[Any], caller_ids: Iterable[str]) -> dict[str, list[str]]:
        """Return the parameters of `facts_of_lists` for documents and their callers."""
        return _lists(*_Known().missing(rows, caller_ids))

    def own(self, user_id: str, row: Any) -> Access:
        """Return the own permission of an author or caller on the root of a document."""
        return self._own(user_id, self._root(row), row.access)

    def own_below(self, root_id: str, root_access: Access, user_id: str) -> Access:
        """Return the own permission of somebody on one of the roots that were read."""
        return self._own(user_id, self._known.roots[root_id, False], root_access)

    def _own(self, user_id: str, root: _Root, root_access: Access) -> Access:
        return own_permission(root_access, self._of_groups(user_id, root), root.of_users.get(user_id, ()))

    def manages(self, user_id: str, author_id: str) -> bool:
        """Tell whether an elevated user is group admin of a group with an author."""
        return user_id in self._known.people[author_id].managers

    def audience(self, row: Any) -> DocumentAudience:
        """Return who may see a document, with permissions of others than the author only where they decide."""
        root, author_id = self._root(row), row.author_id
        if not depends_on_permissions(row):
            of_user, of_groups = root.of_users.get(author_id), self._of_groups(author_id, root)
            user_accesses = {author_id: of_user} if of_user else {}
            group_accesses = {author_id: of_groups} if of_groups else {}
        else:
            user_accesses, group_accesses = root.of_users, root.of_members
        return DocumentAudience(
            document_id=row.id,
            author_id=author_id,
            root_access=row.access,
            shared_access=row.shared_access,
            user_accesses=user_accesses,
            group_accesses=group_accesses,
            managers=frozenset(self._known.people[author_id].managers),
            is_shared_main=row.is_shared_main,
            provisional=row.provisional,
            creator_id=row.creator_id,
        )

    def rooms(self, row: Any, caller_id: str | None = None) -> tuple[Room, ...]:
        """Return the rooms of a document's events: the union of the old and the new protocol's, each once."""
        root = self._root(row)
        groups = (of_group(group_id) for group_id, access in root.of_groups.items() if kind(access) != "None")
        people = (of_user(user_id) for user_id, (access,) in root.of_users.items() if kind(access) != "None")
        fixed = (ADMIN, of_user(row.author_id), of_root(row.root_id), *((of_user(caller_id),) if caller_id else ()))
        return unique((*groups, *people, *shared_rooms(row.shared_access), *fixed, of_documents(row.author_id)))

    def _root(self, row: Any) -> _Root:
        return self._known.roots[_key(row)]

    def _of_groups(self, user_id: str, root: _Root) -> tuple[Access, ...]:
        group_ids = self._known.people[user_id].group_ids
        return tuple(access for group_id, access in root.of_groups.items() if group_id in group_ids)


def own_access(tx: Connection, user_id: str, root_id: str, root_access: Access) -> Access:
    """Return the own permission of a user on a root, of which the access for everybody is known."""
    return PermissionFacts.of_roots(tx, [root_id], [user_id]).own_below(root_id, root_access, user_id)


def audiences(tx: Connection, document_ids: Collection[str]) -> dict[str, DocumentAudience]:
    """Return who may see some documents, by id; those that do not exist are left out."""
    rows = tx.execute(_decisive_rows, {"document_ids": list(document_ids)}).all()
    found = PermissionFacts.read(tx, rows)
    return {row.id: msgspec.structs.replace(found.audience(row), is_said=bool(row.is_said)) for row in rows}


def document_audience(tx: Connection, document_id: str) -> DocumentAudience | None:
    """Return who may see a document; None when it does not exist."""
    return audiences(tx, [document_id]).get(document_id)


def _key(row: Any) -> _RootKey:
    return row.root_id, depends_on_permissions(row)


def _lists(keys: Collection[_RootKey], user_ids: Collection[str]) -> dict[str, list[str]]:
    return {
        "root_ids": [root_id for root_id, _ in keys],
        "shared_ids": [root_id for root_id, is_shared in keys if is_shared],
        "user_ids": list(user_ids),
    }
