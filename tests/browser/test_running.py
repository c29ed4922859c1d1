"""Run: the code of a live cell in the user's own kernel, with what it shows below the editor."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show
from tests.harness.waiting import wait_until

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])\nplt.show()"


def test_the_run_button_runs_in_ones_own_kernel(alice: Person, bob: Person, a_slug: str) -> None:
    """Alice's Run defines names in Alice's kernel and in nobody else's, and shows what was printed."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="squares = [n * n for n in range(4)]\nprint(sum(squares))")

    at_alice.run_button.click()

    expect(at_alice.output).to_contain_text("14")
    assert alice.notebook.value("squares") == [0, 1, 4, 9]
    assert bob.notebook.value("'squares' in globals()") is False
    expect(at_bob.widget).not_to_contain_text("14")


def test_shift_enter_runs_the_text_as_it_stands(alice: Person, a_slug: str) -> None:
    """Shift+Enter in the editor runs what was just typed and adds no line."""
    cell = show(alice, a_slug, "number = 4")
    cell.expect_text("number = 4")
    cell.append("2")

    cell.page.keyboard.press("Shift+Enter")

    wait_until(lambda: alice.notebook.value("globals().get('number')") == 42, "the kernel has run the text")
    assert cell.text == "number = 42"


def test_an_error_is_shown_below_the_editor(alice: Person, a_slug: str) -> None:
    """A traceback stands below the editor, after what was printed before it."""
    cell = show(alice, a_slug, "print('before')\n1 / 0")
    cell.expect_part("1 / 0")

    cell.run_button.click()

    expect(cell.output).to_contain_text("ZeroDivisionError: division by zero")
    expect(cell.output).to_contain_text("before")
    assert is_below(cell.output, cell.editor)


def test_a_plot_is_shown_below_the_editor(alice: Person, a_slug: str) -> None:
    """A figure of matplotlib appears as an image below the editor."""
    cell = show(alice, a_slug, PLOT)
    cell.expect_text(PLOT)

    cell.run_button.click()

    image = cell.output.get_by_role("img")
    expect(image).to_be_visible(timeout=30_000)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert is_below(image, cell.editor)


def test_a_running_cell_can_be_interrupted(alice: Person, a_slug: str) -> None:
    """While code runs the widget offers to interrupt it."""
    cell = show(alice, a_slug, "import time\nstarted = True\ntime.sleep(60)")
    cell.expect_part("sleep")

    cell.run_button.click()
    cell.interrupt_button.click()

    expect(cell.output).to_contain_text("KeyboardInterrupt")
    assert alice.notebook.value("started") is True


def is_below(lower: Locator, upper: Locator) -> bool:
    """Tell whether one thing begins where the other ends, or further down."""
    begin, above = lower.bounding_box(), upper.bounding_box()
    return bool(begin and above and begin["y"] >= above["y"] + above["height"])
