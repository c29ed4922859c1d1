"""What elevated people and presenters send to rooms without storing it: STREAM_UPDATE and ACTION.

Decides who may and who receives; stores nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, select

from teaching_nb.hub import clock
from teaching_nb.hub.access.decisions import access_in, audience_allows
from teaching_nb.hub.access.facts import document_audience, own_access
from teaching_nb.hub.access.person_facts import person_facts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import DocumentAudience, Notification, Outcome
from teaching_nb.hub.people import groups
from teaching_nb.hub.room import Room, named, of_group, of_root, of_user
from teaching_nb.hub.store.tables import document_roots, documents, memberships, student_groups
from teaching_nb.schema import events, wire
from teaching_nb.schema.access import is_writable

_EXECUTIONS = frozenset({"runCode", "stopExecution"})
"""Keys of `meta` on which the existing website runs or stops code at those who receive it."""

_NOTHING: Outcome[None] = Outcome(None)


def stream(tx: Connection, actor: Actor, streamed: events.StreamUpdate, *, is_in_room: bool) -> Outcome[None]:
    """Return the announcement of a streamed state; nothing when the caller may not stream it there."""
    if not wire.is_uuid(streamed.room_id):
        return _NOTHING
    mark = _presenter(tx, actor, streamed.room_id)
    if mark is not None:
        return _to_group(tx, actor, streamed if mark else _harmless(streamed))
    return _to_root(tx, actor, _harmless(streamed)) if is_in_room else _NOTHING


def action(tx: Connection, actor: Actor, asked: events.Action) -> Outcome[None]:
    """Return the announcement of a teacher's remote control: to groups that they administer, and their members."""
    person = person_facts(tx, [actor]).get(actor)
    administered = groups.administered_ids(tx, actor.user_id).intersection(asked.room_ids)
    people = (person.managed_ids if person else frozenset()).intersection(asked.user_ids)
    return _controlled(asked, {*map(of_group, administered), *map(of_user, people)})


def action_of_admin(asked: events.Action) -> Outcome[None]:
    """Return the announcement of an admin's remote control, who may address everybody."""
    return _controlled(asked, {*itertools.chain(*map(named, asked.room_ids)), *map(of_user, asked.user_ids)})


def is_group_with_members(tx: Connection, room: str) -> bool:
    """Tell whether a room is a group that has members."""
    return tx.execute(select(memberships.c.user_id).where(memberships.c.group_id == room)).first() is not None


def _controlled(asked: events.Action, rooms: Collection[Room]) -> Outcome[None]:
    event = events.ForwardedAction(action=asked.action)
    return Outcome(None, (Notification(event, tuple(sorted(rooms))),)) if rooms else _NOTHING


def _to_group(tx: Connection, actor: Actor, streamed: events.StreamUpdate) -> Outcome[None]:
    room = of_group(streamed.room_id)
    audience = document_audience(tx, streamed.id) if wire.is_uuid(streamed.id) else None
    if audience is None:
        # Nobody can read what the hub does not have: the group is shown what its presenter says.
        return _announcement(streamed, room)
    return _announcement(streamed, room, audience) if _may_show(audience, actor) else _NOTHING


def _to_root(tx: Connection, actor: Actor, streamed: events.StreamUpdate) -> Outcome[None]:
    root = tx.execute(
        select(document_roots.c.id, document_roots.c.access).where(document_roots.c.id == streamed.room_id)
    ).one_or_none()
    if root is None:
        return _NOTHING
    home = tx.execute(select(documents.c.root_id).where(documents.c.id == streamed.id)).scalar_one_or_none()
    if home is None:
        may_write = is_writable(own_access(tx, actor.user_id, root.id, root.access))
        return _announcement(streamed, of_root(root.id)) if may_write else _NOTHING
    audience = document_audience(tx, streamed.id)
    if home != root.id or audience is None or not is_writable(access_in(audience, actor.user_id, actor.role)):
        return _NOTHING
    return _announcement(streamed, of_root(root.id), audience)


def _may_show(audience: DocumentAudience, actor: Actor) -> bool:
    """Tell whether the actor may pass off data as a document's: they may write it, or manage its author."""
    is_manager = actor.is_elevated and audience_allows(audience, actor.user_id, actor.role)
    return is_manager or is_writable(access_in(audience, actor.user_id, actor.role))


def _harmless(streamed: events.StreamUpdate) -> events.StreamUpdate:
    """Return a streamed state that makes no receiver run or stop anything: that is for group admins."""
    if not isinstance(streamed.meta, dict):
        return streamed
    meta = {key: value for key, value in streamed.meta.items() if key not in _EXECUTIONS}
    return msgspec.structs.replace(streamed, meta=meta)


def _announcement(streamed: events.StreamUpdate, room: Room, audience: DocumentAudience | None = None) -> Outcome[None]:
    meta = streamed.meta or UNSET
    changed = events.ChangedDocument(
        id=streamed.id, data=streamed.data, updated_at=wire.timestamp(clock.now()), meta=meta
    )
    return Outcome(None, (Notification(changed, (room,), audience),))


def _presenter(tx: Connection, actor: Actor, group_id: str) -> bool | None:
    """Return whether a member of a presenting group is its group admin; None for everybody else."""
    query = (
        select(memberships.c.is_admin)
        .select_from(student_groups)
        .join(memberships, memberships.c.group_id == student_groups.c.id)
        .where(student_groups.c.id == group_id, student_groups.c.can_present, memberships.c.user_id == actor.user_id)
    )
    found: bool | None = tx.execute(query).scalar_one_or_none()
    return found
