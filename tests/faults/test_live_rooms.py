"""Live rooms when the database answers late, or not at all: what is stored reaches everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from teaching_nb.errors import Unavailable
from teaching_nb.hub.config import Settings
from teaching_nb.hub.documents.update_log import LiveState
from teaching_nb.hub.store.database import Database
from tests.faults.school import School, copy_of
from tests.harness.cast import Person
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub, serving


class TroubledDatabase:
    """A database that can be told to answer late, or to lose its connection in the middle of a commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.loses_the_next_answer = False
        self.has_loaded = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def write(self, job: Callable[[Connection], Any], **options: Any) -> Any:
        """Run a job, and perhaps say that it failed although it was committed."""
        if not self.loses_the_next_answer:
            return await self._database.write(job, **options)
        self.loses_the_next_answer = False
        await self._database.write(job, **{**options, "committed": None})
        raise Unavailable("the connection to the database was lost")

    async def read(self, job: Callable[[Connection], Any]) -> Any:
        """Run a job; whoever loads a live document waits for its answer until it may come."""
        result = await self._database.read(job)
        if isinstance(result, LiveState):
            self.has_loaded.set()
            await self.may_answer.wait()
        return result


@pytest.fixture
def settings(tmp_path: Path, a_seeded_school: tuple[Path, School]) -> Settings:
    """Return the settings of a hub on a copy of the school's data."""
    return Settings(data_dir=copy_of(a_seeded_school[0], tmp_path / "hub"), port=0)


@pytest.fixture
async def a_hub(settings: Settings) -> AsyncIterator[RunningHub]:
    """Run a hub in the test's own event loop, whose rooms can be given trouble."""
    async with serving(settings) as hub:
        yield hub


@pytest.fixture
def its_database(a_hub: RunningHub) -> TroubledDatabase:
    """Return the database behind the live rooms of the hub, which does as it is told."""
    rooms = a_hub.live
    troubled = TroubledDatabase(rooms._database)
    for user in (rooms, rooms.documents, rooms._commits):
        user._database = troubled  # type: ignore[assignment]
    return troubled


@asynccontextmanager
async def an_editor(hub: RunningHub, person: Person, school: School) -> AsyncIterator[Editor]:
    """Connect somebody who edits the school's text."""
    listener = Listener(hub, person)
    await listener.connect()
    yield Editor(listener, school.text_id)
    await listener.disconnect()


async def test_edit_whose_commit_was_not_confirmed_reaches_the_others(
    a_hub: RunningHub, its_database: TroubledDatabase, a_school: School
) -> None:
    """The writer is refused and sends again, which changes nothing any more; the others are told all the same."""
    cast = a_school.cast
    async with an_editor(a_hub, cast.student1, a_school) as ada, an_editor(a_hub, cast.student2, a_school) as bob:
        await ada.sync()
        await bob.sync()
        its_database.loses_the_next_answer = True
        edit = ada.edit("stored, ")

        refused = await ada.send(edit)
        again = await ada.send(edit)
        await bob.receive()
        await ada.write("and more, ")
        await bob.receive()

        assert refused["error"]["status"] == 503
        assert again["ok"]
        assert bob.text == ada.text == "and more, stored, "


async def test_doubt_about_a_commit_ends_when_everybody_has_left(
    a_hub: RunningHub, its_database: TroubledDatabase, a_school: School
) -> None:
    """Nothing is remembered of it, and whoever comes later finds what was stored."""
    cast = a_school.cast
    async with an_editor(a_hub, cast.student1, a_school) as ada:
        await ada.sync()
        its_database.loses_the_next_answer = True
        await ada.write("stored, ")
        doubtful = dict(a_hub.live.documents._uncertain_commits)

    async with asyncio.timeout(20):
        while a_hub.live.documents._uncertain_commits:
            await asyncio.sleep(0.05)
    async with an_editor(a_hub, cast.student2, a_school) as bob:
        await bob.sync()

        assert doubtful.keys() == {a_school.text_id}
        assert bob.text == "stored, "


async def test_change_by_rest_during_the_load_of_a_room_is_in_it(
    a_hub: RunningHub, its_database: TroubledDatabase, a_school: School
) -> None:
    """Whoever opens a document just when it is replaced sees the new text, and can edit it."""
    cast, path = a_school.cast, f"{a_hub.url}/api/v1/documents/{a_school.text_id}"
    async with an_editor(a_hub, cast.student1, a_school) as ada, an_editor(a_hub, cast.student2, a_school) as bob:
        await ada.sync()
        rooms = a_hub.live
        rooms.documents.throw_away(rooms.documents._open[a_school.text_id])
        its_database.may_answer.clear()
        syncing = asyncio.create_task(bob.sync())
        async with asyncio.timeout(20):
            await its_database.has_loaded.wait()

        async with httpx.AsyncClient(headers=cast.teacher.headers, timeout=30) as client:
            answer = await client.put(path, json={"data": {"code": "replaced"}})
        await ada.listener.heard_so_far()
        its_database.may_answer.set()
        await syncing

        assert answer.status_code == 204
        assert bob.text == "replaced"
        assert (await bob.write("and edited, "))["ok"]
