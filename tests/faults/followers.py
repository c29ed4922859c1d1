"""Many people who follow one live document over the kernel's own connection, without a kernel each."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pycrdt

from teaching_nb.client.link.address import Address
from teaching_nb.client.link.backoff import Backoff
from teaching_nb.client.link.connection import Connection, Listener
from teaching_nb.schema import events
from tests.harness.cast import Person


class RecordedBackoff(Backoff):
    """Keeps the delays that were chosen; the dice are the same in every run."""

    def __init__(self, seed: int) -> None:
        super().__init__(random.Random(seed).uniform)
        self.delays: list[float] = []

    def next_delay(self, *, is_absent: bool = False) -> float:
        """Choose a delay and remember it."""
        self.delays.append(super().next_delay(is_absent=is_absent))
        return self.delays[-1]


class Follower:
    """One connection that comes back by itself, and the text as it is seen there."""

    def __init__(self, number: int, person: Person, url: str, document_id: str) -> None:
        self.backoff = RecordedBackoff(number)
        self.is_here = asyncio.Event()
        self.failures = 0
        """Attempts in vain since the connection was lost."""
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._document_id = document_id
        self._news = asyncio.Event()
        listener = Listener(on_connected=self._sync, on_lost=self._lost, on_event=self._hear)
        self._connection = Connection(Address(url, person.token), listener, self.backoff)
        self._running = asyncio.create_task(self._connection.run())

    @property
    def text(self) -> str:
        """Return the text as it is seen here."""
        return str(self.doc.get("data", type=pycrdt.Map)["code"])

    async def write(self, word: str) -> None:
        """Add a word and wait until it is stored."""
        before = self.doc.get_state()
        self.doc.get("data", type=pycrdt.Map)["code"].insert(0, word)
        payload = {"id": self._document_id, "update": self.doc.get_update(before)}
        answer = await self._connection.call(events.UPDATE_DOCUMENT, payload, 60)
        assert answer["ok"], answer

    async def sees(self, words: set[str]) -> None:
        """Return when the text holds all of the words."""
        while not words <= set(self.text.split(";")):
            self._news.clear()
            await self._news.wait()

    async def has_failed(self, times: int) -> None:
        """Return when so many attempts to come back were in vain."""
        while self.failures < times:
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        """End the connection for good."""
        await self._connection.close()
        await self._running

    async def _sync(self) -> None:
        payload = {"id": self._document_id, "stateVector": self.doc.get_state()}
        answer = await self._connection.call(events.SYNC_DOCUMENT, payload, 60)
        assert answer["ok"], answer
        self.doc.apply_update(answer["update"])
        self.failures = 0
        self.is_here.set()
        self._news.set()

    def _lost(self, _sentence: str) -> None:
        if not self.is_here.is_set():
            self.failures += 1
        self.is_here.clear()
        self._news.set()

    def _hear(self, event: str, payload: Any) -> None:
        if event == events.DOCUMENT_UPDATE:
            self.doc.apply_update(payload["update"])
            self._news.set()
