"""Live cells that are moved, copied, cut, deleted and brought back: nothing is lost, doubled or sent by mistake."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.cell_pair import BOTH, TEXT, Pair
from tests.browser.people import Person
from tests.browser.real_cell import SAVED
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_cell_that_is_moved_stays_live(a_pair: Pair, direction: str) -> None:
    """JupyterLab makes a new cell of it; undoing the move takes back nothing that was written since."""
    at_alice = a_pair.alice
    a_pair.bob_adds_a_line()
    at_alice.activate(1)
    at_alice.run_command(f"notebook:move-cell-{direction}")
    assert at_alice.marks == ([a_pair.slug, "", ""] if direction == "up" else ["", "", a_pair.slug])
    a_pair.expect_together(BOTH)

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(f"{BOTH}\n# a1\n# b1")
    at_alice.run_command("notebook:redo-cell-action")
    a_pair.expect_together(f"{BOTH}\n# a1\n# b1\n# a2\n# b2")


def test_what_is_typed_right_after_a_move_is_shared(a_pair: Pair) -> None:
    """There is no moment in which a cell that was moved is not followed."""
    at_alice, live = a_pair.alice, a_pair.live
    at_alice.activate(1)
    at_alice.run_command("notebook:move-cell-down")
    live(a_pair.bob).type("B", at="Control+Home")
    live(at_alice).type("A", at="Control+Home")
    wait_until(lambda: len(live(at_alice).text) == len(TEXT) + 2, "both letters are there")

    a_pair.expect_together(live(at_alice).text)
    assert sorted(live(at_alice).text.splitlines()[0]) == sorted("AB" + TEXT.splitlines()[0])


def test_a_copy_with_the_same_text_shows_the_same_document(a_pair: Pair) -> None:
    """Both cells of one notebook follow the document; what is typed into one is once in the other."""
    at_alice = a_pair.alice
    at_alice.activate(1)
    at_alice.run_command("notebook:copy-cell")
    at_alice.run_command("notebook:paste-cell-below")
    assert at_alice.marks == ["", a_pair.slug, a_pair.slug, ""]
    at_alice.cell(2).expect_state(SAVED)
    at_alice.cell(2).type("\n# copy")
    a_pair.expect_together(f"{TEXT}\n# copy")

    assert at_alice.texts[1] == at_alice.texts[2]
    at_alice.cell(1).expect_text(at_alice.texts[2])
    at_alice.activate(1)
    at_alice.run_command("notebook:delete-cell")
    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(f"{TEXT}\n# copy\n# a1\n# b1")


def test_an_older_copy_is_its_users_own(a_pair: Pair) -> None:
    """What stands in the clipboard is older than the document: pasted beside it, it is an ordinary cell."""
    at_alice = a_pair.alice
    at_alice.activate(1)
    at_alice.run_command("notebook:copy-cell")
    a_pair.bob_adds_a_line()

    at_alice.activate(1)
    at_alice.run_command("notebook:paste-cell-below")

    assert at_alice.marks == ["", a_pair.slug, "", ""]
    assert at_alice.texts[2] == TEXT
    a_pair.expect_together(BOTH)


def test_a_cell_that_is_cut_and_pasted_follows_what_was_written_meanwhile(a_pair: Pair) -> None:
    """The mark in the clipboard was written when the notebook was saved: what came since is no edit of Alice's."""
    at_alice, at_bob = a_pair.alice, a_pair.bob
    at_alice.notebook.save()
    a_pair.bob_adds_a_line()
    at_alice.activate(1)
    at_alice.run_command("notebook:cut-cell")
    assert at_alice.marks == ["", ""]
    a_pair.live(at_bob).press("Control+End", "Backspace", "Backspace", "Backspace", "Backspace", "Backspace")
    a_pair.live(at_bob).expect_text(f"{TEXT}\n")
    wait_until(lambda: a_pair.stored == f"{TEXT}\n", "Bob's line is gone from the hub")

    at_alice.run_command("notebook:paste-cell-below")

    assert at_alice.marks.count(a_pair.slug) == 1
    a_pair.expect_together(f"{TEXT}\n")
    expect(a_pair.live(at_alice).box).to_be_hidden()


def test_a_deleted_cell_that_is_brought_back_follows_the_hub(a_pair: Pair) -> None:
    """Deleting it changes nothing for the others; undo brings back the cell, not its former text."""
    at_alice, at_bob = a_pair.alice, a_pair.bob
    at_alice.activate(1)
    at_alice.run_command("notebook:delete-cell")
    assert at_alice.marks == ["", ""]
    a_pair.live(at_bob).press("Control+a", "Backspace")
    a_pair.live(at_bob).type("new")
    wait_until(lambda: a_pair.stored == "new", "the hub has Bob's text")

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together("new")
    expect(a_pair.live(at_alice).box).to_be_hidden()
    at_alice.run_command("notebook:redo-cell-action")
    assert at_alice.marks == ["", ""]
    assert a_pair.stored == "new\n# a1\n# b1"


def test_undo_of_the_whole_notebook_takes_back_own_edits_only(
    alice: Person, bob: Person, standing_pages: None, a_hub: HubProcess, a_slug: str
) -> None:
    """With `documentWideUndoRedo` one history holds texts and cells; others' edits are in none."""
    with alice.standing_page().notebook_settings(disableDocumentWideUndoRedo=False):
        pair = Pair(alice, bob, a_hub, a_slug)
        at_alice = pair.alice
        pair.live(at_alice).type("\n# alice")
        pair.live(pair.bob).expect_text(f"{TEXT}\n# alice")
        pair.live(pair.bob).type("# bob\n", at="Control+Home")
        pair.live(at_alice).expect_text(f"# bob\n{TEXT}\n# alice")
        at_alice.activate(1)
        at_alice.page.wait_for_timeout(600)  # what follows within half a second is one step of undo
        at_alice.run_command("notebook:move-cell-down")
        pair.live(pair.bob).type("\n# more")
        pair.expect_everywhere(f"# bob\n{TEXT}\n# alice\n# more")

        at_alice.run_command("notebook:undo-cell-action")

        assert at_alice.marks == ["", a_slug, ""]
        pair.expect_everywhere(f"# bob\n{TEXT}\n# alice\n# more")
        at_alice.run_command("notebook:undo-cell-action")
        pair.expect_together(f"# bob\n{TEXT}\n# more")
