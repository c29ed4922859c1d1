"""Copies of a hub: the backup of a running one, and the dump that another hub takes up."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, update
from typer.testing import CliRunner

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub.administration import class_file
from teaching_nb.hub.administration import dump as class_dump
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.administration.backup import backup
from teaching_nb.hub.cli import app
from teaching_nb.hub.config import (
    ADMIN_GROUP_VARIABLE,
    APP_NAME_VARIABLE,
    BASE_URL_VARIABLE,
    TRUSTED_BALANCERS_VARIABLE,
    TRUSTED_ORIGINS_VARIABLE,
    Settings,
)
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import document_roots, student_groups, users
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub, serving
from tests.hub.scenes import Scene


async def test_backup_of_a_running_hub_serves(
    a_hub: RunningHub, settings: Settings, a_cast: Cast, a_student: Caller, tmp_path: Path
) -> None:
    """The copy holds what was answered before, tokens too, and is for its owner alone."""
    root_id = await Scene(a_hub.database).root()
    body = {"type": "note", "documentRootId": root_id, "data": {"kept": True}}
    document_id = (await a_student.post("/documents", body)).json()["id"]
    target = tmp_path / "copy" / "hub.db"
    target.parent.mkdir()

    size = backup(settings.database_url, target)
    assert (await a_student.put(f"/documents/{document_id}", {"data": {"kept": False}})).status_code == 204

    assert size == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]
    async with (
        serving(replace(settings, data_dir=target.parent, database=None)) as copy,
        httpx.AsyncClient(base_url=copy.url, timeout=30) as web,
    ):
        found = await web.get(f"/api/v1/documents/{document_id}", headers=a_cast.student1.headers)
    assert found.json()["document"]["data"] == {"kept": True}


def test_backup_replaces_no_file(a_seeded_file: tuple[Path, Cast], tmp_path: Path) -> None:
    """Not even an empty one, and leaves nothing behind."""
    target = tmp_path / "copy.db"
    target.write_bytes(b"precious")

    with pytest.raises(ConfigurationError, match="exists already"):
        backup(f"sqlite:///{a_seeded_file[0]}", target)

    assert target.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [target]


def test_backup_says_what_it_cannot_do(tmp_path: Path) -> None:
    """There is nothing to copy, no place for it, or another tool for it; nothing is created."""
    with pytest.raises(ConfigurationError, match="pg_dump"):
        backup("postgresql://localhost/hub", tmp_path / "copy.db")
    with pytest.raises(ConfigurationError, match="there is no database"):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "hub.db")) as empty:
        empty.execute("CREATE TABLE t (x)")
    with pytest.raises(ConfigurationError, match="cannot write"):
        backup(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path / "missing" / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["hub.db"]


def test_backup_is_a_command(a_seeded_file: tuple[Path, Cast], tmp_path: Path) -> None:
    """It says what it wrote, and does not do it twice."""
    target, arguments = tmp_path / "copy.db", ["--database", f"sqlite:///{a_seeded_file[0]}"]

    first = CliRunner().invoke(app, ["backup", str(target), *arguments])
    second = CliRunner().invoke(app, ["backup", str(target), *arguments])

    assert (first.exit_code, first.stdout) == (0, f"wrote {target}: {target.stat().st_size} bytes\n")
    assert isinstance(second.exception, ConfigurationError)


def test_settings_for_browsers_are_documented() -> None:
    """Each has an option and a variable of the environment."""
    text = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout

    for word in (
        *("--base-url", "--trusted-origin", "--trusted-balancer", "--app-name", "--admin-group"),
        "--user-writes-per-second",
    ):
        assert word in text
    for word in (
        *(BASE_URL_VARIABLE, TRUSTED_ORIGINS_VARIABLE, TRUSTED_BALANCERS_VARIABLE),
        *(APP_NAME_VARIABLE, ADMIN_GROUP_VARIABLE),
    ):
        assert word in text


async def test_dump_of_a_full_hub_comes_back_unchanged(a_hub: RunningHub, a_cast: Cast, tmp_path: Path) -> None:
    """Bans, presentations, provisional roots, order and everything below each other survive."""
    scene = Scene(a_hub.database)
    roots = [await scene.root(shared="RO", groups={a_cast.class_a: "RW"}, creator=a_cast.student1) for _ in range(5)]
    late = [await scene.document(a_cast.student1, roots[0], data={"n": n}) for n in range(5)]
    await scene.document(a_cast.student2, roots[1], parent=None, data=None)
    await scene.document(a_cast.student1, roots[0], parent=late[3], type_name="file")

    def decorate(tx: Connection) -> None:
        ban = {"banned": True, "ban_reason": "why", "ban_expires": 1_900_000_000_123, "subject": "sid", "name": "Sid!"}
        tx.execute(update(users).where(users.c.id == a_cast.student3.id).values(ban))
        shown = {"can_present": True, "presented_document": {"id": late[0]}}
        tx.execute(update(student_groups).where(student_groups.c.id == a_cast.class_b).values(shown))
        tx.execute(update(document_roots).where(document_roots.c.id == roots[2]).values(provisional=False))

    await a_hub.database.write(decorate)
    dumped = class_file.encode(await a_hub.database.write(class_dump.dump))

    other = await Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    try:
        await other.write(lambda tx: class_load.load(tx, class_file.parse(dumped), {}))
        again = class_file.encode(await other.write(class_dump.dump))
        repeated = await other.write(lambda tx: class_load.load(tx, class_file.parse(dumped), {}))
    finally:
        await other.close()

    assert again == dumped
    assert b'"provisional": true' in dumped
    assert repeated == "loaded: nothing had to be changed"
