"""Live cells in narrow windows and by keyboard alone: nothing is cut off, and all of ours is reached and named."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person
from tests.browser.real_cell import SAVED, a_cell, marked, open_cells

ONE_LINE = 32
"""Pixels that the state line takes; two lines would take twice as many."""
WIDTHS = (1280, 560, 480, 360)
"""Of the window; JupyterLab leaves a cell some 120 pixels less."""
SOURCE = "def fib(n):\n    return n"


def test_the_line_is_one_line_with_all_its_buttons_however_narrow(
    alice: Person, bob: Person, the_teacher: Person, a_slug: str, screenshots: Path
) -> None:
    """Two people and History stay inside of it, and the beginning of the notice is seen."""
    name = f"{a_slug}-of-some-length"
    cell = a_cell(SOURCE, marked(name))
    at_alice, at_bob, at_teacher = (open_cells(one, f"{name}.ipynb", cell) for one in (alice, bob, the_teacher))
    for here in (at_alice, at_bob, at_teacher):
        here.cell(0).expect_state(SAVED)
    at_alice.cell(0).press("Control+Enter")
    at_bob.cell(0).type("  # bob")
    line = at_alice.cell(0).line
    expect(line).to_contain_text("Bob Brown changed this since your last run.")
    expect(line.get_by_role("button", name="Follow")).to_have_count(2)
    at_alice.notebook.hide_sidebars()

    for width in WIDTHS:
        at_alice.page.set_viewport_size({"width": width, "height": 700})
        at_alice.page.screenshot(path=str(screenshots / f"cell-{width}.png"))
        height, right = _size(line)
        assert height <= ONE_LINE, f"{height} pixels high in a window of {width}"
        for button in line.get_by_role("button").all():
            assert _size(button)[1] <= right, f"cut off in a window of {width}"
        assert line.locator(".tnb-people").evaluate("it => it.scrollWidth <= it.clientWidth"), f"people in {width}"
        assert line.locator(".tnb-cell-notice").evaluate("it => it.clientWidth") > 60, f"in a window of {width}"


def test_everything_of_a_live_cell_is_reached_by_keyboard(alice: Person, a_slug: str) -> None:
    """The dialog has a name and gives the focus back; the line follows the cell; the panel takes the focus."""
    here = open_cells(alice, f"{a_slug}.ipynb", a_cell(SOURCE, marked(a_slug)))
    cell, page = here.cell(0), here.page
    cell.expect_state(SAVED)
    cell.type("  # more")

    here.press_live()
    expect(page.get_by_role("dialog", name=f"Live cell “{a_slug}”")).to_be_visible()
    page.keyboard.press("Escape")
    expect(cell.node).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell.editor).to_be_focused()

    history = cell.line.get_by_role("button", name="History")
    page.keyboard.press("Escape")
    _go_to(history, page)
    page.keyboard.press("Enter")
    expect(cell.node.get_by_role("slider", name="Version")).to_be_focused()
    page.keyboard.press("Escape")
    expect(history).to_be_focused()

    here.run_command("teaching-nb:show-class")
    expect(page.get_by_role("region", name="Class", exact=True)).to_be_focused()
    listed = page.get_by_role("region", name="Live cells").get_by_role("button", name=a_slug)
    # What the panel shows is loaded when somebody looks.
    expect(listed).to_be_visible()
    _go_to(listed, page)
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Notebook:focus-within")).to_be_visible()


def _size(node: Locator) -> tuple[float, float]:
    """Return height and right edge."""
    box = node.bounding_box()
    assert box is not None
    return box["height"], box["x"] + box["width"]


def _go_to(target: Locator, page: Page) -> None:
    """Press Tab until this has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if target.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")
