"""Notebooks with live cells that are read again, renamed, duplicated and shown twice: nothing is lost or doubled."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.cell_pair import BOTH, TEXT, Pair, stored
from tests.browser.people import Person
from tests.browser.real_cell import (
    SAVED,
    LiveNotebook,
    a_cell,
    file_cells,
    marked,
    show_cells,
    show_written,
    write_cells,
)
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until


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


@pytest.mark.parametrize("way", ["reload", "checkpoint"])
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


def test_a_duplicate_of_the_notebook_shows_the_same_document(a_pair: Pair) -> None:
    """Opened in another tab it follows the hub; the file is older than the document."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    at_alice.notebook.save()
    a_pair.bob_adds_a_line()
    at_alice.run_command("docmanager:duplicate")
    copy = f"{a_pair.slug}-Copy1.ipynb"
    wait_until((alice.lab.root / copy).exists, "the copy is there")

    second = show_written(alice, copy, page=1)

    second.cell(1).expect_text(BOTH)
    second.cell(1).type("\n# second")
    a_pair.expect_together(f"{BOTH}\n# second")


def test_a_notebook_that_is_renamed_stays_live(a_pair: Pair) -> None:
    """Its name is no part of the document's."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    name = f"{a_pair.slug}-renamed.ipynb"
    at_alice.page.evaluate("name => window.jupyterapp.shell.currentWidget.context.rename(name)", name)
    a_pair.expect_together(TEXT)
    at_alice.notebook.save()
    assert file_cells(alice, name)[1]["source"] == a_pair.live(at_alice).text


def test_a_kernel_restart_and_cleared_outputs_change_no_text(a_pair: Pair) -> None:
    """What others write while the kernel restarts is there; outputs are nobody's document."""
    at_alice = a_pair.alice
    at_alice.notebook.start_kernel()
    at_alice.cell(1).press("Control+Enter")
    at_alice.run_command("notebook:clear-all-cell-outputs")
    at_alice.page.evaluate("() => { window.restarted = teachingTests.restartKernel(); }")
    a_pair.bob_adds_a_line()
    at_alice.page.evaluate("() => window.restarted")

    a_pair.expect_together(BOTH)


def test_a_notebook_in_two_tabs_doubles_nothing(a_pair: Pair) -> None:
    """The tabs are two people for the hub, with one account."""
    [alice, _] = a_pair.people
    second = show_written(alice, f"{a_pair.slug}.ipynb", page=1)
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


def test_two_notebooks_with_one_document_in_one_page_double_nothing(a_pair: Pair) -> None:
    """Both cells follow one text of the page."""
    at_alice, [alice, _] = a_pair.alice, a_pair.people
    at_alice.notebook.save()
    other = f"{a_pair.slug}-other.ipynb"
    (alice.lab.root / other).write_text((alice.lab.root / f"{a_pair.slug}.ipynb").read_text())
    at_alice.page.evaluate("() => { window.first = window.jupyterapp.shell.currentWidget; }")
    alice.standing_page().show(other)
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


@pytest.mark.parametrize("mode", ["full", "defer", "none"])
def test_a_cell_out_of_view_is_followed(
    alice: Person, bob: Person, standing_pages: None, a_hub: HubProcess, a_slug: str, mode: str
) -> None:
    """Whether or not it has an editor; once it is scrolled into view it shows what was written."""
    filler = [a_cell("\n".join(f"x{number} = {line}" for line in range(30))) for number in range(12)]
    cells = (*filler, a_cell(TEXT, marked(a_slug)))
    at_bob = show_cells(bob, f"{a_slug}.ipynb", a_cell(TEXT, marked(a_slug)))
    with alice.standing_page().notebook_settings(windowingMode=mode):
        at_alice = LiveNotebook(alice.standing_page().show(write_cells(alice, f"{a_slug}.ipynb", *cells)))
        at_alice.run_command("teaching-nb:connect")
        expect(at_bob.cell(0).line.get_by_role("list", name="Here now")).to_contain_text("Alice")
        at_bob.cell(0).type("# bob\n", at="Control+Home")
        wait_until(lambda: at_alice.texts[12] == f"# bob\n{TEXT}", "the cell out of view follows")
        at_alice.page.evaluate(_SET_IN_MODEL, [12, "# alice\n"])
        wait_until(lambda: stored(a_hub, bob, a_slug) == f"# alice\n# bob\n{TEXT}", "and is followed")

        at_alice.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(12)")

        node = at_alice.page.locator(".jp-Cell", has=at_alice.page.locator(".tnb-cell-state"))
        expect(node.locator(".tnb-status-words")).to_have_text(SAVED)
        expect(node.locator(".cm-content")).to_contain_text("# alice")


_SET_IN_MODEL = """([number, text]) => {
  const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(number).sharedModel;
  cell.updateSource(0, 0, text);
}"""
_OPEN = """async path => {
  const panel = await window.jupyterapp.commands.execute("docmanager:open", { path });
  await panel.context.ready;
  window.jupyterapp.shell.activateById(panel.id);
  while (window.jupyterapp.shell.currentWidget !== panel) await new Promise(done => setTimeout(done, 20));
}"""
