"""A kernel that floods the page with output, or lets no other thread run: the state is right in the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, show
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

FLOOD = r"""
import sys, time
end = time.monotonic() + 6
while time.monotonic() < end:
    sys.stdout.write(("x" * 999 + "\r") * 200)
    sys.stdout.flush()
    time.sleep(0.02)
"""
"""Megabytes a second, each line written over the last one: the Jupyter server drops what comes then, and says so."""

DROPPED = "rate exceeded"
WITHOUT_LANE = "doc.model.gate.tell('lane', {})"
HOLD_THE_LOCK = "import ctypes\nctypes.PyDLL(None).sleep(6)"
"""A call into C that keeps Python's lock: no thread of the kernel runs, the client's own neither."""


@pytest.fixture
def at_bob(bob: Person, alice: Person, a_slug: str) -> LiveCell:
    """Return what Bob sees of a document that Alice has open too."""
    return show(bob, a_slug)


@pytest.fixture
def at_alice(at_bob: LiveCell, alice: Person, a_slug: str) -> LiveCell:
    """Return what Alice sees of Bob's document."""
    cell = show(alice, a_slug)
    cell.expect_text(INIT)
    at_bob.expect_state(SAVED)
    return cell


def test_a_flood_of_output_does_not_hold_up_the_lane(
    at_alice: LiveCell, at_bob: LiveCell, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """While the server drops what Bob's kernel says, edits go both ways; afterwards the shown state is right."""
    at_bob.expect_road("lane")
    flood = bob.notebook.start(FLOOD)
    wait_until(lambda: is_dropping(flood.outputs), "the server drops messages", timeout=30)

    at_alice.append(" # alice")
    at_bob.expect_text(INIT + " # alice")
    at_bob.append(" and bob")
    at_alice.expect_text(INIT + " # alice and bob")
    flood.wait_done()

    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, bob.hub_token) == INIT + " # alice and bob"
    wait_until(lambda: bob.notebook.value("doc.model.code") == INIT + " # alice and bob", "the kernel has it too")


def test_what_a_flood_swallowed_is_there_after_it(
    at_alice: LiveCell, at_bob: LiveCell, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Without a lane the kernel's word about Alice's edit is dropped; Bob's page asks again after the cell."""
    bob.notebook.run(WITHOUT_LANE)
    at_bob.expect_road("comm")
    flood = bob.notebook.start(FLOOD)
    wait_until(lambda: is_dropping(flood.outputs), "the server drops messages", timeout=30)
    at_alice.append(" # alice")
    wait_until(lambda: a_hub.code(a_slug, bob.hub_token) == INIT + " # alice", "the hub has Alice's edit")
    flood.wait_done()

    at_bob.expect_text(INIT + " # alice")
    at_bob.append(" and bob")
    at_alice.expect_text(INIT + " # alice and bob")
    at_bob.expect_state(SAVED)


def test_a_kernel_that_lets_no_thread_run_does_not_hold_up_the_lane(
    at_alice: LiveCell, at_bob: LiveCell, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """While not even the client's thread can run, edits go both ways; the kernel has them as soon as it is free."""
    at_bob.expect_road("lane")
    holder = bob.notebook.start(HOLD_THE_LOCK)

    at_bob.append(" # bob")
    at_alice.expect_text(INIT + " # bob")
    at_alice.append(" and alice")
    at_bob.expect_text(INIT + " # bob and alice")
    at_bob.expect_state(SAVED)
    holder.wait_done()

    wait_until(lambda: bob.notebook.value("doc.model.code") == INIT + " # bob and alice", "the kernel has both")
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, bob.hub_token) == INIT + " # bob and alice"


def is_dropping(outputs: list[dict[str, Any]]) -> bool:
    """Tell whether the Jupyter server has said that it leaves out messages."""
    return any(DROPPED in str(output.get("text")) for output in outputs)
