"""Who is connected, in which rooms, and who follows which document live. State of this process alone.

Changed by the socket handlers, read by publisher and presence. Knows neither database nor transport.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.bell.counts import CountsElsewhere
from teaching_nb.hub.bell.rings import Count
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.room import Room, of_user
from teaching_nb.schema.access import Access

K = TypeVar("K")

MOST_LOST = 100
"""Documents of one page that it is told of when it may see them again."""


@dataclass(slots=True, eq=False)
class Member:
    """One connected socket."""

    sid: str
    person: PersonFacts
    generation: int
    """Generation of the rooms in which `person` was found in the database."""
    requested: set[Room] = field(default_factory=set)
    """Rooms joined by JOIN_ROOM, beside those that a person is in without asking."""
    live: dict[str, Access] = field(default_factory=dict)
    """Documents that the socket follows live, and what it may do with them."""
    is_page: bool = False
    """A browser page: it follows documents and is in no room unasked. One beside its user's kernel counts nowhere."""
    follows_presence: bool = False
    """A page that wants to hear the counts of rooms."""
    checked: dict[str, int] = field(default_factory=dict)
    """Document → generation of the rooms in which its entry in `live` was found in the database."""
    lost: dict[str, None] = field(default_factory=dict)
    """Documents that a page wants to follow and may not see now, oldest first; it is told when it may."""

    def lose(self, document_id: str) -> None:
        """Note that a page may not see a document; of kernels nothing is noted, for they hear of permissions."""
        if not self.is_page:
            return
        self.lost[document_id] = None
        if len(self.lost) > MOST_LOST:
            del self.lost[next(iter(self.lost))]

    @property
    def actor(self) -> Actor:
        """Return who is behind the socket."""
        return self.person.actor

    @property
    def rooms(self) -> frozenset[Room]:
        """Return all rooms the socket is in."""
        return frozenset(self.requested) if self.is_page else self.person.rooms | self.requested


