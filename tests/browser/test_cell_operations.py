"""What JupyterLab does with cells, done to a live one: nothing is lost, doubled or sent by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from teaching_nb.schema.roots import root_id
from tests.browser.people import Person
from tests.browser.real_cell import (
    COURSE,
    SAVED,
    LiveNotebook,
    RealCell,
    a_cell,
    file_cells,
    marked,
    open_cells,
    open_written,
    write_cells,
)
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

TEXT = "one = 1\ntwo = 2\nthree = 3"
BOTH = f"{TEXT}\n# bob"
"""The text once Bob has added a line, which the file on Alice's disk does not have."""
NOTEBOOK_SETTINGS = "@jupyterlab/notebook-extension:tracker"


class Pair:
    """Alice and Bob, each with a notebook that holds the same live cell between two ordinary ones."""

    def __init__(self, alice: Person, bob: Person, hub: HubProcess, slug: str) -> None:
        self.people = (alice, bob)
        self.hub = hub
        self.slug = slug
        cells = (a_cell("above = 0"), a_cell(TEXT, marked(slug)), a_cell("below = 9"))
        self.alice, self.bob = (open_cells(person, f"{slug}.ipynb", *cells) for person in self.people)
        for notebook in (self.alice, self.bob):
            self.live(notebook).expect_state(SAVED)
        self._typed = 0

    def live(self, notebook: LiveNotebook) -> RealCell:
        """Return the live cell of a notebook, wherever it stands now."""
        return notebook.cell(notebook.marks.index(self.slug))

    @property
    def stored(self) -> str:
        """Return what the hub has."""
        return stored(self.hub, self.people[0], self.slug)

    def bob_adds_a_line(self) -> None:
        """Bob writes; Alice sees it."""
        self.live(self.bob).type("\n# bob")
        self.live(self.alice).expect_text(BOTH)

    def expect_everywhere(self, text: str) -> None:
        """Wait until both cells and the hub have this text."""
        self.live(self.alice).expect_text(text)
        self.live(self.bob).expect_text(text)
        wait_until(lambda: self.stored == text, f"the hub has {text!r}, not {self.stored!r}")

    def expect_together(self, text: str) -> None:
        """The document is this text everywhere, both go on typing, and each sees what the other types."""
        self.expect_everywhere(text)
        self._typed += 1
        first, second = f"\n# a{self._typed}", f"\n# b{self._typed}"
        self.live(self.alice).type(first)
        self.live(self.bob).expect_text(text + first)
        self.live(self.bob).type(second)
        self.expect_everywhere(text + first + second)
        self.live(self.alice).expect_state(SAVED)


@pytest.fixture
def a_pair(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str) -> Pair:
    """Return two people at one live cell."""
    return Pair(alice, bob, a_hub, a_slug)


def stored(hub: HubProcess, person: Person, slug: str) -> str:
    """Return what the hub has of a live cell."""
    return str(hub.code(root_id(slug, COURSE), person.hub_token))


def put_cursor(cell: RealCell, *keys: str) -> None:
    """Set the cursor in a cell with keys."""
    cell.press("Control+Home", *keys)


@pytest.mark.parametrize("direction", ["up", pytest.param("down", marks=pytest.mark.by_hand)])
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


@pytest.mark.by_hand
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


@pytest.mark.by_hand
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


def test_a_cell_that_is_split_leaves_its_end_live(a_pair: Pair) -> None:
    """The new cell above is the user's own; undoing the split brings its text back into the document."""
    at_alice = a_pair.alice
    a_pair.bob_adds_a_line()
    put_cursor(at_alice.cell(1), "End")

    at_alice.run_command("notebook:split-cell-at-cursor")

    assert at_alice.marks == ["", "", a_pair.slug, ""]
    assert at_alice.texts[1] == "one = 1"
    a_pair.expect_everywhere("two = 2\nthree = 3\n# bob")
    a_pair.live(a_pair.bob).type("\n# more")
    a_pair.live(at_alice).expect_text("two = 2\nthree = 3\n# bob\n# more")
    at_alice.run_command("notebook:undo-cell-action")
    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(f"{BOTH}\n# more")


@pytest.mark.by_hand
def test_two_operations_in_a_moment_are_two_steps_of_undo(a_pair: Pair) -> None:
    """Undoing both at once would bring back the cell from before the first one, and lose what the second took out."""
    at_alice = a_pair.alice
    put_cursor(at_alice.cell(1), "End")
    at_alice.page.evaluate(_MOVE_AND_SPLIT)
    a_pair.expect_everywhere("two = 2\nthree = 3")

    at_alice.run_command("notebook:undo-cell-action")

    assert at_alice.marks == ["", "", a_pair.slug]
    a_pair.expect_together(TEXT)


@pytest.mark.parametrize("place", [pytest.param("Control+Home", marks=pytest.mark.by_hand), "Control+End"])
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


@pytest.mark.by_hand
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


