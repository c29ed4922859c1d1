"""Several openers of few names with different wishes, in any order: what stays true after every step."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.openers import opening, reads, shared_root, wish, writes
from tests.hub.scenes import Scene

STUDENTS = ("student1", "student2", "student3")
ELEVATED = ("teacher", "teacher2", "admin")
WISHES = (False, True, "read")
KIND = {False: "None", True: "RW", "read": "RO"}


@dataclass
class Expected:
    """What is known of one name."""

    own: dict[str, str] = field(default_factory=dict)
    """Person → their own document."""
    shared: str | None = None
    """The document that everybody opens."""
    word: str | None = None
    """What the elevated person who may decide has said last."""
    governor: str | None = None
    """Who has confirmed the root."""


class Names:
    """Opens names as people, and looks at what they may do afterwards."""

    def __init__(self, people: dict[str, Caller]) -> None:
        self.people = people
        self.names: dict[str, Expected] = {}
        self.texts: dict[str, tuple[str, str]] = {}
        """Own document → author and text."""

    async def open(self, who: str, name: str, shared: Any) -> None:
        """Have somebody open a name, and compare the answer."""
        known = self.names.setdefault(name, Expected())
        answer = await opening(self.people[who], wish(name, shared, init=f"init of {who}"))
        if not shared:
            assert answer.status_code == 200, answer.text
            await self._take_own(who, known, answer.json()["id"])
        elif who in ELEVATED:
            assert answer.status_code == 200, answer.text
            self._take_word(who, known, shared, answer.json())
        elif shared == "read" and (known.word is None or known.shared is None):
            assert answer.status_code == 404, answer.text
        else:
            assert answer.status_code == 200, answer.text
            self._take_student(known, answer.json())

    async def check(self, name: str) -> None:
        """Compare what everybody may do with the documents of a name with what they should."""
        known = self.names[name]
        for author, document in known.own.items():
            for other in STUDENTS:
                seen = await reads(self.people[other], document)
                assert (seen is not None) == (other == author), (name, author, other)
            assert await reads(self.people[author], document) == self.texts[document][1]
        if known.shared is None:
            return
        kind = known.word or "RW"
        for student in STUDENTS:
            status = await writes(self.people[student], known.shared, f"by {student}")
            assert status == {"RW": 204, "RO": 403}[kind], (name, student, known)
        if known.governor is not None:
            assert await writes(self.people[known.governor], known.shared, "by the teacher") == 204

    async def _take_own(self, who: str, known: Expected, document: str) -> None:
        assert known.own.setdefault(who, document) == document
        if document not in self.texts:
            self.texts[document] = (who, f"{who} alone {len(self.texts)}")
            assert await writes(self.people[who], document, self.texts[document][1]) == 204

    def _take_word(self, who: str, known: Expected, shared: Any, answer: dict[str, Any]) -> None:
        is_first = known.word is None
        if is_first or who in {known.governor, "admin"}:
            known.word = KIND[shared]
            known.governor = who if is_first else known.governor
        if is_first and shared == "read" and known.shared is not None:
            # What students began is no hand-out.
            assert answer["id"] != known.shared
            known.shared = None
        assert known.shared in {None, answer["id"]}
        known.shared = answer["id"]
        assert answer["sharing"]["sharedAccess"] == f"{known.word}_DocumentRoot"

    def _take_student(self, known: Expected, answer: dict[str, Any]) -> None:
        assert known.shared in {None, answer["id"]}
        known.shared = answer["id"]


@pytest.fixture
def people(as_person: Any, a_cast: Cast) -> dict[str, Caller]:
    """Return everybody at the REST interface."""
    return {name: as_person(a_cast.named(name)) for name in (*STUDENTS, *ELEVATED)}


@pytest.mark.parametrize("seed", range(8))
async def test_nobody_opens_what_is_anothers_whatever_they_call(
    people: dict[str, Caller], seed: int, a_hub: RunningHub
) -> None:
    """Own texts are their authors' alone, the elevated word counts at once, and nobody's text is replaced."""
    dice = random.Random(seed)
    names = Names(people)

    for _ in range(22):
        who, name = dice.choice((*STUDENTS, *STUDENTS, *ELEVATED)), dice.choice(("a", "b"))
        await names.open(who, name, dice.choice(WISHES))
        await names.check(name)


async def test_people_who_are_deleted_and_come_back_harm_nobody(
    people: dict[str, Caller], an_admin: Caller, a_cast: Cast, a_hub: RunningHub
) -> None:
    """Whoever opened a name first is deleted: the others go on, whoever of them opens it next and with what wish."""
    names = Names(people)
    for who, shared in (("student1", True), ("student2", True), ("student2", False), ("teacher", True)):
        await names.open(who, "a", shared)
    await names.check("a")

    assert (await an_admin.post("/api/auth/admin/remove-user", {"userId": a_cast.student1.id})).status_code == 200

    assert names.names["a"].shared is not None
    for who, wanted in (("student2", True), ("student2", False), ("student3", True), ("teacher", "read")):
        await names.open(who, "a", wanted)
    assert await reads(people["student3"], names.names["a"].shared) == "by the teacher"
    assert await writes(people["student3"], names.names["a"].shared, "no more") == 403
    assert len(await Scene(a_hub.database).documents_below(shared_root("a"))) == 1
