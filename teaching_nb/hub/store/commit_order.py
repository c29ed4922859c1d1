"""The order in which a process hears of its own commits on PostgreSQL.

Answers come on many connections. The one of an earlier commit may be the later one to arrive, though the second
transaction has begun after the first one was over; on a busy machine that happens now and then. What builds on a commit
has sent its own COMMIT later, so the order of sending is an order of the commits.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

PATIENCE_SECONDS = 1.0
"""How long others wait for an answer before theirs: what takes longer waits for a lock, or its connection is gone."""


logger = logging.getLogger(__name__)


def tell_safely(tell: Callable[[], None]) -> None:
    """Tell of a commit; what that raises is a mistake of ours, and must not reach others who commit."""
    try:
        tell()
    except Exception:
        logger.exception("telling of a commit failed")


class Turn:
    """The place of one commit in the order."""

    def __init__(self, order: CommitOrder) -> None:
        self._order = order
        self._tell: Callable[[], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self.due = self._loop.time() + PATIENCE_SECONDS
        self.is_answered = False

    def answered(self, tell: Callable[[], None] | None = None) -> None:
        """Note that the commit is made; `tell` is called in its turn. Without `tell` it failed, or concerns nobody."""
        if not self.is_answered:
            self.is_answered, self._tell = True, tell
            self._order.advance(self)

    async def over(self) -> None:
        """Wait until `tell` was called, after those of earlier commits."""
        await asyncio.shield(self._over)

    def pass_on(self) -> None:
        """Call `tell` and end `over`. Called by `CommitOrder` alone."""
        if self._tell is not None:
            tell_safely(self._tell)
        self._over.set_result(None)


class CommitOrder:
    """Calls `tell` of each commit in the order in which the commits were sent."""

    def __init__(self) -> None:
        self._turns: deque[Turn] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def take(self) -> Turn:
        """Return the next place; to be taken just before COMMIT is sent, and answered whatever becomes of that."""
        turn = Turn(self)
        self._turns.append(turn)
        return turn

    def advance(self, turn: Turn) -> None:
        """Let a turn that was answered, and those that waited for it, pass; or have it wait for those before it."""
        if turn not in self._turns:
            # It took too long, and was passed.
            turn.pass_on()
            return
        self._tell_all()

    def _tell_all(self) -> None:
        while self._turns and self._turns[0].is_answered:
            self._turns.popleft().pass_on()
        if len(self._turns) > 1 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(self._turns[0].due, self._pass)

    def _pass(self) -> None:
        """Let later turns pass the oldest one, if that has taken longer than `PATIENCE_SECONDS`."""
        self._timer = None
        if self._turns and self._turns[0].due <= asyncio.get_running_loop().time():
            self._turns.popleft()
        self._tell_all()
