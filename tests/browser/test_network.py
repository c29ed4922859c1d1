"""A page, or a kernel, that is away for longer than the hub waits, while people write on both sides.

All end with the same text, in which everything is once; meanwhile the page says what it alone has.
"""

from __future__ import annotations

import copy
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.browser.live_cell import OFFLINE, SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, show, show_in
from tests.harness.cable import Cable
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BACK_MS = 60_000
IN_THE_PAGE = re.compile("only in this browser page so far")
UNREACHABLE = re.compile(r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_\w+|EMPTY_RESPONSE|NETWORK_\w+)")
"""What the browser itself writes into the console when it gets no connection."""


@pytest.fixture(scope="module")
def an_impatient_hub(a_hub: HubProcess) -> Iterator[HubProcess]:
    """Return the hub, which gives up a silent socket after three seconds."""
    a_hub.stop()
    a_hub.start("--ping-interval", "1", "--ping-timeout", "2")
    yield a_hub
    a_hub.stop()
    a_hub.start()


@pytest.fixture
def a_cable(alice: Person) -> Iterator[Cable]:
    """Return a cable to Alice's Jupyter server."""
    with Cable(alice.lab.url) as cable:
        yield cable


class Network:
    """The network of a page's computer, of which its browser knows."""

    def __init__(self, notebook: Notebook) -> None:
        # What it has set lasts as long as the session.
        self._devtools = notebook.page.context.new_cdp_session(notebook.page)

    def go(self) -> None:
        """Be gone, also for the connections that there are."""
        self._set(is_offline=True)

    def come_back(self) -> None:
        """Be there again."""
        self._set(is_offline=False)

    def _set(self, *, is_offline: bool) -> None:
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self._devtools.send("Network.emulateNetworkConditions", {"offline": is_offline, **speed})


def open_through(cable: Cable, person: Person) -> Notebook:
    """Open a notebook of a person's in a page that reaches the Jupyter server by this cable only."""
    lab = copy.copy(person.lab)
    lab.url = f"{cable.url}/"
    return Notebook(person.context.new_page(), lab, lab.write_notebook("cable.ipynb")).open()


def open_apart(slug: str, notebook: Notebook, bob: Person) -> tuple[LiveCell, LiveCell]:
    """Show a document to Alice, with the cursor at the first character, and to Bob; both have a lane."""
    at_alice = show_in(notebook, slug)
    at_alice.expect_road("lane")
    at_bob = show(bob, slug)
    at_bob.expect_text(INIT)
    at_bob.expect_road("lane")
    at_alice.go_to_start()
    return at_alice, at_bob


def write_apart(at_alice: LiveCell, at_bob: LiveCell) -> None:
    """Let both write two lines, one where the cursor is and one at the end, where neither can split the other's.

    Alice pastes: JupyterLab puts a dialog before the page when it misses its server, which takes mouse and keys.
    """
    for number in (1, 2):
        at_alice.paste(f"# alice {number}\n")
        at_bob.append(f"\n# bob {number}")


def expect_all(at_alice: LiveCell, at_bob: LiveCell, hub: HubProcess, person: Person, slug: str) -> None:
    """Wait until both editors and the hub hold the same text, in which every line is once."""
    at_alice.expect_state(SAVED, timeout=BACK_MS)
    at_bob.expect_state(SAVED, timeout=BACK_MS)
    text = wait_until(lambda: at_alice.text == at_bob.text and at_alice.text, "both editors hold the same text")
    assert Counter(text.splitlines()) == Counter([INIT, "# alice 1", "# alice 2", "# bob 1", "# bob 2"])
    assert hub.code(slug, person.hub_token) == text


def wait_given_up(hub: HubProcess, connections: set[int]) -> None:
    """Wait until the hub has ended one of these connections, since nothing came from its other side."""
    wait_until(lambda: not connections <= hub.connections(), "the hub has given somebody up", timeout=60)


def lines_of_bob(hub: HubProcess, person: Person, slug: str) -> bool:
    """Tell whether the hub has what Bob wrote, and nothing of Alice's."""
    return (hub.code(slug, person.hub_token) or "").splitlines() == [INIT, "# bob 1", "# bob 2"]


def forgive(notebook: Notebook) -> None:
    """Leave out of the console what the browser says about connections that it did not get."""
    notebook.console[:] = [line for line in notebook.console if not UNREACHABLE.search(line)]


def test_a_page_without_network_says_so_and_catches_up(
    alice: Person, bob: Person, an_impatient_hub: HubProcess, a_slug: str
) -> None:
    """The network of Alice's computer goes and comes back; both have written meanwhile, and both have all of it."""
    notebook = alice.open("offline.ipynb")
    at_alice, at_bob = open_apart(a_slug, notebook, bob)
    connections = an_impatient_hub.connections()

    network = Network(notebook)
    network.go()
    write_apart(at_alice, at_bob)
    at_alice.expect_state(OFFLINE)
    at_alice.expect_sentence(IN_THE_PAGE)
    wait_given_up(an_impatient_hub, connections)
    wait_until(lambda: lines_of_bob(an_impatient_hub, bob, a_slug), "what Bob wrote is stored")
    network.come_back()

    expect_all(at_alice, at_bob, an_impatient_hub, bob, a_slug)
    at_alice.expect_road("lane", timeout=BACK_MS)
    wait_until(lambda: notebook.value("doc.model.code") == at_bob.text, "Alice's kernel has it too")
    forgive(notebook)


def test_a_page_whose_network_is_silent_catches_up(
    alice: Person, bob: Person, an_impatient_hub: HubProcess, a_slug: str, a_cable: Cable
) -> None:
    """Nobody tells the page that its packets get lost, until the hub has given it up; nothing is lost or doubled."""
    notebook = open_through(a_cable, alice)
    at_alice, at_bob = open_apart(a_slug, notebook, bob)
    connections = an_impatient_hub.connections()

    a_cable.block(is_blocked=True)
    a_cable.die()
    write_apart(at_alice, at_bob)
    at_alice.expect_sentence(IN_THE_PAGE)
    wait_given_up(an_impatient_hub, connections)
    wait_until(lambda: lines_of_bob(an_impatient_hub, bob, a_slug), "what Bob wrote is stored")
    at_alice.expect_road("comm")
    a_cable.block(is_blocked=False)
    a_cable.cut()

    expect_all(at_alice, at_bob, an_impatient_hub, bob, a_slug)
    at_alice.expect_road("lane", timeout=BACK_MS)
    wait_until(lambda: notebook.value("doc.model.code") == at_bob.text, "Alice's kernel has it too")
    forgive(notebook)


def test_a_stopped_kernel_holds_up_nobody_and_catches_up(
    alice: Person, bob: Person, an_impatient_hub: HubProcess, a_slug: str
) -> None:
    """Alice's kernel is stopped until the hub has given it up; the page writes on, and the kernel catches up."""
    notebook = alice.open("stopped.ipynb")
    at_alice, at_bob = open_apart(a_slug, notebook, bob)
    connections = an_impatient_hub.connections()
    kernel = notebook.value("__import__('os').getpid()")

    os.kill(kernel, signal.SIGSTOP)
    try:
        write_apart(at_alice, at_bob)
        wait_given_up(an_impatient_hub, connections)
        expect_all(at_alice, at_bob, an_impatient_hub, bob, a_slug)
    finally:
        os.kill(kernel, signal.SIGCONT)

    wait_until(lambda: notebook.value("doc.model.code") == at_bob.text, "the kernel has it too", timeout=60)
    at_alice.expect_road("lane")
    expect_all(at_alice, at_bob, an_impatient_hub, bob, a_slug)
