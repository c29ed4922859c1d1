"""Changing documents with a few statements where other processes do, too: locked first, and posted along with it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.documents.changes_postgresql import DocumentChanges
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import events
from tests.hub.documents.change_results import alone, every_kind_of_change, told
from tests.hub.documents.changing_class import CASES, INTERVENTIONS, Class, NamesPosted, before
from tests.hub.scenes import Scene

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

SECONDS = 20
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the statements that are run from now on, by what they do."""
    found: list[str] = []
    fetch = asyncpg.Connection.fetch

    async def noting(self: Any, sql: str, *values: Any) -> Any:
        kinds = {
            "change_documents": "call",
            "UPDATE documents": "store",
            "FOR NO KEY UPDATE": "lock",
            "INSERT INTO posted": "post",
        }
        found.append(next((kind for part, kind in kinds.items() if part in sql), "read"))
        return await fetch(self, sql, *values)

    monkeypatch.setattr(asyncpg.Connection, "fetch", noting)
    return found


@pytest.mark.parametrize("moment", ["remembered", "before locking", "before calling"])
@pytest.mark.parametrize(("intervention", "revision"), CASES)
async def test_what_others_do_before_the_locks_counts(
    a_class: Class, monkeypatch: pytest.MonkeyPatch, intervention: str, moment: str, revision: int | None
) -> None:
    """The result is the one of a change that begins then; what is stored is posted, and nothing else is."""
    await a_class.change_among_others({"code": "first"})
    (first,) = await a_class.posted()
    wanted = a_class.wanting({"code": "mine"}, revision=revision)
    expected: list[Any] = []

    async def intervene() -> None:
        await a_class.others.write(lambda tx: INTERVENTIONS[intervention](tx, a_class))
        expected.extend([told(await a_class.others.write(lambda tx: alone(tx, wanted))), await a_class.stored()])

    if moment == "remembered":
        await intervene()
    else:
        if moment == "before locking":
            a_class.changes = DocumentChanges(a_class.statements)
        before(monkeypatch, "call" if moment == "before calling" else "write_locked", intervene)
    result = await a_class.change_among_others({"code": "mine"}, revision=revision)

    is_stored = isinstance(result, Outcome)
    now = (result.record.data, result.record.revision) if is_stored else expected[1]
    assert (told(result), await a_class.stored()) == (expected[0], now)
    is_told = is_stored and bool(result.notifications)
    assert [name for _, name in await a_class.posted()] == [events.CHANGED_DOCUMENT] * (1 + is_told)
    assert a_class.numbers == [first[0], (await a_class.posted())[-1][0] if is_told else None]


async def test_all_kinds_of_changes_among_others_lead_to_the_same(a_class: Class) -> None:
    """For all accesses, callers and ways of asking, outcome, receivers and refusals are those of `documents`."""
    for batch in await every_kind_of_change(Scene(a_class.database), a_class.cast):

        def ask_alone(tx: Connection, batch: list[Change] = batch) -> list[Any]:
            return [told(alone(tx, one)) for one in batch]

        expected = await a_class.others.write(ask_alone)
        results = await a_class.changes.change_all_locked(
            batch, posting=a_class.posting, committed=lambda *done: a_class.committed.append(done)
        )
        assert results is not None
        assert [told(one) for one in results] == expected


async def test_next_change_among_others_reads_nothing(a_class: Class, asked: list[str]) -> None:
    """What the hub has left itself need not be read again, unless another process has changed it."""
    for number in range(2):
        assert (await a_class.change_among_others({"code": str(number)})).record.revision == 2 + number
    assert asked == ["lock", "read", "store", "post", "call"]
    asked.clear()

    await a_class.others.write(lambda tx: INTERVENTIONS["another change"](tx, a_class))
    asked.clear()

    assert (await a_class.change_among_others({"code": "mine"})).record.revision == 5
    assert asked == ["call", "lock", "read", "store", "post"]


async def test_server_that_lets_us_make_no_function_gets_the_statements(a_class: Class, asked: list[str]) -> None:
    """As where the right to temporary objects was taken from everybody; the account of the hub owns its tables only."""
    await _limit_account(a_class)
    for number in range(3):
        assert (await a_class.change_among_others({"code": str(number)})).record.revision == 2 + number
    assert asked == ["lock", "read", "store", "post", *["lock", "store", "post"] * 2]
    assert len(await a_class.posted()) == 3


