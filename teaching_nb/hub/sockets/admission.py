"""Who may stay connected, and where: keeps living sockets in step with the database.

Called on connect, and by the publisher after every change of access. Decides in a read job, acts on the
event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from teaching_nb.errors import TooManyRequests, Unauthorized
from teaching_nb.hub.access.live import live_accesses
from teaching_nb.hub.access.person_facts import PersonFacts, person_facts
from teaching_nb.hub.access.requested_rooms import RoomFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Transport
from teaching_nb.hub.live.rooms import LiveRooms
from teaching_nb.hub.room import Room
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import limits
from teaching_nb.schema.access import Access, is_writable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    """What has to be asked about one socket."""

    sid: str
    actor: Actor
    requested: tuple[Room, ...]
    live: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the database answered."""

    person: PersonFacts
    requested: frozenset[Room]
    live: dict[str, Access | None]
    """Document → access; None when it is hidden from the user now, or gone."""
    gone: frozenset[str]
    """Documents of `live` that do not exist any more."""
    regained: tuple[str, ...]
    """Lost documents that may be seen now."""


class Admission:
    """Lets sockets in, moves them between rooms, and puts them out."""

    def __init__(self, database: Database, rooms: Rooms, live: LiveRooms, transport: Transport) -> None:
        self._database = database
        self._rooms = rooms
        self._live = live
        self._transport = transport

    async def admit(self, sid: str, actor: Actor, *, is_page: bool = False) -> Member:
        """Register a socket in the rooms of its user, a page's in none.

        Raises `Unauthorized` when they may not stay, and `TooManyRequests` when they have too many.
        """
        while True:
            generation = self._rooms.generation
            found = await self._database.read(lambda tx: person_facts(tx, [actor]))
            if actor not in found:
                raise Unauthorized("the account or its session has ended")
            if generation == self._rooms.generation:
                self._check_number(actor)
                return self._rooms.connect(sid, found[actor], is_page=is_page)

    def _check_number(self, actor: Actor) -> None:
        """Raise `TooManyRequests` for one connection too many; nothing may be awaited until it is registered."""
        count = self._rooms.sockets_of(actor.user_id) + 1
        if count > limits.SOCKETS_PER_USER:
            raise TooManyRequests(f"too many connections: {count}, the limit is {limits.SOCKETS_PER_USER}")

    async def re_examine(self) -> None:
        """Bring all sockets into step with what is committed."""
        generation = self._rooms.generation
        questions = [_question(member) for member in self._rooms.members()]
        if not questions:
            return
        verdicts = await self._database.read(lambda tx: _judge(tx, questions))
        for question in questions:
            member = self._rooms.member(question.sid)
            if member is not None:
                await self._apply(member, question, verdicts.get(question.sid), generation)

    async def _apply(self, member: Member, question: _Question, verdict: _Verdict | None, generation: int) -> None:
        if verdict is None:
            logger.info("ending socket %s: its account or session has ended", member.sid)
            await self._live.drop_member(member)
            self._rooms.disconnect(member.sid)
            self._transport.close(member.sid)
            return
        joined_since = member.requested.difference(question.requested)
        self._rooms.follow_person(member, verdict.person, verdict.requested | joined_since, generation)
        for document_id, access in verdict.live.items():
            if member.checked.get(document_id, generation) >= generation:
                continue
            if access is not None:
                await self._live_access(member, document_id, access, generation)
            elif document_id in verdict.gone:
                await self._live.close(member, document_id, "deleted")
            else:
                member.lose(document_id)
                await self._live.close(member, document_id, "access")
        for document_id in member.lost.keys() & verdict.regained:
            # A page in the rooms of nobody would find out with its next attempt, in up to a minute.
            del member.lost[document_id]
            await self._live.announce_closed(member, document_id, "resync")

    async def _live_access(self, member: Member, document_id: str, access: Access, generation: int) -> None:
        before = member.live[document_id]
        if is_writable(before) and not is_writable(access):
            self._rooms.subscribe(member, document_id, access, generation)
            await self._live.announce_closed(member, document_id, "read-only")
        elif is_writable(access) and not is_writable(before):
            # The client learns its new access by asking again.
            await self._live.close(member, document_id, "resync")
        else:
            self._rooms.subscribe(member, document_id, access, generation)


def _question(member: Member) -> _Question:
    return _Question(member.sid, member.actor, tuple(member.requested), tuple(member.live), tuple(member.lost))


def _judge(tx: Connection, questions: Collection[_Question]) -> dict[str, _Verdict]:
    found = person_facts(tx, {question.actor for question in questions})
    accesses = live_accesses(tx, {id_ for question in questions for id_ in (*question.live, *question.lost)})
    judged = [(question, found[question.actor]) for question in questions if question.actor in found]
    rooms = RoomFacts.read(tx, [(person, question.requested) for question, person in judged])
    verdicts = {}
    for question, person in judged:
        live = {document_id: accesses.of(person.actor, document_id) for document_id in question.live}
        gone = frozenset(filter(accesses.is_gone, question.live))
        regained = tuple(id_ for id_ in question.lost if accesses.of(person.actor, id_) is not None)
        verdicts[question.sid] = _Verdict(person, rooms.allowed(person, question.requested), live, gone, regained)
    return verdicts
