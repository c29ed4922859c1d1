"""Redis as the line of several processes: stopped, killed, emptied, cut or made a replica, it costs nothing stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from teaching_nb.errors import ConfigurationError, TeachingNbError, Unavailable
from teaching_nb.hub.bell.bell import Bell
from teaching_nb.hub.bell.redis_line import RedisLine
from teaching_nb.hub.config import Settings
from teaching_nb.schema import events
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.processes import free_port
from tests.harness.redis import RedisServer, redis_server
from tests.harness.running_hub import RunningHub, serving
from tests.hub.bell.conftest import ConnectTo
from tests.hub.bell.test_deafness import status
from tests.hub.bell.test_live_rooms import take_in
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]

STOPPED_SECONDS = 5.0
EQUAL_SECONDS = 5.0
"""Within this everybody has the same again."""


@pytest.fixture
def a_redis() -> Iterator[RedisServer]:
    """Run a Redis of this test alone."""
    with redis_server() as server:
        yield server


@pytest.fixture
def shared_settings(shared_settings: Settings, a_redis: RedisServer) -> Settings:
    """Return the settings of each of the hubs, with that Redis as their line."""
    return replace(shared_settings, redis=a_redis.url)


@pytest.fixture
async def two_hubs(shared_settings: Settings) -> AsyncIterator[Hubs]:
    """Run two hubs on one database until the test ends."""
    async with serving(shared_settings) as first, serving(shared_settings) as second:
        yield first, second


def bell_of(hub: RunningHub) -> Bell:
    """Return the bell of a hub."""
    assert hub.hub._bell is not None
    return hub.hub._bell


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(0.02)


async def say(hub: RunningHub, code: int, *words: str) -> bool:
    """Tell whether a hub says of its health what is expected."""
    found, text = await status(hub)
    return found == code and all(word in text for word in words)


async def both_are(two_hubs: Hubs, code: int, *words: str) -> bool:
    """Tell whether both hubs say so."""
    return all([await say(hub, code, *words) for hub in two_hubs])


async def write_in_turn(editors: tuple[Editor, Editor], count: int, word: str) -> None:
    """Let both write; every edit is acknowledged."""
    for number in range(count):
        for name, editor in zip("ab", editors, strict=True):
            answer = await editor.write(f"{word}{name}{number} ")
            assert answer["ok"], answer


async def check_equal(editors: tuple[Editor, Editor], count: int, *words: str) -> None:
    """Wait until both have all that was written, each once."""
    async with asyncio.timeout(EQUAL_SECONDS):
        for editor in editors:
            for word in words:
                for name in "ab":
                    await take_in(editor, f"{word}{name}{count - 1} ")
        while editors[0].text != editors[1].text:
            for editor in editors:
                await asyncio.sleep(0.01)
                for _ in range(sum(name == events.DOCUMENT_UPDATE for name, _ in editor.listener.heard)):
                    await editor.receive()
    for word in words:
        for name in "ab":
            for number in range(count):
                assert editors[0].text.count(f"{word}{name}{number} ") == 1


async def test_everything_travels_through_redis(
    two_hubs: Hubs, people: Cast, *, editors: tuple[Editor, Editor], connect_to: ConnectTo, call: Call
) -> None:
    """Live edits, changes, presence and cursors; the hubs know each other, and of no other line."""
    teacher = await connect_to(two_hubs[1], people.teacher)
    scene = Scene(two_hubs[0].database)
    document = await scene.document(
        people.student1, await scene.root(shared="RW"), type_name="choice_answer", data={"value": 0}
    )

    await write_in_turn(editors, 10, "w")
    await call(two_hubs[0], people.student1).put(f"/documents/{document}", {"data": {"value": 1}})

    await check_equal(editors, 10, "w")
    while (heard := await teacher.hears(events.CHANGED_DOCUMENT))["id"] != document:
        pass
    assert heard["data"] == {"value": 1}
    kinds = {peer.kind for peer in await bell_of(two_hubs[0])._line.peers()}
    assert len(kinds) == 1
    assert kinds.pop().startswith("redis:")
    assert [len(bell_of(hub)._elsewhere.neighbours) for hub in two_hubs] == [1, 1]


@pytest.mark.usefixtures("late_loss")
async def test_stopped_redis_holds_back_and_loses_nothing(
    two_hubs: Hubs, people: Cast, *, editors: tuple[Editor, Editor], call: Call, a_redis: RedisServer
) -> None:
    """Both processes say so, store and acknowledge; whoever loses access meanwhile never sees what was written then."""
    ada, bob = editors
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    await write_in_turn(editors, 3, "before")
    await check_equal(editors, 3, "before")
    a_redis.pause()
    try:
        await until(
            lambda: both_are(two_hubs, 503, f"has not heard the others through Redis at 127.0.0.1:{a_redis.port} for")
        )
        await write_in_turn(editors, 3, "meanwhile")
        withdrawn = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "None_User"}
        answer = await call(two_hubs[0], people.admin).post("/permissions/user", withdrawn)
        assert answer.status_code == 200
        assert (await ada.write("secret "))["ok"]
        while bell_of(two_hubs[0]).hearing.silence < STOPPED_SECONDS:
            await asyncio.sleep(0.05)
    finally:
        a_redis.go_on()

    await until(lambda: both_are(two_hubs, 200), EQUAL_SECONDS)
    assert (await bob.listener.hears(events.DOCUMENT_CLOSED))["reason"] == "access"
    told = [payload["update"] for name, payload in bob.listener.heard if name == events.DOCUMENT_UPDATE]
    assert not any(b"secret" in update for update in told)
    await take_in(ada, "meanwhileb2 ")


@pytest.mark.usefixtures("late_loss")
@pytest.mark.parametrize("seconds", [0.0, STOPPED_SECONDS], ids=["at once", "later"])
async def test_redis_that_comes_back_empty_costs_nothing(
    two_hubs: Hubs, editors: tuple[Editor, Editor], a_redis: RedisServer, seconds: float
) -> None:
    """Everybody has the same again a moment later, each edit once."""
    await write_in_turn(editors, 3, "before")
    a_redis.kill()
    while bell_of(two_hubs[0]).hearing.silence < seconds:
        await asyncio.sleep(0.05)
    await write_in_turn(editors, 3, "meanwhile")
    a_redis.start()
    began = time.monotonic()

    await check_equal(editors, 3, "before", "meanwhile")
    await until(lambda: both_are(two_hubs, 200), began + EQUAL_SECONDS - time.monotonic())
    await write_in_turn(editors, 3, "after")
    await check_equal(editors, 3, "after")


async def test_cut_subscriptions_are_made_anew(
    two_hubs: Hubs, editors: tuple[Editor, Editor], a_redis: RedisServer
) -> None:
    """What was rung meanwhile is read by its number, before anybody counts as deaf."""
    for word in ("one", "two", "three"):
        assert a_redis.command("CLIENT", "KILL", "TYPE", "pubsub") == b":2\r\n"
        await write_in_turn(editors, 3, word)
        await check_equal(editors, 3, word)
        async with asyncio.timeout(EQUAL_SECONDS):
            while not all(bell_of(hub)._line.is_open for hub in two_hubs):
                await asyncio.sleep(0.01)
    assert await both_are(two_hubs, 200)


@pytest.mark.usefixtures("late_loss")
async def test_redis_that_becomes_a_replica_is_noticed(
    two_hubs: Hubs, editors: tuple[Editor, Editor], a_redis: RedisServer
) -> None:
    """It would pass on to nobody who has gone to the new primary; when it is one again all goes on."""
    a_redis.command("REPLICAOF", "127.0.0.1", "1")
    await until(lambda: both_are(two_hubs, 503, "is a replica", "address of its primary"))
    await write_in_turn(editors, 3, "meanwhile")

    a_redis.command("REPLICAOF", "NO", "ONE")

    await check_equal(editors, 3, "meanwhile")
    await until(lambda: both_are(two_hubs, 200))


async def test_another_redis_behind_the_same_address_is_noticed(two_hubs: Hubs, a_redis: RedisServer) -> None:
    """A process does not go on with a server that it has not begun with: the others may not be there."""
    line = bell_of(two_hubs[0])._line
    assert isinstance(line, RedisLine)

    a_redis.command("SET", line._key, "stranger")

    await until(lambda: both_are(two_hubs, 503, "is not the one that this process has begun with"))
    a_redis.command("FLUSHALL")
    await until(lambda: both_are(two_hubs, 200))
    assert len({bell_of(hub)._line.kind for hub in two_hubs}) == 1


async def check_refused(settings: Settings, kind: type[TeachingNbError], reason: str) -> None:
    """Compare why a hub does not start; no password is repeated."""
    with pytest.raises(kind, match=reason) as caught:
        async with serving(settings):
            pass
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_redis_that_cannot_be_used_is_named_with_the_reason(shared_settings: Settings) -> None:
    """Nobody there, a wrong password, none, a replica, no address: one sentence each."""
    port = free_port()
    gone = replace(shared_settings, redis=f"redis://:geheim@127.0.0.1:{port}")
    await check_refused(
        gone, Unavailable, rf"the Redis at 127\.0\.0\.1:{port} cannot be reached: .*Connect call failed"
    )
    with redis_server("--requirepass", "right") as locked:
        for password in ("", ":geheim@"):
            settings = replace(shared_settings, redis=f"redis://{password}127.0.0.1:{locked.port}")
            await check_refused(settings, ConfigurationError, r"refuses the hub: .*; see --redis")
        async with serving(replace(shared_settings, redis=f"redis://:right@127.0.0.1:{locked.port}")):
            pass
    with redis_server("--replicaof", "127.0.0.1", "1") as replica:
        await check_refused(
            replace(shared_settings, redis=replica.url), ConfigurationError, "is a replica, .* address of its primary"
        )
    for word in ("127.0.0.1", "http://127.0.0.1", "redis://", "redis://127.0.0.1:x"):
        await check_refused(replace(shared_settings, redis=word), ConfigurationError, "no address of a Redis")


async def test_hubs_that_would_not_hear_each_other_are_refused(shared_settings: Settings, a_redis: RedisServer) -> None:
    """One by Redis and one by PostgreSQL, or two by two servers; the one that serves goes on."""
    async with serving(shared_settings) as first:
        sentence = "whose rings this one would not hear: start all with --redis"
        await check_refused(replace(shared_settings, redis=None), ConfigurationError, sentence)
        with redis_server() as other:
            await check_refused(replace(shared_settings, redis=other.url), ConfigurationError, sentence)
        async with serving(replace(shared_settings, redis=a_redis.url.replace("127.0.0.1", "localhost"))) as second:
            assert await both_are((first, second), 200)
        a_redis.command("FLUSHALL")
        async with serving(shared_settings) as third:
            assert await both_are((first, third), 200)


async def test_redis_is_refused_without_postgresql(shared_settings: Settings) -> None:
    """SQLite is for one process, and has nobody to ring for."""
    await check_refused(replace(shared_settings, database=None), ConfigurationError, "--redis is for several processes")
