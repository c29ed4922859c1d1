"""Passwords in a running hub: hashed and checked beside the event loop, a few at a time.

One check takes tens of megabytes and a good part of a second on purpose. A class that signs in at once
queues up here instead of taking the machine down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from teaching_nb.errors import Unavailable
from teaching_nb.hub.people import passwords

AT_ONCE = 2
"""Checks that run at the same time."""

MAX_WAITING = 500
"""Checks that may wait; more are refused."""

T = TypeVar("T")


class PasswordChecks:
    """The queue in front of Argon2."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """Return the hash of a password; raises `InvalidInput` when it is too short or too long."""
        passwords.check(password)
        return await self._in_turn(lambda: passwords.hashed(password))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether a password is right; takes as long for an account without one, or that does not exist."""
        if len(password) > passwords.LONGEST:
            return False
        found = await self._in_turn(lambda: passwords.matches(password_hash or _nobodys_hash(), password))
        return found and password_hash is not None

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("too many people are signing in; try again in a moment")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


@cache
def _nobodys_hash() -> str:
    return passwords.hashed("the password of nobody")
