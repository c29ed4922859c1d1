"""Who acts in a replay: people with their sessions over real HTTP, and their tabs, each a real Socket.IO client."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio
from yarl import URL

from tests.conformance.running_hub import MARKER, PATIENCE_SECONDS

USER_AGENT = "node"
"""As in the recordings."""


@dataclass(frozen=True)
class Answer:
    """What came back for a request."""

    status: int
    content_type: str | None
    headers: dict[str, list[str]]
    body: bytes


class Browser:
    """Sends requests as they stand, without cookies or paths of its own."""

    def __init__(self, url: str, *, keeps_connections: bool = True) -> None:
        self._url = url
        self.client = aiohttp.ClientSession(
            # Behind a balancer each request is to come to the next process.
            connector=aiohttp.TCPConnector(keepalive_timeout=15 if keeps_connections else 0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
        )

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """Send a request and return its answer."""
        url = URL(self._url + path, encoded=True)
        # A stream, because aiohttp warns of large bodies in one piece.
        data = None if body is None else io.BytesIO(body)
        sent = {"user-agent": USER_AGENT, **headers}
        async with self.client.request(
            method, url, headers=sent, data=data, allow_redirects=False, skip_auto_headers=("content-type", "accept")
        ) as answer:
            received: dict[str, list[str]] = {}
            for name, value in answer.headers.items():
                received.setdefault(name.lower(), []).append(value)
            return Answer(answer.status, answer.headers.get("content-type"), received, await answer.read())

    async def close(self) -> None:
        """Close all connections."""
        await self.client.close()


@dataclass
class Heard:
    """One event that a tab received."""

    event: str
    payload: Any


@dataclass
class Tab:
    """One socket of a person."""

    url: str
    actor: str
    transports: list[str] = field(default_factory=lambda: ["websocket"])
    heard: list[Heard] = field(default_factory=list)
    acks: dict[int, list[Any]] = field(default_factory=dict)
    ended: str | None = None
    """Why the socket was closed from the other side."""

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self._emitted = 0
        self._is_closing = False
        # No limit of our own: the hub's is the one that is looked at.
        options = {"max_msg_size": 0}
        self._client = socketio.AsyncClient(reconnection=False, websocket_extra_options=options)
        self._client.on("*", self._hear)
        self._client.on("disconnect", self._end)

    @property
    def is_open(self) -> bool:
        """Tell whether the socket is connected."""
        return bool(self._client.connected) and self.ended is None

    @property
    def sid(self) -> str:
        """Return the socket's id, as requests name it."""
        return str(self._client.get_sid())

    async def connect(self, auth: Any, headers: dict[str, str] | None = None) -> str | None:
        """Open the socket; return why it was refused, or None."""
        refusals: list[Any] = []
        self._client.on("connect_error", refusals.append)
        try:
            await self._client.connect(
                self.url, transports=self.transports, auth=auth, headers=headers or {}, wait_timeout=PATIENCE_SECONDS
            )
        except socketio.exceptions.ConnectionError as error:
            reason = refusals[0] if refusals else str(error)
            return str(reason.get("message", reason)) if isinstance(reason, dict) else str(reason)
        return None

    async def close(self) -> None:
        """Close the socket from this side."""
        self._is_closing = True
        await self._client.disconnect()

    async def emit(self, event: str, args: list[Any], *, wants_ack: bool) -> int:
        """Send an event; return the number under which its acknowledgement will be found."""
        self._emitted += 1
        number = self._emitted

        def acknowledged(*payload: Any) -> None:
            self.acks[number] = list(payload)
            self._news.set()

        try:
            await self._client.emit(event, tuple(args) or None, callback=acknowledged if wants_ack else None)
        except socketio.exceptions.SocketIOError:
            self.ended = self.ended or "transport close"
        return number

    async def barrier(self) -> None:
        """Wait until the hub has dealt with everything that this tab has sent, or has ended it."""
        if self.is_open:
            number = await self.emit("JOIN_ROOM", [""], wants_ack=True)
            await self._until(lambda: number in self.acks)

    async def until_marker(self, marker: dict[str, Any]) -> None:
        """Wait until everything that was sent before a marker has arrived, then forget the marker."""
        await self._until(lambda: any(heard.payload == marker for heard in self.heard))

    def take_heard(self) -> list[Heard]:
        """Return what was heard since the last call."""
        heard = [entry for entry in self.heard if not _is_marker(entry.payload)]
        self.heard = []
        return heard

    async def _until(self, is_done: Any) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_done() and self.is_open:
                self._news.clear()
                await self._news.wait()

    def _hear(self, event: str, *payload: Any) -> None:
        self.heard.append(Heard(event, payload[0] if payload else None))
        self._news.set()

    def _end(self, reason: str = "") -> None:
        if not self._is_closing:
            self.ended = {"server disconnect": "io server disconnect"}.get(reason, reason)
        self._news.set()


def _is_marker(payload: Any) -> bool:
    return isinstance(payload, dict) and payload.get("type") == MARKER
