"""One page, or kernel, of a student: a connection that comes back, and the texts that are open in it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from teaching_nb.schema import events
from teaching_nb.simulator.figures import Figures
from teaching_nb.simulator.replica import Replica
from teaching_nb.simulator.rest import Refused
from teaching_nb.simulator.sockets import Cut, Socket

BACK_SECONDS = 0.5, 2.5
"""How long a page waits before it tries again."""
LETTER_SECONDS = 0.08, 0.3
MISTAKE_RATE = 0.05
MOST_KNOWN = 20_000


class Sent:
    """Letters that are on their way: when each was typed, for those who see it."""

    def __init__(self) -> None:
        self._times: dict[bytes, float] = {}

    def add(self, update: bytes) -> None:
        """Note that an update is sent now."""
        if len(self._times) > MOST_KNOWN:
            self._times.clear()
        self._times[update] = time.perf_counter()

    def age(self, update: bytes) -> float | None:
        """Return how long ago it was sent; None for what is not known."""
        begun = self._times.get(update)
        return None if begun is None else time.perf_counter() - begun


class Tab:
    """A page with texts; or, without any, a kernel that hears of everything that concerns its user."""

    def __init__(
        self, url: str, token: str, texts: Sequence[Replica], *, sent: Sent, figures: Figures, chance: random.Random
    ) -> None:
        self._is_page = bool(texts)
        self.texts = {text.document_id: text for text in texts}
        self.heard: set[str] = set()
        """Documents of which the hub has said anything."""
        self.refusals: list[str] = []
        self._url = url
        self._token = token
        self._sent = sent
        self._figures = figures
        self._chance = chance
        self._socket: Socket | None = None
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_connected(self) -> bool:
        """Tell whether edits go to the hub."""
        return self._socket is not None

    async def open(self) -> None:
        """Connect, take what the hub has, and give it what it lacks; raises `Cut`."""
        socket = Socket(self._hear)
        try:
            await socket.connect(self._url, self._token, is_page=self._is_page)
            known = {text: await self._sync(socket, text) for text in self.texts.values()}
            while behind := [text for text in known if text.edits != known[text][0]]:
                # Typed meanwhile: what is typed next builds on it.
                for text in behind:
                    known[text] = await self._bring(socket, text, known[text][1])
        except TimeoutError as error:
            await socket.close()
            raise Cut("no answer") from error
        except BaseException:
            await socket.close()
            raise
        self._socket = socket

    async def stay(self) -> None:
        """Come back whenever the connection ends, until cancelled."""
        while True:
            if self._socket is None:
                await self.come_back()
            socket = self._socket
            if socket is None:
                return
            await socket.ended()
            await self._let_go(socket)

    async def come_back(self) -> None:
        """Connect again, as often as it takes, never in step with others; not when the hub says no, which is kept."""
        begun = time.perf_counter()
        while self._socket is None:
            await asyncio.sleep(self._chance.uniform(*BACK_SECONDS))
            try:
                await self.open()
            except Cut:
                self._figures.done["attempts in vain"] += 1
            except Refused:
                return
        self._figures.returned.append(time.perf_counter() - begun)

    async def write(self, text: Replica, end: float) -> None:
        """Type a word letter by letter, with mistakes, connected or not."""
        for letter in text.next_word():
            if self._chance.random() < MISTAKE_RATE:
                self._send(text, text.type("?"))
                await self._pause(end)
                self._send(text, text.erase())
            self._send(text, text.type(letter))
            await self._pause(end)
        await self._confirmed(text)

    async def flood(self, text: Replica, letters: int) -> None:
        """Type as fast as no person can."""
        for letter in "".join(text.next_word() for _ in range(letters // 6)):
            self._send(text, text.type(letter))
        await self._confirmed(text)

    def cut(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None:
            self._socket.cut()

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._let_go(self._socket)

    async def _sync(self, socket: Socket, text: Replica) -> tuple[int, bytes]:
        answer = await self._call(socket, events.SYNC_DOCUMENT, text.document_id, stateVector=text.state_vector)
        text.hear(answer["update"])
        return await self._bring(socket, text, answer["stateVector"])

    async def _bring(self, socket: Socket, text: Replica, state_vector: bytes) -> tuple[int, bytes]:
        """Bring what the hub lacks; return how many edits it has then, and what it knows."""
        edits, known, lacking = text.edits, text.state_vector, text.lacking_at(state_vector)
        await self._call(socket, events.UPDATE_DOCUMENT, text.document_id, update=lacking)
        text.confirm()
        return edits, known

    async def _let_go(self, socket: Socket) -> None:
        if self._socket is socket:
            self._socket = None
        await socket.close()

    async def _pause(self, end: float) -> None:
        await asyncio.sleep(min(self._chance.uniform(*LETTER_SECONDS), max(0.0, end - time.monotonic())))

    async def _confirmed(self, text: Replica) -> None:
        """Wait for the answers that are under way; what is not answered is confirmed by the next sync."""
        socket = self._socket
        while self._sending:
            await asyncio.wait(self._sending)
        if socket is not None and socket is self._socket:
            text.confirm()

    def _send(self, text: Replica, update: bytes) -> None:
        """Send an edit without waiting for its answer, as a page does; offline it stays in the replica."""
        if self._socket is None:
            return
        self._sent.add(update)
        sending = asyncio.create_task(self._stored(self._socket, text, update, time.perf_counter()))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _stored(self, socket: Socket, text: Replica, update: bytes, begun: float) -> None:
        try:
            await self._call(socket, events.UPDATE_DOCUMENT, text.document_id, update=update)
        except (Cut, Refused):
            # The replica has it, and brings it with the next sync.
            await self._let_go(socket)
        else:
            self._figures.acknowledged.append(time.perf_counter() - begun)
            self._figures.done["letters"] += 1

    async def _call(self, socket: Socket, event: str, document_id: str, **values: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = await socket.call(event, {"id": document_id, **values})
        if answer["ok"]:
            return answer
        error = answer["error"]
        if error["status"] in {429, 503}:
            raise Cut(error["message"])
        self.refusals.append(f"{event}: {error['message']}")
        raise Refused(error["message"])

    def _hear(self, event: str, payload: Any) -> None:
        if event == events.CONNECTED_CLIENTS:
            self._figures.presence += 1
            return
        document_id = _document_in(event, payload)
        if document_id is not None:
            self.heard.add(document_id)
        if event == events.DOCUMENT_UPDATE and document_id in self.texts:
            self.texts[document_id].hear(payload["update"])
            age = self._sent.age(payload["update"])
            if age is not None:
                self._figures.seen.append(age)
        elif event == events.DOCUMENT_CLOSED:
            self._figures.done[f"closed: {payload['reason']}"] += 1
            self.cut()


def _document_in(event: str, payload: Any) -> str | None:
    """Return the document that an event is about."""
    if event in {events.NEW_RECORD, events.CHANGED_RECORD} and payload.get("type") == "Document":
        return str(payload["record"]["id"])
    is_about_one = event in {
        events.CHANGED_DOCUMENT,
        events.DOCUMENT_UPDATE,
        events.DOCUMENT_AWARENESS,
        events.DOCUMENT_CLOSED,
    }
    return str(payload["id"]) if is_about_one else None
