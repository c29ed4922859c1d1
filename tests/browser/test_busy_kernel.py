"""A running cell keeps nobody from receiving or sending: the direct lane, and the routing of comm messages."""

from __future__ import annotations

from tests.browser.held_cell import Hold
from tests.browser.live_cell import SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, open_shared
from tests.harness.hub_process import HubProcess

CALCULATE_SECONDS = 5
ARRIVAL_MS = 5_000

# ipykernel 7.4.0 sends the browser's messages to the shell of whoever published last: the cell that touches the model
# before it sleeps, or the background thread that receives while it sleeps, would make the keystrokes wait.
TOUCH = "doc.model.code += ' # bob'"
COUNT_AND_WAIT = f"import time\nend = time.time() + {CALCULATE_SECONDS}\nwhile time.time() < end: pass"


# As an older kernel, or a JupyterLab that was told so: comm messages wait behind the running cell.
WITHOUT_SUBSHELLS = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    kernel.commsOverSubshells = "disabled";
}"""


def test_edits_do_not_need_the_kernel(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str, hold: Hold) -> None:
    """While Bob's kernel sleeps and comm messages wait, edits go both ways, are stored, and are in the kernel."""
    bob.notebook.page.evaluate(WITHOUT_SUBSHELLS)
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    at_bob.expect_road("lane")
    sleeper = hold(bob.notebook)

    at_bob.append(" # bob")
    at_alice.expect_text(INIT + " # bob", timeout=ARRIVAL_MS)
    at_bob.expect_state(SAVED)
    at_alice.append(" and alice")
    at_bob.expect_text(INIT + " # bob and alice", timeout=ARRIVAL_MS)
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # bob and alice"
    sleeper.end()

    assert bob.notebook.value("seen") == INIT + " # bob and alice"
    bob.notebook.restart_kernel()


def test_a_sleeping_cell_does_not_hold_up_edits(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str, hold: Hold
) -> None:
    """While Bob's kernel sleeps Bob receives what Alice types, and Alice what Bob types."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    sleeper = hold(bob.notebook, TOUCH)
    at_alice.expect_text(INIT + " # bob", timeout=ARRIVAL_MS)

    at_alice.append(" and alice")
    at_bob.expect_text(INIT + " # bob and alice", timeout=ARRIVAL_MS)
    at_bob.append(", awake")
    at_alice.expect_text(INIT + " # bob and alice, awake", timeout=ARRIVAL_MS)
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # bob and alice, awake"
    sleeper.end()

    assert bob.notebook.value("seen") == INIT + " # bob and alice, awake"


def test_a_calculating_cell_does_not_hold_up_edits(alice: Person, bob: Person, a_slug: str) -> None:
    """While Bob's kernel calculates, edits go both ways."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    counter = bob.notebook.start(COUNT_AND_WAIT)

    at_alice.append(" # alice")
    at_bob.expect_text(INIT + " # alice", timeout=ARRIVAL_MS)
    at_bob.append(" and bob")
    at_alice.expect_text(INIT + " # alice and bob", timeout=ARRIVAL_MS)

    assert counter.is_running, "the cell ended before everything had arrived: the test proves nothing"
    counter.wait_done()
