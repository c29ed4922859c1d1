"""Writers at several processes wait for each other; nobody's transaction is undone and made once more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from teaching_nb.hub.store import postgresql
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]
SECONDS = 60
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every lost race be an error."""
    monkeypatch.setattr(postgresql, "ATTEMPTS", 1)


class Other:
    """Somebody else's transaction, on a connection of its own."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def ends_when_waited_for(self) -> None:
        """Commit as soon as somebody waits for it."""
        async with asyncio.timeout(SECONDS):
            while not await self.connection.fetchval(_WAITING):
                await asyncio.sleep(0.01)
                await self.connection.execute("SELECT pg_stat_clear_snapshot()")
        await self.connection.execute("COMMIT")


@pytest.fixture
async def other(a_shared_url: str) -> AsyncIterator[Other]:
    """Return a transaction that has begun."""
    connection = await asyncpg.connect(a_shared_url)
    await connection.execute("BEGIN")
    yield Other(connection)
    await connection.close()


async def a_record(hub: RunningHub, people: Cast) -> tuple[str, str]:
    """Return a document of student 1 and its root, below which they may write."""
    scene = Scene(hub.database)
    root = await scene.root("RO", users={people.student1.id: "RW"})
    return root, await scene.document(people.student1, root, type_name="choice_answer", data={"value": 0})


@pytest.mark.usefixtures("one_attempt")
async def test_edits_of_one_text_are_stored_at_the_first_attempt(
    two_hubs: Hubs, editors: tuple[Editor, Editor]
) -> None:
    """Whoever writes into it at whichever process, several at a time."""

    async def write(editor: Editor, name: str) -> None:
        for number in range(10):
            edits = [editor.edit(f"{name}{number}{letter};") for letter in "xyz"]
            answers = await asyncio.gather(*map(editor.send, edits))
            assert all(answer["ok"] for answer in answers), answers

    async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as tasks:
        for editor, name in zip(editors, "ab", strict=True):
            tasks.create_task(write(editor, name))

    for editor in editors:
        await editor.sync()
    assert editors[0].text == editors[1].text
    assert editors[0].text.count(";") == 60


@pytest.mark.usefixtures("one_attempt")
async def test_changes_at_both_processes_are_stored_at_the_first_attempt(
    two_hubs: Hubs, people: Cast, call: Call
) -> None:
    """A class that saves below one root at two processes refuses nobody."""
    scene = Scene(two_hubs[0].database)
    root = await scene.root("RW")
    documents = [
        await scene.document(people.student1, root, type_name="choice_answer", data={"value": 0}) for _ in range(8)
    ]

    async def change(number: int) -> list[int]:
        caller = call(two_hubs[number % 2], people.student1)
        url = f"/documents/{documents[number]}"
        return [(await caller.put(url, {"data": {"value": value}})).status_code for value in range(1, 9)]

    async with asyncio.timeout(SECONDS):
        found = await asyncio.gather(*map(change, range(8)))

    assert found == [[204] * 8] * 8


async def test_a_change_waits_for_a_right_that_is_being_withdrawn(
    two_hubs: Hubs, people: Cast, *, call: Call, other: Other
) -> None:
    """It is refused when that is over: what is told of it must not go to those who have lost it meanwhile."""
    root, document = await a_record(two_hubs[0], people)
    await other.connection.execute("DELETE FROM user_permissions WHERE root_id = $1", root)
    await other.connection.execute("UPDATE document_roots SET access_changed = 1 WHERE id = $1", root)

    changing = asyncio.create_task(
        call(two_hubs[1], people.student1).put(f"/documents/{document}", {"data": {"value": 1}})
    )
    await other.ends_when_waited_for()

    assert (await changing).status_code == 403


async def test_a_log_begins_with_a_change_that_is_being_stored(
    two_hubs: Hubs, people: Cast, connect_to: ConnectTo, *, other: Other
) -> None:
    """Whoever opens a text while it is changed as a whole gets what it was changed to."""
    scene = Scene(two_hubs[0].database)
    document = await scene.document(people.student1, await scene.root("RW"))
    editor = Editor(await connect_to(two_hubs[1], people.student1, is_page=True), document)
    await other.connection.execute(
        """UPDATE documents SET data = '{"code": "new"}', revision = revision + 1 WHERE id = $1""", document
    )

    opening = asyncio.create_task(editor.sync())
    await other.ends_when_waited_for()

    assert (await opening)["ok"]
    assert editor.text == "new"


async def test_a_whole_text_waits_for_an_edit_that_is_being_stored(
    two_hubs: Hubs, people: Cast, *, editors: tuple[Editor, Editor], call: Call, other: Other
) -> None:
    """The number of its change is the next one, and nothing that it replaces counts as written back."""
    ada, bob = editors
    entry = (
        "INSERT INTO live_updates (document_id, number, update, author_id, created_at)"
        " SELECT document_id, head, $2, $3, touched_at FROM live_texts WHERE document_id = $1"
    )
    await other.connection.execute("UPDATE live_texts SET head = head + 1 WHERE document_id = $1", ada.document_id)
    await other.connection.execute(entry, ada.document_id, ada.edit("edit "), people.student1.id)

    changing = asyncio.create_task(
        call(two_hubs[1], people.student1).put(f"/documents/{ada.document_id}", {"data": {"code": "whole"}})
    )
    await other.ends_when_waited_for()

    assert (await changing).status_code == 204
    await bob.sync()
    row = await other.connection.fetchrow(
        "SELECT head, materialized, revision, data FROM live_texts JOIN documents ON id = document_id WHERE id = $1",
        ada.document_id,
    )
    assert tuple(row)[:3] == (2, 2, 3)
    assert '"whole"' in row["data"]
    assert bob.text == "whole"