class Rooms:
    """Sockets by room, by user and by live document."""

    def __init__(self, changes: RoomChanges, elsewhere: CountsElsewhere | None = None) -> None:
        self._elsewhere = CountsElsewhere() if elsewhere is None else elsewhere
        self.generation = 0
        """Grows with every change of access; what was read from the database before may be outdated."""
        self.version = 0
        """Grows whenever somebody comes, goes, or hears other things than before; for what is found out from here."""
        self._changes = changes
        self._members: dict[str, Member] = {}
        self._rooms: dict[Room, set[str]] = {}
        self._live: dict[str, set[str]] = {}
        self._pages: dict[str, set[str]] = {}
        """User → sockets of their pages."""
        self._sockets: Counter[str] = Counter()
        """User → how many sockets are theirs."""

    def connect(self, sid: str, person: PersonFacts, *, is_page: bool = False) -> Member:
        """Register a socket and put it into its rooms."""
        self.version += 1
        member = Member(sid, person, self.generation, is_page=is_page)
        self._members[sid] = member
        self._sockets[member.actor.user_id] += 1
        for room in member.rooms:
            self._enter(room, sid)
        if is_page:
            self._pages.setdefault(member.actor.user_id, set()).add(sid)
            self._changes.room_changed(of_user(member.actor.user_id))
        return member

    def disconnect(self, sid: str) -> Member | None:
        """Forget a socket; returns what it was."""
        member = self._members.pop(sid, None)
        if member is None:
            return None
        self.version += 1
        self._sockets[member.actor.user_id] -= 1
        if not self._sockets[member.actor.user_id]:
            del self._sockets[member.actor.user_id]
        for room in member.rooms:
            self._exit(room, sid)
        for document_id in member.live:
            _discard(self._live, document_id, sid)
        if member.is_page:
            _discard(self._pages, member.actor.user_id, sid)
            self._changes.room_changed(of_user(member.actor.user_id))
        return member

    def member(self, sid: str) -> Member | None:
        """Return a socket; None when it is gone."""
        return self._members.get(sid)

    def __len__(self) -> int:
        """Return how many sockets there are."""
        return len(self._members)

    def members(self) -> list[Member]:
        """Return all sockets."""
        return list(self._members.values())

    def join(self, member: Member, room: Room) -> None:
        """Put a socket into a room that it asked for; joining twice changes nothing."""
        if room not in member.rooms and self.member(member.sid) is member:
            member.requested.add(room)
            self._enter(room, member.sid)

    def leave(self, member: Member, room: Room) -> None:
        """Take a socket out of a room, also out of one that its person is in without asking."""
        member.requested.discard(room)
        if room.kind == "group":
            member.person = member.person._replace(group_ids=member.person.group_ids - {room.id})
        self._exit(room, member.sid)

    def follow_person(self, member: Member, person: PersonFacts, requested: Iterable[Room], generation: int) -> None:
        """Move a socket into the rooms of its person as they are now, keeping those of `requested` it asked for."""
        self.version += 1
        before = member.rooms
        member.person = person
        member.generation = generation
        member.requested = member.requested.intersection(requested) - person.rooms
        for room in before - member.rooms:
            self._exit(room, member.sid)
        for room in member.rooms - before:
            self._enter(room, member.sid)

    def sids_in(self, rooms: Iterable[Room]) -> set[str]:
        """Return the sockets that are in any of the rooms."""
        found: set[str] = set()
        for room in rooms:
            found |= self._rooms.get(room, set())
        return found

    def count(self, room: Room) -> int:
        """Return how many sockets are in a room, at other processes too.

        In the room of a person without a kernel their pages are one.
        """
        counts = [self.own_count(room), *self._elsewhere.of(room)]
        has_page, has_kernel = any(each.has_page for each in counts), any(each.has_kernel for each in counts)
        return sum(each.present for each in counts) + (has_page and not has_kernel)

    def all_counts(self) -> dict[Room, int]:
        """Return the number of sockets of every room that has one, as `count` has it."""
        return {room: self.count(room) for room in self.occupied() | self._elsewhere.rooms()}

    def occupied(self) -> set[Room]:
        """Return the rooms that count somebody of this process."""
        return {room for room in {*self._rooms, *map(of_user, self._pages)} if room.is_counted}

    def own_count(self, room: Room) -> Count:
        """Return who is in a room at this process."""
        sids = self._rooms.get(room, ())
        has_page = room.kind == "user" and room.id in self._pages
        has_kernel = room.kind == "user" and any(self._is_kernel_of(sid, room.id) for sid in sids)
        connections = self._sockets[room.id] if room.kind == "user" else 0
        return Count(room.kind, room.id, len(sids), has_kernel, has_page, connections)

    def is_live_socket_of(self, sid: str, user_id: str) -> bool:
        """Tell whether `sid` is a connected socket of the user."""
        member = self._members.get(sid)
        return member is not None and member.actor.user_id == user_id

    def sockets_of(self, user_id: str) -> int:
        """Return how many sockets a user has, at other processes too."""
        return self._sockets[user_id] + self._elsewhere.sockets_of(user_id)

    def subscribe(self, member: Member, document_id: str, access: Access, generation: int) -> None:
        """Let a socket follow a document live, as the database allowed it in `generation`."""
        if self.member(member.sid) is not member:
            return
        self.version += 1
        member.live[document_id] = access
        member.checked[document_id] = generation
        member.lost.pop(document_id, None)
        self._live.setdefault(document_id, set()).add(member.sid)

    def unsubscribe(self, member: Member, document_id: str) -> None:
        """End following a document."""
        self.version += 1
        member.live.pop(document_id, None)
        member.checked.pop(document_id, None)
        _discard(self._live, document_id, member.sid)

    def subscribers(self, document_id: str) -> AbstractSet[str]:
        """Return the sockets that follow a document live."""
        return frozenset(self._live.get(document_id, ()))

    def live_documents(self) -> list[str]:
        """Return the documents that somebody follows live."""
        return list(self._live)

    def outdate(self) -> None:
        """Make everything that was read from the database so far count as outdated."""
        self.generation += 1

    def _is_kernel_of(self, sid: str, user_id: str) -> bool:
        member = self._members[sid]
        return member.actor.user_id == user_id and not member.is_page

    def _enter(self, room: Room, sid: str) -> None:
        self.version += 1
        self._rooms.setdefault(room, set()).add(sid)
        self._note_count(room)

    def _exit(self, room: Room, sid: str) -> None:
        self.version += 1
        if sid in self._rooms.get(room, ()):
            _discard(self._rooms, room, sid)
            self._note_count(room)

    def _note_count(self, room: Room) -> None:
        if room.is_counted:
            self._changes.room_changed(room)


def _discard(index: dict[K, set[str]], key: K, sid: str) -> None:
    sids = index.get(key)
    if sids is None:
        return
    sids.discard(sid)
    if not sids:
        del index[key]
