"""Pages that sleep, are left in the middle of a word, or lose their kernel: nothing typed is lost or doubled."""

from __future__ import annotations

import re

from playwright.sync_api import CDPSession, Page

from tests.browser.live_cell import OFFLINE, SAVED, LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, open_shared, show
from tests.browser.unsent import UnsentOffer
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BACK_MS = 60_000
ASKS = """() => {
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    return leaving.defaultPrevented;
}"""
"""Whether the browser would ask before it leaves the page."""


class Laptop:
    """The computer that a page is on, with its lid."""

    def __init__(self, page: Page) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._stands = False
        self._devtools.on("Debugger.paused", self._note)

    def sleep(self) -> None:
        """Close the lid: nothing in the page runs any more."""
        # Frozen alone, a page that is watched goes on hearing from its connections.
        self._devtools.send("Debugger.enable")
        self._devtools.send("Debugger.pause")
        wait_until(self._is_standing, "the page stands still")
        self._devtools.send("Page.setWebLifecycleState", {"state": "frozen"})

    def wake(self) -> None:
        """Open the lid."""
        self._devtools.send("Debugger.disable")
        self._devtools.send("Page.setWebLifecycleState", {"state": "active"})

    def _is_standing(self) -> bool:
        # Events arrive with the answers to what is asked.
        self._devtools.send("Debugger.setSkipAllPauses", {"skip": False})
        return self._stands

    def _note(self, _event: object) -> None:
        self._stands = True


def test_a_page_that_slept_catches_up(alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str) -> None:
    """Alice's page sleeps while all connections are lost and Bob goes on; awake, both have all edits, once."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    at_alice.expect_road("lane")
    at_alice.append(" # alice")
    laptop = Laptop(alice.notebook.page)

    laptop.sleep()
    a_mortal_hub.kill()
    a_mortal_hub.start()
    at_bob.go_to_start()
    at_bob.type("# bob\n")
    at_bob.expect_state(SAVED, timeout=BACK_MS)
    laptop.wake()

    at_alice.expect_text(f"# bob\n{INIT} # alice", timeout=BACK_MS)
    at_alice.expect_road("lane", timeout=BACK_MS)
    at_alice.append(", awake")
    at_bob.expect_text(f"# bob\n{INIT} # alice, awake")
    at_alice.expect_state(SAVED)
    assert a_mortal_hub.code(a_slug, alice.hub_token) == at_bob.text


def test_a_page_left_in_the_middle_of_a_word_has_saved_it(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """A reload right behind the last key loses nothing: it is at the hub, at Bob's, and in the reloaded page."""
    (at_alice,) = open_shared(a_slug, alice)
    at_bob = show(bob, a_slug)
    at_bob.expect_text(INIT)
    at_alice.expect_road("lane")
    alice.notebook.save()

    at_alice.append(" # to the last letter")
    alice.notebook.reload()

    text = INIT + " # to the last letter"
    at_bob.expect_text(text)
    LiveCell(alice.notebook.last_cell()).expect_text(text)
    assert a_hub.code(a_slug, alice.hub_token) == text


def test_the_browser_asks_before_it_leaves_a_page_with_unsaved_text(alice: Person, a_slug: str) -> None:
    """Only while the page alone has something for longer than a moment."""
    (cell,) = open_shared(a_slug, alice)
    alice.notebook.save()
    assert not asks(cell)

    with alice.lab.paused():
        cell.append(" # stuck")
        wait_until(lambda: asks(cell), "the browser asks before leaving")

    cell.expect_state(SAVED, timeout=BACK_MS)
    wait_until(lambda: not asks(cell), "the browser does not ask any more")


def test_text_of_a_restarted_kernel_is_saved_when_the_cell_runs_again(
    alice: Person, a_mortal_hub: HubProcess, a_slug: str
) -> None:
    """What neither hub nor kernel keep is kept by the page, which says so; the next widget saves it, once."""
    cell = show(alice, a_slug, "x = 1")
    cell.expect_road("lane")
    a_mortal_hub.kill()
    cell.append("2")
    cell.expect_state(OFFLINE)

    alice.notebook.restart_kernel()
    cell.expect_sentence(re.compile("Run the notebook cell again on this page to save them"))
    assert UnsentOffer(cell).copy() == "x = 12"
    assert asks(cell)
    a_mortal_hub.start()
    again = show(alice, a_slug, "x = 1")

    again.expect_text("x = 12", timeout=BACK_MS)
    again.expect_state(SAVED, timeout=BACK_MS)
    assert a_mortal_hub.code(a_slug, alice.hub_token) == "x = 12"
    UnsentOffer(cell).expect_hidden()


def test_typing_into_a_kernel_that_is_restarted_is_saved(alice: Person, a_hub: HubProcess, a_slug: str) -> None:
    """The page sends the last keys to the hub itself, whatever becomes of the kernel."""
    cell = show(alice, a_slug, "x = 1")
    cell.expect_road("lane")

    cell.append("23456789")
    alice.notebook.restart_kernel()

    wait_until(lambda: a_hub.code(a_slug, alice.hub_token) == "x = 123456789", "every key is stored")
    UnsentOffer(cell).expect_hidden()
    show(alice, a_slug, "x = 1").expect_text("x = 123456789")


def asks(cell: LiveCell) -> bool:
    """Tell whether the browser would ask before it leaves the page."""
    return bool(cell.page.evaluate(ASKS))
