"""From a commit to its announcement: in the order of the commits, whatever becomes of those who wait for them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.delivery.commits import Commits
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.store.database import Job
from teaching_nb.schema.events import ForwardedAction
from tests.harness.cast import Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene


@pytest.fixture
def announcements() -> Announcements:
    """Return a queue that nobody takes from."""
    return Announcements(Rooms(RoomChanges()))


@pytest.fixture
def commits(a_hub: RunningHub, announcements: Announcements) -> Commits:
    """Return the way into a hub's database that announces to the queue."""
    return Commits(a_hub.database, announcements)


@pytest.fixture
async def counting(a_hub: RunningHub, a_cast: Cast) -> Job[Outcome[int]]:
    """Return a job that takes the next number of what all writers share, and announces it."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.student1, await scene.root())
    await a_hub.database.write(lambda tx: update_log.create(tx, document_id))

    def job(tx: Connection) -> Outcome[int]:
        number = update_log.append(tx, document_id, b"\0\0", a_cast.student1.id).number
        return Outcome(number, (Notification(ForwardedAction(action={"number": number}), ()),))

    return job


async def numbers(announcements: Announcements) -> list[int]:
    """Return what has been announced so far."""
    found = []
    while len(announcements):
        announcement = await announcements.next()
        assert announcement is not None
        found += [notification.event.payload()["number"] for notification in announcement.outcome.notifications]
    return found


@pytest.mark.on_both_databases
async def test_announcements_come_in_the_order_of_the_commits(
    commits: Commits, announcements: Announcements, counting: Job[Outcome[int]]
) -> None:
    """Of many who write at the same time; whoever has an answer is announced."""
    for _ in range(10):
        written = await asyncio.gather(*(commits.write(counting) for _ in range(6)))
        assert await numbers(announcements) == sorted(written)


async def test_commit_is_announced_though_its_caller_has_gone(
    commits: Commits, announcements: Announcements, counting: Job[Outcome[int]]
) -> None:
    """A caller that is cancelled while the job runs does not take the announcement along."""
    is_running, may_end = threading.Event(), threading.Event()

    def slow(tx: Connection) -> Outcome[int]:
        is_running.set()
        assert may_end.wait(30)
        return counting(tx)

    writing = asyncio.create_task(commits.write(slow))
    await asyncio.to_thread(is_running.wait, 30)
    writing.cancel()
    may_end.set()
    later = await commits.write(counting)

    assert writing.cancelled()
    assert await numbers(announcements) == [later - 1, later]


@pytest.mark.on_both_databases
async def test_what_is_refused_is_not_announced(
    commits: Commits, announcements: Announcements, counting: Job[Outcome[int]]
) -> None:
    """Nor is `committed` called, and whoever writes at the same time is not held up."""
    called: list[Any] = []

    def refused(tx: Connection) -> Outcome[int]:
        counting(tx)
        raise InvalidInput("no")

    failed, number = await asyncio.gather(
        commits.write(refused, committed=called.append), commits.write(counting), return_exceptions=True
    )

    assert isinstance(failed, InvalidInput)
    assert await numbers(announcements) == [number]
    assert called == []


@pytest.mark.on_both_databases
async def test_committed_is_called_before_anything_is_announced(
    commits: Commits,
    announcements: Announcements,
    *,
    counting: Job[Outcome[int]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the record; should it fail, that is logged, and announced all the same."""
    seen: list[tuple[int, int]] = []

    def note(number: int) -> None:
        seen.append((number, len(announcements)))
        raise RuntimeError("a mistake of ours")

    number = await commits.write(counting, committed=note)

    assert seen == [(number, 0)]
    assert await numbers(announcements) == [number]
    assert "what follows from a commit failed" in caplog.text


@pytest.mark.on_both_databases
async def test_mistake_in_telling_harms_nobody_else(
    a_hub: RunningHub, caplog: pytest.LogCaptureFixture, counting: Job[Outcome[int]]
) -> None:
    """What is told of a commit fails for one: that is logged, and all who commit have their answers."""

    def fail(_outcome: object) -> None:
        raise RuntimeError("a mistake of ours")

    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(*(a_hub.database.write(counting, committed=fail) for _ in range(6)))

    assert len({outcome.record for outcome in outcomes}) == 6
    assert "telling of a commit failed" in caplog.text
