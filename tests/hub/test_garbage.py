"""When the hub looks for garbage."""

from __future__ import annotations

import gc
import multiprocessing

from teaching_nb.hub.process import calm_collector, pause_collector


def test_collector_looks_again_when_the_hub_has_started() -> None:
    """At what is new; what starting has made is left alone."""
    with multiprocessing.get_context("spawn").Pool(1) as elsewhere:
        states = elsewhere.apply(_collector_states)

    assert states == [(True, False), (False, False), (True, True)]


def _collector_states() -> list[tuple[bool, bool]]:
    """Return at each step whether the collector looks, and whether it leaves something alone."""
    states = []
    for step in (int, pause_collector, calm_collector):
        step()
        states.append((gc.isenabled(), gc.get_freeze_count() > 0))
    return states
