"""Passes on the cursors of those who follow a document; what they may say is in `awareness`."""

from __future__ import annotations

from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.live.awareness import Awareness
from teaching_nb.schema import limits
from teaching_nb.schema.events import DocumentAwareness


class Cursors:
    """The cursors in all live documents of this process."""

    def __init__(self, rooms: Rooms, send: Send) -> None:
        self._rooms = rooms
        self._send = send
        self._awareness = Awareness()

    def user_of(self, document_id: str, client: int) -> str | None:
        """Return who shows a cursor under this client id."""
        return self._awareness.user_of(document_id, client)

    async def show(self, member: Member, document_id: str, state: bytes) -> None:
        """Pass on the cursors of a socket that follows a document."""
        if document_id not in member.live:
            return
        limits.check_size("awareness state", len(state), limits.AWARENESS_BYTES)
        await self._tell_others(
            member, document_id, self._awareness.update(document_id, member.sid, state, member.actor)
        )

    async def show_present(self, member: Member, document_id: str) -> None:
        """Show a newcomer the cursors of the others."""
        present = self._awareness.present(document_id, except_sid=member.sid)
        if present and document_id in member.live:
            await self._send(DocumentAwareness(id=document_id, state=present), {member.sid})

    async def remove(self, member: Member, document_id: str) -> None:
        """Take away the cursors of a socket that does not follow a document any more."""
        await self._tell_others(member, document_id, self._awareness.remove(document_id, member.sid))

    async def _tell_others(self, member: Member, document_id: str, state: bytes) -> None:
        others = self._rooms.subscribers(document_id) - {member.sid}
        if state and others:
            await self._send(DocumentAwareness(id=document_id, state=state), others)
