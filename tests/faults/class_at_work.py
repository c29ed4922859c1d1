"""A class that writes all at once, and what must be stored of it whatever happens to the hub."""

from __future__ import annotations

import random
from collections import Counter

import aiohttp

from tests.faults.school import School
from tests.faults.writers import Creator, ListWriter, Reader
from tests.harness.live_writer import LiveWriter, Writer


class ClassAtWork:
    """Everybody who writes, and what must be stored in the end."""

    def __init__(self, school: School, client: aiohttp.ClientSession, chance: random.Random) -> None:
        cast = school.cast
        people = (cast.teacher, cast.student1, cast.student2)
        self.typists = [
            LiveWriter(name, person, school.text_id, chance) for name, person in zip("abc", people, strict=True)
        ]
        self.listers = [
            ListWriter(name, person, school.record_id, client) for name, person in zip("xy", people[1:], strict=True)
        ]
        self.creator = Creator(cast.student1, client)
        self.reader = Reader(cast.student2, school.text_id, client)
        self._school = school
        self._client = client

    @property
    def writers(self) -> list[Writer]:
        """Return everybody."""
        return [*self.typists, *self.listers, self.creator, self.reader]

    async def check(self, url: str) -> None:
        """Compare what the hub has with what it has acknowledged."""
        words = await self.reader.text(url)
        check_once(words.split(";")[:-1], [word[:-1] for typist in self.typists for word in typist.acknowledged])
        known: dict[int, tuple[str, ...]] = {}
        await self.listers[0].begin(url)
        for lister in self.listers:
            for revision, entries in lister.seen.items():
                assert known.setdefault(revision, entries) == entries, f"revision {revision} stands for two contents"
        entries = known[max(known)]
        check_once(entries, [entry for lister in self.listers for entry in lister.acknowledged])

    async def check_created(self, url: str) -> None:
        """Every root that was asked for holds one document: the one that was named."""
        await self.creator.begin(url)
        stored = await self.creator.stored(url)
        assert stored == {root_id: [id_] for root_id, id_ in self.creator.acknowledged.items()}


def check_once(stored: list[str] | tuple[str, ...], acknowledged: list[str]) -> None:
    """Fail when something acknowledged is missing, or anything is there twice."""
    doubled = [word for word, count in Counter(stored).items() if count > 1]
    lost = set(acknowledged) - set(stored)
    assert not doubled, f"there twice: {sorted(doubled)[:20]}"
    assert not lost, f"acknowledged and lost: {sorted(lost)[:20]}"
