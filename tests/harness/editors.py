"""A person who edits a live document: a Y.Doc on the other end of a socket."""

from __future__ import annotations

from typing import Any

import pycrdt

from teaching_nb.schema import events
from tests.harness.cast import Person
from tests.harness.listeners import Connect, Listener


class Editor:
    """One document of one socket."""

    def __init__(self, listener: Listener, document_id: str, key: str = "code") -> None:
        self.listener = listener
        self.document_id = document_id
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._key = key

    @property
    def data(self) -> pycrdt.Map[Any]:
        """Return the root map."""
        data: pycrdt.Map[Any] = self.doc.get("data", type=pycrdt.Map)
        return data

    @property
    def text(self) -> str:
        """Return the text as this side sees it."""
        return str(self.data[self._key])

    async def sync(self) -> dict[str, Any]:
        """Send SYNC_DOCUMENT, take in the answer and return it."""
        payload = {"id": self.document_id, "stateVector": self.doc.get_state()}
        answer: dict[str, Any] = await self.listener.call(events.SYNC_DOCUMENT, payload)
        if answer["ok"]:
            self.doc.apply_update(answer["update"])
        return answer

    def edit(self, new: str, at: int = 0) -> bytes:
        """Insert text and return the update, without sending it."""
        return self.changed(lambda data: data[self._key].insert(at, new))

    def changed(self, change: Any) -> bytes:
        """Change the root map and return the update, without sending it."""
        before = self.doc.get_state()
        with self.doc.transaction():
            change(self.data)
        return self.doc.get_update(before)

    async def send(self, update: bytes) -> dict[str, Any]:
        """Send UPDATE_DOCUMENT and return the answer."""
        payload = {"id": self.document_id, "update": update}
        answer: dict[str, Any] = await self.listener.call(events.UPDATE_DOCUMENT, payload)
        return answer

    async def write(self, new: str, at: int = 0) -> dict[str, Any]:
        """Insert text and send it."""
        return await self.send(self.edit(new, at))

    async def receive(self) -> None:
        """Take in the next edit of somebody else."""
        payload = await self.listener.hears(events.DOCUMENT_UPDATE)
        assert payload["id"] == self.document_id
        self.doc.apply_update(payload["update"])


async def following(connect_as: Connect, person: Person, document_id: str) -> Editor:
    """Return an editor of somebody that has synced."""
    editor = Editor(await connect_as(person), document_id)
    assert (await editor.sync())["ok"]
    return editor
