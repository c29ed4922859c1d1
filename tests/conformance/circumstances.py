"""What has to be known of a difference to tell whether it is meant: who may read, who is a member, what came before.

A recording goes on as the existing backend was. Where our hub has refused something that is done in it, later steps
build on what does not exist here; such differences follow from the refusal and are marked so.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from teaching_nb.errors import Unavailable
from teaching_nb.hub.access.decisions import access_in, audience_allows
from teaching_nb.hub.access.facts import document_audience, own_access
from teaching_nb.hub.store.tables import document_roots, documents, memberships, student_groups
from teaching_nb.schema.access import is_readable, is_writable
from teaching_nb.schema.events import CHANGED_DOCUMENT, DELETED_RECORD
from tests.conformance.differences import NOTHING, Difference
from tests.conformance.observed import Observed
from tests.conformance.placeholders import Bindings
from tests.conformance.player import Player
from tests.conformance.recording import Entry, Scenario, Step
from tests.conformance.school import user

_PLACEHOLDER = re.compile(r"<[a-zA-Z]+:[^<>\"\\]+>")


class Circumstances:
    """Follows one replay."""

    def __init__(self, scenario: Scenario, player: Player, bindings: Bindings) -> None:
        self._player = player
        self._bindings = bindings
        self._seen = _names(scenario.initial)
        self._missing: set[str] = set()
        self._unjoined: dict[str, set[str]] = {}
        self._readable: dict[tuple[str, str], str] = {}

    async def before(self, step: Step) -> None:
        """Remember who may read what is about to be deleted."""
        for entry in step.of_kind("event"):
            payload = entry["payload"]
            if entry["event"] == DELETED_RECORD and payload.get("type") == "Document":
                readable = await self._can_read(entry["actor"], payload["id"])
                self._readable[entry["actor"], payload["id"]] = readable

    async def judged(self, step: Step, observed: Observed, found: list[Difference]) -> list[Difference]:
        """Return the differences of a step with their circumstances, and note what later ones follow from."""
        judged = [replace(one, context={**one.context, **await self._of(step, one)}) for one in found]
        for entry, answer in observed.answers:
            self._note_answer(entry, is_refused=answer.status >= 400)
        for entry, payload in observed.acks:
            self._note_join(step, entry, is_allowed=payload == [True])
        self._seen |= _names(step.entries)
        return judged

    def _note_answer(self, entry: Entry, *, is_refused: bool) -> None:
        was_refused = entry["response"]["status"] >= 400
        if is_refused and not was_refused:
            self._missing |= _names([entry["request"], entry["response"]]) - self._seen
        elif was_refused and not is_refused and entry["request"]["method"] == "DELETE":
            self._missing |= {name for name in _names(entry["request"]["path"]) if not name.startswith("<user:")}

    def _note_join(self, step: Step, entry: Entry, *, is_allowed: bool) -> None:
        recorded = [one["payload"] for one in step.of_kind("ack") if one["actor"] == entry["actor"]]
        if entry["event"] not in {"JOIN_ROOM", "LEAVE_ROOM"} or recorded != [[True]]:
            return
        rooms = self._unjoined.setdefault(entry["actor"], set())
        if entry["event"] == "LEAVE_ROOM":
            rooms.discard(entry["args"][0])
        elif not is_allowed:
            rooms.add(entry["args"][0])

    async def _of(self, step: Step, difference: Difference) -> dict[str, str]:
        context: dict[str, str] = {}
        follows = self._missing & (_names(list(step.done)) | _names(difference.expected))
        if follows:
            context["missing"] = " ".join(sorted(follows))
        if self._is_unjoined(difference):
            context["unjoined"] = "yes"
        if difference.aspect == "event":
            context |= await self._of_event(step, difference)
        asked: list[Any] = next((entry["args"] for entry in step.of_kind("emit") if entry["event"] == "JOIN_ROOM"), [])
        if difference.aspect == "ack" and asked:
            context["may_join"] = await self._asked(_may_join, difference.actor, asked[0])
        return context

    def _is_unjoined(self, difference: Difference) -> bool:
        if difference.aspect == "rooms":
            return any(difference.place in rooms for rooms in self._unjoined.values())
        return difference.aspect == "event" and difference.got == NOTHING and bool(self._unjoined.get(difference.actor))

    async def _of_event(self, step: Step, difference: Difference) -> dict[str, str]:
        payload = difference.got if difference.expected == NOTHING else difference.expected
        context: dict[str, str] = {}
        streamed = next((entry["args"][0] for entry in step.of_kind("emit") if _is_stream(entry)), None)
        if streamed is not None:
            context["may_stream"] = await self._asked(_may_stream, step.done[0]["actor"], streamed)
            context |= await self._membership(difference.actor, streamed.get("roomId"))
        if not isinstance(payload, dict):
            return context
        id_ = payload.get("record", payload).get("id", "")
        if difference.context.get("record") == "StudentGroup":
            context |= await self._membership(difference.actor, id_)
        if difference.context.get("record") == "Document" or difference.context["event"] == CHANGED_DOCUMENT:
            context["readable"] = await self._readability(difference.actor, id_)
        return context

    async def _membership(self, actor: str, group: Any) -> dict[str, str]:
        found = await self._asked(_is_member, actor, group)
        return {"member": found} if found else {}

    async def _readability(self, actor: str, name: str) -> str:
        readable = await self._can_read(actor, name)
        return self._readable.get((actor, name), readable) if readable == "gone" else readable

    async def _can_read(self, actor: str, name: str) -> str:
        return await self._player.can_read(actor, self._bindings.known(name) or name)

    async def _asked(self, question: Any, actor: str, subject: Any) -> str:
        """Return what the database says; nothing when it is away."""
        filled = self._bindings.fill(subject)
        try:
            answer: str = await self._player.database.read(lambda tx: question(tx, actor, filled))
        except Unavailable:
            return ""
        return answer


def _is_stream(entry: Entry) -> bool:
    return entry["event"] == "STREAM_UPDATE" and bool(entry["args"]) and isinstance(entry["args"][0], dict)


def _names(value: Any) -> set[str]:
    return set(_PLACEHOLDER.findall(json.dumps(value)))


def _is_member(tx: Connection, actor: str, group_id: Any) -> str:
    """Return whether somebody belongs into the room of a group, as members and admins do; nothing for no group."""
    if tx.execute(select(student_groups.c.id).where(student_groups.c.id == str(group_id))).first() is None:
        return ""
    if user(actor).role == "admin":
        return "yes"
    query = select(memberships).where(memberships.c.group_id == group_id, memberships.c.user_id == user(actor).id)
    return "yes" if tx.execute(query).first() is not None else "no"


def _may_stream(tx: Connection, actor: str, streamed: dict[str, Any]) -> str:
    """Return whether protocol 4.6 lets somebody stream: into a group as its member, a document that they may write."""
    room, document_id = streamed.get("roomId"), streamed.get("id")
    if not isinstance(room, str) or not isinstance(document_id, str) or "data" not in streamed:
        return "no"
    group = tx.execute(select(student_groups.c.can_present).where(student_groups.c.id == room)).first()
    membership = select(memberships).where(memberships.c.group_id == room, memberships.c.user_id == user(actor).id)
    if group is not None and not (group.can_present and tx.execute(membership).first() is not None):
        return "no"
    audience = document_audience(tx, document_id)
    if audience is None:
        return "yes" if group is not None or _may_write_below(tx, actor, room) else "no"
    below = tx.execute(select(documents.c.root_id).where(documents.c.id == document_id)).scalar_one()
    if is_writable(access_in(audience, user(actor).id, user(actor).role)):
        return "yes" if group is not None or below == room else "no"
    is_staff = user(actor).role != "student"
    is_manager = is_staff and audience_allows(audience, user(actor).id, user(actor).role)
    return "yes" if group is not None and is_manager else "no"


def _may_join(tx: Connection, actor: str, room: Any) -> str:
    """Return whether protocol 4.4 lets a teacher into a room: of their group, of a member of it, of an open root."""
    own = select(memberships.c.group_id).where(memberships.c.user_id == user(actor).id)
    managed = select(memberships.c.user_id).where(memberships.c.group_id.in_(own.where(memberships.c.is_admin)))
    rooms = {*tx.execute(own).scalars(), *tx.execute(managed).scalars(), user(actor).id}
    if room in rooms or (isinstance(room, str) and _may_write_below(tx, actor, room)):
        return "yes"
    shared = tx.execute(select(document_roots.c.shared_access).where(document_roots.c.id == room)).scalar_one_or_none()
    return "yes" if shared is not None and is_readable(shared) else "no"


def _may_write_below(tx: Connection, actor: str, root_id: str) -> bool:
    access = tx.execute(select(document_roots.c.access).where(document_roots.c.id == root_id)).scalar_one_or_none()
    return access is not None and is_writable(own_access(tx, user(actor).id, root_id, access))
