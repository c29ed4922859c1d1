"""The history of a shared text: looking back, seeing what differs, and bringing a version back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.live_cell import READ_ONLY, SAVED
from tests.browser.looks import shown_texts
from tests.browser.notebook import Notebook
from tests.browser.people import VIEWPORT, Person
from tests.browser.shared_cell import INIT, open_shared, show
from tests.browser.shown_history import ShownHistory
from tests.harness.hub_process import HubProcess

READABLE = 4.5
"""What WCAG AA asks for text."""
NARROW: ViewportSize = {"width": 420, "height": 900}
BEFORE = "def area(radius):\n    # of a circle\n    return 3 * radius ** 2\n\nprint(area(2))"
PASTED = "".join(f"print('line {number}')\n" for number in range(40))
AFTER = 'def area(radius, pi=3.14):\n    return pi * radius ** 2\n\nprint(area(2))\nprint("done")'


@pytest.fixture
def a_notebook_in_light(alice: Person) -> Iterator[Notebook]:
    """Return Alice's notebook, and put theme and size back afterwards."""
    yield alice.notebook
    alice.notebook.page.set_viewport_size(VIEWPORT)
    alice.notebook.set_theme("JupyterLab Light")


def test_a_version_is_looked_at_and_restored_for_everybody(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Bob slides back behind what Alice typed and restores; Alice sees it and types on; it can be undone."""
    at_alice, at_bob = open_shared(a_slug, alice, bob)
    history = ShownHistory(at_bob)
    at_alice.append(" + 1")
    at_bob.expect_text(INIT + " + 1")
    at_alice.expect_state(SAVED)

    history.open()
    history.expect_version("^Now .*Alice")
    history.press("ArrowLeft")
    history.expect_version("^Version 1 of 2: .*before the first edit")
    expect(history.words).to_contain_text("differs from the present text in 1 place")
    expect(history.text.locator("del, .cm-deletedText").first).to_contain_text("+ 1")
    history.restore.click()

    at_alice.expect_text(INIT)
    at_bob.expect_text(INIT)
    expect(history.words).to_contain_text("Restored.")
    history.expect_version("^Now .*restored by Bob")
    at_alice.append("0")
    at_bob.expect_text(INIT + "0")
    at_alice.expect_state(SAVED)

    history.press("ArrowLeft")
    history.expect_version("^Version 2 of 3: .*Alice")
    history.restore.click()
    at_alice.expect_text(INIT + " + 1")
    assert a_hub.code(a_slug, alice.hub_token) == INIT + " + 1"
    assert bob.notebook.value("[version.kind for version in doc.model.history]") == [
        "restore",
        "edit",
        "restore",
        "edit",
        "start",
    ]


def test_text_that_somebody_else_deletes_at_once_is_brought_back(alice: Person, bob: Person, a_slug: str) -> None:
    """Alice pastes forty lines; Bob selects all and deletes; the slider shows them, and a restore brings them back."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="# start\n")
    at_alice.go_to_end()
    at_alice.paste(PASTED)
    at_alice.expect_state(SAVED)
    at_bob.expect_text("# start\n" + PASTED)

    at_bob.go_to_start()
    at_bob.page.keyboard.press("ControlOrMeta+a")
    at_bob.page.keyboard.press("Delete")
    at_alice.expect_text("")
    at_bob.expect_state(SAVED)
    history = ShownHistory(at_alice)
    history.open()
    history.expect_version("^Now .*Bob")
    history.press("ArrowLeft")
    history.expect_version("^Version 2 of 3: .*Alice")
    expect(history.text).to_contain_text("print('line 1')")
    history.restore.click()

    at_alice.expect_text("# start\n" + PASTED)
    at_bob.expect_text("# start\n" + PASTED)


def test_history_is_used_with_the_keyboard_alone(alice: Person, a_slug: str) -> None:
    """Enter opens it, arrows move the slider, Escape closes it, and the focus is back on its button."""
    (cell,) = open_shared(a_slug, alice)
    cell.append(" + 1")
    cell.expect_state(SAVED)
    history = ShownHistory(cell)
    history.button.focus()

    cell.page.keyboard.press("Enter")
    expect(history.slider).to_be_focused()
    cell.page.keyboard.press("Home")
    history.expect_version("^Version 1 ")
    cell.page.keyboard.press("Escape")

    expect(history.panel).to_be_hidden()
    expect(history.button).to_be_focused()
    expect(history.button).to_have_attribute("aria-expanded", "false")


def test_a_reader_has_no_history(the_teacher: Person, alice: Person, a_slug: str) -> None:
    """Alice, who may only read what the teacher writes, gets no button."""
    at_teacher = show(the_teacher, a_slug, INIT, shared="read")
    at_teacher.expect_state(SAVED)
    expect(ShownHistory(at_teacher).button).to_be_visible()

    at_alice = show(alice, a_slug, INIT, shared="read")
    at_alice.expect_state(READ_ONLY)

    expect(ShownHistory(at_alice).button).to_be_hidden()


def test_a_busy_kernel_does_not_leave_the_history_without_words(alice: Person, a_slug: str) -> None:
    """Asked for while a cell runs, the history comes all the same, or says what it waits for."""
    (cell,) = open_shared(a_slug, alice)
    cell.append(" + 1")
    cell.expect_state(SAVED)
    history = ShownHistory(cell)
    running = alice.notebook.start("import time\nfor _ in range(40):\n    time.sleep(0.1)")

    history.button.click()

    expect(history.words).to_contain_text(re.compile("present text|kernel is busy|Asking the hub"))
    running.wait_done()
    expect(history.words).to_contain_text("present text")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_history_can_be_read_in_every_theme(
    a_notebook_in_light: Notebook, alice: Person, a_slug: str, theme: str, screenshots: Path
) -> None:
    """Every text of the history has the contrast of WCAG AA, and in a narrow window nothing sticks out."""
    a_notebook_in_light.set_theme(theme)
    (cell,) = open_shared(a_slug, alice, init=BEFORE)
    alice.notebook.run(f"doc.model.code = {AFTER!r}")
    cell.expect_text(AFTER)
    cell.expect_state(SAVED)
    history = ShownHistory(cell)
    history.open()
    history.press("ArrowLeft")
    expect(history.words).to_contain_text("differs")

    cell.widget.screenshot(path=screenshots / f"history-{theme.lower().replace(' ', '-')}.png")
    texts = shown_texts(history.panel)
    a_notebook_in_light.page.set_viewport_size(NARROW)
    a_notebook_in_light.hide_sidebars()
    cell.widget.scroll_into_view_if_needed()
    cell.widget.screenshot(path=screenshots / f"history-narrow-{theme.lower().replace(' ', '-')}.png")

    assert {"only in this version", "Restore this version"} <= {shown.text for shown in texts}
    assert [str(shown) for shown in texts if shown.contrast < READABLE] == []
    room = cell.widget.bounding_box()
    assert room
    for part in [history.slider, history.text, *history.panel.get_by_role("button").all()]:
        box = part.bounding_box()
        assert box
        assert room["x"] <= box["x"]
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
