"""A teacher who watches a student hears of what the student does, at whichever process that is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from teaching_nb.schema import events
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo
from tests.hub.driver import DATA_EVENTS
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]


@pytest.fixture
async def a_watcher(two_hubs: Hubs, people: Cast, connect_to: ConnectTo) -> Listener:
    """Return the page of a teacher at the second process, who watches student 1."""
    page = await connect_to(two_hubs[1], people.teacher, is_page=True)
    assert await page.call(events.FOLLOW_DOCUMENTS, {"userId": people.student1.id, "on": True}) is True
    return page


async def test_states_that_change_at_another_process_are_seen(
    two_hubs: Hubs, people: Cast, *, call: Call, a_watcher: Listener
) -> None:
    """What the student begins, changes and deletes, in this order; and nothing of a classmate."""
    root = await Scene(two_hubs[0].database).root()
    student, classmate = call(two_hubs[0], people.student1), call(two_hubs[0], people.student2)
    wanted = {"documentRootId": root, "type": "task_state", "data": {"state": "unset"}}
    await classmate.post("/documents", wanted)
    document = (await student.post("/documents", wanted)).json()["id"]
    for state in ("question", "checked"):
        await student.put(f"/documents/{document}", {"data": {"state": state}})
    await student.delete(f"/documents/{document}")

    assert (await a_watcher.hears(events.NEW_RECORD))["record"]["id"] == document
    states = [(await a_watcher.hears(events.CHANGED_DOCUMENT))["data"]["state"] for _ in range(2)]
    assert states == ["question", "checked"]
    assert (await a_watcher.hears(events.DELETED_RECORD))["id"] == document
    assert not any(name in DATA_EVENTS for name, _ in a_watcher.heard)


async def test_live_text_that_is_typed_at_another_process_is_seen(
    two_hubs: Hubs, people: Cast, *, a_watcher: Listener, connect_to: ConnectTo
) -> None:
    """As whoever follows it live, and as the text that is written back, without following it."""
    scene = Scene(two_hubs[0].database)
    document = await scene.document(people.student1, await scene.root())
    student = Editor(await connect_to(two_hubs[0], people.student1, is_page=True), document)
    await student.sync()
    await student.write("one ")
    changed = await a_watcher.hears(events.CHANGED_DOCUMENT)
    assert (changed["id"], changed["data"]["code"]) == (document, "one x")

    watching = Editor(a_watcher, document)
    assert (await watching.sync())["ok"]
    await student.write("two ")
    await watching.receive()
    assert watching.text == "two one x"


async def test_teacher_who_loses_a_student_at_another_process_sees_no_more(
    two_hubs: Hubs, people: Cast, *, call: Call, a_watcher: Listener
) -> None:
    """As soon as the student has left the class, wherever that was done."""
    root = await Scene(two_hubs[0].database).root()
    admin, student = call(two_hubs[0], people.admin), call(two_hubs[0], people.student1)
    assert (await admin.delete(f"/studentGroups/{people.class_a}/members/{people.student1.id}")).status_code < 300
    await student.post("/documents", {"documentRootId": root, "type": "task_state", "data": {"state": "unset"}})

    async with asyncio.timeout(10):
        while (member := two_hubs[1].member(a_watcher.sid)) and member.requested:
            await asyncio.sleep(0.01)
    assert not any(name in DATA_EVENTS for name, _ in a_watcher.heard)
