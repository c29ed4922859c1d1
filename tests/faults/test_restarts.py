"""The hub is killed and started twenty times while kernels write: one text, in which everything is once.

Where such texts are doubled elsewhere, two histories were made from one file; here only the hub begins a history.
"""

from __future__ import annotations

import random
from hashlib import sha256

import httpx
import pytest

from teaching_nb.client import Classroom
from teaching_nb.client.models.code import CodeModel
from tests.faults.class_at_work import check_once
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import port_for_many_runs
from tests.faults.school import School
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.waiting import wait_for, wait_value

RESTARTS = 20


class Typist:
    """Somebody whose kernel adds numbered words to a shared text, with a hub and without."""

    def __init__(self, name: str, room: Classroom, model: CodeModel, chance: random.Random) -> None:
        self.written: list[str] = []
        self.room = room
        self.model = model
        self._name = name
        self._chance = chance

    def type(self) -> None:
        """Add one word, at the beginning or at the end."""
        word = f"{self._name}{len(self.written)}"
        self.written.append(word)
        is_first = self._chance.random() < 0.5
        self.model.edit(lambda text: f"{word};{text}" if is_first else f"{text}{word};")

    def return_at_once(self) -> None:
        """Come back without the pause that grows with each death, and wait until all is saved."""
        self.room._loop.post(self.room._connection.retry_now)
        wait_value(self.model, "save_state", "saved", SECONDS)


@pytest.mark.timeout(600)
def test_twenty_restarts_leave_one_text_without_anything_doubled(new_hub: NewHub, a_school: School) -> None:
    """All kernels, REST and the sum of what was typed agree to the last character."""
    hub, chance = new_hub(port=port_for_many_runs()), random.Random(11)
    url = hub.start()
    cast = a_school.cast
    with Classrooms() as kernels:
        typists = []
        for name, person in zip("abc", (cast.teacher, cast.student1, cast.student2), strict=True):
            room = kernels.start(url, person)
            typists.append(Typist(name, room, opened(room, a_school.text_id, CodeModel), chance))
        for _ in range(RESTARTS):
            for typist in chance.choices(typists, k=chance.randrange(3, 12)):
                typist.type()
            if chance.random() < 0.5:
                wait_for(typists[0].model, "save_state", lambda state: state == "saved", SECONDS)
            hub.kill()
            for typist in typists:
                typist.type()
            hub.start()
            for typist in typists:
                typist.return_at_once()
        words = {word for typist in typists for word in typist.written}
        texts = [
            wait_for(typist.model, "code", lambda text: set(text.split(";")) >= words, SECONDS) for typist in typists
        ]
        document = httpx.get(
            f"{url}/api/v1/documents/{a_school.text_id}", headers=cast.teacher.headers, timeout=SECONDS
        )
    check_once(texts[0].split(";")[:-1], sorted(words))
    assert len({digest(text) for text in (*texts, document.json()["document"]["data"]["code"])}) == 1


def digest(text: str) -> str:
    """Return what tells two texts apart."""
    return sha256(text.encode()).hexdigest()
