"""Rates: what is within them passes, what is above waits; memory stays bounded."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from teaching_nb.hub import rates
from teaching_nb.hub.config import Settings
from teaching_nb.hub.rates import Attempts, Rate, writes_of_users
from tests.harness.cast import Cast
from tests.harness.clocks import HandClock
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub, serving
from tests.hub.browsers import PASSWORD, Browser, give_password
from tests.hub.scenes import Scene


def stopped_clock(hub: RunningHub) -> HandClock:
    """Let the live edits of a hub be counted by a clock that is set by hand."""
    edits = hub.hub._handlers._edits
    assert edits is not None
    edits._clock = HandClock()
    return edits._clock


def test_rate_lets_a_burst_pass_and_then_the_average() -> None:
    """Tokens come back with time, never more than the burst."""
    clock = HandClock()
    rate = Rate(2, burst=5, clock=clock)

    assert [rate.allows("a") for _ in range(6)] == [True] * 5 + [False]
    clock.now += 1
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    clock.now += 1_000
    assert sum(rate.allows("a") for _ in range(10)) == 5
    assert rate.allows("b")


def test_rate_can_be_asked_without_counting() -> None:
    """Asking takes no token, however often."""
    clock = HandClock()
    rate = Rate(1, burst=2, clock=clock)

    assert not any(rate.is_used_up("a") for _ in range(9))
    assert [rate.allows("a"), rate.is_used_up("a"), rate.allows("a"), rate.is_used_up("a")] == [True, False, True, True]
    clock.now += 1
    assert not rate.is_used_up("a")


def test_attempts_tell_how_long_to_wait() -> None:
    """The oldest attempt opens the way when it is past; refused ones do not count."""
    clock = HandClock()
    attempts = Attempts(3, 10, clock=clock)

    assert [attempts.wait("a") for _ in range(4)] == [0, 0, 0, 10]
    clock.now += 4
    assert (attempts.wait("a"), attempts.wait("b")) == (6, 0)
    clock.now += 6
    assert attempts.wait("a") == 0


@pytest.mark.parametrize("kind", ["rate", "attempts"])
def test_made_up_keys_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The key that has been quiet for longest is forgotten first."""
    monkeypatch.setattr(rates, "MAX_KEYS", 100)
    rate, attempts = Rate(1), Attempts(1, 10)

    for number in range(1_000):
        rate.allows(str(number))
        attempts.wait(str(number))

    kept = rate._buckets if kind == "rate" else attempts._times
    assert list(kept) == [str(number) for number in range(900, 1_000)]


async def test_guesser_is_stopped_and_others_get_in(a_hub: RunningHub, a_cast: Cast) -> None:
    """Three attempts within ten seconds per account and address; a class behind one address is not held up."""
    people = [a_cast.teacher2, a_cast.student1, a_cast.student2, a_cast.student3, a_cast.teacher, a_cast.admin]
    await give_password(a_hub, *people)
    async with Browser(a_hub) as browser:
        answers = [await browser.sign_in(a_cast.teacher2, "wrong password") for _ in range(5)]
        right = await browser.sign_in(a_cast.teacher2)

        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        assert right.status_code == 429, "a guesser who is right at last does not get in"
        refused = answers[-1]
        assert refused.json() == {"message": "Too many requests. Please try again later."}
        assert refused.headers["content-type"].startswith("text/plain")
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert refused.headers["x-retry-after"] == refused.headers["retry-after"]
        others = await asyncio.gather(*(browser.sign_in(person) for person in people[1:]))
        assert [answer.status_code for answer in others] == [200] * 5


@pytest.mark.parametrize("balancers", [(), ("127.0.0.1",), ("10.0.0.0/8", "127.0.0.0/31")])
async def test_guesser_elsewhere_locks_nobody_out(settings: Settings, a_cast: Cast, balancers: tuple[str, ...]) -> None:
    """A balancer that is trusted says where somebody is; nobody else does, nor what a guesser puts in front."""
    async with serving(replace(settings, trusted_balancers=balancers)) as hub, Browser(hub) as browser:
        await give_password(hub, a_cast.student1)
        body = {"email": a_cast.student1.email, "password": "wrong password"}
        # Two balancers, one behind the other, each tell whom they have seen.
        seen = "198.51.100.7, 10.1.2.3" if "10.0.0.0/8" in balancers else "198.51.100.7"
        places = [{"x-forwarded-for": f"192.0.2.{number}, {seen}"} for number in range(4)]
        guesses = [(await browser.post("/api/auth/sign-in/email", body, **place)).status_code for place in places]
        right = {**body, "password": PASSWORD}
        answer = await browser.post("/api/auth/sign-in/email", right, **{"x-forwarded-for": "2001:db8::1"})
        session = (await browser.get("/api/auth/get-session")).json()

    assert guesses == [401, 401, 401, 429]
    assert answer.status_code == (200 if balancers else 429)
    assert (session and session["session"]["ipAddress"]) == ("2001:db8::1" if balancers else None)


async def test_live_edits_of_one_user_are_limited(settings: Settings, a_cast: Cast) -> None:
    """All tabs of a person share one rate; a refused edit is told so and can be sent again, and others go on."""
    async with serving(replace(settings, user_writes_per_second=1)) as hub:
        clock = stopped_clock(hub)
        root_id = await Scene(hub.database).root(shared="RW")
        document_id = await Scene(hub.database).document(a_cast.student1, root_id, data={"code": ""})
        tabs = [Listener(hub, person) for person in (a_cast.student1, a_cast.student1, a_cast.student2)]
        for tab in tabs:
            await tab.connect()
        first, second, other = (Editor(tab, document_id) for tab in tabs)
        await first.sync()
        answers = [await first.write("a") for _ in range(5)]
        await second.sync()
        edit = second.edit("b")

        refused = await second.send(edit)

        assert [answer["ok"] for answer in answers] == [True] * 5
        assert refused["error"] == {
            "name": "TOO MANY REQUESTS",
            "message": "too many edits, the limit is 1 per second; they are to be sent again",
            "status": 429,
        }
        await other.sync()
        assert (await other.write("c"))["ok"] is True
        assert await tabs[1].call("JOIN_ROOM", root_id) is True
        clock.now += 1
        assert (await second.send(edit))["ok"] is True
        for tab in tabs:
            await tab.disconnect()


def test_typing_in_many_tabs_is_within_the_rate(settings: Settings, a_cast: Cast) -> None:
    """A hub as it is set up by default takes what somebody with five busy tabs sends, twenty edits a second each."""
    clock = HandClock()
    rate = writes_of_users(settings.user_writes_per_second)
    assert rate is not None
    rate._clock = clock

    for _ in range(60 * 20):
        clock.now += 1 / 20
        assert all(rate.allows(a_cast.student1.id) for _ in range(5))


async def test_writes_of_one_user_are_limited(settings: Settings, a_cast: Cast) -> None:
    """Beyond the burst they are told to wait; reading goes on, and so do others."""
    async with (
        serving(replace(settings, user_writes_per_second=1)) as hub,
        httpx.AsyncClient(base_url=hub.url, timeout=30) as web,
    ):
        mine, theirs = a_cast.student1.headers, a_cast.student2.headers
        answers = [await web.put("/api/v1/cms/settings", json={}, headers=mine) for _ in range(9)]

        refused = answers[-1]
        assert answers[0].status_code == 204
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["errors"][0]["name"] == "TOO MANY REQUESTS"
        assert (await web.get("/api/v1/user", headers=mine)).status_code == 200
        assert (await web.put("/api/v1/cms/settings", json={}, headers=theirs)).status_code == 204
