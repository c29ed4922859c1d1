"""One person and several pages: reload, a second tab, a second view."""

from __future__ import annotations

import re

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, open_shared
from tests.harness.hub_process import HubProcess


def test_a_reloaded_page_shows_the_document_and_stays_live(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """After a reload the widget stands there again with its text, from the living kernel, and edits go both ways."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    at_alice.append(" # before")
    at_alice.expect_state(SAVED)
    alice.notebook.save()

    alice.notebook.reload()
    at_alice = last_live_cell(alice.notebook)
    at_alice.expect_text(INIT + " # before")
    at_alice.append(" and after")
    at_bob.expect_text(INIT + " # before and after")
    at_bob.append(", says Bob")
    at_alice.expect_text(INIT + " # before and after, says Bob")

    at_alice.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == at_alice.text


def test_two_kernels_of_one_person_show_the_same_text(alice: Person, a_hub: HubProcess, a_slug: str) -> None:
    """A second notebook of the same person, with its own kernel, shows the same document."""
    (first,) = open_shared(a_slug, alice)
    other = alice.open("second.ipynb")
    cell = other.run(f"import teaching_nb as tnb\ndoc = tnb.code({a_slug!r}, init={INIT!r}, shared=True)\ndoc")
    second = LiveCell(cell)
    second.expect_text(INIT)

    second.append(" # two")
    first.expect_text(INIT + " # two")
    first.append(" kernels")
    second.expect_text(INIT + " # two kernels")

    second.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " # two kernels"


def test_a_restarted_kernel_shows_the_stored_text(alice: Person, a_slug: str) -> None:
    """The kernel holds no truth: after a restart the same cell shows what was typed before."""
    (before,) = open_shared(a_slug, alice)
    before.append(" # kept")
    before.expect_state(SAVED)

    alice.notebook.restart_kernel()
    after = LiveCell(alice.notebook.run(f"import teaching_nb as tnb\ntnb.code({a_slug!r}, init={INIT!r}, shared=True)"))

    after.expect_text(INIT + " # kept")


def test_a_widget_of_a_restarted_kernel_says_so(alice: Person, a_slug: str) -> None:
    """What is left on the page after a restart says what to do, and takes no text that would be lost."""
    (left,) = open_shared(a_slug, alice)

    alice.notebook.restart_kernel()

    left.expect_sentence(re.compile("kernel was restarted.*Run the notebook cell again"))
    left.append("lost")
    assert left.text == INIT


def last_live_cell(notebook: Notebook) -> LiveCell:
    """Return the live cell that stands at the end of a notebook."""
    return LiveCell(notebook.last_cell())
