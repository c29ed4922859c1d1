"""Passes on the cursors of those who follow a document; what they may say is in `awareness`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.bell.rings import Cursor
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.live.awareness import Awareness, sid_at
from teaching_nb.schema import limits
from teaching_nb.schema.events import DocumentAwareness

logger = logging.getLogger(__name__)


class Cursors:
    """The cursors in all live documents, those at other processes too."""

    def __init__(self, rooms: Rooms, send: Send, elsewhere: Elsewhere | None = None) -> None:
        self._rooms = rooms
        self._send = send
        self._elsewhere = elsewhere
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

    async def take_in(self, process: str, cursors: Iterable[Cursor]) -> None:
        """Show what other processes have rung of their cursors."""
        for cursor in cursors:
            try:
                shown = self._awareness.take_in(
                    cursor.document_id, sid_at(process, cursor.sid), cursor.user_id, cursor.state
                )
            except InvalidInput:
                logger.warning("process %s has rung a cursor that cannot be read", process)
                continue
            await self._tell(cursor.document_id, shown, self._rooms.subscribers(cursor.document_id))

    async def drop(self, process: str) -> None:
        """Take away the cursors of a process that has ended."""
        for document_id, sid in self._awareness.of_process(process):
            gone = self._awareness.remove(document_id, sid)
            await self._tell(document_id, gone, self._rooms.subscribers(document_id))

    async def _tell_others(self, member: Member, document_id: str, state: bytes) -> None:
        if state and self._elsewhere is not None:
            self._elsewhere.show(Cursor(document_id, member.sid, member.actor.user_id, state))
        await self._tell(document_id, state, self._rooms.subscribers(document_id) - {member.sid})

    async def _tell(self, document_id: str, state: bytes, sids: Collection[str]) -> None:
        if state and sids:
            await self._send(DocumentAwareness(id=document_id, state=state), sids)
