"""What the database says about connected people: whether they may stay, which rooms are theirs without asking.

Read on connect and whenever access has changed; which other rooms they may be in is in `requested_rooms`. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.room import ADMIN, ALL, Room, of_group, of_user
from teaching_nb.hub.store.tables import memberships, sessions, student_groups, users


class PersonFacts(NamedTuple):
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


def person_facts(tx: Connection, actors: Collection[Actor]) -> dict[Actor, PersonFacts]:
    """Return the facts about each actor who may still be connected; the others are left out."""
    user_ids = {actor.user_id for actor in actors}
    present = _present_users(tx, user_ids)
    alive = _living_sessions(tx, {actor.session_id for actor in actors if actor.session_id})
    groups, managed = _groups_and_managed(tx, user_ids)
    has_admin = any(role == "admin" for _, _, role in present.values())
    every_group = frozenset(tx.execute(select(student_groups.c.id)).scalars() if has_admin else ())
    found: dict[Actor, PersonFacts] = {}
    for actor in actors:
        is_welcome = actor.user_id in present and (actor.session_id is None or actor.session_id in alive)
        if not is_welcome:
            continue
        name, email, role = present[actor.user_id]
        now = replace(actor, name=name, email=email, role=role)
        own = frozenset(groups.get(actor.user_id, ()))
        manages = frozenset(managed.get(actor.user_id, ())) if now.is_elevated else frozenset()
        found[actor] = PersonFacts(now, every_group if now.is_admin else own, manages)
    return found


def next_expiry(tx: Connection, actors: Collection[Actor]) -> int | None:
    """Return when the first session of these actors ends by itself; None when no session is among them."""
    session_ids = {actor.session_id for actor in actors if actor.session_id}
    query = select(func.min(sessions.c.expires_at)).where(
        sessions.c.id.in_(session_ids), sessions.c.expires_at > clock.now()
    )
    found: int | None = tx.execute(query).scalar_one()
    return found


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


def _groups_and_managed(tx: Connection, user_ids: Collection[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
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
