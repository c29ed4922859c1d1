"""Light, dark and narrow: the widget takes the theme's colours, can be read, and fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.looks import shown_texts, theme_colours
from tests.browser.notebook import Notebook
from tests.browser.people import VIEWPORT, Person
from tests.browser.shared_cell import open_shared, show
from tests.browser.unmerged import UnmergedOffer
from tests.browser.unsent import UnsentOffer
from tests.harness.hub_process import HubProcess

SOURCE = "def area(radius):\n    # of a circle\n    return 3.14 * radius ** 2\n\nprint('area', area(2))\n1 / 0"
READABLE = 4.5
"""What WCAG AA asks for text."""
LONG = "\n".join(f"row_{number} = {number}" for number in range(80)) + "\nprint('the end')"
IS_ON_TOP = """numbers => {
  const { left, width, top, height } = numbers.getBoundingClientRect();
  return numbers.contains(document.elementFromPoint(left + width / 2, top + Math.min(height, 20) / 2));
}"""
SMALL: ViewportSize = {"width": 640, "height": 450}
"""A window of 1280 by 900 at 200 %."""
NARROW: ViewportSize = {"width": 420, "height": 900}


@pytest.fixture
def a_notebook_in_light(alice: Person) -> Iterator[Notebook]:
    """Return Alice's notebook, and put theme and size back afterwards."""
    yield alice.notebook
    alice.notebook.page.set_viewport_size(VIEWPORT)
    alice.notebook.set_theme("JupyterLab Light")


@pytest.fixture
def two_cells(alice: Person, bob: Person, a_slug: str) -> tuple[LiveCell, LiveCell]:
    """Return what Alice and Bob see of one document."""
    first, second = open_shared(a_slug, alice, bob, init=SOURCE)
    return first, second


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_all_texts_can_be_read_in_the_colours_of_the_theme(
    two_cells: tuple[LiveCell, LiveCell], a_notebook_in_light: Notebook, theme: str, screenshots: Path
) -> None:
    """Every text of the widget has the theme's colours and the contrast of WCAG AA, also beside a second cursor."""
    a_notebook_in_light.set_theme(theme)
    cell, at_bob = two_cells
    at_bob.go_to_start()
    run_to_the_error(cell)

    cell.widget.screenshot(path=screenshots / f"{theme.lower().replace(' ', '-')}.png")

    texts = shown_texts(cell.widget)
    assert {"def", "area", "# of a circle"} <= {shown.text for shown in texts}
    assert [str(shown) for shown in texts if shown.contrast < READABLE] == []
    # A remote cursor wears the colour of its person.
    code = [shown for shown in shown_texts(cell.editor) if shown.text != "Bob Brown"]
    assert {shown.css for shown in code} <= theme_colours(cell.page)


