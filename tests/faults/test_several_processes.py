"""Several hub processes on one PostgreSQL, one of them killed or replaced under writes: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest

from teaching_nb.simulator.sockets import Cut
from tests.faults.class_at_work import ClassAtWork
from tests.faults.school import School
from tests.faults.writers import finish
from tests.harness.hub_process import HubProcess
from tests.harness.live_writer import LiveWriter, Writer

UNLIMITED = ("--roots-per-hour", "0", "--documents-per-hour", "0", "--user-roots", "0", "--user-documents", "0")
DEATHS = 3
PATIENCE_SECONDS = 60
"""Processes that write into one document get into each other's way: then some wait longer than others."""
WORDS = 40


@pytest.fixture
def two_processes(a_shared_school: tuple[str, School], tmp_path: Path) -> Iterator[tuple[HubProcess, HubProcess]]:
    """Run two hubs on one database until the test ends."""
    hubs = HubProcess(tmp_path / "first"), HubProcess(tmp_path / "second")
    try:
        for hub in hubs:
            hub.start("--database", a_shared_school[0], *UNLIMITED)
        yield hubs
    finally:
        for hub in hubs:
            if hub.is_running:
                hub.kill()


class Persistent:
    """Writes on, at whichever process answers, until it is told to end."""

    def __init__(self, writer: Writer, urls: Sequence[str], begin: int) -> None:
        self._writer = writer
        self._urls = urls
        self._turn = begin
        self.count = 0
        self.is_over = False

    async def run(self) -> None:
        """Write; come back elsewhere after each interruption."""
        while not self.is_over:
            try:
                await self._writer.begin(self._urls[self._turn % len(self._urls)])
                while not self.is_over:
                    await self._writer.write()
                    self.count += 1
            except Cut:
                self._turn += 1
                await asyncio.sleep(0.05)
            finally:
                await self._writer.end()


async def until(writers: Sequence[Persistent], count: int) -> None:
    """Wait until everybody has made a further edit, and all together so many for each."""
    before = [writer.count for writer in writers]

    def made() -> list[int]:
        return [writer.count - count for writer, count in zip(writers, before, strict=True)]

    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while min(made()) < 1 or sum(made()) < count * len(writers):
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"edits made: {made()}, each by one writer") from None


async def check_everywhere(people: ClassAtWork, urls: Sequence[str]) -> None:
    """Compare what was acknowledged with what each process answers, and with what it tells those who follow."""
    for url in urls:
        await people.check(url)
    texts = []
    for typist, url in zip(people.typists, [*urls, urls[0]], strict=False):
        await typist.begin(url)
        texts.append(typist.text)
        await typist.end()
    assert len(set(texts)) == 1


@pytest.mark.timeout(300)
async def test_killed_process_loses_and_doubles_nothing(
    two_processes: tuple[HubProcess, HubProcess], a_shared_school: tuple[str, School]
) -> None:
    """Those who were there go on at the other process, and it knows all that was acknowledged to them."""
    url, school = a_shared_school
    urls = [hub.url for hub in two_processes]
    async with aiohttp.ClientSession() as client:
        people = ClassAtWork(school, client, random.Random(7))
        writers = [Persistent(writer, urls, number) for number, writer in enumerate(people.writers)]
        tasks = [asyncio.create_task(writer.run()) for writer in writers]
        for death in range(DEATHS):
            victim = two_processes[death % 2]
            await until(writers, 8)
            victim.kill()
            await until(writers, 8)
            await asyncio.to_thread(victim.start, "--database", url, *UNLIMITED)
        await until(writers, 8)
        for writer in writers:
            writer.is_over = True
        await finish(*tasks)
        await check_everywhere(people, urls)
        await people.check_created(urls[1])


@pytest.mark.timeout(300)
async def test_followers_at_both_processes_are_equal_within_seconds(
    two_processes: tuple[HubProcess, HubProcess], a_shared_school: tuple[str, School]
) -> None:
    """A process that is stopped for a while hears nothing, and knows it; then everybody has the same text again."""
    url, school = a_shared_school
    del url
    chance = random.Random(3)
    first = LiveWriter("a", school.cast.student1, school.text_id, chance)
    second = LiveWriter("b", school.cast.student2, school.text_id, chance)
    await first.begin(two_processes[0].url)
    await second.begin(two_processes[1].url)
    two_processes[1].send_signal(signal.SIGSTOP)
    try:
        for _ in range(WORDS):
            await first.write()
        await asyncio.sleep(4)
    finally:
        two_processes[1].send_signal(signal.SIGCONT)

    async with asyncio.timeout(5):
        while first.text != second.text:
            await asyncio.sleep(0.01)
    await second.write()
    async with asyncio.timeout(5):
        while first.text != second.text:
            await asyncio.sleep(0.01)
    for writer in (first, second):
        await writer.end()
    assert first.text.count(";") == WORDS + 1
