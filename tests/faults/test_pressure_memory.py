"""People come and go a thousand times: the hub and the kernel keep nothing of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from engineio.async_socket import AsyncSocket

from teaching_nb.client import CodeModel
from teaching_nb.hub.config import Settings
from teaching_nb.hub.process import COLLECT_AFTER_CONNECTIONS
from tests.faults.conftest import NewHub
from tests.faults.school import School, copy_of
from tests.faults.sessions import be_refused, sessions
from tests.harness.books import kept
from tests.harness.classrooms import Classrooms, opened
from tests.harness.hub_under_watch import watched_hub
from tests.harness.raw_socket import raw_socket
from tests.harness.running_hub import serving

WARM_UP = 200
SESSIONS = 1_000
BYTES_PER_SESSION = 1_000
"""What nothing that is kept of each session can stay below; caches that fill up take a third of it."""
PING_SECONDS = 600
"""Longer than a test waits: what is kept until a heartbeat would be due is found."""
SECONDS = 60.0


async def test_hub_keeps_nothing_of_those_who_left(tmp_path: Path, a_seeded_school: tuple[Path, School]) -> None:
    """After hundreds of sessions every book of the hub is as empty as after the first."""
    file, school = a_seeded_school
    settings = Settings(data_dir=copy_of(file, tmp_path / "hub"), port=0, ping_interval=PING_SECONDS)
    async with serving(settings) as hub:
        inside = hub.hub
        before = kept(inside)

        await sessions(hub.url, school, 300)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                while kept(inside) != before:
                    await asyncio.sleep(0.1)
        assert kept(inside) == before
        tasks = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())  # type: ignore[union-attr]
        assert not [name for name in tasks if "websocket" in name.lower()], tasks
        assert set(before.values()) == {0}


@pytest.mark.timeout(400)
async def test_memory_of_the_hub_stays_flat_over_a_thousand_sessions(
    tmp_path: Path, a_seeded_school: tuple[Path, School]
) -> None:
    """Once it has warmed up, the hub holds as much memory after a thousand sessions as before them.

    What counts is what it has in use: the size of the process depends on how fast people come.
    """
    file, school = a_seeded_school
    data_dir = copy_of(file, tmp_path / "hub")
    async with watched_hub(data_dir, tmp_path / "hub.log", only_malloc=True, ping_interval=PING_SECONDS) as hub:
        await sessions(hub.url, school, WARM_UP)
        before = await hub.look_when_empty()

        await sessions(hub.url, school, SESSIONS, beginning=WARM_UP)

        after = await hub.look_when_empty()
    grown = after["allocated"]["now"] - before["allocated"]["now"]
    assert grown < SESSIONS * BYTES_PER_SESSION, f"{SESSIONS} sessions have cost {grown:,} bytes"


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Leave all collecting of garbage to the hub."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def test_remains_of_those_who_were_not_let_in_are_collected(
    tmp_path: Path, a_seeded_school: tuple[Path, School], no_collector: None
) -> None:
    """Connections that were refused, or never said who they are, are cleared away like those that were let in."""
    settings = Settings(data_dir=copy_of(a_seeded_school[0], tmp_path / "hub"), port=0)
    async with serving(settings) as hub:
        for _ in range(COLLECT_AFTER_CONNECTIONS):
            await be_refused(hub.url)
            async with raw_socket(hub.url, {}, is_open=False):
                pass

        left = sum(isinstance(each, AsyncSocket) for each in gc.get_objects())

    # Besides, the one in whose end the others were collected, and one that has not quite ended.
    assert left <= COLLECT_AFTER_CONNECTIONS + 2


def test_kernel_keeps_nothing_of_lost_connections(new_hub: NewHub, a_school: School) -> None:
    """A kernel that has lost its connection thirty times holds as many sockets, tasks and objects of ours as before."""
    hub = new_hub()
    hub.start()
    with Classrooms() as kernels:
        room = kernels.start(hub.url, a_school.cast.student1)
        model = opened(room, a_school.text_id, CodeModel)

        def is_live_on_another(sid: str | None) -> bool:
            return room.is_live and room._connection.sid not in (None, sid)

        def reconnect(count: int) -> None:
            for number in range(count):
                room._loop.post(lambda: setattr(room._connection._backoff, "next_delay", lambda **_: 0.0))
                lost = room._connection.sid
                room._loop.post(room._connection.drop)
                with room._state._changed:
                    assert room._state._changed.wait_for(partial(is_live_on_another, lost), SECONDS)
                model.code += f"{number}\n"
                model.wait_saved(SECONDS)

        reconnect(5)
        before = _objects(room)
        reconnect(30)
        after = _objects(room)

    assert {name: count for name, count in after.items() if count > before[name] + 3} == {}


def _objects(room: Any) -> Counter[str]:
    """Count what a connection is made of."""
    gc.collect()
    found = Counter(
        type(each).__qualname__
        for each in gc.get_objects()
        if str(type(each).__module__).split(".")[0]
        in {"teaching_nb", "socketio", "engineio", "aiohttp", "asyncio", "_asyncio"}
    )
    # A timer that was called off stays in the loop's queue until its time has come, a hundred at most.
    del found["TimerHandle"]
    found["descriptors"] = psutil.Process().num_fds()
    return found
