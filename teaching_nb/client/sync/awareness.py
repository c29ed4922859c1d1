"""Cursors: sending them, paced and the newest per page, and knowing where everybody is. Never worth an error."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from teaching_nb.client.sync.throttle import Throttle
from teaching_nb.errors import InvalidInput, NotConnected, TooLarge
from teaching_nb.schema import limits
from teaching_nb.schema.awareness import ClientState, decode, encode
from teaching_nb.schema.lib0 import Reader

SPACING_SECONDS = 0.1
_MAX_WAITING = 20
STALE_SECONDS = 30.0
"""A page that has been silent for so long is gone: pages renew their states every 15 s."""
_MAX_KNOWN = 500

_logger = logging.getLogger(__name__)


class AwarenessSender:
    """What the views of one document last said about themselves. Lives on the loop thread."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._waiting: dict[object, bytes] = {}
        self._throttle = Throttle(self._send_next, SPACING_SECONDS)

    def send(self, state: bytes) -> None:
        """Send a state now or within a tenth of a second; a newer one of the same page replaces it."""
        if len(state) > limits.AWARENESS_BYTES:
            _logger.debug("an awareness state of %d bytes is above the limit", len(state))
            return
        self._waiting[_page_of(state)] = state
        while len(self._waiting) > _MAX_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        self._throttle.call()

    def _send_next(self) -> None:
        page = next(iter(self._waiting))
        self._send(self._waiting.pop(page))
        if self._waiting:
            self._throttle.call()


class KnownCursors:
    """Where everybody was last, for a page that comes later: the hub tells each connection only once."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: dict[int, tuple[ClientState, float]] = {}

    def take(self, state: bytes) -> None:
        """Remember what a page of this kernel, or the hub, says."""
        try:
            states = decode(state)
        except InvalidInput:
            return
        now = self._now()
        self._known = self._living()
        for client, entry in states.items():
            known = self._known.get(client)
            if known is None or known[0].clock <= entry.clock:
                self._known[client] = (entry, now)
        while len(self._known) > _MAX_KNOWN:
            self._known.pop(next(iter(self._known)))

    def present(self) -> bytes:
        """Return the states of those who are here, empty for nobody."""
        here = {client: entry for client, (entry, _heard) in self._living().items() if entry.state is not None}
        return encode(here) if here else b""

    def _living(self) -> dict[int, tuple[ClientState, float]]:
        oldest = self._now() - STALE_SECONDS
        return {client: known for client, known in self._known.items() if known[1] > oldest}


class Cursors:
    """Where everybody is in one document: its views say so, the hub, and both hear of it."""

    def __init__(self, emit: Callable[[bytes], Awaitable[None]]) -> None:
        self._emit = emit
        """Tells the hub; raises `NotConnected` or `TooLarge`."""
        self._sender = AwarenessSender(self._start)
        self._known = KnownCursors()
        self._emitting: asyncio.Task[None] | None = None

    def take(self, state: bytes) -> None:
        """Remember what the hub says."""
        self._known.take(state)

    def send(self, state: bytes) -> None:
        """Remember what a view says, and tell the hub."""
        self._known.take(state)
        self._sender.send(state)

    def show(self, reply: Callable[[bytes], None]) -> None:
        """Answer with the states of those who are here, empty for nobody."""
        reply(self._known.present())

    def _start(self, state: bytes) -> None:
        self._emitting = asyncio.get_running_loop().create_task(self._try(state))

    async def _try(self, state: bytes) -> None:
        try:
            await self._emit(state)
        except (NotConnected, TooLarge):
            _logger.debug("an awareness state was not sent")


def _page_of(state: bytes) -> object:
    """Return the Yjs client that an awareness update is about; the update itself when it is about several."""
    reader = Reader(state)
    try:
        count, client = reader.number(), reader.number()
    except IndexError:
        return state
    return client if count == 1 else state
