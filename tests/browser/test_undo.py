"""Undo and redo take back what one has typed oneself, and nothing else."""

from __future__ import annotations

from tests.browser.live_cell import SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show
from tests.harness.hub_process import HubProcess

BACK_MS = 60_000


def test_undo_leaves_what_the_other_typed_meanwhile(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> None:
    """Alice undoes and redoes words with Bob's in between; Bob's stay, at both and at the hub."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="start")
    at_alice.go_to_end()
    at_alice.page.keyboard.insert_text(" alice")
    at_bob.expect_text("start alice")
    at_bob.append(" bob")
    at_alice.expect_text("start alice bob")

    at_alice.page.keyboard.press("Control+z")
    at_alice.expect_text("start bob")
    at_bob.expect_text("start bob")
    at_alice.page.keyboard.press("Control+z")
    at_alice.page.keyboard.press("Control+Shift+Z")
    at_bob.expect_text("start alice bob")

    at_alice.expect_text("start alice bob")
    at_alice.expect_state(SAVED)
    assert a_hub.code(a_slug, bob.hub_token) == "start alice bob"


def test_undo_outlasts_a_restarted_hub_and_ends_with_the_document(
    alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """What was typed before the hub went away can be undone when it is back; a new kernel begins with nothing."""
    at_alice = show(alice, a_slug, "start")
    at_alice.expect_road("lane")
    at_alice.go_to_end()
    at_alice.page.keyboard.insert_text(" typed")
    at_alice.expect_state(SAVED)

    a_hub.kill()
    at_alice.expect_road("comm")
    a_hub.start()
    at_alice.expect_road("lane", timeout=BACK_MS)
    at_alice.editor.focus()
    at_alice.page.keyboard.press("Control+z")
    at_alice.expect_text("start")
    at_alice.page.keyboard.press("Control+y")
    at_alice.expect_text("start typed")
    at_alice.expect_state(SAVED)

    alice.notebook.restart_kernel()
    after = show(alice, a_slug, "start")
    after.expect_text("start typed")
    after.go_to_end()
    after.page.keyboard.press("Control+z")
    after.append("!")
    after.expect_text("start typed!")
