"""What the database says about connected people: whether they may stay, which rooms are theirs.

Read on connect, on JOIN_ROOM and whenever access has changed. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, select

from teaching_nb.hub import clock
from teaching_nb.hub.access.facts import own_access
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.room import ADMIN, ALL, Room, of_group, of_root, of_user
from teaching_nb.hub.store.tables import (
    document_roots,
    memberships,
    sessions,
    student_groups,
    users,
)
from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.wire import is_uuid


class Standing(NamedTuple):
    """What the database says about one connected user."""

    actor: Actor
    group_ids: frozenset[str]
    """Groups whose rooms the user belongs to; every group for an admin."""
    managed_ids: frozenset[str]
    """Users whom they manage, when they are elevated; themselves included."""

    @property
    def rooms(self) -> frozenset[Room]:
        """Return the rooms that the user is in without asking."""
        rooms = {of_user(self.actor.user_id), ALL, *map(of_group, self.group_ids)}
        if self.actor.is_admin:
            rooms.add(ADMIN)
        return frozenset(rooms)


def standings(tx: Connection, actors: Collection[Actor]) -> dict[Actor, Standing]:
    """Return the standing of each actor who may still be connected; the others are left out."""
    user_ids = {actor.user_id for actor in actors}
    present = _present_users(tx, user_ids)
    alive = _living_sessions(tx, {actor.session_id for actor in actors if actor.session_id})
    groups, managed = _memberships(tx, user_ids)
    every_group = frozenset(tx.execute(select(student_groups.c.id)).scalars())
    found: dict[Actor, Standing] = {}
    for actor in actors:
        is_welcome = actor.user_id in present and (actor.session_id is None or actor.session_id in alive)
        if not is_welcome:
            continue
        name, email, role = present[actor.user_id]
        now = replace(actor, name=name, email=email, role=role)
        own = frozenset(groups.get(actor.user_id, ()))
        manages = frozenset(managed.get(actor.user_id, ())) if now.is_elevated else frozenset()
        found[actor] = Standing(now, every_group if now.is_admin else own, manages)
    return found


def next_expiry(tx: Connection, actors: Collection[Actor]) -> int | None:
    """Return when the first session of these actors ends by itself; None when no session is among them."""
    session_ids = {actor.session_id for actor in actors if actor.session_id}
    query = select(func.min(sessions.c.expires_at)).where(
        sessions.c.id.in_(session_ids), sessions.c.expires_at > clock.now()
    )
    found: int | None = tx.execute(query).scalar_one()
    return found


def room_named(tx: Connection, standing: Standing, name: str) -> Room | None:
    """Return the room that a name on the wire means to a person: the first that they may be in; None for none."""
    if not is_uuid(name):
        return None
    meant = (of_user(name), of_group(name), of_root(name))
    return next((room for room in meant if may_be_in(tx, standing, room)), None)


def may_be_in(tx: Connection, standing: Standing, room: Room) -> bool:
    """Tell whether a person may be in a room by request; `standing` must be current."""
    if room in standing.rooms:
        return True
    match room.kind:
        case "user":
            is_there = standing.actor.is_admin and _exists(tx, users, room.id)
            return is_there or room.id in standing.managed_ids
        case "group":
            # One whose room they have left by request.
            is_there = standing.actor.is_admin and _exists(tx, student_groups, room.id)
            return is_there or _is_member(tx, standing.actor.user_id, room.id)
        case "root":
            return standing.actor.is_admin or _may_open(tx, standing.actor, room.id)
    return False


def _exists(tx: Connection, table: Table, id_: str) -> bool:
    return tx.execute(select(table.c.id).where(table.c.id == id_)).first() is not None


def _may_open(tx: Connection, actor: Actor, root_id: str) -> bool:
    root = tx.execute(
        select(document_roots.c.access, document_roots.c.shared_access).where(document_roots.c.id == root_id)
    ).one_or_none()
    if root is None:
        return False
    own = own_access(tx, actor.user_id, root_id, root.access)
    sees_shared = is_readable(own) and is_readable(root.shared_access)
    return sees_shared or (actor.is_elevated and is_writable(own))


def _is_member(tx: Connection, user_id: str, group_id: str) -> bool:
    query = select(memberships.c.user_id).where(memberships.c.group_id == group_id, memberships.c.user_id == user_id)
    return tx.execute(query).first() is not None


def _present_users(tx: Connection, user_ids: Collection[str]) -> dict[str, tuple[str, str, str]]:
    """Return name, e-mail and role of those who exist and are not banned."""
    now = clock.now()
    rows = tx.execute(
        select(users.c.id, users.c.name, users.c.email, users.c.role, users.c.banned, users.c.ban_expires).where(
            users.c.id.in_(user_ids)
        )
    )
    return {
        row.id: (row.name, row.email, row.role)
        for row in rows
        if not row.banned or (row.ban_expires is not None and row.ban_expires <= now)
    }


def _living_sessions(tx: Connection, session_ids: Collection[str]) -> set[str]:
    query = select(sessions.c.id).where(sessions.c.id.in_(session_ids), sessions.c.expires_at > clock.now())
    return set(tx.execute(query).scalars()) if session_ids else set()


def _memberships(tx: Connection, user_ids: Collection[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the groups of each user, and the members of the groups that they administer."""
    groups: dict[str, set[str]] = {}
    administers: dict[str, set[str]] = {}
    own = select(memberships.c.user_id, memberships.c.group_id, memberships.c.is_admin).where(
        memberships.c.user_id.in_(user_ids)
    )
    for row in tx.execute(own):
        groups.setdefault(row.user_id, set()).add(row.group_id)
        if row.is_admin:
            administers.setdefault(row.user_id, set()).add(row.group_id)
    members: dict[str, set[str]] = {}
    wanted = set().union(*administers.values())
    query = select(memberships.c.user_id, memberships.c.group_id).where(memberships.c.group_id.in_(wanted))
    for user_id, group_id in tx.execute(query) if wanted else ():
        members.setdefault(group_id, set()).add(user_id)
    managed = {user: set().union(*(members[group] for group in ids)) for user, ids in administers.items()}
    return groups, managed
