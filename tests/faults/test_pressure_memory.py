"""People come and go a thousand times: the hub and the kernel keep nothing of them."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from teaching_nb.client import CodeModel
from teaching_nb.hub.app import Hub
from teaching_nb.hub.awareness import ClientState, encode
from teaching_nb.hub.config import Settings
from tests.faults.conftest import NewHub
from tests.faults.kernels import Kernels, opened
from tests.faults.school import School, copy_of
from tests.hub.conftest import RunningHub, serving
from tests.hub.people import Person
from tests.hub.raw_socket import raw_socket

AT_ONCE = 10
SECONDS = 60.0
PLACEHOLDER = '{"_placeholder":true,"num":0}'


async def visit(url: str, person: Person, document_id: str, number: int) -> None:
    """Connect, follow the text, show a cursor, and leave."""
    async with raw_socket(url, person.headers) as socket:
        await socket.ask(f'"SYNC_DOCUMENT",{{"id":"{document_id}","stateVector":{PLACEHOLDER}}}', (b"\x00",))
        state = encode({number + 1: ClientState(1, {"cursor": number})})
        await socket.send(f'451-["AWARENESS",{{"id":"{document_id}","state":{PLACEHOLDER}}}]', state)
        await socket.ask(f'"JOIN_ROOM","{person.id}"')


async def visits(url: str, school: School, count: int, *, beginning: int = 0) -> None:
    """Have people come and go, some at a time."""
    people = school.crowd
    for start in range(beginning, beginning + count, AT_ONCE):
        numbers = range(start, start + AT_ONCE)
        await asyncio.gather(*(visit(url, people[number % len(people)], school.text_id, number) for number in numbers))


def kept(hub: RunningHub) -> dict[str, int]:
    """Return how much the hub has in each of its books."""
    inside = hub._server.app.hub
    assert isinstance(inside, Hub)
    rooms, live, server = inside._rooms, inside._live, inside._transport.server
    return {
        "sockets of Engine.IO": len(server.eio.sockets),
        "sockets of Socket.IO": sum(map(len, server.manager.rooms.get("/", {}).values())),
        "environments": len(server.environ),
        "callbacks": len(server.manager.callbacks),
        "half packets": len(server._binary_packet),
        "members": len(rooms._members),
        "rooms": len(rooms._rooms),
        "followed documents": len(rooms._live),
        "open documents": len(live._open),
        "documents being loaded": len(live._loading),
        "documents being written": len(live._writing),
        "cursors": len(live._awareness._states),
        "people with cursors": len(live._awareness._user_of),
        "rates": len(inside._handlers._streams._buckets) + len(inside._handlers._awareness._buckets),
        "sockets being closed": len(inside._transport._closing),
    }


async def test_hub_keeps_nothing_of_those_who_left(tmp_path: Path, a_seeded_school: tuple[Path, School]) -> None:
    """After hundreds of visits every book of the hub is as empty as after the first."""
    file, school = a_seeded_school
    settings = Settings(data_dir=copy_of(file, tmp_path / "hub"), port=0)
    async with serving(settings) as hub:
        before = kept(hub)

        await visits(hub.url, school, 300)

        async with asyncio.timeout(SECONDS):
            while kept(hub) != before:
                await asyncio.sleep(0.1)
        tasks = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())  # type: ignore[union-attr]
        assert not [name for name in tasks if "websocket" in name.lower()], tasks
        assert set(before.values()) == {0}


def test_kernel_keeps_nothing_of_lost_connections(new_hub: NewHub, a_school: School) -> None:
    """A kernel that has lost its connection thirty times holds as many sockets, tasks and objects of ours as before."""
    hub = new_hub()
    hub.start()
    with Kernels() as kernels:
        room = kernels.start(hub.url, a_school.cast.student1)
        model = opened(room, a_school.text_id, CodeModel)

        def reconnect(count: int) -> None:
            for number in range(count):
                room._loop.post(lambda: setattr(room._connection._backoff, "next_delay", lambda **_: 0.0))
                room._loop.post(room._connection.drop)
                with room._changed:
                    assert room._changed.wait_for(lambda: not room.is_live, SECONDS)
                room.wait_live(SECONDS)
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