@pytest.mark.by_hand
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
    a_pair.expect_everywhere(BOTH)
    a_pair.live(a_pair.bob).type("\n# more")
    at_alice.activate(1)
    a_pair.expect_everywhere(f"{BOTH}\n# more")
    at_alice.run_command("notebook:change-cell-to-code")
    a_pair.expect_together(f"{BOTH}\n# more")


@pytest.mark.by_hand
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


@pytest.mark.by_hand
def test_replacing_all_changes_what_is_replaced_only(a_pair: Pair) -> None:
    """Each place is a change of its own: Bob's undo still finds what they wrote."""
    at_alice = a_pair.alice
    a_pair.bob_adds_a_line()
    at_alice.activate(1)
    at_alice.run_command("documentsearch:startWithReplace")
    overlay = at_alice.page.locator(".jp-DocumentSearch-overlay")
    overlay.get_by_placeholder("Find").fill(" = ")
    overlay.get_by_placeholder("Replace").fill("=")
    expect(overlay.locator(".jp-DocumentSearch-index-counter")).to_contain_text("/5")
    overlay.get_by_role("button", name="Replace All").click()

    a_pair.expect_everywhere("one=1\ntwo=2\nthree=3\n# bob")
    at_alice.run_command("documentsearch:end")
    a_pair.live(a_pair.bob).press("Control+z")
    a_pair.expect_together("one=1\ntwo=2\nthree=3")


@pytest.mark.parametrize("way", ["reload", pytest.param("checkpoint", marks=pytest.mark.by_hand)])
def test_reading_the_file_again_sends_nothing(a_pair: Pair, way: str) -> None:
    """All cells are made anew from an older text: the hub's counts."""
    at_alice = a_pair.alice
    at_alice.notebook.save()
    a_pair.bob_adds_a_line()
    at_alice.cell(0).type("!")

    command, button = {"reload": ("reload", "Reload"), "checkpoint": ("restore-checkpoint", "Revert")}[way]
    at_alice.page.evaluate("id => void window.jupyterapp.commands.execute(id)", f"docmanager:{command}")
    dialog = at_alice.page.get_by_role("dialog")
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_have_count(0)

    wait_until(lambda: at_alice.texts[0] == "above = 0", "the file was read again")
    assert at_alice.marks == ["", a_pair.slug, ""]
    a_pair.expect_together(BOTH)


@pytest.mark.by_hand
def test_a_duplicate_of_the_notebook_shows_the_same_document(a_pair: Pair) -> None:
    """Opened in another tab it follows the hub; the file is older than the document."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    at_alice.notebook.save()
    a_pair.bob_adds_a_line()
    at_alice.run_command("docmanager:duplicate")
    copy = f"{a_pair.slug}-Copy1.ipynb"
    wait_until((alice.lab.root / copy).exists, "the copy is there")

    second = open_written(alice, copy)

    second.cell(1).expect_text(BOTH)
    second.cell(1).type("\n# second")
    a_pair.expect_together(f"{BOTH}\n# second")


@pytest.mark.by_hand
def test_a_notebook_that_is_renamed_stays_live(a_pair: Pair) -> None:
    """Its name is no part of the document's."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    at_alice.page.evaluate("name => window.jupyterapp.shell.currentWidget.context.rename(name)", "renamed.ipynb")
    a_pair.expect_together(TEXT)
    at_alice.notebook.save()
    assert file_cells(alice, "renamed.ipynb")[1]["source"] == a_pair.live(at_alice).text


@pytest.mark.by_hand
def test_a_kernel_restart_and_cleared_outputs_change_no_text(a_pair: Pair) -> None:
    """What others write while the kernel restarts is there; outputs are nobody's document."""
    at_alice = a_pair.alice
    at_alice.cell(1).press("Control+Enter")
    at_alice.run_command("notebook:clear-all-cell-outputs")
    at_alice.page.evaluate("() => { window.restarted = teachingTests.restartKernel(); }")
    a_pair.bob_adds_a_line()
    at_alice.page.evaluate("() => window.restarted")

    a_pair.expect_together(BOTH)


@pytest.mark.by_hand
def test_a_notebook_in_two_tabs_doubles_nothing(a_pair: Pair) -> None:
    """The tabs are two people for the hub, with one account."""
    [alice, _] = a_pair.people
    second = open_written(alice, f"{a_pair.slug}.ipynb")
    second.cell(1).type("\n# second")
    a_pair.expect_together(f"{TEXT}\n# second")
    second.cell(1).expect_text(a_pair.live(a_pair.alice).text)


def test_two_panels_of_one_notebook_double_nothing(a_pair: Pair) -> None:
    """Both show the same cells: they are one notebook, and go on when the first panel is closed."""
    at_alice = a_pair.alice
    at_alice.page.evaluate("() => { window.firstPanel = window.jupyterapp.shell.currentWidget; }")
    at_alice.run_command("docmanager:clone")
    at_alice.page.wait_for_function("() => window.jupyterapp.shell.currentWidget !== window.firstPanel")
    expect(at_alice.page.locator(".jp-NotebookPanel")).to_have_count(2)
    a_pair.bob_adds_a_line()
    at_alice.page.evaluate(_SET_IN_MODEL, [1, "# panel\n"])
    a_pair.expect_everywhere(f"# panel\n{BOTH}")

    at_alice.page.evaluate("() => window.firstPanel.close()")

    expect(at_alice.page.locator(".jp-NotebookPanel")).to_have_count(1)
    a_pair.expect_together(f"# panel\n{BOTH}")


