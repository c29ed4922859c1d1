"""People who write while the hub dies under their hands, and what each of them knows to be stored.

An edit is *acknowledged* when the hub said so, *uncertain* when the connection broke before it could.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

import pycrdt

from teaching_nb.schema import events
from teaching_nb.simulator.sockets import Cut, Socket
from tests.harness.cast import Person


class Writer(Protocol):
    """Somebody who writes until the hub is gone."""

    async def begin(self, url: str) -> None:
        """Come back after an interruption; raises `Cut` when the hub is gone again."""

    async def write(self) -> None:
        """Make one edit and wait for its acknowledgement; raises `Cut`."""

    async def end(self) -> None:
        """Let go of a connection."""


async def write_until_cut(writer: Writer, url: str, acknowledged: Callable[[], None]) -> None:
    """Write as long as the hub lives; tell of each acknowledgement."""
    try:
        await writer.begin(url)
        while True:
            await writer.write()
            acknowledged()
    except Cut:
        pass
    finally:
        await writer.end()


class LiveWriter:
    """Writes words into a live document; what was not acknowledged is sent again after the next sync."""

    def __init__(self, name: str, person: Person, document_id: str, chance: random.Random) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.acknowledged: list[str] = []
        self.written: list[str] = []
        self.revision = 0
        """The highest that the hub has named."""
        self._name = name
        self._person = person
        self._document_id = document_id
        self._chance = chance
        self._socket: Socket | None = None

    @property
    def text(self) -> str:
        """Return the text as this side sees it."""
        return str(self._text)

    @property
    def _text(self) -> pycrdt.Text:
        text: pycrdt.Text = self.doc.get("data", type=pycrdt.Map)["code"]
        return text

    async def begin(self, url: str) -> None:
        """Connect, take what the hub has, and give it what it lacks."""
        self._socket = Socket(self._hear)
        await self._socket.connect(url, self._person.token)
        answer = await self._call(events.SYNC_DOCUMENT, {"stateVector": self.doc.get_state()})
        self.doc.apply_update(answer["update"])
        self._see(answer["revision"])
        await self._send(self.doc.get_update(answer["stateVector"]))
        self.acknowledged[:] = self.written

    async def write(self, more: str = "") -> None:
        """Write one word, at the beginning or at the end; `more` makes it longer."""
        await self._send(self._edit(more))
        self.acknowledged.append(self.written[-1])

    async def try_to_write(self) -> dict[str, Any]:
        """Write one word and return the hub's answer, whatever it is."""
        return await self._ask(events.UPDATE_DOCUMENT, {"update": self._edit()})

    async def send_what_is_kept(self) -> None:
        """Send everything that was written, stored or not."""
        await self._send(self.doc.get_update())
        self.acknowledged[:] = self.written

    async def ended(self) -> None:
        """Return when somebody else has ended the connection."""
        assert self._socket is not None
        await self._socket.ended()

    async def end(self) -> None:
        """Close the socket."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    def _hear(self, event: str, payload: Any) -> None:
        if event == events.DOCUMENT_UPDATE:
            self.doc.apply_update(payload["update"])

    def _edit(self, more: str = "") -> bytes:
        word = f"{self._name}{len(self.written)}{more};"
        before = self.doc.get_state()
        self._text.insert(self._chance.choice((0, len(self.text))), word)
        self.written.append(word)
        return self.doc.get_update(before)

    async def _send(self, update: bytes) -> None:
        answer = await self._call(events.UPDATE_DOCUMENT, {"update": update})
        self._see(answer["revision"])

    async def _call(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = await self._ask(event, payload)
        if not answer["ok"] and answer["error"]["status"] == 503:
            raise Cut(answer["error"]["message"])
        assert answer["ok"], answer
        return answer

    async def _ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert self._socket is not None
        answer: dict[str, Any] = await self._socket.call(event, {"id": self._document_id, **payload})
        return answer

    def _see(self, revision: int) -> None:
        assert revision >= self.revision, f"revision {revision} after {self.revision}"
        self.revision = revision
