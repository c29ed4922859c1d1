"""A live text in whose place another program may have stored something that is none. Lives on the loop thread.

The hub refuses to open such a document live. It is shown as it is stored, read only; whoever assigns `.data` replaces
all of it, on purpose, and then it is a live text.
"""

from __future__ import annotations

from typing import Any

from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.rest import Rest, Seen
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models import saving
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.live_text import LiveText
from teaching_nb.client.sync.syncer import Surroundings
from teaching_nb.errors import InvalidInput, NotConnected, OperationalError
from teaching_nb.schema import events, wire
from teaching_nb.schema.misfits import misfits_in
from teaching_nb.schema.records import Document


class GuardedText(LiveText):
    """Keeps a model, its views and the hub in agreement, and what is no text as it is."""

    def __init__(
        self,
        model: LiveTextModel,
        data: dict[str, Any],
        *,
        connection: Connection,
        surroundings: Surroundings,
        rest: Rest,
    ) -> None:
        super().__init__(model, data, connection=connection, surroundings=surroundings)
        self._rest = rest
        self._tasks = Tasks()
        self._stored: Any = None
        """What the hub has told last of the document as a record."""
        self._is_odd = False

    def opened(self, document: Document) -> None:
        """Take the record of the document; its text comes with `sync`, if it is one."""
        super().opened(document)
        self._stored = document.data
        self.model.gate.tell("updated_at", document.updated_at)
        if isinstance(document.revision, int):
            self.model.gate.tell("revision", document.revision)

    async def sync(self) -> None:
        """Come into agreement with the hub; what is no text is shown as it is stored.

        Raises `NotConnected`, `TimedOut`, or the hub's refusal.
        """
        self._is_odd = False
        try:
            await super().sync()
        except InvalidInput:
            if not misfits_in(self.model.document_type, self._stored):
                raise
            self._show_stored()

    def on_changed(self, change: events.ChangedDocument) -> None:
        """Take a stored version's number; what was no text may be one now."""
        super().on_changed(change)
        if self._is_odd:
            self._stored = change.data
            self._surroundings.resync(self)

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Apply an assignment and send it; in the place of what is no text all data are stored at once."""
        if not self._is_odd:
            super().edit(name, base, new)
        elif name == "data":
            self.model.gate.publish(is_unsaved=True, rejection="")
            self._tasks.start(self._replace(new))

    def _show(self) -> None:
        if not self._is_odd:
            super()._show()

    def _show_stored(self) -> None:
        self._is_odd = True
        gate = self.model.gate
        # First: before the hub has answered, null is no oddity.
        gate.tell("is_loaded", True)
        gate.tell("access", saving.lowered(self._access))
        self.model.show_data(self._stored)
        # What the user may do the hub says with a text alone; whether they may store data it says when they try.
        gate.publish(is_live=True, is_loaded=True, is_synced=True, access=None, refusal="", trouble="")

    async def _replace(self, data: Any) -> None:
        seen = Seen(self.model.revision or None, wire.parse_timestamp(self.model.updated_at), self._stored)
        try:
            await self._rest.save(self.model.id, data, seen)
        except (NotConnected, OperationalError) as error:
            reason = saving.sentence_of(error) if isinstance(error, OperationalError) else str(error)
            self.model.show_data(self._stored)
            self.model.gate.publish(is_unsaved=False, rejection=reason)
            return
        self._stored = data
        self.model.gate.publish(is_unsaved=False)
        self._surroundings.resync(self)
