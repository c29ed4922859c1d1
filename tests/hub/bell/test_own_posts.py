"""What a process has posted with a call, whose number it learns only after the commit, is told once and in its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from teaching_nb.hub.bell.elsewhere import Elsewhere, Posting
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.schema import events
from tests.harness.cast import Caller, Cast, Person
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo, ordered
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]
SECONDS = 60


@pytest.fixture
async def a_task(two_hubs: Hubs, people: Cast, a_root: str) -> str:
    """Return a document of student 1 that everybody may read."""
    scene = Scene(two_hubs[0].database)
    return await scene.document(people.student1, a_root, type_name="task_state", data={"state": "open"})


def after_the_call(monkeypatch: pytest.MonkeyPatch, action: Callable[[Any], Any]) -> None:
    """Have something happen when PostgreSQL has committed a call, before its answer is known."""
    fetch = asyncpg.Connection.fetch

    async def late(self: Any, sql: str, *values: Any) -> Any:
        rows = await fetch(self, sql, *values)
        if "change_documents" in sql:
            await action(self)
        return rows

    monkeypatch.setattr(asyncpg.Connection, "fetch", late)


async def test_a_post_that_is_read_before_its_answer_is_told_once(
    two_hubs: Hubs, people: Cast, monkeypatch: pytest.MonkeyPatch, *, connect_to: ConnectTo, call: Call, a_task: str
) -> None:
    """The process that has posted it reads it as one of its own, and waits for the answer."""
    listeners = [await connect_to(hub, people.teacher) for hub in two_hubs]
    reader = two_hubs[0].hub._bell
    assert reader is not None
    held: list[bool] = []

    async def read(_: Any) -> None:
        await reader._read_once()
        held.append(reader._elsewhere.is_held_up)

    author = call(two_hubs[0], people.student1)
    assert (await author.put(f"/documents/{a_task}", {"data": {"state": "checked"}})).status_code == 204
    after_the_call(monkeypatch, read)
    for state in ("question", "unset"):
        assert (await author.put(f"/documents/{a_task}", {"data": {"state": state}})).status_code == 204

    assert held == [True, True], "what was posted was not read before the answer"
    for hub, listener in zip(two_hubs, listeners, strict=True):
        told = await ordered(listener, hub, events.CHANGED_DOCUMENT)
        assert [change["revision"] for change in told] == [2, 3, 4]


async def test_a_post_whose_answer_is_lost_is_told_all_the_same(
    two_hubs: Hubs, people: Cast, monkeypatch: pytest.MonkeyPatch, *, connect_to: ConnectTo, call: Call, a_task: str
) -> None:
    """Its author is refused, for nobody knows; everybody hears of it, and of what they send again, once each."""
    listeners = [await connect_to(hub, people.teacher) for hub in two_hubs]
    left = 1

    async def lose(driver: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            driver.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    author = call(two_hubs[0], people.student1)
    assert (await author.put(f"/documents/{a_task}", {"data": {"state": "checked"}})).status_code == 204
    after_the_call(monkeypatch, lose)
    lost = await author.put(f"/documents/{a_task}", {"data": {"state": "question"}})
    again = await author.put(f"/documents/{a_task}", {"data": {"state": "unset"}})

    assert (lost.status_code, again.status_code) == (503, 204)
    for hub, listener in zip(two_hubs, listeners, strict=True):
        async with asyncio.timeout(SECONDS):
            while len(told := await ordered(listener, hub, events.CHANGED_DOCUMENT)) < 3:
                await asyncio.sleep(0.05)
        assert [change["revision"] for change in told] == [2, 3, 4]


async def test_a_post_is_not_held_up_by_writes_that_begin_later() -> None:
    """One whose write has ended without an answer waits for those that were under way when it was asked for first."""
    elsewhere = Elsewhere("ours", lambda *_, **__: None, lambda _: None, lambda _: None)

    def nothing(_: list[Outcome[None]]) -> list[Any]:
        return []

    with elsewhere.writing() as first:
        with Posting(elsewhere, first, nothing).unknown():
            assert elsewhere.is_awaited(7)
        assert not elsewhere.is_awaited(7)
    with elsewhere.writing() as first, Posting(elsewhere, first, nothing).unknown():
        assert elsewhere.is_awaited(8)
        with elsewhere.writing() as second, Posting(elsewhere, second, nothing).unknown():
            assert elsewhere.is_awaited(8)
            first.is_posting = False
            assert not elsewhere.is_awaited(8)
