"""Changing documents with single statements: whatever others do meanwhile, nobody can tell it from a transaction."""

from __future__ import annotations

from functools import partial
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, text

from teaching_nb.errors import Stale, Unavailable
from teaching_nb.hub.delivery.announcements import Announcements
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.delivery.writes import DocumentWrites
from teaching_nb.hub.documents import changes_postgresql, update_log
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.documents.changes_postgresql import ATTEMPTS, DocumentChanges
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.postgresql_statements import LostRace
from tests.hub.documents.change_results import alone, every_kind_of_change, told
from tests.hub.documents.changing_class import CASES, INTERVENTIONS, Class, before
from tests.hub.scenes import Scene

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the statements that are run from now on: "read" or "write"."""
    asked: list[str] = []
    for name in ("read", "write"):
        before(monkeypatch, name, partial(_note, asked, name), times=1_000)
    return asked


async def _note(asked: list[str], name: str) -> None:
    asked.append(name)


@pytest.mark.parametrize("moment", ["remembered", "before storing", "before storing from memory"])
@pytest.mark.parametrize(("intervention", "revision"), CASES)
async def test_what_others_do_counts_at_once(
    a_class: Class, monkeypatch: pytest.MonkeyPatch, intervention: str, moment: str, revision: int | None
) -> None:
    """Whenever it is committed, before anything is stored: the result is the one of a change that begins then."""
    await a_class.change({"code": "first"})
    wanted = a_class.wanting({"code": "mine"}, revision=revision)
    expected: list[Any] = []

    async def intervene() -> None:
        await a_class.others.write(lambda tx: INTERVENTIONS[intervention](tx, a_class))
        expected.extend([told(await a_class.others.write(lambda tx: alone(tx, wanted))), await a_class.stored()])

    if moment == "remembered":
        await intervene()
    else:
        if moment == "before storing":
            a_class.changes = DocumentChanges(a_class.statements)
        before(monkeypatch, "write", intervene)
    result = await a_class.change({"code": "mine"}, revision=revision)

    is_stored = isinstance(result, Outcome)
    now = (result.record.data, result.record.revision) if is_stored else expected[1]
    assert (told(result), await a_class.stored()) == (expected[0], now)


async def test_revision_that_others_have_made_can_be_changed(a_class: Class) -> None:
    """The hub remembers an older one, which is no reason to refuse."""
    await a_class.change({"code": "first"})
    await a_class.others.write(lambda tx: INTERVENTIONS["another change"](tx, a_class))

    assert (await a_class.change({"code": "mine"}, revision=3)).record.revision == 4


@pytest.mark.parametrize("moment", ["read", "write"])
async def test_document_that_becomes_live_is_left_to_a_transaction(
    a_class: Class, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Its log has to change along with it; nothing is stored that the log does not know."""
    await a_class.change({"code": "first"})

    async def make_live() -> None:
        await a_class.others.write(lambda tx: update_log.create(tx, a_class.document_id))

    if moment == "read":
        a_class.changes = DocumentChanges(a_class.statements)
    before(monkeypatch, moment, make_live)

    assert await a_class.change({"code": "mine"}) is None
    assert await a_class.stored() == ({"code": "first"}, 2)


async def test_storing_is_a_serializable_transaction(a_class: Class) -> None:
    """Whoever makes a document live of what they have read cannot commit when the document was changed meanwhile."""
    await a_class.change({"code": "first"})
    other = await asyncpg.connect(_url_of(a_class.database))
    transaction = other.transaction(isolation="serializable")
    await transaction.start()
    await other.fetch("SELECT data FROM documents WHERE id = $1", a_class.document_id)
    await other.execute("INSERT INTO live_texts VALUES ($1, 0, 0, 0)", a_class.document_id)

    result = await a_class.change({"code": "mine"})

    with pytest.raises(asyncpg.SerializationError):
        await transaction.commit()
    await other.close()
    assert result.record.revision == 3
    assert await a_class.stored() == ({"code": "mine"}, 3)


async def test_nothing_is_stored_in_any_other_transaction(a_class: Class) -> None:
    """A connection that has lost its settings is not trusted."""
    await a_class.change({"code": "first"})
    await a_class.driver.execute("SET default_transaction_isolation = 'read committed'")

    assert await a_class.change({"code": "mine"}) is None
    assert await a_class.stored() == ({"code": "first"}, 2)


async def test_all_kinds_of_changes_lead_to_the_same(a_class: Class) -> None:
    """For all accesses, callers and ways of asking, outcome, receivers and refusals are those of `documents`."""
    for batch in await every_kind_of_change(Scene(a_class.database), a_class.cast):

        def ask_alone(tx: Connection, batch: list[Change] = batch) -> list[Any]:
            return [told(alone(tx, one)) for one in batch]

        expected = await a_class.others.write(ask_alone)
        results = await a_class.changes.change_all(batch, committed=a_class.committed.append)
        assert results is not None
        assert [told(one) for one in results] == expected


