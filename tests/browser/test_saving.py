"""Python's word about saving, while somebody types in a page that sends its edits to the hub itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, WebSocketRoute

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, source_of
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

LANE = "**/teaching/socket.io/**"
WAIT = """
import threading
returned = []
def wait():
    try:
        doc.model.wait_saved(120)
    except Exception as error:
        returned.append(f"{type(error).__name__}: {error}")
    else:
        returned.append("saved")
threading.Thread(target=wait, daemon=True).start()
"""


class SlowNetwork:
    """The network between a page and its Jupyter server, as far as it carries the lane; edits can be held back."""

    def __init__(self, page: Page) -> None:
        self.is_holding = False
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(LANE, self._connect)

    def release(self) -> None:
        """Let through what was held back."""
        self.is_holding = False
        held, self._held = self._held, []
        for server, message in held:
            server.send(message)

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_up(message: str | bytes) -> None:
            if self.is_holding:
                self._held.append((server, message))
            else:
                server.send(message)

        page.on_message(pass_up)


@pytest.fixture
def a_network(alice: Person, a_slug: str) -> tuple[SlowNetwork, Notebook, LiveCell]:
    """Return Alice's network, notebook and live cell, which has a lane."""
    page = alice.context.new_page()
    network = SlowNetwork(page)
    notebook = alice.open_in(page, alice.lab.write_notebook("saving.ipynb"))
    cell = LiveCell(notebook.run(source_of(a_slug)))
    cell.expect_text(INIT)
    cell.expect_road("lane")
    cell.expect_state(SAVED)
    return network, notebook, cell


def test_python_waits_for_what_is_typed_in_the_page(
    a_network: tuple[SlowNetwork, Notebook, LiveCell], alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """From the first key until the hub has the text the kernel says "saving", and `wait_saved` does not return."""
    network, notebook, cell = a_network
    assert notebook.value("doc.model.save_state") == "saved"

    network.is_holding = True
    cell.append(" + 1")
    wait_until(lambda: notebook.value("doc.model.save_state") == "saving", "the kernel knows that somebody types")
    notebook.run(WAIT)
    assert notebook.value("returned") == []
    assert a_hub.code(a_slug, alice.hub_token) == INIT
    network.release()

    assert ended(notebook) == ["saved"]
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " + 1"
    assert notebook.value("doc.model.save_state") == "saved"
    cell.expect_state(SAVED)


def test_python_waits_for_what_a_dead_lane_leaves_to_the_kernel(
    a_network: tuple[SlowNetwork, Notebook, LiveCell], alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """The network never delivers the edits; the page gives its lane up, the kernel saves them, and the wait ends."""
    network, notebook, cell = a_network

    network.is_holding = True
    cell.append(" + 2")
    wait_until(lambda: notebook.value("doc.model.save_state") == "saving", "the kernel knows that somebody types")
    notebook.run(WAIT)

    assert ended(notebook) == ["saved"]
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " + 2"


def test_typing_tells_the_kernel_seldom(
    a_network: tuple[SlowNetwork, Notebook, LiveCell], alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """A line that is typed quickly costs the kernel a few messages, not one for each key."""
    _, notebook, cell = a_network
    notebook.run(
        "heard = []\nhear = doc._link.take_report\n"
        "doc._link.take_report = lambda *a, **k: (heard.append(k['seq'] - k['stored']), hear(*a, **k))"
    )

    cell.append(" # " + "abcdefghij" * 6)

    cell.expect_state(SAVED)
    wait_until(lambda: notebook.value("doc.model.save_state") == "saved" and notebook.value("heard"), "all is saved")
    heard = notebook.value("heard")
    assert heard[-1] == 0
    assert len(heard) < 30, heard
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # " + "abcdefghij" * 6


def ended(notebook: Notebook) -> list[str]:
    """Return how the wait has ended, as soon as it has."""
    return wait_until(lambda: notebook.value("returned") or None, "the wait has ended", timeout=60)