async def _limit_account(a_class: Class) -> None:
    """Have what changes documents run as somebody who may make nothing."""
    owner = await asyncpg.connect(_url_of(a_class.database))
    name = f"limited_{await owner.fetchval('SELECT current_database()')}"
    await owner.execute(f"CREATE ROLE {name}; GRANT {name} TO CURRENT_USER")
    await owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
    await owner.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}")
    database = await owner.fetchval("SELECT quote_ident(current_database())")
    await owner.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    await owner.close()
    a_class.statements._settings += f"; SET ROLE {name}"


@pytest.mark.parametrize("intervention", ["permission of the user", "another change"])
async def test_a_change_waits_for_what_others_are_doing(a_class: Class, intervention: str) -> None:
    """Also when everything is remembered: what is told must not go to those who have lost it meanwhile."""
    await a_class.change_among_others({"code": "first"})
    watching = await asyncpg.connect(_url_of(a_class.database))
    changed, may_end = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(tx: Connection) -> None:
        INTERVENTIONS[intervention](tx, a_class)
        loop.call_soon(changed.set)
        _wait(tx, may_end)

    theirs = asyncio.create_task(a_class.others.write(slowly))
    async with asyncio.timeout(SECONDS):
        await changed.wait()
        ours = asyncio.create_task(a_class.change_among_others({"code": "mine"}))
        while not await watching.fetchval(_WAITING):
            await asyncio.sleep(0.005)
        may_end.set()
        await theirs
        result = await ours
    await watching.close()

    expected = {"permission of the user": "Forbidden", "another change": 4}[intervention]
    assert (result.record.revision if isinstance(result, Outcome) else type(result).__name__) == expected


def _wait(tx: Connection, event: asyncio.Event) -> None:
    from sqlalchemy.util import await_only

    await_only(event.wait())


async def test_what_cannot_be_posted_is_not_stored(a_class: Class) -> None:
    """Both are one transaction; the connection serves the next change."""
    await a_class.change_among_others({"code": "first"})

    class Failing(NamesPosted):
        async def post(self, *_: Any) -> int | None:
            raise ZeroDivisionError

    a_class.changes, posting = DocumentChanges(a_class.statements), Failing()
    with pytest.raises(ZeroDivisionError):
        await a_class.changes.change_all_locked(
            [a_class.wanting({"code": "mine"})], posting=posting, committed=lambda *done: a_class.committed.append(done)
        )
    assert (await a_class.stored(), len(a_class.committed)) == (({"code": "first"}, 2), 1)

    # What it believes to have stored by then is not there.
    assert (await a_class.change_among_others({"code": "second"}, revision=2)).record.revision == 3
    assert len(await a_class.posted()) == 2


@pytest.mark.parametrize("is_remembered", ["remembered", "anew"])
async def test_connection_that_ends_before_the_commit(
    a_class: Class, monkeypatch: pytest.MonkeyPatch, is_remembered: str
) -> None:
    """Nobody knows what was stored, so it is refused as such; the next change takes a new connection."""
    await a_class.change_among_others({"code": "first"})
    driver, execute, fetch = a_class.driver, asyncpg.Connection.execute, asyncpg.Connection.fetch

    async def ending(self: Any, sql: str, *values: Any) -> Any:
        if self is driver and sql == "COMMIT":
            driver.terminate()
        return await execute(self, sql, *values)

    async def calling(self: Any, sql: str, *values: Any) -> Any:
        if self is driver and "change_documents" in sql:
            driver.terminate()
        return await fetch(self, sql, *values)

    monkeypatch.setattr(asyncpg.Connection, "execute", ending)
    monkeypatch.setattr(asyncpg.Connection, "fetch", calling)
    if is_remembered == "anew":
        a_class.changes = DocumentChanges(a_class.statements)
    with pytest.raises(Unavailable):
        await a_class.change_among_others({"code": "lost"})

    assert (await a_class.stored(), len(a_class.committed)) == (({"code": "first"}, 2), 1)
    assert (await a_class.change_among_others({"code": "second"})).record.revision == 3


async def test_document_that_is_live_is_left_to_a_transaction_among_others(a_class: Class) -> None:
    """Its log has to change along with it; nothing is stored or posted."""
    await a_class.change_among_others({"code": "first"})
    await a_class.others.write(partial(update_log.create, document_id=a_class.document_id))

    assert await a_class.change_among_others({"code": "mine"}) is None
    assert await a_class.stored() == ({"code": "first"}, 2)
    assert len(await a_class.posted()) == 1


def _url_of(database: Database) -> str:
    backend: Any = database._backend
    url: str = backend._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return url
