"""A person at the socket of a hub: what they are told, in order."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import Any, Protocol

import socketio

from teaching_nb.hub.room import of_user
from teaching_nb.schema import events
from tests.harness.cast import Person
from tests.harness.running_hub import RunningHub

PATIENCE_SECONDS = 20.0
_markers = itertools.count()


class Listener:
    """One socket, a stock python-socketio client, that keeps everything it hears."""

    def __init__(self, hub: RunningHub, person: Person) -> None:
        self._hub = hub
        self.person = person
        self.heard: list[tuple[str, Any]] = []
        self.tally: Counter[str] = Counter()
        self.is_disconnected = asyncio.Event()
        self._news = asyncio.Event()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("*", self._hear)
        self._client.on("disconnect", lambda *_: self.is_disconnected.set())

    @property
    def sid(self) -> str:
        """Return the socket's id, as REST requests name it."""
        return str(self._client.get_sid())

    async def connect(self, **options: Any) -> None:
        """Connect with the person's token as auth payload, or as `options` say."""
        await self._client.connect(
            self._hub.url,
            transports=["websocket"],
            wait_timeout=PATIENCE_SECONDS,
            **(options or {"auth": {"token": self.person.token}}),
        )

    async def disconnect(self) -> None:
        """Close the socket."""
        await self._client.disconnect()

    async def ended(self) -> None:
        """Return when the hub has closed the socket."""
        async with asyncio.timeout(20):
            await self.is_disconnected.wait()

    async def call(self, event: str, *payload: Any) -> Any:
        """Send an event and return the acknowledgement."""
        return await self._client.call(event, payload or None, timeout=20)

    async def emit(self, event: str, payload: Any) -> None:
        """Send an event without asking for an acknowledgement."""
        await self._client.emit(event, payload)

    async def hears(self, event: str, timeout: float = 20) -> Any:
        """Return the payload of the next such event, which may have come already, and forget it."""
        async with asyncio.timeout(timeout):
            while True:
                for index, (name, payload) in enumerate(self.heard):
                    if name == event:
                        del self.heard[index]
                        return payload
                self._news.clear()
                await self._news.wait()

    async def heard_so_far(self, *names: str) -> list[Any]:
        """Return the payloads of such events, after everything published before has arrived."""
        marker = {"marker": next(_markers)}
        await self._hub.send_marker(of_user(self.person.id), marker)
        async with asyncio.timeout(20):
            while (events.ACTION, marker) not in self.heard:
                self._news.clear()
                await self._news.wait()
        return [payload for name, payload in self.heard if name in names]

    def _hear(self, event: str, *payload: Any) -> None:
        self.heard.append((event, payload[0] if payload else None))
        self.tally[event] += 1
        self._news.set()


class Connect(Protocol):
    """Connects a person to the socket of a hub, as a kernel or as a page."""

    async def __call__(self, person: Person, *, is_page: bool = False) -> Listener:
        """Return the connected socket."""
