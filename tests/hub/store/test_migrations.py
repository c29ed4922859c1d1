"""Upgrading the database of an older version without losing anything."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, select, text

from teaching_nb.hub.people import sessions
from teaching_nb.hub.store import change_numbers, migrations
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import documents, metadata, users
from tests.hub.store.raw_database import in_database

ROOT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
DOCUMENT = "33333333-3333-4333-8333-333333333333"

OLD_ROWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("INSERT INTO users (id, email, created_at, updated_at) VALUES (:id, 'a@school.test', 5, 5)", {"id": USER}),
    ("INSERT INTO document_roots (id, created_at) VALUES (:id, 5)", {"id": ROOT}),
    (
        """INSERT INTO documents (id, author_id, root_id, type, data, created_at, updated_at)
        VALUES (:id, :author, :root, 'code', :data, 5, 5)""",
        {"id": DOCUMENT, "author": USER, "root": ROOT, "data": '{"code":"x"}'},
    ),
)


def at_revision(path: Path, revision: str) -> None:
    """Create a file as a version of the past left it, or bring one back to it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _bring_to(connection, revision)
    engine.dispose()


async def old_database(url: str, revision: str) -> None:
    """Create a database as a version of the past left it, with a document in it."""

    def job(connection: Connection) -> None:
        _bring_to(connection, revision)
        for statement, values in OLD_ROWS:
            connection.execute(text(statement), values)

    await in_database(url, job)


def _bring_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    is_new = MigrationContext.configure(connection).get_current_revision() is None
    (command.upgrade if is_new else command.downgrade)(config, revision)


@pytest.mark.on_both_databases
async def test_database_of_the_first_version_is_upgraded(an_empty_url: str) -> None:
    """Rows stay, the tables become those of this version, and catching up works from there."""
    await old_database(an_empty_url, "0001")

    database = await Database.open(an_empty_url)

    try:
        differences = await database.read(lambda tx: compare_metadata(MigrationContext.configure(tx), metadata))
        document = await database.read(lambda tx: tx.execute(select(documents)).one())
        user = await database.read(lambda tx: tx.execute(select(users)).one())
        high_water_mark = await database.read(change_numbers.high_water_mark)
        secret = await database.read(sessions.cookie_secret)
    finally:
        await database.close()
    assert differences == []
    assert (document.id, document.data, document.changed) == (DOCUMENT, {"code": "x"}, 0)
    assert (user.email, user.access_changed) == ("a@school.test", 0)
    assert high_water_mark.number > 0
    assert len(secret) == 32


def test_newest_revision_is_named() -> None:
    """A database that has it is taken for upgraded without asking Alembic."""
    assert ScriptDirectory(Path(migrations.__file__).parent).get_heads() == [migrations.NEWEST]


async def test_every_database_has_a_secret_of_its_own(tmp_path: Path) -> None:
    """A cookie of one hub says nothing to another, and opening again does not change it."""
    found = []
    for name in ("a", "b", "a"):
        database = await Database.open(f"sqlite:///{tmp_path / name}.db")
        found.append(await database.read(sessions.cookie_secret))
        await database.close()

    assert found[0] == found[2] != found[1]


async def test_downgrade_unpacks_the_log(tmp_path: Path) -> None:
    """A database that goes back to an older version holds logs that this version can read, and no history."""
    path = tmp_path / "hub.db"
    database = await Database.open(f"sqlite:///{path}")
    await database.close()
    new = sqlite3.connect(path)
    new.execute("INSERT INTO users (id, email, created_at, updated_at) VALUES (?, 'a@school.test', 5, 5)", (USER,))
    new.execute("INSERT INTO document_roots (id, created_at) VALUES (?, 5)", (ROOT,))
    new.execute(
        "INSERT INTO documents (id, author_id, root_id, type, data, created_at, updated_at) "
        "VALUES (?, ?, ?, 'code', '{}', 5, 5)",
        (DOCUMENT, USER, ROOT),
    )
    for number, entry, is_packed in ((0, b"plain", 0), (1, zlib.compress(b"packed"), 1)):
        new.execute("INSERT INTO live_updates VALUES (?, ?, ?, NULL, 5, ?)", (DOCUMENT, number, entry, is_packed))
    new.commit()
    new.close()

    at_revision(path, "0002")

    old = sqlite3.connect(path)
    assert old.execute('SELECT "update" FROM live_updates ORDER BY number').fetchall() == [(b"plain",), (b"packed",)]
    assert (
        old.execute("SELECT name FROM sqlite_master WHERE name LIKE '%version%' AND name LIKE 'document%'").fetchall()
        == []
    )
    old.close()
