"""A class that edits while everything breaks, against a model of what must be true in the end.

Each person writes words that nobody else writes, and numbers under a key of their own; cables are cut, hang and die,
the hub is killed. In the end all replicas are equal, every word stands there once, and every number is the last.
The course of events follows from a seed, which is printed: `TEACHING_NB_SEED=123 pytest …` plays it again.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from teaching_nb.client import Classroom, CodeModel, DocumentModel
from teaching_nb.client.link import backoff, connection
from teaching_nb.errors import TimedOut
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub, port_for_many_runs
from tests.faults.school import School
from tests.harness.cable import Cable
from tests.harness.cast import Person
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.waiting import wait_for

PEOPLE = 4
CHAOS_SECONDS = 14.0
MOST_STEPS = 400


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels notice and come back quickly, so that more happens in less time."""
    monkeypatch.setattr(connection, "CALL_SECONDS", 3.0)
    monkeypatch.setattr(backoff, "SHORTEST_SECONDS", 0.05)
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.5)


@pytest.fixture
def a_seed() -> int:
    """Return the seed of this run."""
    seed = int(os.environ.get("TEACHING_NB_SEED") or random.SystemRandom().randrange(10**6))
    print(f"TEACHING_NB_SEED={seed}", file=sys.stderr)  # noqa: T201
    return seed


class Pupil:
    """One person with kernel and cable; knows what they have written."""

    def __init__(self, name: str, room: Classroom, cable: Cable, school: School, chance: random.Random) -> None:
        self.name = name
        self.room = room
        self.cable = cable
        self.text = opened(room, school.text_id, CodeModel)
        self.record = opened(room, school.record_id, DocumentModel)
        self.words: list[str] = []
        self.removed: set[str] = set()
        self.acknowledged: set[str] = set()
        self.number = 0
        self._chance = chance

    def write(self) -> None:
        """Put a new word on a line of its own, anywhere."""
        word = f"{self.name}{len(self.words)}"
        place = self._chance.random()

        def insert(text: str) -> str:
            lines = text.splitlines(keepends=True)
            at = int(place * (len(lines) + 1))
            return "".join([*lines[:at], f"{word}\n", *lines[at:]])

        self.text.edit(insert)
        self.words.append(word)

    def append(self) -> None:
        """Add a word at the end, as people write it."""
        word = f"{self.name}{len(self.words)}"
        self.text.code += f"{word}\n"
        self.words.append(word)

    def remove(self) -> None:
        """Take an own word out again."""
        left = [word for word in self.words if word not in self.removed]
        if left:
            word = self._chance.choice(left)
            self.text.edit(lambda text: "".join(line for line in text.splitlines(keepends=True) if line != f"{word}\n"))
            self.removed.add(word)

    def count(self) -> None:
        """Write the next number under an own key, and one's name under everybody's."""
        self.number += 1
        self.record.data = {**self.record.data, self.name: self.number, "last": f"{self.name} {self.number}"}

    def confirm(self) -> None:
        """Note what the hub has acknowledged, if it does so at once."""
        written = set(self.words)
        with contextlib.suppress(TimedOut):
            self.text.wait_saved(0.2)
            self.acknowledged |= written


class Class:
    """Everybody, the hub, and what can happen to them."""

    def __init__(self, hub: MortalHub, pupils: list[Pupil], chance: random.Random) -> None:
        self.hub = hub
        self.pupils = pupils
        self._chance = chance
        self.tally: Counter[str] = Counter()

    def step(self) -> None:
        """Let one thing happen."""
        pupil = self._chance.choice(self.pupils)
        deeds: dict[str, tuple[int, Callable[[], object]]] = {
            "write": (30, pupil.write),
            "append": (15, pupil.append),
            "remove": (8, pupil.remove),
            "count": (15, pupil.count),
            "confirm": (10, pupil.confirm),
            "cut": (5, pupil.cable.cut),
            "hang": (4, pupil.cable.hang),
            "flow": (6, pupil.cable.flow),
            "die": (3, pupil.cable.die),
            "kill": (2, self._kill),
        }
        (deed,) = self._chance.choices(list(deeds), [weight for weight, _ in deeds.values()])
        self.tally[deed] += 1
        deeds[deed][1]()

    def mend(self) -> None:
        """Let everything work again, and wait until everybody has saved."""
        for pupil in self.pupils:
            pupil.cable.flow()
        for pupil in self.pupils:
            pupil.text.wait_saved(SECONDS)
            pupil.record.wait_saved(SECONDS)

    def _kill(self) -> None:
        self.hub.kill()
        self.hub.start()


