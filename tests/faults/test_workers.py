"""Workers on one address: replaced, killed and ended under writes, nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.faults.class_at_work import ClassAtWork
from tests.faults.school import School
from tests.faults.test_several_processes import UNLIMITED, Persistent, until
from tests.faults.writers import finish
from tests.harness.hub_process import HubProcess
from tests.harness.live_writer import Writer
from tests.harness.processes import is_running


def workers_of(hub: HubProcess) -> set[int]:
    """Return the processes that a hub has begun."""
    return {child.pid for child in psutil.Process(hub.process.pid).children() if is_running(child.pid)}


@pytest.mark.timeout(300)
async def test_workers_are_replaced_one_after_the_other_and_lose_no_key(
    a_shared_school: tuple[str, School], tmp_path: Path
) -> None:
    """SIGHUP gives every worker a successor; a killed one gets one too; SIGTERM ends them all with 0."""
    url, school = a_shared_school
    hub = HubProcess(tmp_path / "hub")
    await asyncio.to_thread(hub.start, "--database", url, "--workers", "2", *UNLIMITED)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as client:
            people = ClassAtWork(school, client, random.Random(11))
            # Not those who PUT: aiohttp sends a PUT again by itself, here to another worker, which has the first one.
            chosen: list[Writer] = [*people.typists, people.creator, people.reader]
            writers = [Persistent(writer, [hub.url], 0) for writer in chosen]
            tasks = [asyncio.create_task(writer.run()) for writer in writers]
            await until(writers, 8)
            before = workers_of(hub)
            assert len(before) == 2
            hub.send_signal(signal.SIGHUP)
            await workers_other_than(hub, before)
            await until(writers, 8)
            victim = min(workers_of(hub))
            psutil.Process(victim).kill()
            await workers_other_than(hub, {victim})
            await until(writers, 8)
            for writer in writers:
                writer.is_over = True
            await finish(*tasks)
            await people.check(hub.url)
            await people.check_created(hub.url)
        last = workers_of(hub)
        assert await asyncio.to_thread(hub.stop) == 0
        assert not any(map(psutil.pid_exists, last))
    finally:
        if hub.is_running:
            hub.kill()


async def workers_other_than(hub: HubProcess, gone: set[int]) -> None:
    """Wait until two workers serve, none of which is one of these."""
    async with asyncio.timeout(60):
        while len(workers_of(hub)) != 2 or workers_of(hub) & gone:
            await asyncio.sleep(0.05)


def test_workers_end_with_the_process_that_looks_after_them(
    a_shared_school: tuple[str, School], tmp_path: Path
) -> None:
    """Killed without a word, it leaves nobody behind."""
    hub = HubProcess(tmp_path / "hub").start("--database", a_shared_school[0], "--workers", "2", *UNLIMITED)
    workers = [psutil.Process(pid) for pid in workers_of(hub)]

    hub.kill()

    assert len(workers) == 2
    assert psutil.wait_procs(workers, timeout=20)[1] == []
