"""Three hundred people lose the hub in one moment: all come back, none of them in step with the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import accumulate

import pytest

from tests.faults.conftest import NewHub
from tests.faults.followers import Follower
from tests.faults.hub_runs import port_for_many_runs
from tests.faults.school import School

SOCKETS = 300
WRITERS = 10
SECONDS = 200.0
IN_VAIN = 2
"""Attempts of each that find no hub."""


@pytest.mark.timeout(500)
async def test_everybody_comes_back_after_the_hub_was_killed(new_hub: NewHub, a_school: School) -> None:
    """All see the same text again, with what was stored before and what is written afterwards."""
    hub = new_hub(port=port_for_many_runs())
    url = await asyncio.to_thread(hub.start)
    people = [a_school.crowd[number % len(a_school.crowd)] for number in range(SOCKETS)]
    followers = [Follower(number, person, url, a_school.text_id) for number, person in enumerate(people)]
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(follower.is_here.wait() for follower in followers))
            await asyncio.gather(*(follower.write(f"a{n};") for n, follower in enumerate(followers[:WRITERS])))
            hub.kill()
            await asyncio.gather(*(follower.has_failed(IN_VAIN) for follower in followers))
            await asyncio.to_thread(hub.start)
            await asyncio.gather(*(follower.is_here.wait() for follower in followers))
            await asyncio.gather(*(follower.write(f"b{n};") for n, follower in enumerate(followers[:WRITERS])))
            words = {f"{letter}{n}" for letter in "ab" for n in range(WRITERS)}
            await asyncio.gather(*(follower.sees(words) for follower in followers))
        texts = {follower.text for follower in followers}
    finally:
        await asyncio.gather(*(follower.close() for follower in followers))
    assert len(texts) == 1
    assert Counter(texts.pop().split(";")) == Counter([*words, ""])
    check_spread([follower.backoff.delays for follower in followers])


def check_spread(delays: list[list[float]]) -> None:
    """No tenth of a second is chosen by many for the same attempt; the longer it lasts the fewer they are."""
    for attempt, most in ((0, SOCKETS * 0.35), (1, SOCKETS * 0.15), (2, SOCKETS * 0.10)):
        moments = [[*accumulate(chosen)][attempt] for chosen in delays if len(chosen) > attempt]
        busiest = Counter(int(moment * 10) for moment in moments).most_common(1)
        assert all(count <= most for _, count in busiest), f"{busiest} come in one tenth of a second"
