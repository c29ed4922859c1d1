"""Two real processes that hear of each other by a real Redis, which is cut, stopped and killed while people write."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import httpx
import pytest

from tests.faults.class_at_work import ClassAtWork
from tests.faults.school import School
from tests.faults.test_several_processes import UNLIMITED, Persistent, check_everywhere, until
from tests.faults.writers import finish
from tests.harness.hub_process import HubProcess
from tests.harness.redis import RedisServer, redis_server

EDITS = 5
EQUAL_SECONDS = 5.0
"""Within this after Redis is back both processes deliver."""

Processes = tuple[HubProcess, HubProcess]


@pytest.fixture
def a_redis() -> Iterator[RedisServer]:
    """Run a Redis of this test alone."""
    with redis_server() as server:
        yield server


@pytest.fixture
def two_processes(a_shared_school: tuple[str, School], a_redis: RedisServer, tmp_path: Path) -> Iterator[Processes]:
    """Run two hubs on one database, with that Redis between them, until the test ends."""
    hubs = HubProcess(tmp_path / "first"), HubProcess(tmp_path / "second")
    try:
        for hub in hubs:
            hub.start("--database", a_shared_school[0], "--redis", a_redis.url, *UNLIMITED)
        yield hubs
    finally:
        for hub in hubs:
            if hub.is_running:
                hub.kill()


async def both_say(urls: list[str], code: int, sentence: str = "") -> None:
    """Wait until both processes say so of their health."""
    async with httpx.AsyncClient() as client:
        for url in urls:
            while True:
                answer = await client.get(f"{url}/api/v1/health")
                if answer.status_code == code and re.search(sentence, answer.text):
                    break
                await asyncio.sleep(0.05)


async def cut(redis: RedisServer, _urls: list[str]) -> None:
    """End the connections on which the processes hear."""
    assert redis.command("CLIENT", "KILL", "TYPE", "pubsub") == b":2\r\n"


async def stop_for_a_while(redis: RedisServer, urls: list[str]) -> None:
    """Stop the server until both processes have noticed, and two seconds more."""
    redis.pause()
    try:
        async with asyncio.timeout(20):
            await both_say(urls, 503, rf"through Redis at 127\.0\.0\.1:{redis.port} for ([5-9]|\d\d) s")
    finally:
        redis.go_on()


async def begin_anew(redis: RedisServer, urls: list[str]) -> None:
    """Kill the server, and start it with nothing in it when both processes have noticed."""
    redis.kill()
    async with asyncio.timeout(20):
        await both_say(urls, 503, "Redis")
    await asyncio.to_thread(redis.start)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("harm", [cut, stop_for_a_while, begin_anew])
async def test_nothing_acknowledged_is_lost_or_doubled(
    two_processes: Processes,
    a_shared_school: tuple[str, School],
    a_redis: RedisServer,
    harm: Callable[[RedisServer, list[str]], asyncio.Future[None]],
) -> None:
    """Who writes goes on meanwhile, and a moment later both processes have and tell the same."""
    _, school = a_shared_school
    urls = [hub.url for hub in two_processes]
    async with aiohttp.ClientSession() as client:
        people = ClassAtWork(school, client, random.Random(13))
        writers = [Persistent(writer, urls, number) for number, writer in enumerate(people.writers)]
        tasks = [asyncio.create_task(writer.run()) for writer in writers]
        await until(writers, EDITS)
        await harm(a_redis, urls)
        async with asyncio.timeout(EQUAL_SECONDS):
            await both_say(urls, 200)
        await until(writers, EDITS)
        for writer in writers:
            writer.is_over = True
        await finish(*tasks)
        await check_everywhere(people, urls)
        await people.check_created(urls[1])
