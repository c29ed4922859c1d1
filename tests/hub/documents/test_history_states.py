"""Of what several people wrote, whatever way, less than the bound is missing in the history: sequences by chance."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pycrdt
import pytest
from sqlalchemy import Connection

from teaching_nb.hub.documents import changes, documents, history, update_log
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.documents.version_ends import MUCH, MUCH_OF_OTHERS, SECOND
from teaching_nb.hub.store.database import Database
from tests.harness.cast import Cast, Person, seed
from tests.harness.clocks import WallClock
from tests.hub.conftest import BOTH
from tests.hub.scenes import Scene

EDITS = 120

pytestmark = getattr(pytest.mark, BOTH)


@dataclass
class Class:
    """Several people and one text, in which every character ever written is another one."""

    database: Database
    document_id: str
    people: list[Person]
    chance: random.Random
    pages: dict[str, pycrdt.Doc[Any]] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    """What stood saved."""
    writers: dict[str, str] = field(default_factory=dict)
    """Character → who has written it last; a restore writes anew."""
    removals: list[dict[str, tuple[str, bool]]] = field(default_factory=list)
    """For each state: characters that were taken away then, by whom, and whether somebody else had written them."""
    _characters: Iterator[int] = field(default_factory=lambda: itertools.count(0x4E00))

    async def edit(self) -> None:
        """Let somebody change the text in one of all ways."""
        person = self.chance.choice(self.people)
        way = self.chance.choices([self._type, self._put, self._restore, self._write_back], [20, 2, 1, 5])[0]
        before = set(self.states[-1])
        await self.database.write(partial(way, person=person))
        self.states.append(await self.database.read(self._present))
        present = set(self.states[-1])
        self.removals.append(
            {one: (person.id, self.writers.get(one, person.id) != person.id) for one in before - present}
        )
        self.writers.update(dict.fromkeys(present - before, person.id))

    async def kept(self) -> list[str]:
        """Return the texts of all versions."""
        await self.database.write(partial(self._write_back, person=self.people[0]))
        found = await self.database.read(lambda tx: history.all_contents(tx, self.document_id))
        return [version.data["code"] for version in found]

    def missing(self, number: int, text: str) -> Counter[tuple[str, bool]]:
        """Return what a text lacks of a state, by who took it away: of everything, and of what others had written."""
        found: Counter[tuple[str, bool]] = Counter()
        for character in set(self.states[number]) - set(text):
            gone = (removed[character] for removed in self.removals[number:] if character in removed)
            remover, is_others = next(gone, ("nobody", False))
            found[remover, False] += 1
            found[remover, True] += is_others
        return found

    def _type(self, tx: Connection, *, person: Person) -> None:
        page = self.pages.setdefault(person.id, pycrdt.Doc())
        state = update_log.load(tx, self.document_id)
        assert state is not None
        for update in state.updates:
            page.apply_update(update)
        before = page.get_state()
        self._change(page.get("data", type=pycrdt.Map)["code"])
        update = page.get_update(before)
        update_log.append(tx, self.document_id, update, person.id)

    def _change(self, text: pycrdt.Text) -> None:
        whole = str(text)
        place, size = self.chance.randrange(len(whole) + 1), self.chance.choice([1, 1, 1, 2, 4, 8, 60])
        start, stop = (len(whole[:end].encode()) for end in (place, place + size))
        if start == stop or self.chance.random() < 0.55:
            text.insert(start, self._new(size))
        else:
            del text[start:stop]

    def _put(self, tx: Connection, *, person: Person) -> None:
        row, _ = documents.materialized(tx, documents.present_row(tx, self.document_id))
        kept = row.data["code"][:: self.chance.choice([1, 2, 100])]
        changes.change(tx, Change(person.actor, self.document_id, {"code": kept + self._new(3)}))

    def _restore(self, tx: Connection, *, person: Person) -> None:
        documents.materialized(tx, documents.present_row(tx, self.document_id))
        found = history.page(tx, person.actor, self.document_id, before=None, limit=5).versions
        if found:
            history.restore(tx, person.actor, self.document_id, self.chance.choice(found).number)

    def _write_back(self, tx: Connection, *, person: Person) -> None:
        update_log.materialize(tx, [self.document_id])

    def _present(self, tx: Connection) -> str:
        state = update_log.load(tx, self.document_id)
        assert state is not None
        doc: pycrdt.Doc[Any] = pycrdt.Doc()
        for update in state.updates:
            doc.apply_update(update)
        return str(doc.get("data", type=pycrdt.Map)["code"])

    def _new(self, size: int) -> str:
        return "".join(chr(next(self._characters)) for _ in range(size))


@pytest.fixture
async def a_school(a_database: Database) -> tuple[Database, Cast]:
    """Return a database with people."""
    return a_database, await a_database.write(seed)


@pytest.mark.parametrize("seed_number", range(6))
async def test_every_state_that_lost_much_is_in_the_history(
    a_school: tuple[Database, Cast], monkeypatch: pytest.MonkeyPatch, seed_number: int
) -> None:
    """Whatever is typed, put, restored, written back and merged when: each state is there, but for what is not much."""
    database, cast = a_school
    moved = WallClock(monkeypatch)
    monkeypatch.setattr(update_log, "MAX_LOG_ENTRIES", 30)
    scene = Scene(database)
    document_id = await scene.document(cast.student1, await scene.root(shared="RW"), data={"code": "# start\n"})
    await database.write(lambda tx: update_log.create(tx, document_id))
    school = Class(
        database,
        document_id,
        [cast.student1, cast.student2, cast.teacher],
        random.Random(seed_number),
        states=["# start\n"],
    )
    for _ in range(EDITS):
        await school.edit()
        moved.advance(school.chance.randrange(2 * SECOND))

    kept = await school.kept()

    assert len(kept) < len(school.states)
    for number in range(len(school.states)):
        assert any(_is_little(school.missing(number, text)) for text in kept), school.states[number]


def _is_little(missing: Counter[tuple[str, bool]]) -> bool:
    return all(count < (MUCH_OF_OTHERS if is_others else MUCH) for (_, is_others), count in missing.items())
