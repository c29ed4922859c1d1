"""What screen readers and people with weak eyes find: names, roles and contrasts, by the rules of axe-core."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.real_cell import SAVED, a_cell, marked, show_cells
from tests.browser.test_gallery import CALLS

RULES = "js/node_modules/axe-core/axe.min.js"
BREAKS = """async selector => {
  const include = [...document.querySelectorAll(selector)];
  if (!include.length) throw new Error(`nothing is ${selector}`);
  const { passes, violations } = await axe.run({ include });
  const messages = found => found.any.map(({ message }) => message);
  const broken = one => one.nodes.map(found => [one.id, found.html.slice(0, 200), messages(found)]);
  return [passes.map(({ id }) => id), violations.flatMap(broken)];
}"""


def expect_accessible(page: Page, selector: str, root: Path, *, at_least: str) -> None:
    """Expect no rule of axe-core to be broken in what is of ours, and this one to have been tried."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=str(root / RULES))
    tried, broken = page.evaluate(BREAKS, selector)
    assert broken == []
    assert at_least in tried


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_widgets_keep_the_rules(alice: Person, pytestconfig: pytest.Config, theme: str) -> None:
    """All that a notebook shows, on one page."""
    alice.notebook.run("import teaching_nb as tnb")
    for call in CALLS:
        expect(alice.notebook.run(call).node.locator(".tnb-widget")).to_be_visible()
    alice.notebook.set_theme(f"JupyterLab {theme}")
    page, root = alice.notebook.page, pytestconfig.rootpath
    try:
        expect_accessible(page, ".tnb-widget", root, at_least="color-contrast")
        alice.notebook.run(f"tnb.files('project').add('src/{theme}.py')")
        expect(page.get_by_role("treeitem").first).to_be_visible()
        expect_accessible(page, ".tnb-files-tree", root, at_least="aria-required-children")
    finally:
        alice.notebook.set_theme("JupyterLab Light")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_live_cells_and_the_panel_keep_the_rules(
    the_teacher: Person, alice: Person, a_slug: str, pytestconfig: pytest.Config, theme: str
) -> None:
    """The line under the text, cursors of others, the panel with its rooms, and the dialog that makes a cell live."""
    cells = a_cell("x = 1", marked(a_slug)), a_cell("y = 2")
    at_teacher = show_cells(the_teacher, f"{a_slug}.ipynb", *cells)
    at_alice = show_cells(alice, f"{a_slug}.ipynb", *cells)
    for notebook in (at_teacher, at_alice):
        notebook.cell(0).expect_state(SAVED)
    page, root = at_teacher.page, pytestconfig.rootpath
    at_teacher.run_command("teaching-nb:show-class")
    expect(page.get_by_role("region", name="Rooms").get_by_role("button", name="Alice")).to_be_visible()
    at_teacher.notebook.set_theme(f"JupyterLab {theme}")
    try:
        expect_accessible(page, ".tnb-cell-state", root, at_least="button-name")
        expect_accessible(page, ".tnb-class", root, at_least="button-name")
        at_teacher.cell(1).editor.click()
        at_teacher.press_live()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect_accessible(page, ".jp-Dialog-content", root, at_least="label")
        page.keyboard.press("Escape")
    finally:
        at_teacher.notebook.set_theme("JupyterLab Light")