async def test_second_change_asks_once(a_class: Class, counted: list[str]) -> None:
    """What the hub has left itself need not be read again."""
    for number in range(3):
        assert (await a_class.change({"code": str(number)})).record.revision == 2 + number
    assert counted == ["read", "write", "write", "write"]


async def test_changes_of_one_document_follow_each_other(a_class: Class, counted: list[str]) -> None:
    """Also within one statement, and whether it is remembered or not."""
    for first in (1, 3):
        wanted = [
            a_class.wanting({"code": f"{first}a"}, revision=first),
            a_class.wanting({"code": "late"}, revision=first),
            a_class.wanting({"code": f"{first}b"}, revision=first + 1),
            a_class.wanting({"code": f"{first}b"}),
        ]
        results = await a_class.changes.change_all(wanted, committed=a_class.committed.append)
        assert results is not None
        assert isinstance(results[1], Stale)
        assert [one.record.revision for one in results if isinstance(one, Outcome)] == [first + 1, first + 2, first + 2]
        assert await a_class.stored() == ({"code": f"{first}b"}, first + 2)
    assert counted == ["read", "write"] * 2


@pytest.mark.parametrize(("data", "is_change"), [({"a": 1}, False), ({"a": 1.0}, True), ({"a": True}, True)])
async def test_equal_data_changes_nothing(a_class: Class, data: Any, *, is_change: bool) -> None:
    """Also when only a fingerprint of what is stored is at hand."""
    await a_class.change({"a": 1})
    result = await a_class.change(data)
    assert (result.record.revision, len(result.notifications)) == ((3, 1) if is_change else (2, 0))


async def test_memory_is_bounded(a_class: Class, monkeypatch: pytest.MonkeyPatch, counted: list[str]) -> None:
    """What is too much is forgotten, and read again."""
    monkeypatch.setattr(changes_postgresql, "MOST", 1)
    second = await Scene(a_class.database).document(a_class.cast.student2, a_class.root_id)
    third = Change(a_class.cast.student2.actor, second, {"code": "other"})

    await a_class.change({"code": "a"})
    await a_class.changes.change_all([third], committed=a_class.committed.append)
    assert (await a_class.change({"code": "b"})).record.revision == 3

    assert counted == ["read", "write"] * 3
    assert set(a_class.changes._rows) == {a_class.document_id}


async def test_who_always_loses_the_race_changes_in_a_transaction(
    a_class: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few attempts; the transaction tries more often, and waits in between."""
    attempts: list[int] = []

    async def lose() -> None:
        attempts.append(1)
        raise LostRace

    before(monkeypatch, "write", lose, times=1_000)
    writes = DocumentWrites(a_class.database, Announcements(Rooms(RoomChanges())))

    changed = await writes.change(a_class.wanting({"code": "mine"}))

    assert (changed.revision, len(attempts)) == (2, ATTEMPTS)
    assert await a_class.stored() == ({"code": "mine"}, 2)


async def test_connection_that_has_ended_is_replaced(a_class: Class) -> None:
    """Nobody notices that the server has ended it while it was not used."""
    await a_class.change({"code": "first"})
    await _end(a_class)
    while not a_class.driver.is_closed():
        await a_class.others.read(lambda _tx: None)
    assert (await a_class.change({"code": "second"})).record.revision == 3


@pytest.mark.parametrize("statement", ["read", "write"])
async def test_connection_that_ends_meanwhile(a_class: Class, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Reading is tried again; of a change nobody knows whether it was stored, so it is refused as such."""
    await a_class.change({"code": "first"})
    driver = a_class.driver
    a_class.changes = DocumentChanges(a_class.statements)
    fetch, is_to_end = asyncpg.Connection.fetch, "UPDATE" if statement == "write" else "json_agg"

    async def ending(self: Any, sql: str, *values: Any) -> Any:
        if self is driver and is_to_end in sql:
            await _end(a_class)
        return await fetch(self, sql, *values)

    monkeypatch.setattr(asyncpg.Connection, "fetch", ending)

    if statement == "read":
        assert (await a_class.change({"code": "mine"})).record.revision == 3
    else:
        with pytest.raises(Unavailable):
            await a_class.change({"code": "mine"})
        assert (await a_class.change({"code": "mine"})).record.revision == 3
    assert await a_class.stored() == ({"code": "mine"}, 3)


async def _end(of: Class) -> None:
    """Have the server end the connection of the statements."""
    pid = of.driver.get_server_pid()
    await of.others.write(lambda tx: tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid}).scalar_one())


def _url_of(database: Database) -> str:
    backend: Any = database._backend
    url: str = backend._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return url
