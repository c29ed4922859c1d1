"""Limits hold for all processes together: who has used up theirs at one has used them up at the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
import socketio

from teaching_nb.hub.bell import uses
from teaching_nb.hub.bell.rings import Use
from teaching_nb.hub.bell.uses import Uses
from teaching_nb.hub.config import Settings
from teaching_nb.hub.rates import Attempts, Rate
from teaching_nb.schema import limits
from tests.harness.cast import Caller, Cast, Person
from tests.harness.clocks import HandClock
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub, serving
from tests.hub.bell.conftest import ConnectTo
from tests.hub.browsers import Browser, give_password
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
BURST = 5
"""Writes at once, where one a second is allowed."""


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what one process has to hear of the other."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


@pytest.fixture
async def two_hubs(shared_settings: Settings) -> AsyncIterator[Hubs]:
    """Run two hubs on one database at which everybody may write once a second."""
    strict = replace(shared_settings, user_writes_per_second=1)
    async with serving(strict) as first, serving(strict) as second:
        yield first, second


def stopped(hub: RunningHub, name: str) -> Rate:
    """Let a rate of a hub be counted by a clock that stands still, and return it."""
    assert hub.context.elsewhere is not None
    rate = hub.context.elsewhere.uses.limits[name]
    assert isinstance(rate, Rate)
    rate._clock = HandClock()
    return rate


async def test_live_edits_at_one_process_count_at_the_other(
    two_hubs: Hubs, people: Cast, *, editors: tuple[Editor, Editor], connect_to: ConnectTo
) -> None:
    """Whoever has written all they may is refused at the other process, too; others are not."""
    ada, bob = editors
    elsewhere = Editor(await connect_to(two_hubs[1], people.student1, is_page=True), ada.document_id)
    rates = [stopped(hub, "edits") for hub in two_hubs]
    assert [(await ada.write("a"))["ok"] for _ in range(BURST)] == [True] * BURST
    await until(lambda: rates[1].is_used_up(people.student1.id))
    await elsewhere.sync()

    refused = await elsewhere.write("b")

    assert refused["error"]["message"] == "too many edits, the limit is 1 per second; they are to be sent again"
    assert (await bob.write("c"))["ok"]


async def test_requests_at_one_process_count_at_the_other(
    two_hubs: Hubs, people: Cast, *, call: Callable[[RunningHub, Person], Caller]
) -> None:
    """A balancer sends every second request to the other process; together they are what the limit says."""
    first, second = (call(hub, people.student1) for hub in two_hubs)
    document = await Scene(two_hubs[0].database).document(
        people.student1,
        await Scene(two_hubs[0].database).root(),
        type_name="choice_answer",
        data={"value": 0},
    )
    rate = stopped(two_hubs[1], "requests")
    answers = [await first.put(f"/documents/{document}", {"data": {"value": number}}) for number in range(1, BURST + 1)]
    assert {answer.status_code for answer in answers} == {204}

    await until(lambda: rate.is_used_up(people.student1.id))

    answer = await second.put(f"/documents/{document}", {"data": {"value": 99}})

    assert answer.status_code == 429


async def test_guesser_is_stopped_at_all_processes(two_hubs: Hubs, people: Cast) -> None:
    """Three attempts are three attempts; and no e-mail address is told for that."""
    await give_password(two_hubs[0], people.student1)
    attempts = two_hubs[1].context.sign_ins
    async with Browser(two_hubs[0]) as first, Browser(two_hubs[1]) as second:
        wrong = [await first.sign_in(people.student1, "wrong password") for _ in range(3)]
        await until(lambda: any(len(times) == 3 for times in attempts._times.values()))
        refused = await second.sign_in(people.student1)

    assert [answer.status_code for answer in wrong] == [401] * 3
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert not any(people.student1.email in key for key in attempts._times)


async def test_connections_of_one_person_are_counted_over_all_processes(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and kernels alike, wherever they are; one that ends makes room for another."""
    monkeypatch.setattr(limits, "SOCKETS_PER_USER", 3)
    first, second = (hub.context.rooms for hub in two_hubs)
    await connect_to(two_hubs[0], people.student1)
    page = await connect_to(two_hubs[0], people.student1, is_page=True)
    await until(lambda: second.sockets_of(people.student1.id) == 2)
    await connect_to(two_hubs[1], people.student1)
    refusals: list[Any] = []
    fourth = Listener(two_hubs[1], people.student1)
    fourth._client.on("connect_error", refusals.append)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await fourth.connect()

    assert "too many connections: 4, the limit is 3" in refusals[0]["message"]
    await until(lambda: first.sockets_of(people.student1.id) == 3)
    await page.disconnect()
    await until(lambda: second.sockets_of(people.student1.id) == 2)
    await connect_to(two_hubs[1], people.student1)


def test_what_is_used_elsewhere_is_missing_here_for_as_long_as_it_takes() -> None:
    """Two processes may let pass twice the burst at once; it has to be made up for."""
    clock = HandClock()
    rate = Rate(2, burst=4, clock=clock)
    assert [rate.allows("a") for _ in range(4)] == [True] * 4

    rate.note("a", 4)

    clock.now += 2
    assert not rate.allows("a")
    clock.now += 0.5
    assert (rate.allows("a"), rate.allows("a"), rate.allows("b")) == (True, False, True)


def test_attempts_elsewhere_count_from_when_they_are_heard_of() -> None:
    """Also more than may be: then the last ones have to be past."""
    clock = HandClock()
    attempts = Attempts(3, 10, clock=clock)
    assert attempts.wait("a") == 0
    clock.now += 4

    attempts.note("a", 3)

    assert attempts.wait("a") == 10
    clock.now += 10
    assert [attempts.wait("a") for _ in range(4)] == [0, 0, 0, 10]


def test_few_uses_wait_until_they_are_worth_a_ring() -> None:
    """Someone who types is not told of every second; nothing that is let pass is left out in the end."""
    told: list[None] = []
    shared = Uses(lambda: told.append(None))
    rate = shared.share("edits", lambda on_used: Rate(100, on_used=on_used), step=10)
    attempts = shared.share("sign-ins", lambda on_used: Attempts(9, 10, on_used=on_used), at_once=True)

    for _ in range(9):
        rate.allows("a")
    assert (shared.take(), told) == ([], [])
    rate.allows("a")
    attempts.wait("b")

    assert len(told) == 1
    assert shared.take() == [Use("edits", "a", 10), Use("sign-ins", "b", 1)]
    assert shared.take() == []


def test_refused_uses_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process would hold against somebody what was not let pass; and made-up keys do not fill the memory."""
    monkeypatch.setattr(uses, "MOST_UNTOLD", 50)
    shared = Uses(lambda: None)
    rate = shared.share("edits", lambda on_used: Rate(1, on_used=on_used))
    attempts = shared.share("sign-ins", lambda on_used: Attempts(1, 10, on_used=on_used))
    for _ in range(5):
        rate.allows("a")
        attempts.wait("a")
    assert shared.take() == [Use("edits", "a", 1), Use("sign-ins", "a", 1)]

    for number in range(1_000):
        rate.allows(str(number))
    assert len(shared._untold) <= 50
