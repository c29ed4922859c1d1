"""The sockets that are being relayed: how many a caller has, and whether they still may."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Protocol

from teaching_nb.errors import TooManyRequests
from teaching_nb.schema.limits import SOCKETS_PER_USER

RECHECK_SECONDS = 30.0
"""How often a living socket is asked whether it still may; a withdrawn right lasts no longer."""

SERVER_STOPS = 1001
RENEW = 4401
"""WebSocket close codes."""

logger = logging.getLogger(__name__)


class RelayedSocket(Protocol):
    """What the register needs to know of a socket."""

    @property
    def subject(self) -> str:
        """Return whose socket this is."""

    @property
    def kernel_id(self) -> str | None:
        """Return the kernel whose token opened it; None for a person's own."""

    async def may_stay(self) -> bool:
        """Return whether the socket would be let in again."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the socket towards the client."""


class Connections:
    """Register of relayed sockets."""

    def __init__(self) -> None:
        self._sockets: set[RelayedSocket] = set()
        self._per_subject: Counter[str] = Counter()
        self._checking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: RelayedSocket) -> None:
        """Register a socket; raises `TooManyRequests` when its caller has too many."""
        if self._per_subject[socket.subject] >= SOCKETS_PER_USER:
            raise TooManyRequests(f"too many connections, the limit is {SOCKETS_PER_USER}")
        self._sockets.add(socket)
        self._per_subject[socket.subject] += 1
        if self._checking is None:
            self._checking = asyncio.create_task(self._recheck())

    def remove(self, socket: RelayedSocket) -> None:
        """Forget a socket; one that was never added is fine."""
        if socket in self._sockets:
            self._sockets.remove(socket)
            self._per_subject[socket.subject] -= 1

    def end_kernel(self, kernel_id: str) -> None:
        """Close what was opened with the token of a kernel that is gone."""
        for socket in [each for each in self._sockets if each.kernel_id == kernel_id]:
            socket.close(RENEW, "the kernel of this token does not run any more")

    def close_all(self) -> None:
        """Close every socket, because the server stops."""
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        for socket in list(self._sockets):
            socket.close(SERVER_STOPS, "the Jupyter server stops")

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            for socket in list(self._sockets):
                if not await self._may_stay(socket):
                    socket.close(RENEW, "not authorized any more, renew")

    async def _may_stay(self, socket: RelayedSocket) -> bool:
        try:
            return await socket.may_stay()
        except Exception:  # an authorizer is foreign code; one that fails does not let in
            logger.exception("cannot tell whether a socket of %r may stay", socket.subject)
            return False
