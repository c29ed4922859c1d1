"""Calls that keep their distance."""

from __future__ import annotations

import asyncio

from teaching_nb.client.sync.throttle import Throttle
from tests.harness.waiting import SECONDS

SPACING_SECONDS = 0.05


class Calls:
    """When a throttled call was made."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._changed = asyncio.Event()

    def __call__(self) -> None:
        """Note the time."""
        self.times.append(asyncio.get_running_loop().time())
        self._changed.set()

    async def reach(self, count: int) -> None:
        """Wait until there were so many."""
        async with asyncio.timeout(SECONDS):
            while len(self.times) < count:
                self._changed.clear()
                await self._changed.wait()


async def test_the_first_call_is_made_at_once_and_those_after_it_become_one() -> None:
    """However many are asked for meanwhile, the second comes when the spacing is over."""
    calls = Calls()
    throttle = Throttle(calls, SPACING_SECONDS)

    for _ in range(5):
        throttle.call()

    assert len(calls.times) == 1
    await calls.reach(2)
    await asyncio.sleep(2 * SPACING_SECONDS)
    first, second = calls.times
    # The loop's clock may call a tick early.
    assert second - first > SPACING_SECONDS * 0.9


async def test_a_call_may_ask_for_the_next() -> None:
    """That one keeps its distance, too."""
    calls = Calls()

    def call_thrice() -> None:
        calls()
        if len(calls.times) < 3:
            throttle.call()

    throttle = Throttle(call_thrice, SPACING_SECONDS)
    throttle.call()

    await calls.reach(3)
    assert calls.times[2] - calls.times[0] > 2 * SPACING_SECONDS * 0.9


async def test_a_cancelled_call_is_not_made_and_the_next_still_keeps_its_distance() -> None:
    """Cancelling forgets what waits, not when the last call was."""
    calls = Calls()
    throttle = Throttle(calls, SPACING_SECONDS)
    throttle.call()
    throttle.call()

    throttle.cancel()
    throttle.call()

    assert len(calls.times) == 1
    await calls.reach(2)
