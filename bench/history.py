"""How much room a document takes that is edited 100,000 times: its log, its versions, and the file around them.

    python bench/history.py [--edits 100000] [--pace 0.3]

Uses the services of the hub on a SQLite file of its own, with a clock that goes `pace` seconds per edit.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pycrdt
from sqlalchemy import Connection, func, select, text

from teaching_nb.hub import clock
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.documents import documents, update_log
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents.update_log import Snapshot
from teaching_nb.hub.people import users
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import document_versions, live_updates
from teaching_nb.schema import wire

TEXT_SIZE = 2_000
"""Characters that the text has on average."""

AT_ONCE = 20
"""Edits between two moments in which the hub writes the text back."""


@dataclass(frozen=True)
class Growth:
    """What a document takes after all its edits."""

    is_intact: bool
    """What the document holds, and what its log adds up to, is what was typed."""
    log_bytes: int
    versions: int
    version_bytes: int
    file_bytes: int
    """By how much the database has grown, with what is free for reuse."""
    slowest_compaction: float
    """Seconds of the slowest moment of writing back."""


class Typist:
    """Somebody who edits: a Y.Doc of their own."""

    def __init__(self, state: update_log.LiveState, *, is_orderly: bool) -> None:
        self._chance = random.Random(1)  # noqa: S311 - the same edits every time
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        for update in state.updates:
            self._doc.apply_update(update)
        self._text: pycrdt.Text = self._doc.get("data", type=pycrdt.Map)["code"]
        self._updates: list[bytes] = []
        self._doc.observe(lambda event: self._updates.append(event.update))
        self._is_orderly = is_orderly
        self._length = len(str(self._text))
        self._place = 0
        self._left = 0

    @property
    def text(self) -> str:
        """Return the text."""
        return str(self._text)

    def edit(self) -> bytes:
        """Make one edit and return its update."""
        if self._left == 0:
            # Ten keys at one place, or each one elsewhere.
            self._left = 10 if self._is_orderly else 1
            self._place = self._chance.randrange(self._length)
            self._is_deleting = self._length > TEXT_SIZE
        self._left -= 1
        if self._is_deleting:
            self._place = max(0, min(self._place, self._length - 1) - 1)
            del self._text[self._place : self._place + 1]
            self._length -= 1
        else:
            self._text.insert(self._place, self._chance.choice("abcdefghij ()=\n"))
            self._place += 1
            self._length += 1
        return self._updates.pop()


async def grow(folder: Path, edits: int, *, is_orderly: bool, pace: float) -> Growth:
    """Edit a new document in a new database, and measure both."""
    path = folder / f"{'orderly' if is_orderly else 'scattered'}.db"
    start, ahead = clock.now(), 0.0

    def now() -> int:
        return start + int(ahead * 1_000)

    with mock.patch.object(clock, "now", now):
        database = await Database.open(f"sqlite:///{path}")
        try:
            actor, document_id = await database.write(_new_document)
            state = await database.write(lambda tx: update_log.create(tx, document_id))
            typist = Typist(state, is_orderly=is_orderly)
            before = await database.write(_used)
            slowest = 0.0
            for number in range(0, edits, AT_ONCE):
                updates = [typist.edit() for _ in range(AT_ONCE)]
                ahead += AT_ONCE * pace
                snapshot = Snapshot(number + AT_ONCE, {"code": typist.text})
                slowest = max(slowest, await database.write(_storing(document_id, actor.user_id, updates, snapshot)))
            return await database.write(lambda tx: _measured(tx, document_id, typist.text, slowest, before))
        finally:
            await database.close()


def _new_document(tx: Connection) -> tuple[Actor, str]:
    person = users.create(tx, email="typist@school.test", first_name="Ty", last_name="Pist", role="student")
    actor = Actor(user_id=person.id, name=person.name, email=person.email, role=person.role)
    root_id = wire.new_id()
    document_roots.insert_root(tx, actor, root_id, document_roots.RootSettings())
    wanted = documents.NewDocument(type="code", document_root_id=root_id, data={"code": "x" * TEXT_SIZE})
    made = documents.insert_document(tx, actor, wanted, author_id=person.id, main=None)
    return actor, made.record.id


def _storing(
    document_id: str, author_id: str, updates: list[bytes], snapshot: Snapshot
) -> Callable[[Connection], float]:
    """Return what stores edits and writes the text back, and tells how long the latter took."""

    def job(tx: Connection) -> float:
        for update in updates:
            update_log.append(tx, document_id, update, author_id)
        began = time.perf_counter()
        update_log.materialize(tx, [document_id], known={document_id: snapshot})
        return time.perf_counter() - began

    return job


def _measured(tx: Connection, document_id: str, typed: str, slowest: float, before: int) -> Growth:
    log = func.sum(func.length(live_updates.c.update))
    kept = func.coalesce(func.sum(func.length(document_versions.c.content)), 0)
    count, version_bytes = tx.execute(select(func.count(), kept).select_from(document_versions)).one()
    return Growth(
        is_intact=_contents(tx, document_id) == ({"code": typed}, {"code": typed}),
        log_bytes=tx.execute(select(log)).scalar_one(),
        versions=count,
        version_bytes=version_bytes,
        file_bytes=_used(tx) - before,
        slowest_compaction=slowest,
    )


def _contents(tx: Connection, document_id: str) -> tuple[Any, Any]:
    row, state = documents.find_row(tx, document_id), update_log.load(tx, document_id)
    assert row is not None
    assert state is not None
    return row.data, LiveDoc(state.type_name, state.updates).data()


def _used(tx: Connection) -> int:
    """Return the size of the database with what is in its write-ahead log."""
    pages, size = (tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(size)


async def main(edits: int, pace: float) -> None:
    """Print a table."""
    print(f"{edits:,} edits of a text with {TEXT_SIZE:,} characters, one every {pace:g} s; bytes")
    print("| places | log | versions | their bytes | database | longest write-back |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for is_orderly in (True, False):
            grown = await grow(Path(folder), edits, is_orderly=is_orderly, pace=pace)
            assert grown.is_intact
            name = "ten keys at one place" if is_orderly else "every key elsewhere"
            sizes = f"{grown.log_bytes:,} | {grown.versions} | {grown.version_bytes:,} | {grown.file_bytes:,}"
            print(f"| {name} | {sizes} | {grown.slowest_compaction * 1_000:.0f} ms |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=100_000)
    parser.add_argument("--pace", type=float, default=0.3, help="seconds between two edits, by the hub's clock")
    given = parser.parse_args()
    asyncio.run(main(given.edits, given.pace))
