"""Live cells that are split, merged and given another type: nothing is lost, doubled or sent by mistake."""

from __future__ import annotations

import pytest

from tests.browser.cell_pair import BOTH, TEXT, Pair
from tests.harness.waiting import wait_until


def test_a_cell_that_is_split_leaves_its_end_live(a_pair: Pair) -> None:
    """The new cell above is the user's own; undoing the split brings its text back into the document."""
    at_alice = a_pair.alice
    a_pair.bob_adds_a_line()
    at_alice.cell(1).press("Control+Home", "End")

    at_alice.run_command("notebook:split-cell-at-cursor")

    assert at_alice.marks == ["", "", a_pair.slug, ""]
    assert at_alice.texts[1] == "one = 1"
    a_pair.expect_everywhere("two = 2\nthree = 3\n# bob")
    a_pair.live(a_pair.bob).type("\n# more")
    a_pair.live(at_alice).expect_text("two = 2\nthree = 3\n# bob\n# more")
    at_alice.run_command("notebook:undo-cell-action")
    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(f"{BOTH}\n# more")


def test_two_operations_in_a_moment_are_two_steps_of_undo(a_pair: Pair) -> None:
    """Undoing both at once would bring back the cell from before the first one, and lose what the second took out."""
    at_alice = a_pair.alice
    at_alice.cell(1).press("Control+Home", "End")
    at_alice.page.evaluate(_MOVE_AND_SPLIT)
    a_pair.expect_everywhere("two = 2\nthree = 3")

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", "", a_pair.slug]
    a_pair.expect_together(TEXT)


@pytest.mark.parametrize("place", ["Control+Home", "Control+End"])
def test_a_split_at_an_end_takes_nothing_away_from_anybody(a_pair: Pair, place: str) -> None:
    """The half that holds the text is the document; the empty one is an ordinary cell."""
    at_alice = a_pair.alice
    at_alice.cell(1).press(place)

    at_alice.run_command("notebook:split-cell-at-cursor")

    assert sorted(at_alice.marks) == ["", "", "", a_pair.slug]
    a_pair.expect_together(TEXT)
    at_alice.run_command("notebook:undo-cell-action")
    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(f"{TEXT}\n# a1\n# b1")


def test_a_cell_below_that_is_merged_comes_into_the_document(a_pair: Pair) -> None:
    """Undoing the merge takes the added text out of it again, and nothing that others have written."""
    at_alice = a_pair.alice
    at_alice.activate(1)
    at_alice.run_command("notebook:merge-cell-below")
    assert at_alice.marks == ["", a_pair.slug]
    a_pair.expect_everywhere(f"{TEXT}\n\nbelow = 9")
    a_pair.live(a_pair.bob).type("# bob\n", at="Control+Home")
    a_pair.live(at_alice).expect_text(f"# bob\n{TEXT}\n\nbelow = 9")

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", a_pair.slug, ""]
    assert at_alice.texts[2] == "below = 9"
    a_pair.expect_together(f"# bob\n{TEXT}")


def test_a_merge_into_an_ordinary_cell_leaves_the_document_as_it_is(a_pair: Pair) -> None:
    """The text is copied into the user's own cell; the others keep theirs, and undo makes the cell live again."""
    at_alice = a_pair.alice
    at_alice.activate(0)
    at_alice.run_command("notebook:merge-cell-below")
    assert at_alice.marks == ["", ""]
    a_pair.live(a_pair.bob).type("\n# bob")
    wait_until(lambda: a_pair.stored == BOTH, "the hub has Bob's line")

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(BOTH)


def test_all_cells_merged_into_one_keep_the_document(a_pair: Pair) -> None:
    """No former cell is left, as when a file is read again; but it is the user who has done it."""
    at_alice = a_pair.alice
    at_alice.activate(1)
    at_alice.run_command("notebook:select-all")
    at_alice.run_command("notebook:merge-cells")

    assert at_alice.marks in ([a_pair.slug], [""])
    if at_alice.marks == [a_pair.slug]:
        a_pair.expect_together(f"above = 0\n\n{TEXT}\n\nbelow = 9")


def test_a_change_of_type_keeps_the_document(a_pair: Pair) -> None:
    """Also where the mark in the file does not say of which type the document is."""
    at_alice = a_pair.alice
    a_pair.bob_adds_a_line()
    at_alice.activate(1)

    at_alice.run_command("notebook:change-cell-to-markdown")

    assert at_alice.marks == ["", a_pair.slug, ""]
    # So it is known, too, when the notebook is opened again.
    assert at_alice.cell(1).metadata["teaching_nb"]["cell"] == "markdown"
    a_pair.expect_everywhere(BOTH)
    a_pair.live(a_pair.bob).type("\n# more")
    at_alice.activate(1)
    a_pair.expect_everywhere(f"{BOTH}\n# more")
    at_alice.run_command("notebook:change-cell-to-code")
    a_pair.expect_together(f"{BOTH}\n# more")


_MOVE_AND_SPLIT = """async () => {
  const { commands, shell } = window.jupyterapp;
  await commands.execute("notebook:move-cell-down");
  const { activeCell } = shell.currentWidget.content;
  // JupyterLab 4.4 makes the editor of a moved cell a moment later.
  while (!activeCell.editor) await new Promise(requestAnimationFrame);
  activeCell.editor.setCursorPosition({ line: 0, column: 7 });
  await commands.execute("notebook:split-cell-at-cursor");
}"""
