"""Upgrading the database of an older version without losing anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select

from teaching_nb.hub import migrations
from teaching_nb.hub.database import Database
from teaching_nb.hub.services import changes, sessions
from teaching_nb.hub.tables import documents, metadata, users

ROOT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
DOCUMENT = "33333333-3333-4333-8333-333333333333"


def at_revision(path: Path, revision: str) -> None:
    """Create a database as a version of the past left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


async def test_database_of_the_first_version_is_upgraded(tmp_path: Path) -> None:
    """Rows stay, the tables become those of this version, and catching up works from there."""
    path = tmp_path / "hub.db"
    at_revision(path, "0001")
    old = sqlite3.connect(path)
    old.execute("INSERT INTO users (id, email, created_at, updated_at) VALUES (?, 'a@school.test', 5, 5)", (USER,))
    old.execute("INSERT INTO document_roots (id, created_at) VALUES (?, 5)", (ROOT,))
    old.execute(
        "INSERT INTO documents (id, author_id, root_id, type, data, created_at, updated_at) "
        "VALUES (?, ?, ?, 'code', '{\"code\":\"x\"}', 5, 5)",
        (DOCUMENT, USER, ROOT),
    )
    old.commit()
    old.close()

    database = await Database.open(f"sqlite:///{path}")

    try:
        differences = await database.read(lambda tx: compare_metadata(MigrationContext.configure(tx), metadata))
        document = await database.read(lambda tx: tx.execute(select(documents)).one())
        user = await database.read(lambda tx: tx.execute(select(users)).one())
        horizon = await database.read(changes.horizon)
        secret = await database.read(sessions.cookie_secret)
    finally:
        await database.close()
    assert differences == []
    assert (document.id, document.data, document.changed) == (DOCUMENT, {"code": "x"}, 0)
    assert (user.email, user.access_changed) == ("a@school.test", 0)
    assert horizon.number > 0
    assert len(secret) == 32


async def test_every_database_has_a_secret_of_its_own(tmp_path: Path) -> None:
    """A cookie of one hub says nothing to another, and opening again does not change it."""
    found = []
    for name in ("a", "b", "a"):
        database = await Database.open(f"sqlite:///{tmp_path / name}.db")
        found.append(await database.read(sessions.cookie_secret))
        await database.close()

    assert found[0] == found[2] != found[1]
