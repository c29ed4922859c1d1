"""The output of a live cell: questions, what the front end draws, widgets, and tables in light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.live_cell import LiveCell
from tests.browser.looks import Rgb, ShownText
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import show
from tests.harness.waiting import wait_until

ASK = """
from getpass import getpass
while True:
    try:
        number = int(input("A number? "))
        break
    except Exception:
        print("again")
secret = getpass("A secret? ")
print(number, len(secret))
"""

DRAWN = """
from IPython.display import HTML, Latex, Markdown, display
from ipywidgets import IntSlider, Output, interact
print("first line")
display(Markdown("# A heading"), Latex("$x^2 + 1$"))
slider = IntSlider(3, description="Speed")
display(slider)
interact(lambda x: print("twice:", 2 * x), x=IntSlider(4, 0, 9, description="Factor"))
print("last line")
"""

FLOOD = "for i in range(3000): print('line', i)\n'the result'"

TABLE = """
from IPython.display import HTML
HTML('<table><thead><tr><th>name</th></tr></thead><tbody><tr><td>Ada</td></tr><tr><td>Bob</td></tr></tbody></table>')
"""
COUNT_COLOURS = """async picture => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) {
        const colour = data.slice(i, i + 3).join();
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return [...counts].map(([colour, count]) => [count, colour.split(",").map(Number)]);
}"""

READABLE = 4.5
"""What WCAG AA asks for text."""


@pytest.fixture
def a_dark_system(alice: Person) -> Iterator[Notebook]:
    """Return Alice's notebook on a system that prefers dark, in JupyterLab's light theme."""
    alice.notebook.page.emulate_media(color_scheme="dark")
    yield alice.notebook
    alice.notebook.page.emulate_media(color_scheme="light")
    alice.notebook.set_theme("JupyterLab Light")


def run(person: Person, slug: str, code: str) -> LiveCell:
    """Show a program in a live cell and press Run."""
    cell = show(person, slug, code)
    cell.expect_text(code)
    cell.run_button.click()
    return cell


def test_code_asks_below_the_editor(alice: Person, a_slug: str, screenshots: Path) -> None:
    """The field has the focus, Enter answers, prompts and answers stay, and a secret is hidden."""
    cell = run(alice, a_slug, ASK)
    field = cell.widget.get_by_label("A number?")
    expect(field).to_be_focused()
    cell.page.keyboard.type("many\n")
    expect(cell.output).to_contain_text("again")
    cell.widget.screenshot(path=screenshots / "asking.png")
    cell.page.keyboard.type("42\n")

    secret = cell.widget.get_by_label("A secret?")
    expect(secret).to_be_focused()
    expect(secret).to_have_attribute("type", "password")
    cell.page.keyboard.type("xyzzy\n")

    expect(cell.output).to_contain_text("42 5")
    expect(cell.output).to_have_text("A number? many\nagain\nA number? 42\nA secret? ········\n42 5\n")
    expect(cell.widget.locator("form")).to_have_count(0)


def test_the_front_end_draws_formulas_markdown_and_widgets(alice: Person, a_slug: str, screenshots: Path) -> None:
    """What a notebook cell shows is shown below the editor, works, and erases nothing."""
    cell = run(alice, a_slug, DRAWN)

    expect(cell.output.get_by_role("heading", name="A heading")).to_be_visible()
    expect(cell.output.locator("mjx-container")).to_be_visible()
    expect(cell.output).to_contain_text("twice: 8")
    expect(cell.output).to_contain_text("last line")
    cell.widget.screenshot(path=screenshots / "drawn.png")

    press_right(cell.output.get_by_role("slider").first)
    wait_until(lambda: alice.notebook.value("slider.value") == 4, "the kernel has the slider's value")
    press_right(cell.output.get_by_role("slider").last)
    expect(cell.output).to_contain_text("twice: 10")
    expect(cell.output).to_contain_text("first line")


def test_of_a_flood_beginning_and_end_are_shown(alice: Person, a_slug: str) -> None:
    """The middle is left out, with a sentence that says how much."""
    cell = run(alice, a_slug, FLOOD)

    expect(cell.output).to_contain_text("'the result'")
    expect(cell.output).to_contain_text("line 2999")
    expect(cell.output).to_contain_text("line 0")
    expect(cell.output.get_by_text("Left out here:")).to_be_visible()


def test_a_table_can_be_read_in_the_colours_of_the_theme(
    a_dark_system: Notebook, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """The theme counts, not what the system prefers, also when it changes while the table is shown."""
    cell = run(alice, a_slug, TABLE)
    expect(cell.output.frame_locator("iframe").get_by_text("Ada")).to_be_visible()

    grounds: set[Rgb] = set()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        a_dark_system.set_theme(theme)
        wait_until(partial(is_on_ground, cell), f"the table stands on the ground of {theme}")
        cell.widget.screenshot(path=screenshots / f"table-{theme.lower().replace(' ', '-')}.png")
        on, others = colours(cell)
        grounds.add(on)
        assert max(ShownText("", "", colour, on).contrast for colour in others) >= READABLE
    assert len(grounds) == 2


def press_right(slider: Locator) -> None:
    """Move a slider by one."""
    slider.focus()
    slider.press("ArrowRight")


def is_on_ground(cell: LiveCell) -> bool:
    """Tell whether a table is drawn on the ground of its widget."""
    ground = cell.widget.evaluate("node => getComputedStyle(node).backgroundColor.match(/\\d+/g).map(Number)")
    return colours(cell)[0] == tuple(ground)


def colours(cell: LiveCell) -> tuple[Rgb, list[Rgb]]:
    """Return the ground that a table is drawn on, as it is seen, and all colours on it."""
    picture = b64encode(cell.output.locator("iframe").screenshot()).decode()
    counted = [(count, tuple(colour)) for count, colour in cell.page.evaluate(COUNT_COLOURS, picture)]
    return max(counted)[1], [colour for _, colour in counted]
