"""What is stored or announced together goes the way to others together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from teaching_nb.hub.delivery import gathering, transport
from teaching_nb.hub.store.tables import posted_announcements as posted
from teaching_nb.schema import events
from tests.harness.cast import Caller, Cast, Person
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo, ordered
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]


async def test_changes_that_are_stored_together_are_posted_together(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str
) -> None:
    """One number for all of them; each is told at the other process to everybody but the socket that has sent it."""
    authors = (people.student1, people.student2, people.student3)
    sockets = [await connect_to(two_hubs[1], author) for author in authors]
    documents = [
        await Scene(two_hubs[0].database).document(author, a_root, type_name="choice_answer", data={"value": 0})
        for author in authors
    ]

    async def change(number: int, value: int) -> None:
        headers = {events.SENDER_HEADER: sockets[number].sid}
        caller = call(two_hubs[0], authors[number])
        answer = await caller.put(f"/documents/{documents[number]}", {"data": {"value": value}}, headers=headers)
        assert answer.status_code == 204, answer.text

    async with asyncio.timeout(60):
        await asyncio.gather(*(change(number, value) for value in range(1, 5) for number in range(3)))

    rows = await two_hubs[0].database.read(lambda tx: tx.execute(posted.select()).all())
    assert len(rows) < 12
    for number, socket in enumerate(sockets):
        told = await ordered(socket, two_hubs[1], events.CHANGED_DOCUMENT)
        others = [document for document in documents if document != documents[number]]
        assert sorted(str(change["id"]) for change in told) == sorted(others * 4)


async def test_crowd_is_told_at_once_of_what_both_processes_announce(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one has announced waits a moment for the other, at both; what is told meanwhile is not overtaken."""
    for name, seconds in (("SECONDS_PER_SOCKET", 60.0), ("MOST_SECONDS", 60.0), ("RECENT_SECONDS", 600.0)):
        monkeypatch.setattr(gathering, name, seconds)
    monkeypatch.setattr(transport, "CROWD", 1)
    document = await Scene(two_hubs[0].database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )
    listeners = [await connect_to(hub, people.teacher) for hub in two_hubs]

    async def change(hub: RunningHub, value: int) -> None:
        answer = await call(hub, people.student1).put(f"/documents/{document}", {"data": {"value": value}})
        assert answer.status_code == 204, answer.text

    await change(two_hubs[0], 1)
    for listener in listeners:
        assert (await listener.hears(events.CHANGED_DOCUMENT))["revision"] == 2
    await change(two_hubs[1], 2)
    async with asyncio.timeout(20):
        while not all(hub.hub._transport._due.has_crowd for hub in two_hubs):
            await asyncio.sleep(0.005)
    assert [listener.tally[events.CHANGED_DOCUMENT] for listener in listeners] == [1, 1]
    await change(two_hubs[0], 3)

    for listener in listeners:
        assert [(await listener.hears(events.CHANGED_DOCUMENT))["revision"] for _ in range(2)] == [3, 4]
