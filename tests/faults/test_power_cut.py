"""The power fails at any moment: whatever the hub had said to anybody by then is on the disk.

A kill does not show this, for the kernel keeps what a dead process wrote. So the calls of a working hub are recorded,
and the disk is rebuilt as a power cut would leave it: flushed writes are there, of later ones any part.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sqlite3
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Connection

from teaching_nb.errors import Unavailable
from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.store.database import Database
from teaching_nb.simulator.sockets import Cut
from tests.faults.disks import Disk
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.faults.syscalls import Call, calls_in, recorded
from tests.faults.writers import ListWriter
from tests.harness.live_writer import LiveWriter
from tests.harness.waiting import until

EDITS = 70
FILES = ("hub.db", "hub.db-wal")
NOISE = 30_000
"""Bytes in each list: they make the log of the database so long that it is written back and begun anew meanwhile."""

_STORED_LIST = re.compile(rb"x-document-revision: (\d+)")
_STORED_TEXT = re.compile(rb'"ok":true,"revision":(\d+)')
_WORD = re.compile(rb"word\d+;")


@pytest.mark.timeout(300)
async def test_everything_that_was_said_survives_a_power_cut(
    a_mortal_hub: MortalHub, a_school: School, tmp_path: Path
) -> None:
    """At each send of the hub the disk holds what is acknowledged or announced in it, whatever else it lost."""
    hub, before = a_mortal_hub, tmp_path / "before"
    url = await asyncio.to_thread(hub.start)
    shutil.copytree(hub.data_dir, before)
    with recorded(hub.pid, tmp_path / "calls"):
        await write(url, a_school)
        hub.kill()
    calls = calls_in(tmp_path / "calls")
    disk = Disk(before, FILES, calls)

    checked = check_each_send(disk, calls, a_school, tmp_path / "after")

    assert checked["revision"] >= 2 * EDITS, "acknowledgements of both kinds were looked at"
    assert checked["word"] >= EDITS, "words were announced to somebody else"
    assert disk.writes("hub.db") > 0, "the log was written back meanwhile"


async def write(url: str, school: School) -> None:
    """Write a list and a text, one edit after the other, while somebody listens."""
    people, chance = school.cast, random.Random(2)
    typist = LiveWriter("word", people.student1, school.text_id, random.Random(1))
    listener = LiveWriter("none", people.student2, school.text_id, random.Random(1))
    async with aiohttp.ClientSession() as client:
        lister = ListWriter("entry", people.teacher, school.record_id, client)
        for writer in (typist, listener, lister):
            await writer.begin(url)
        for number in range(EDITS):
            await typist.write()
            await lister.replace([str(number), chance.randbytes(NOISE).hex()])
        # Who is no page hears the last words a moment later.
        await until(lambda: listener.text == typist.text)
        for writer in (typist, listener):
            await writer.end()


def check_each_send(disk: Disk, calls: list[Call], school: School, folder: Path) -> dict[str, int]:
    """Cut the power at each send that says something; return how much was said."""
    chance = random.Random(3)
    checked = {"revision": 0, "word": 0}
    folder.mkdir()
    for call in calls:
        if not call.is_send:
            continue
        lists, texts, words = (pattern.findall(call.data) for pattern in (_STORED_LIST, _STORED_TEXT, _WORD))
        if not (lists or texts or words):
            continue
        disk.cut(call.begin, folder, chance)
        list_revision, text_revision, text = found_on(folder, school)
        assert list_revision >= max(map(int, lists), default=0), "an acknowledged list is lost"
        assert text_revision >= max(map(int, texts), default=0), "an acknowledged text is lost"
        assert {word.decode() for word in words} <= set(re.findall(r"word\d+;", text)), "a word was announced and lost"
        checked["revision"] += len(lists) + len(texts)
        checked["word"] += len(words)
    return checked


def found_on(folder: Path, school: School) -> tuple[int, int, str]:
    """Open the database of a hub that has lost its power; return both revisions, and the text."""
    (folder / "hub.db-shm").unlink(missing_ok=True)
    database = sqlite3.connect(folder / "hub.db")
    try:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        find = "SELECT revision FROM documents WHERE id = ?"
        (of_list,) = database.execute(find, (school.record_id,)).fetchone()
        (of_text,) = database.execute(find, (school.text_id,)).fetchone()
        live = database.execute(
            "SELECT head - materialized FROM live_texts WHERE document_id = ?", (school.text_id,)
        ).fetchone()
        log = 'SELECT "update" FROM live_updates WHERE document_id = ? ORDER BY number'
        updates = [row[0] for row in database.execute(log, (school.text_id,))]
    finally:
        database.close()
    text = str(LiveDoc("code", updates).data()["code"]) if updates else ""
    return of_list, of_text + (live[0] if live else 0), text


async def test_every_connection_that_writes_flushes_its_commits(tmp_path: Path) -> None:
    """Also those made anew after a lost transaction: write-ahead log, and a flush with each commit."""
    database = await Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    connections: list[object] = []

    def settings(tx: Connection) -> list[object]:
        connections.append(tx.connection.dbapi_connection)
        return [tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("synchronous", "journal_mode")]

    try:
        for _ in range(3):
            assert await database.write(settings) == [2, "wal"]
            with pytest.raises(Unavailable):
                await database.write(lambda tx: tx.exec_driver_sql("ROLLBACK"))
    finally:
        await database.close()
    assert len(set(map(id, connections))) == 3, "a lost transaction costs the connection"


async def test_hub_that_is_gone_is_no_answer(a_mortal_hub: MortalHub, a_school: School) -> None:
    """A writer whose hub dies before its answer is told nothing, and never that it was stored."""
    url = await asyncio.to_thread(a_mortal_hub.start)
    typist = LiveWriter("word", a_school.cast.student1, a_school.text_id, random.Random(1))
    await typist.begin(url)
    a_mortal_hub.kill()

    with pytest.raises(Cut):
        await typist.write()
    await typist.end()
