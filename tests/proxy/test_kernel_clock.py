"""The clock of the machine is set while a real kernel of a real Jupyter server works, at a real hub."""

from __future__ import annotations

import pytest

from tests.harness.clocks import HOURS, WallClock
from tests.harness.recording_hub import RecordingHub
from tests.proxy.conftest import HUB_TOKEN, StartJupyter
from tests.proxy.test_kernels import call_as_kernel

pytestmark = pytest.mark.timeout(240)

STEPS = (0, -HOURS, -30 * 24 * HOURS, 400 * 24 * HOURS, -5 * HOURS)
"""Where the clock stands, in seconds beside the true time, one after the other."""


async def test_kernel_token_lives_as_long_as_its_kernel(
    start_jupyter: StartJupyter, a_hub: RecordingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the clock is set, a running kernel is let in, also after its restart, and one that is gone is not."""
    jupyter, clock = (
        await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN}),
        WallClock(monkeypatch),
    )
    kernel_id, gone_id = [await jupyter.start_kernel() for _ in range(2)]
    gone = jupyter.kernel_environment(gone_id)
    await jupyter.call("DELETE", f"api/kernels/{gone_id}")

    answers = []
    for clock.offset in STEPS:
        living = await call_as_kernel(jupyter, jupyter.kernel_environment(kernel_id))
        answers.append((living, await call_as_kernel(jupyter, gone)))
    clock.offset = -5 * HOURS
    await jupyter.call("POST", f"api/kernels/{kernel_id}/restart")
    clock.offset = -10 * HOURS
    later_id = await jupyter.start_kernel()
    clock.offset = -20 * HOURS
    later = [await call_as_kernel(jupyter, jupyter.kernel_environment(one)) for one in (kernel_id, later_id)]

    assert answers == [(200, 403)] * len(STEPS)
    assert later == [200, 200]


async def test_embedded_hub_believes_a_server_whose_clock_was_set(
    start_jupyter: StartJupyter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server vouches for holds at its hub, a process of its own, although their clocks are hours apart."""
    jupyter, clock = await start_jupyter(), WallClock(monkeypatch)
    environment = jupyter.kernel_environment(await jupyter.start_kernel())

    answers = []
    for clock.offset in STEPS:
        answers.append(await call_as_kernel(jupyter, environment))

    assert answers == [200] * len(STEPS)
