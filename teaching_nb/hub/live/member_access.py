"""What a connected socket may do with a live document: as was found before, where nothing has changed since."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, Unauthorized
from teaching_nb.hub.access.live import live_access
from teaching_nb.hub.access.person_facts import person_facts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.schema.access import Access, is_writable


class MemberAccess:
    """Answers from memory as long as the generation of the rooms is the same, else makes jobs for the database.

    With other processes what is stored asks the database each time: what was withdrawn there may not be heard of yet.
    """

    def __init__(self, rooms: Rooms, elsewhere: Elsewhere | None = None) -> None:
        self._rooms = rooms
        self._elsewhere = elsewhere

    def is_known(self, member: Member, document_id: str) -> bool:
        """Tell whether what the member may do is `member.live[document_id]`."""
        return member.generation == self._rooms.generation and member.checked.get(document_id) == self._rooms.generation

    def job(self, member: Member, document_id: str) -> Callable[[Connection], Access]:
        """Return a job that finds what the member may do; it raises `NotFound`, or `Unauthorized` for who is banned."""
        actor = member.actor
        is_current = member.generation == self._rooms.generation and not self._has_neighbours

        def find(tx: Connection) -> Access:
            return live_access(tx, actor if is_current else _current(tx, actor), document_id)

        return find

    def check(self, member: Member, document_id: str) -> Callable[[Connection], None]:
        """Return a check for the writing transaction: whether the member may still change the document."""
        if self.is_known(member, document_id) and not self._has_neighbours:
            return _allow
        find = self.job(member, document_id)
        return lambda tx: demand_writable(find(tx))

    @property
    def _has_neighbours(self) -> bool:
        return self._elsewhere is not None and bool(self._elsewhere.neighbours)


def demand_writable(access: Access) -> None:
    """Raise `Forbidden` when a document may not be changed."""
    if not is_writable(access):
        raise Forbidden(f"the document is read-only for you: {access}")


def _allow(_tx: Connection) -> None:
    """Check nothing: the access is known to be current."""


def _current(tx: Connection, actor: Actor) -> Actor:
    found = person_facts(tx, [actor])
    if actor not in found:
        raise Unauthorized("the account or its session has ended")
    return found[actor].actor