@pytest.mark.by_hand
def test_two_notebooks_with_one_document_in_one_page_double_nothing(a_pair: Pair) -> None:
    """Both cells follow one text of the page."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    at_alice.notebook.save()
    other = f"{a_pair.slug}-other.ipynb"
    (alice.lab.root / other).write_text((alice.lab.root / f"{a_pair.slug}.ipynb").read_text())
    at_alice.page.evaluate("() => { window.first = window.jupyterapp.shell.currentWidget; }")
    at_alice.page.evaluate(_OPEN, other)
    a_pair.live(a_pair.bob).type("\n# bob")
    wait_until(lambda: at_alice.texts[1] == BOTH, "the other notebook follows")
    at_alice.page.evaluate(_SET_IN_MODEL, [1, "# other\n"])
    wait_until(lambda: a_pair.stored == f"# other\n{BOTH}", "the hub has it once")

    at_alice.page.evaluate(
        "() => { const other = window.jupyterapp.shell.currentWidget;"
        " window.jupyterapp.shell.activateById(window.first.id); other.dispose(); }"
    )
    at_alice.page.wait_for_function("() => window.jupyterapp.shell.currentWidget === window.first")
    a_pair.expect_together(f"# other\n{BOTH}")


@pytest.mark.parametrize(
    "mode", ["full", *(pytest.param(mode, marks=pytest.mark.by_hand) for mode in ("defer", "none"))]
)
def test_a_cell_out_of_view_is_followed(alice: Person, bob: Person, a_hub: HubProcess, a_slug: str, mode: str) -> None:
    """Whether or not it has an editor; once it is scrolled into view it shows what was written."""
    filler = [a_cell("\n".join(f"x{number} = {line}" for line in range(30))) for number in range(12)]
    cells = (*filler, a_cell(TEXT, marked(a_slug)))
    at_bob = open_cells(bob, f"{a_slug}.ipynb", a_cell(TEXT, marked(a_slug)))
    with settings(alice, windowingMode=mode):
        at_alice = LiveNotebook(alice.open_page(write_cells(alice, f"{a_slug}.ipynb", *cells)))
        at_alice.run_command("teaching-nb:connect")
        wait_until(lambda: stored(a_hub, alice, a_slug) == TEXT, "the document is there")
        at_bob.cell(0).type("# bob\n", at="Control+Home")
        wait_until(lambda: at_alice.texts[12] == f"# bob\n{TEXT}", "the cell out of view follows")
        at_alice.page.evaluate(_SET_IN_MODEL, [12, "# alice\n"])
        wait_until(lambda: stored(a_hub, bob, a_slug) == f"# alice\n# bob\n{TEXT}", "and is followed")

        at_alice.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(12)")

        node = at_alice.page.locator(".jp-Cell", has=at_alice.page.locator(".tnb-cell-state"))
        expect(node.locator(".tnb-status-words")).to_have_text(SAVED)
        expect(node.locator(".cm-content")).to_contain_text("# alice")


def test_undo_of_the_whole_notebook_takes_back_own_edits_only(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """With `documentWideUndoRedo` one history holds texts and cells; others' edits are in none."""
    with settings(alice, documentWideUndoRedo=True):
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


@contextmanager
def settings(person: Person, **values: object) -> Iterator[None]:
    """Set JupyterLab's settings of notebooks for pages that are opened meanwhile."""
    page = person.notebook.page
    page.evaluate(_SETTINGS, [NOTEBOOK_SETTINGS, values])
    try:
        yield
    finally:
        page.evaluate(_SETTINGS, [NOTEBOOK_SETTINGS, {}])


_SETTINGS = """([id, values]) => window.jupyterapp.serviceManager.settings.save(id, JSON.stringify(values))"""
_SET_IN_MODEL = """([number, text]) => {
  const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(number).sharedModel;
  cell.updateSource(0, 0, text);
}"""
_MOVE_AND_SPLIT = """async () => {
  const { commands, shell } = window.jupyterapp;
  await commands.execute("notebook:move-cell-down");
  const { activeCell } = shell.currentWidget.content;
  activeCell.editor.setCursorPosition({ line: 0, column: 7 });
  await commands.execute("notebook:split-cell-at-cursor");
}"""
_OPEN = """async path => {
  const panel = await window.jupyterapp.commands.execute("docmanager:open", { path });
  await panel.context.ready;
  window.jupyterapp.shell.activateById(panel.id);
  while (window.jupyterapp.shell.currentWidget !== panel) await new Promise(done => setTimeout(done, 20));
}"""
