"""What other processes have stored, found with one look: the same as the logs and what is posted hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from unittest import mock

import asyncpg
import pytest

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import log_entries, update_log
from teaching_nb.hub.documents.log_entries import LogEntry, Missed
from teaching_nb.hub.documents.unheard_postgresql import _LOOK, UnheardReader
from teaching_nb.hub.store import posted_announcements
from teaching_nb.hub.store.database import Database
from tests.harness.cast import Cast, Person
from tests.hub.scenes import Scene

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


class Logs:
    """Live texts of one person in a database."""

    def __init__(self, database: Database, author: Person) -> None:
        assert database.reading_statements is not None
        self.database = database
        self.statements = database.reading_statements
        self.author = author
        self.reader = UnheardReader(database.reading_statements)

    async def live(self, entries: int) -> str:
        """Make a live text with so many edits; return its id."""
        scene = Scene(self.database)
        document_id = await scene.document(self.author, await scene.root())
        await self.database.write(lambda tx: update_log.create(tx, document_id))
        for number in range(entries):
            await self.append(document_id, f"edit {number + 1}".encode())
        return document_id

    async def append(self, document_id: str, update: bytes) -> None:
        """Add an entry to a log."""
        await self.database.write(lambda tx: update_log.append(tx, document_id, update, self.author.id))

    async def entries(self, document_id: str, after: int) -> tuple[LogEntry, ...]:
        """Return the entries of a log by the way that everybody else takes."""
        return tuple(await self.database.read(lambda tx: log_entries.entries(tx, document_id, after=after)))

    async def post(self, body: bytes) -> int:
        """Post an announcement; return its number."""
        return await self.database.write(lambda tx: posted_announcements.post(tx, "other", body))


@pytest.fixture
async def logs(a_seeded_database: tuple[str, Cast]) -> AsyncIterator[Logs]:
    """Return the logs of a database of their own."""
    url, cast = a_seeded_database
    database = await Database.open(url)
    yield Logs(database, cast.student1)
    await database.close()


async def test_a_look_finds_what_logs_have_beyond_the_numbers_and_what_was_posted(logs: Logs) -> None:
    """Of several documents, each from a number of its own; what nobody asks about, and what is not new, is left out."""
    many, one, nothing_new, not_asked = [await logs.live(count) for count in (12, 1, 3, 2)]
    numbers = [await logs.post(b"first"), await logs.post(b"second")]

    found = await logs.reader.read({many: 2, one: 0, nothing_new: 3}, numbers[0])

    assert not_asked not in found.logs
    assert found.logs == {
        many: Missed(await logs.entries(many, 2), 12, 1),
        one: Missed(await logs.entries(one, 0), 1, 1),
    }
    assert [entry.update for entry in found.logs[many].entries][-2:] == [b"edit 11", b"edit 12"]
    assert found.posted.rows == [(numbers[1], "other", b"second")]


async def test_merged_log_comes_as_its_one_entry(logs: Logs) -> None:
    """It is unpacked, and known for what it is; edits after it come behind it."""
    scene = Scene(logs.database)
    document_id = await scene.document(logs.author, await scene.root())
    state = await logs.database.write(lambda tx: update_log.create(tx, document_id))
    for _ in range(3):
        await logs.append(document_id, state.updates[0])
    with mock.patch.object(update_log, "MAX_LOG_ENTRIES", 2):
        await logs.database.write(lambda tx: update_log.materialize(tx, [document_id]))
    await logs.append(document_id, state.updates[0])

    missed = (await logs.reader.read({document_id: 1}, 0)).logs[document_id]

    assert [(entry.number, entry.is_merged) for entry in missed.entries] == [(3, True), (4, False)]
    assert missed.entries == await logs.entries(document_id, 1)
    assert (missed.head, missed.behind) == (4, 1)


async def test_a_look_says_which_transactions_are_over(logs: Logs, a_seeded_database: tuple[str, Cast]) -> None:
    """So that numbers which were posted by nobody are given up, and those that come late are not."""
    other = await asyncpg.connect(a_seeded_database[0])
    await other.execute("BEGIN; SELECT pg_current_xact_id()")
    running = int(await other.fetchval("SELECT CAST(pg_current_xact_id() AS text)"))
    await logs.post(b"early")
    during = (await logs.reader.read({}, 0)).posted
    await other.execute("COMMIT")
    await other.close()
    after = (await logs.reader.read({}, 0)).posted

    assert during.oldest_running <= running < after.oldest_running
    assert [row.body for row in during.rows] == [b"early"]


async def test_a_look_is_made_once_more_when_its_connection_has_ended(logs: Logs) -> None:
    """A server that was started anew costs nothing but time; one that is away is said to be."""
    document_id = await logs.live(1)
    await logs.reader.read({document_id: 0}, 0)
    driver: Any = logs.statements._driver
    driver.terminate()

    assert set((await logs.reader.read({document_id: 0}, 0)).logs) == {document_id}

    logs.statements._driver.terminate()
    gone = mock.patch.object(logs.statements, "_connect", side_effect=OSError("nobody there"))
    with gone, pytest.raises(Unavailable):
        await logs.reader.read({document_id: 0}, 0)


async def test_a_look_cannot_write(logs: Logs) -> None:
    """Its connection is for reading, and waits behind nobody who stores."""
    await logs.reader.read({}, 0)
    driver: Any = logs.statements._driver
    assert logs.statements is not logs.database.statements
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await driver.execute("DELETE FROM documents")


async def test_a_look_goes_by_index_from_the_beginning(logs: Logs) -> None:
    """Also by a plan that was made while tables were nearly empty: it is kept until the server counts their rows."""
    await logs.reader.read({await logs.live(1): 0}, 0)
    driver: Any = logs.statements._driver

    await driver.execute(f"PREPARE look(bigint, varchar[], bigint[]) AS {_LOOK.sql}")
    plan = "\n".join(row[0] for row in await driver.fetch("EXPLAIN EXECUTE look(0, '{x}', '{0}')"))

    assert "Seq Scan" not in plan
    for index in ("pk_live_texts", "pk_documents", "pk_live_updates", "pk_posted_announcements"):
        assert index in plan, plan
