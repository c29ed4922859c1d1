"""Kernels of other kinds: ipykernel 6, and ipykernel 7 with subshells and without, where edits take the comm.

A kernel without subshells takes the page's messages when the running cell has ended. The page says so, hears of others
meanwhile, and is right after the cell; with a lane nothing waits at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.held_cell import Hold
from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, show, show_in
from tests.harness import kernels
from tests.harness.hub_process import HubProcess

WAITING = "Waiting for the running cell"
NOT_SENT = "only in this browser page so far."
WITHOUT_LANE = "doc.model.gate.tell('lane', {})"
KERNEL_SETTINGS = "apputils-extension/kernels-settings"

OpenWith = Callable[[str], Notebook]


@pytest.fixture
def open_with(bob: Person) -> Iterator[OpenWith]:
    """Return what opens a new notebook of Bob's with a kind of kernel."""

    def open_notebook(kind: str) -> Notebook:
        if kind == "ipykernel 6":
            kernels.install_older(bob.lab.kernels)
            notebook = bob.open("older.ipynb", kernel_name=kernels.OLDER)
            notebook.run("import ipykernel\nassert ipykernel.version_info[0] == 6")
            return notebook
        roads = {"ipykernel 7 with subshells": "perCommTarget", "ipykernel 7 without subshells": "disabled"}
        bob.lab.write_settings({KERNEL_SETTINGS: {"commsOverSubshells": roads[kind]}})
        notebook = bob.open("newer.ipynb")
        notebook.run("import ipykernel\nassert ipykernel.version_info[0] == 7")
        return notebook

    yield open_notebook
    bob.lab.write_settings({KERNEL_SETTINGS: {}})


def show_without_lane(notebook: Notebook, slug: str) -> LiveCell:
    """Show a document whose edits take the comm, as where our server extension is missing."""
    cell = show_in(notebook, slug)
    cell.expect_text(INIT)
    cell.expect_state(SAVED)
    notebook.run(WITHOUT_LANE)
    cell.expect_road("comm")
    return cell


@pytest.mark.parametrize("kind", ["ipykernel 6", "ipykernel 7 without subshells"])
def test_without_subshells_and_lane_edits_leave_after_the_cell(
    open_with: OpenWith, alice: Person, a_hub: HubProcess, a_slug: str, hold: Hold, kind: str
) -> None:
    """While the cell sleeps Bob sees what Alice types, and reads that own words wait; after it they are stored."""
    notebook = open_with(kind)
    at_bob = show_without_lane(notebook, a_slug)
    at_alice = show(alice, a_slug)
    at_alice.expect_text(INIT)
    sleeper = hold(notebook)

    at_alice.append(" # alice")
    at_bob.expect_text(INIT + " # alice")
    at_bob.append(" and bob")
    at_bob.expect_state(WAITING)
    expect(at_bob.widget.get_by_text(NOT_SENT).locator("visible=true").first).to_be_visible()
    at_alice.append("!")
    at_bob.expect_part("!")
    assert "bob" not in (a_hub.code(a_slug, alice.hub_token) or "")
    sleeper.end()

    at_bob.expect_state(SAVED)
    at_alice.expect_part(" and bob")
    assert notebook.value("seen") == INIT + " # alice!"
    text = at_bob.text
    assert sorted(text) == sorted(INIT + " # alice and bob!")
    at_alice.expect_text(text)
    assert a_hub.code(a_slug, alice.hub_token) == notebook.value("doc.model.code") == text


def test_with_subshells_edits_do_not_wait_for_the_cell(
    open_with: OpenWith, alice: Person, a_hub: HubProcess, a_slug: str, hold: Hold
) -> None:
    """Without a lane too, a kernel with subshells takes the page's reports while its cell sleeps."""
    notebook = open_with("ipykernel 7 with subshells")
    at_bob = show_without_lane(notebook, a_slug)
    at_alice = show(alice, a_slug)
    at_alice.expect_text(INIT)
    sleeper = hold(notebook)

    at_alice.append(" # alice")
    at_bob.expect_text(INIT + " # alice")
    at_bob.append(" and bob")
    at_alice.expect_text(INIT + " # alice and bob")
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # alice and bob"
    sleeper.end()

    assert notebook.value("seen") == INIT + " # alice and bob"


def test_with_a_lane_an_older_kernel_holds_up_nothing(
    open_with: OpenWith, alice: Person, a_hub: HubProcess, a_slug: str, hold: Hold
) -> None:
    """With a lane words go both ways while the cell of ipykernel 6 sleeps, and are in the kernel before it ends."""
    notebook = open_with("ipykernel 6")
    at_bob = show_in(notebook, a_slug)
    at_bob.expect_road("lane")
    at_alice = show(alice, a_slug)
    at_alice.expect_text(INIT)
    sleeper = hold(notebook)

    at_bob.append(" # bob")
    at_alice.expect_text(INIT + " # bob")
    at_alice.append(" and alice")
    at_bob.expect_text(INIT + " # bob and alice")
    at_bob.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # bob and alice"
    sleeper.end()

    assert notebook.value("seen") == INIT + " # bob and alice"


def test_an_older_kernel_runs_a_live_cell(open_with: OpenWith, a_slug: str, hold: Hold) -> None:
    """Run waits for the cell of the notebook and says so, shows its output, and can be interrupted."""
    notebook = open_with("ipykernel 6")
    cell = show_in(notebook, a_slug, "answer = 42\nprint(answer * 10)")
    cell.expect_part("print(answer * 10)")
    sleeper = hold(notebook)

    cell.run_button.click()
    expect(cell.widget.get_by_text(WAITING).locator("visible=true").first).to_be_visible()
    sleeper.end()
    expect(cell.output).to_contain_text("420")
    assert notebook.value("answer") == 42

    cell.append("\nimport time\ntime.sleep(600)")
    cell.run_button.click()
    cell.interrupt_button.click()
    expect(cell.output).to_contain_text("KeyboardInterrupt")
    assert notebook.value("answer") == 42
