"""Everything can be done without a mouse, and the state is announced."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.live_cell import LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import show
from tests.harness.waiting import wait_until

MANY_TABS = 25
IS_DIRTY = "() => teachingTests.panel().context.model.dirty"
CELLS = "() => teachingTests.panel().content.widgets.length"


def test_a_live_cell_is_used_with_the_keyboard_alone(alice: Person, a_slug: str) -> None:
    """Tab reaches the editor and, after Escape, leaves it again; the Run button answers to Enter."""
    cell = show(alice, a_slug, "steps = 1")
    cell.expect_text("steps = 1")
    focus_the_cell(cell)

    tab_until_focused(cell, cell.editor)
    cell.page.keyboard.press("Control+End")
    cell.type("0")
    cell.page.keyboard.press("Escape")
    tab_until_focused(cell, cell.run_button, backwards=True)
    cell.page.keyboard.press("Enter")

    wait_until(lambda: alice.notebook.value("globals().get('steps')") == 10, "Enter on Run runs the code")
    assert cell.text == "steps = 10"


def test_the_tab_key_does_not_trap_the_keyboard(alice: Person, a_slug: str) -> None:
    """After Escape the Tab key moves the focus out of the editor and changes no text."""
    cell = show(alice, a_slug, "steps = 1")
    cell.expect_text("steps = 1")
    cell.go_to_end()
    expect(cell.editor).to_be_focused()

    cell.page.keyboard.press("Escape")
    cell.page.keyboard.press("Tab")

    expect(cell.editor).not_to_be_focused()
    assert cell.text == "steps = 1"


def test_the_keys_of_a_notebook_mean_the_same_in_a_live_cell(alice: Person, a_slug: str) -> None:
    """Ctrl+Enter runs, Ctrl+F finds, Ctrl+S saves, and Escape ends the search, then leads to command mode."""
    cell = show(alice, a_slug, "steps = 1")
    cell.expect_text("steps = 1")
    cell.go_to_end()
    press = cell.page.keyboard.press

    press("Control+Enter")
    wait_until(lambda: alice.notebook.value("globals().get('steps')") == 1, "Ctrl+Enter runs the code")
    press("Control+f")
    panel = cell.widget.get_by_role("search", name=f"Find in {a_slug}", exact=True)
    expect(panel.get_by_role("textbox", name="Find", exact=True)).to_be_focused()
    cell.type("ste")
    expect(panel.get_by_role("status")).to_have_text("1 found")
    assert cell.page.evaluate(IS_DIRTY)
    press("Control+s")
    cell.page.wait_for_function(f"async () => !({IS_DIRTY})()")
    press("Escape")
    expect(panel).not_to_be_attached()
    expect(cell.editor).to_be_focused()
    press("Escape")
    expect(cell.editor).not_to_be_focused()
    before = cell.page.evaluate(CELLS)
    press("b")
    assert cell.page.evaluate(CELLS) == before + 1
    assert cell.text == "steps = 1"


def test_tab_completes_what_the_kernel_knows_and_enter_only_what_was_chosen(alice: Person, a_slug: str) -> None:
    """Names of the notebook and of its objects come from the kernel; Enter alone begins a line."""
    cell = show(alice, a_slug, "")
    cell.expect_text("")
    alice.notebook.run("import collections as unusual_name\np_one = p_two = 1")
    cell.editor.click()
    press = cell.page.keyboard.press
    names = cell.page.get_by_role("listbox", name="Completions")

    cell.type("unusu")
    press("Tab")
    cell.expect_text("unusual_name")
    cell.type(".Order")
    press("Tab")
    cell.expect_text("unusual_name.OrderedDict")
    type_until_offered(cell, "\ntotal = p", names.get_by_role("option", name="p_one"))
    press("Enter")
    cell.expect_text("unusual_name.OrderedDict\ntotal = p\n")
    type_until_offered(cell, "p_", names.get_by_role("option", name="p_two"))
    press("ArrowDown")
    press("Enter")
    cell.expect_text("unusual_name.OrderedDict\ntotal = p\np_one")


def type_until_offered(cell: LiveCell, text: str, option: Locator) -> None:
    """Type, and the last letter again where the kernel was too slow: a list that comes late is not shown."""
    cell.type(text)

    def is_offered() -> bool:
        try:
            expect(option).to_be_visible(timeout=3_000)
        except AssertionError:
            cell.page.keyboard.press("Backspace")
            cell.type(text[-1])
            return False
        return True

    wait_until(is_offered, f"a list for {text!r} with what is looked for", timeout=60)


def test_the_save_state_is_announced(alice: Person, a_slug: str) -> None:
    """The state stands in a polite live region, in words."""
    cell = show(alice, a_slug, "steps = 1")

    spoken = cell.spoken.filter(has_text=re.compile(r"^Saved\b"))
    expect(spoken).to_have_attribute("aria-live", "polite")


def test_everything_to_use_has_a_name(alice: Person, a_slug: str) -> None:
    """The widget, its editor and its buttons have names, and the editor says how to leave it."""
    cell = show(alice, a_slug, "steps = 1")
    cell.expect_text("steps = 1")

    expect(cell.widget).to_have_accessible_name(a_slug)
    expect(cell.editor).to_have_accessible_name(re.compile(re.escape(a_slug)))
    expect(cell.editor).to_have_accessible_description(re.compile("Escape"))
    for button in cell.widget.get_by_role("button").all():
        expect(button).to_have_accessible_name(re.compile(r"\w"))


def focus_the_cell(cell: LiveCell) -> None:
    """Select the notebook cell as the arrow keys do, with no focus inside the widget."""
    cell.page.evaluate("() => teachingTests.panel().content.activeCell.node.focus()")


def tab_until_focused(cell: LiveCell, target: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the target has the focus; fail when it is never reached."""
    for _ in range(MANY_TABS):
        if target.evaluate("node => node === document.activeElement"):
            return
        cell.page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{MANY_TABS} times Tab did not reach {target}")
