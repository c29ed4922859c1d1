"""Which rooms people may be in because they asked for it: for many people and rooms in a few statements. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, literal_column, select, union_all

from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.room import Room, of_documents, of_group, of_root, of_user
from teaching_nb.hub.store.any_of import any_of
from teaching_nb.hub.store.tables import document_roots, memberships, student_groups, users
from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.wire import is_uuid

Asked: TypeAlias = Collection[tuple[PersonFacts, Collection[Room]]]
"""People, the facts about whom must be current, and the rooms that each asks for."""

_nobody: Any = literal_column("''").label("user_id")
_present = union_all(
    select(literal_column("'user'").label("kind"), users.c.id, _nobody).where(any_of(users.c.id, "user_ids")),
    select(literal_column("'group'"), student_groups.c.id, _nobody).where(any_of(student_groups.c.id, "group_ids")),
    select(literal_column("'member'"), memberships.c.group_id, memberships.c.user_id).where(
        any_of(memberships.c.group_id, "joined_ids"), any_of(memberships.c.user_id, "member_ids")
    ),
)
_roots = select(document_roots.c.id, document_roots.c.access, document_roots.c.shared_access).where(
    any_of(document_roots.c.id, "root_ids")
)


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What the database says about rooms that people ask for."""

    present: frozenset[tuple[str, str, str]]
    """("user" or "group", id, "") of those that exist, and ("member", group id, user id)."""
    roots: dict[str, Any]
    """Id → access values of those that exist."""
    around: PermissionFacts

    @classmethod
    def read(cls, tx: Connection, asked: Asked) -> RoomFacts:
        """Read what decides about rooms; about those that admins ask for, whether they exist."""
        of_admins = {room for person, rooms in asked if person.actor.is_admin for room in rooms}
        others = [(person.actor.user_id, rooms) for person, rooms in asked if not person.actor.is_admin]
        of_others = {room for _, rooms in others for room in rooms}
        user_ids = [user_id for user_id, _ in others]
        wanted = {
            "user_ids": [*_ids("user", of_admins), *_ids("documents", of_admins)],
            "group_ids": _ids("group", of_admins),
            "joined_ids": _ids("group", of_others),
            "member_ids": user_ids,
        }
        present = frozenset((kind, id_, user_id) for kind, id_, user_id in tx.execute(_present, wanted))
        roots: dict[str, Any] = {row.id: row for row in tx.execute(_roots, {"root_ids": _ids("root", of_others)})}
        openers = {user_id for user_id, rooms in others if roots.keys() & _ids("root", rooms)}
        return cls(present, roots, PermissionFacts.of_roots(tx, roots, openers))

    def allowed(self, person: PersonFacts, rooms: Iterable[Room]) -> frozenset[Room]:
        """Return those of the rooms that somebody asked for in which they may be."""
        given = person.rooms
        return frozenset(room for room in rooms if room in given or self._allows(person, room))

    def _allows(self, person: PersonFacts, room: Room) -> bool:
        actor = person.actor
        match room.kind:
            case "user":
                is_there = actor.is_admin and ("user", room.id, "") in self.present
                return is_there or room.id in person.managed_ids
            case "documents":
                is_there = actor.is_admin and ("user", room.id, "") in self.present
                return is_there or (actor.is_elevated and room.id in person.managed_ids)
            case "group":
                # One whose room they have left by request is not given by the facts about them any more.
                is_there = actor.is_admin and ("group", room.id, "") in self.present
                return is_there or ("member", room.id, actor.user_id) in self.present
            case "root":
                return actor.is_admin or self._may_open(actor, room.id)
        return False

    def _may_open(self, actor: Actor, root_id: str) -> bool:
        root = self.roots.get(root_id)
        if root is None:
            return False
        own = self.around.own_below(root_id, root.access, actor.user_id)
        sees_shared = is_readable(own) and is_readable(root.shared_access)
        return sees_shared or (actor.is_elevated and is_writable(own))


def room_named(tx: Connection, person: PersonFacts, name: str) -> Room | None:
    """Return the room that a name on the wire means to a person: the first that they may be in; None for none."""
    if not is_uuid(name):
        return None
    return _first_allowed(tx, person, (of_user(name), of_group(name), of_root(name)))


def room_of_documents(tx: Connection, person: PersonFacts, author_id: str) -> Room | None:
    """Return the room of those who follow what an author has; None for whoever does not look after them."""
    return _first_allowed(tx, person, (of_documents(author_id),))


def _first_allowed(tx: Connection, person: PersonFacts, meant: Collection[Room]) -> Room | None:
    allowed = RoomFacts.read(tx, [(person, meant)]).allowed(person, meant)
    return next((room for room in meant if room in allowed), None)


def _ids(kind: str, rooms: Iterable[Room]) -> list[str]:
    return [room.id for room in rooms if room.kind == kind]
