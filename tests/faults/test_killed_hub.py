"""The hub is killed two hundred times while people write: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import asyncio
import os
import random

import aiohttp
import pytest

from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.store.database import Database
from tests.faults.class_at_work import ClassAtWork, check_once
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.faults.writers import finish
from tests.harness.live_writer import LiveWriter, write_until_cut

KILLS = int(os.environ.get("TEACHING_NB_TEST_KILLS", "200"))
"""How often the hub is killed; more of them find rarer mistakes."""

SEED = 20_260_923


@pytest.mark.timeout(900)
async def test_killed_hub_keeps_every_acknowledged_edit_exactly_once(a_mortal_hub: MortalHub, a_school: School) -> None:
    """Killed at random moments, also while it starts, the hub loses and doubles nothing, and no revision goes back."""
    chance = random.Random(SEED)
    async with aiohttp.ClientSession() as client:
        people = ClassAtWork(a_school, client, chance)
        for _ in range(KILLS):
            await run_and_kill(a_mortal_hub, people, chance)
        url = await asyncio.to_thread(a_mortal_hub.start)
        await people.check(url)
        await people.check_created(url)
        texts = await final_texts(people, url)
    assert len(set(texts)) == 1, "REST, the log and all sides have one text"
    assert sum(len(typist.acknowledged) for typist in people.typists) >= KILLS // 2
    assert sum(len(lister.acknowledged) for lister in people.listers) >= KILLS // 4
    assert len(people.creator.acknowledged) >= KILLS // 8
    check_once(texts[0].split(";")[:-1], [word[:-1] for typist in people.typists for word in typist.written])
    assert a_mortal_hub.stop() == 0
    assert await text_of_the_log(a_mortal_hub, a_school) == texts[0]


async def run_and_kill(hub: MortalHub, people: ClassAtWork, chance: random.Random) -> None:
    """Let the hub run for some edits, or for less than its start, and kill it."""
    await asyncio.to_thread(hub.launch)
    if chance.random() < 0.1:
        # The moment itself is what is random here; nothing waits for it.
        await asyncio.sleep(chance.uniform(0, 0.2))
        await asyncio.to_thread(hub.kill)
        return
    url = await asyncio.to_thread(hub.wait_until_listening)
    await people.check(url)
    blow = Blow(hub, chance.randrange(1, 30))
    await finish(*(asyncio.create_task(write_until_cut(writer, url, blow.count)) for writer in people.writers))
    await asyncio.to_thread(hub.wait)


class Blow:
    """Kills the hub in the very moment in which so many acknowledgements have arrived."""

    def __init__(self, hub: MortalHub, left: int) -> None:
        self._hub = hub
        self._left = left

    def count(self) -> None:
        """Take one acknowledgement."""
        self._left -= 1
        if self._left == 0:
            self._hub.send_kill()


async def final_texts(people: ClassAtWork, url: str) -> list[str]:
    """Return the text as REST, a newcomer and every writer see it after a last exchange."""
    newcomer = LiveWriter("n", people.typists[0]._person, people.typists[0]._document_id, random.Random(0))
    for typist in (*people.typists, *people.typists, newcomer):
        await typist.begin(url)
        await typist.end()
    return [await people.reader.text(url), newcomer.text, *(typist.text for typist in people.typists)]


async def text_of_the_log(hub: MortalHub, school: School) -> str:
    """Return the text that the update log in the file makes, and check that the row says the same."""
    database = await Database.open(f"sqlite:///{hub.data_dir / 'hub.db'}")
    try:
        state = await database.read(lambda tx: update_log.load(tx, school.text_id))
        stored = await database.read(
            lambda tx: tx.exec_driver_sql(
                "SELECT json_extract(data, '$.code') FROM documents WHERE id = ?", (school.text_id,)
            ).scalar_one()
        )
    finally:
        await database.close()
    assert state is not None
    text = str(LiveDoc(state.type_name, state.updates).data()["code"])
    assert text == stored
    return text
