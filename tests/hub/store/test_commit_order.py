"""Commits on PostgreSQL are told of in the order in which they were asked for, whichever answer comes first."""

from __future__ import annotations

import asyncio

import pytest

from teaching_nb.hub.store import commit_order
from teaching_nb.hub.store.commit_order import CommitOrder


async def test_later_commit_waits_for_the_answer_of_an_earlier_one() -> None:
    """It is told of after it, and whoever has made it waits that long."""
    order, told = CommitOrder(), list[str]()
    first, second, third = order.take(), order.take(), order.take()

    third.answered(lambda: told.append("third"))
    second.answered(lambda: told.append("second"))
    waiting = asyncio.create_task(second.over())
    await asyncio.sleep(0)
    is_early = waiting.done()
    first.answered(lambda: told.append("first"))
    async with asyncio.timeout(5):
        await waiting

    assert not is_early
    assert told == ["first", "second", "third"]


async def test_failed_commit_holds_nobody_up() -> None:
    """Nothing is told of it, and an answer counts once."""
    order, told = CommitOrder(), list[str]()
    first, second = order.take(), order.take()

    second.answered(lambda: told.append("second"))
    first.answered()
    first.answered(lambda: told.append("first"))

    assert told == ["second"]


async def test_commit_that_waits_for_a_lock_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the others are told of, and it is when it has its answer."""
    monkeypatch.setattr(commit_order, "PATIENCE_SECONDS", 0.05)
    order, told = CommitOrder(), list[str]()
    locked, second, third = order.take(), order.take(), order.take()
    second.answered(lambda: told.append("second"))
    third.answered(lambda: told.append("third"))

    async with asyncio.timeout(5):
        await third.over()
    locked.answered(lambda: told.append("locked"))
    fourth = order.take()
    fourth.answered(lambda: told.append("fourth"))

    assert told == ["second", "third", "locked", "fourth"]


async def test_cancelled_caller_is_told_of_all_the_same() -> None:
    """Who waits for its turn and is cancelled does not take it away from the commit."""
    order, told = CommitOrder(), list[str]()
    first, second = order.take(), order.take()
    second.answered(lambda: told.append("second"))
    waiting = asyncio.create_task(second.over())
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    first.answered(lambda: told.append("first"))

    assert told == ["first", "second"]
