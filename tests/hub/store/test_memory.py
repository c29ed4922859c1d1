"""What jobs remember of accounts, groups, roots and permissions: never anything that has changed since."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from teaching_nb.errors import Forbidden
from teaching_nb.hub.access import facts
from teaching_nb.hub.documents import changes as document_changes
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.people import groups
from teaching_nb.hub.store.database import Database, memory_of
from teaching_nb.hub.store.sqlite import SqliteBackend
from tests.harness.cast import Caller, Cast, Person
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene
from tests.hub.store.test_database import HeldWriter


def _note(tx: Connection, word: str = "noted") -> list[str]:
    """Remember a word; return those that were remembered before."""
    memory = memory_of(tx)
    found = list(memory)
    memory[word] = True
    return found


def _fail(tx: Connection) -> None:
    _note(tx)
    raise LookupError("on purpose")


async def test_job_finds_what_an_earlier_one_has_noted(a_database: Database) -> None:
    """Unless a write came between that may have changed what it is about."""
    assert await a_database.write(_note, invalidates_access=False) == []
    assert await a_database.write(_note, invalidates_access=False) == ["noted"]
    await a_database.write(lambda _tx: None)
    assert await a_database.write(_note, invalidates_access=False) == []


async def test_job_that_changes_people_has_no_memory(a_database: Database) -> None:
    """It could not trust what stands there, nor may it leave behind what it has read."""
    await a_database.write(_note, invalidates_access=False)
    assert await a_database.write(lambda tx: _note(tx, "mine")) == []
    assert await a_database.write(_note, invalidates_access=False) == []


async def test_reader_has_no_memory(a_database: Database) -> None:
    """What it sees may be older than what a writer has noted."""
    await a_database.write(_note, invalidates_access=False)
    assert await a_database.read(_note) == []
    assert await a_database.read(_note) == []


async def test_memory_ends_when_somebody_else_writes(a_database: Database, tmp_path: Path) -> None:
    """Another connection to the file is noticed with the next transaction."""
    await a_database.write(_note, invalidates_access=False)
    other = sqlite3.connect(tmp_path / "hub.db")
    other.execute("UPDATE change_counter SET value = value + 1")
    assert other.in_transaction
    other.commit()
    other.close()
    assert await a_database.write(_note, invalidates_access=False) == []


async def test_memory_ends_with_a_lost_transaction(a_database: Database) -> None:
    """What was read of changes that were never stored is not believed."""
    await a_database.write(_note, invalidates_access=False)

    def break_commit(_connection: Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    backend = a_database._backend
    assert isinstance(backend, SqliteBackend)
    engine = backend._writer._engine
    event.listen(engine, "commit", break_commit)
    held = HeldWriter(a_database)
    await held.begun()
    jobs = [a_database.write(_note), a_database.write(_note, invalidates_access=False)]
    waiting = asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.sleep(0)
    with pytest.raises(Exception, match="try again"):
        await held.release()
    await waiting
    event.remove(engine, "commit", break_commit)

    assert await a_database.write(_note, invalidates_access=False) == []


async def test_memory_ends_when_a_shared_transaction_begins_anew(a_database: Database) -> None:
    """When another job of it fails, jobs run once more, and do not find what they have noted themselves."""
    held = HeldWriter(a_database)
    await held.begun()
    jobs = [a_database.write(job, invalidates_access=False) for job in (_note, _fail)]
    waiting = asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.sleep(0)
    await held.release()
    found, failed = await waiting

    assert found == []
    assert isinstance(failed, LookupError)


@pytest.mark.parametrize("invalidates_access", [True, False])
async def test_job_that_fails_alone_is_undone(a_database: Database, *, invalidates_access: bool) -> None:
    """A transaction of one job needs no savepoint; the next one begins anew."""

    def job(tx: Connection) -> None:
        tx.exec_driver_sql("UPDATE change_counter SET value = 77")
        _fail(tx)

    with pytest.raises(LookupError):
        await a_database.write(job, invalidates_access=invalidates_access)

    found = await a_database.read(lambda tx: tx.exec_driver_sql("SELECT value FROM change_counter").scalar_one())
    assert found != 77
    await a_database.write(_note, invalidates_access=False)


async def test_rights_lost_in_the_same_transaction_count(a_hub: RunningHub, a_scene: Scene, a_cast: Cast) -> None:
    """What an earlier job of a shared commit has taken away, a later one does not find in its memory."""
    root_id = await a_scene.root("RO", groups={a_cast.class_a: "RW"})
    document_id = await a_scene.document(a_cast.student1, root_id)
    wanted = [Change(a_cast.student1.actor, document_id, {"code": "1"})]
    database = a_hub.database
    (first,) = await database.write(lambda tx: document_changes.change_all(tx, wanted), invalidates_access=False)
    assert isinstance(first, Outcome)

    wanted = [Change(a_cast.student1.actor, document_id, {"code": "2"})]
    held = HeldWriter(database)
    await held.begun()
    jobs = asyncio.gather(
        database.write(lambda tx: groups.remove_member(tx, a_cast.admin.actor, a_cast.class_a, a_cast.student1.id)),
        database.write(lambda tx: document_changes.change_all(tx, wanted), invalidates_access=False),
    )
    await asyncio.sleep(0)
    await held.release()
    _, (second,) = await jobs

    assert isinstance(second, Forbidden)


async def test_changes_in_a_row_read_rights_once(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, as_person: Callable[[Person], Caller]
) -> None:
    """Rights are read again after a write that may have changed them, and not for every change."""
    root_id = await a_scene.root()
    document_id = await a_scene.document(a_cast.student1, root_id)
    student = as_person(a_cast.student1)
    asked: list[str] = []
    backend = a_hub.database._backend
    assert isinstance(backend, SqliteBackend)
    engine = backend._writer._engine
    event.listen(engine, "before_cursor_execute", lambda _c, _d, statement, *_: asked.append(statement))

    counts = []
    for number in range(4):
        if number == 2:
            await a_scene.root()
        asked.clear()
        assert (await student.put(f"/documents/{document_id}", {"data": number})).status_code == 204
        counts.append(sum("FROM user_permissions" in statement for statement in asked))

    assert counts == [1, 0, 1, 0]


async def test_memory_of_rights_has_a_bound(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes below ever new roots, with no write about people between them, do not make it longer and longer."""
    roots = [await a_scene.root(shared="RW", groups={a_cast.class_a: "RW"}) for _ in range(20)]
    document_ids = [await a_scene.document(a_cast.student1, root_id) for root_id in roots]
    monkeypatch.setattr(facts, "_MOST", 20)

    sizes = []
    for number, document_id in enumerate(document_ids):
        change = Change(a_cast.student1.actor, document_id, {"code": f"{number}"})

        def job(tx: Connection, change: Change = change) -> tuple[int, Any]:
            (result,) = document_changes.change_all(tx, [change])
            return len(memory_of(tx)[facts._Known].roots), result

        size, result = await a_hub.database.write(job, invalidates_access=False)
        assert isinstance(result, Outcome)
        sizes.append(size)

    assert sizes[:3] == [1, 2, 3]
    assert max(sizes) < 10


async def test_what_is_forgotten_stays_with_whoever_decides_by_it(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes of one transaction are judged by the same rights, also when much else is read between them."""
    roots = [await a_scene.root(shared="RW", groups={a_cast.class_a: "RW"}) for _ in range(3)]
    first, live, last = [await a_scene.document(a_cast.student1, root_id) for root_id in roots]
    await a_hub.database.write(lambda tx: update_log.create(tx, live))
    monkeypatch.setattr(facts, "_MOST", 2)
    changes = [Change(a_cast.student1.actor, document_id, {"code": "new"}) for document_id in (first, live, last)]

    results = await a_hub.database.write(lambda tx: document_changes.change_all(tx, changes), invalidates_access=False)

    assert [getattr(getattr(result, "record", result), "data", result) for result in results] == [{"code": "new"}] * 3
