"""A document that several people edit, the clock by which its versions are made, and a class that changes many."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from teaching_nb.hub.store.database import Database
from tests.harness.cast import Cast
from tests.harness.clocks import WallClock
from tests.harness.editors import Editor, following
from tests.harness.listeners import Connect
from tests.hub.documents.changing_class import Class
from tests.hub.scenes import Scene


@pytest.fixture
def a_clock(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """Return a clock that the test moves."""
    return WallClock(monkeypatch)


@pytest.fixture
async def a_document(a_scene: Scene, a_cast: Cast) -> str:
    """Return a document of student 1 with the text `x`, which everybody may edit."""
    return await a_scene.document(a_cast.student1, await a_scene.root(shared="RW"))


@pytest.fixture
async def an_author(a_cast: Cast, connect_as: Connect, a_document: str) -> Editor:
    """Return student 1, who follows the document."""
    return await following(connect_as, a_cast.student1, a_document)


@pytest.fixture
async def a_guest(a_cast: Cast, connect_as: Connect, a_document: str) -> Editor:
    """Return student 2, who follows the document."""
    return await following(connect_as, a_cast.student2, a_document)


@pytest.fixture
async def a_class(a_seeded_database: tuple[str, Cast]) -> AsyncIterator[Class]:
    """Return a class at a database of its own."""
    url, cast = a_seeded_database
    database, others = await Database.open(url), await Database.open(url)
    found = Class(database, others, cast)
    await found.prepare()
    yield found
    await database.close()
    await others.close()