def test_the_widget_fits_into_a_narrow_window(
    a_notebook_in_light: Notebook, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """In a narrow window nothing sticks out to the side, and everything to press stays inside."""
    (cell,) = open_shared(a_slug, alice, init=SOURCE)
    run_to_the_error(cell)
    a_notebook_in_light.page.set_viewport_size(NARROW)
    a_notebook_in_light.hide_sidebars()

    cell.widget.scroll_into_view_if_needed()
    cell.widget.screenshot(path=screenshots / "narrow.png")

    expect_inside([cell.editor, *cell.widget.get_by_role("button").all()], cell.widget)


def test_what_was_asked_for_stays_in_view(
    a_notebook_in_light: Notebook, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """In a small window, or at 200 % zoom, the output of a long cell is seen, and what steers its history."""
    cell = show(alice, a_slug, "print('the end')")
    cell.expect_text("print('the end')")
    alice.notebook.run(f"doc.model.code = {LONG!r}")
    cell.expect_part("row_1 = ")
    cell.expect_state(SAVED)
    a_notebook_in_light.page.set_viewport_size(SMALL)
    a_notebook_in_light.hide_sidebars()

    cell.go_to_start()
    cell.page.keyboard.press("Shift+Enter")
    expect(cell.output).to_contain_text("the end")
    expect(cell.output).to_be_in_viewport(ratio=1)
    expect(cell.editor).to_be_focused()
    cell.widget.get_by_role("button", name="History", exact=True).click()
    older = cell.widget.get_by_role("button", name="Older", exact=True)
    for press in [lambda: None, older.click, cell.widget.get_by_role("button", name="Newer", exact=True).click]:
        press()
        history = cell.widget.get_by_role("region", name=re.compile("^History of"))
        expect(history.get_by_role("document", name=re.compile("^Text of the version"))).to_be_visible()
        for name in ["Close history", "Older", "Newer", "Restore this version"]:
            expect(history.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
        expect(history.get_by_role("slider", name="Version")).to_be_in_viewport(ratio=1)
    cell.page.screenshot(path=screenshots / "history-in-a-small-window.png")


def test_long_lines_are_scrolled_below_the_line_numbers(alice: Person, a_slug: str, screenshots: Path) -> None:
    """What lies to the left of the editor's text is not seen between the numbers."""
    (cell,) = open_shared(a_slug, alice, init="# " + "a long line " * 40)

    cell.scroller.evaluate("node => { node.scrollLeft = 300 }")
    cell.widget.screenshot(path=screenshots / "scrolled-sideways.png")

    numbers = cell.scroller.locator(".cm-gutters")
    ground = numbers.evaluate("node => getComputedStyle(node).backgroundColor")
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", ground), ground
    assert numbers.evaluate(IS_ON_TOP)


def test_the_offer_for_unsent_text_can_be_read_and_fits(
    a_notebook_in_light: Notebook, alice: Person, a_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """Light, dark and narrow: what was not saved is told in readable words, and every button stays inside."""
    cell = show(alice, a_slug, SOURCE, shared=False)
    cell.expect_text(SOURCE)
    cell.expect_state(SAVED)
    (document,) = a_hub.documents(a_slug, alice.hub_token)
    a_hub.request("DELETE", f"/documents/{document['id']}", alice.hub_token).raise_for_status()
    cell.expect_sentence(re.compile("has been deleted"))
    alice.notebook.run("doc.model.code += '\\n# unsent'")
    offer = UnsentOffer(cell)
    offer.expect_shown()
    a_notebook_in_light.hide_sidebars()

    for look in looks_of(a_notebook_in_light):
        expect_readable(offer.box, cell, screenshots / f"unsent-{look}.png")


def test_the_offer_for_a_version_that_could_not_be_merged_can_be_read_and_fits(
    a_notebook_in_light: Notebook, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """Light, dark and narrow: both versions and every button are inside, in readable words."""
    (cell,) = open_shared(a_slug, alice, init=SOURCE)
    mine = SOURCE.replace("radius", "r").replace("# of a circle", "# of a circle, as long as it is round, by Alice")
    alice.notebook.run(f"doc.model.set_aside({mine!r})")
    offer = UnmergedOffer(cell)
    offer.expect_shown("as long as it is round", "radius")
    a_notebook_in_light.hide_sidebars()

    for look in looks_of(a_notebook_in_light):
        expect_readable(offer.box, cell, screenshots / f"unmerged-{look}.png")


def looks_of(notebook: Notebook) -> Iterator[str]:
    """Show a notebook in light, in dark and narrow; yields what each is called."""
    for theme, size in [("JupyterLab Light", VIEWPORT), ("JupyterLab Dark", VIEWPORT), ("JupyterLab Light", NARROW)]:
        notebook.set_theme(theme)
        notebook.page.set_viewport_size(size)
        yield f"{theme.lower().split()[1]}-{size['width']}"


def expect_readable(box: Locator, cell: LiveCell, path: Path) -> None:
    """Take a picture of a cell; check that every word in the box can be read, and that its buttons are inside."""
    box.scroll_into_view_if_needed()
    cell.widget.screenshot(path=path)
    assert [str(shown) for shown in shown_texts(box) if shown.contrast < READABLE] == []
    expect_inside(box.get_by_role("button").all(), cell.widget)


def run_to_the_error(cell: LiveCell) -> None:
    """Run the code, so that output and error are shown as well."""
    cell.expect_state(SAVED)
    cell.run_button.click()
    expect(cell.output).to_contain_text("ZeroDivisionError")


def expect_inside(parts: list[Locator], whole: Locator) -> None:
    """Check that nothing of these parts sticks out of the whole to the side."""
    room = whole.bounding_box()
    assert room
    for part in parts:
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box
        assert room["x"] <= box["x"]
        assert box["x"] + min(box["width"], 1) <= room["x"] + room["width"]
