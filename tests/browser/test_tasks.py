"""The tick box of a task in a real JupyterLab, and how little a page loads for it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import shown_texts
from tests.browser.people import Person

KB = 1024
MOST = 60 * KB
READABLE = 4.5
"""What WCAG AA asks for text."""

_LOADED = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/teaching/static/"))
    .map(({ name, decodedBodySize }) => [name.split("/").at(-1), decodedBodySize])"""


def show_task(person: Person, slug: str) -> Locator:
    """Let a person show a task in their notebook under the name `tick`; return the widget."""
    cell = person.notebook.run(f"import teaching_nb as tnb\ntick = tnb.task({slug!r})\ntick")
    return cell.node.locator(".tnb-widget")


def loaded_by(page: Page) -> dict[str, int]:
    """Return the modules of ours that a page has loaded since it was asked to forget them: name → bytes."""
    return dict(page.evaluate(_LOADED))


def test_a_task_is_ticked_by_keyboard_and_stored(alice: Person, a_slug: str) -> None:
    """Each press goes on to the next state, which Python has and the hub stores; the focus stays on the button."""
    widget = show_task(alice, a_slug)
    button = widget.get_by_role("button")
    expect(button).to_have_accessible_name(f"{a_slug}: Open")

    button.focus()
    alice.notebook.page.keyboard.press("Space")
    expect(button).to_have_accessible_name(f"{a_slug}: Done")
    alice.notebook.page.keyboard.press("Enter")

    expect(button).to_have_accessible_name(f"{a_slug}: Question")
    expect(widget.get_by_text("Saved", exact=True)).to_be_visible()
    assert alice.notebook.value("(tick.model.wait_saved(), tick.model.state)") == [True, "question"]
    expect(button).to_be_focused()


def test_a_state_that_python_assigns_is_shown(alice: Person, a_slug: str) -> None:
    """A program ticks a task; whoever has the focus on it keeps that."""
    widget = show_task(alice, a_slug)
    button = widget.get_by_role("button")
    button.focus()

    alice.notebook.run("tick.model.state = 'checked'")

    expect(button).to_have_accessible_name(f"{a_slug}: Done")


def test_a_task_can_be_read(alice: Person, a_slug: str) -> None:
    """Its words have the contrast of WCAG AA."""
    widget = show_task(alice, a_slug)
    expect(widget.get_by_text("Saved", exact=True)).to_be_visible()

    assert [str(shown) for shown in shown_texts(widget) if shown.contrast < READABLE] == []


def test_a_page_loads_what_it_shows(alice: Person, a_slug: str) -> None:
    """With a tick alone it is little; an editor comes with the first cell that has one, the history when it opens."""
    # A page loads what all widgets of its kernel need, those of earlier tests included.
    alice.notebook.restart_kernel()
    alice.notebook.reload()
    page = alice.notebook.page
    page.evaluate("() => performance.clearResourceTimings()")

    expect(show_task(alice, a_slug).get_by_role("button")).to_be_visible()
    for_a_task = loaded_by(page)
    # The notebook's own cell is an editor too.
    code = alice.notebook.run(f"tnb.code({a_slug!r}, init='x = 1')").node.locator(".tnb-widget")
    expect(code.get_by_role("textbox")).to_have_text("x = 1")
    for_code = loaded_by(page)
    code.get_by_role("button", name="History").click()
    expect(code.get_by_role("region", name=re.compile("History of"))).to_be_visible()

    assert 0 < sum(for_a_task.values()) <= MOST
    assert sum(for_code.values()) > 5 * MOST
    assert _parts(loaded_by(page)) - _parts(for_code) >= {"history-panel"}


def _parts(loaded: dict[str, int]) -> set[str]:
    return {name.rpartition("-")[0] for name in loaded}