@pytest.fixture
def a_class(impatient: None, new_hub: NewHub, a_school: School, a_seed: int) -> Iterator[Class]:
    """Seat some people at one text and one record."""
    hub = new_hub(port=port_for_many_runs(), ping_interval=1, ping_timeout=2, user_writes_per_second=0)
    hub.start()
    chance = random.Random(a_seed)
    with contextlib.ExitStack() as stack:
        kernels = stack.enter_context(Classrooms())
        pupils = []
        for name, person in zip("abcd", _people(a_school), strict=True):
            cable = stack.enter_context(Cable(hub.url))
            pupils.append(Pupil(name, kernels.start(cable.url, person), cable, a_school, chance))

        def close_rooms() -> None:
            for pupil in pupils:
                pupil.room.close(0.1)

        stack.callback(close_rooms)
        yield Class(hub, pupils, chance)


def _people(school: School) -> list[Person]:
    """Return two windows of one person among others."""
    cast = school.cast
    return [cast.teacher, cast.student1, cast.student2, cast.student2]


def stored(hub: MortalHub, person: Person, document_id: str) -> Any:
    """Return the data of a document as the hub has it."""
    answer = httpx.get(f"{hub.url}/api/v1/documents/{document_id}", headers=person.headers, timeout=30)
    answer.raise_for_status()
    return answer.json()["document"]["data"]


@pytest.mark.timeout(300)
# A cable that is cut while aiohttp makes a connection leaves it to the collector, which says so.
@pytest.mark.filterwarnings("ignore:Unclosed connection:ResourceWarning")
def test_class_agrees_after_whatever_happens(a_class: Class, a_school: School, a_seed: int) -> None:
    """After cut, hanging and dead cables and killed hubs everybody has the same, with every word and number once."""
    end = time.monotonic() + CHAOS_SECONDS
    for _ in range(MOST_STEPS):
        a_class.step()
        if time.monotonic() > end:
            break
    acknowledged = {word for pupil in a_class.pupils for word in pupil.acknowledged - pupil.removed}
    a_class.mend()

    happened = f"TEACHING_NB_SEED={a_seed}; {dict(a_class.tally)}"
    teacher = a_school.cast.teacher
    text = stored(a_class.hub, teacher, a_school.text_id)["code"]
    for pupil in a_class.pupils:
        wait_for(pupil.text, "code", lambda code: code == text, SECONDS)
    assert stored(a_class.hub, teacher, a_school.text_id)["code"] == text, happened
    words = Counter(text.split())
    expected = Counter(word for pupil in a_class.pupils for word in pupil.words if word not in pupil.removed)
    assert set(acknowledged) <= set(words), happened
    assert words == expected, f"{happened}; lost {expected - words}, too many {words - expected}"

    data = stored(a_class.hub, teacher, a_school.record_id)
    for pupil in a_class.pupils:
        wait_for(pupil.record, "data", lambda present: present == data, SECONDS)
        assert data.get(pupil.name, 0) == pupil.number, f"{happened}; {pupil.name}"
    lasts: set[str | None] = {f"{pupil.name} {pupil.number}" for pupil in a_class.pupils if pupil.number}
    assert data.get("last") in (lasts or {None}), happened
