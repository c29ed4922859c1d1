"""Whether live cells of a notebook are exchanged with the hub: asked once, put off for a while, agreed to later."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.real_cell import SAVED, LiveNotebook, a_cell, marked, write_cells

pytestmark = pytest.mark.usefixtures("standing_pages")


def test_who_does_not_connect_now_is_not_asked_again_and_can_do_it_later(
    alice: Person, a_slug: str, screenshots: Path
) -> None:
    """Until the user agrees the cells are ordinary ones, and a line says so; then all of the course are connected."""
    cell = a_cell("x = 1", marked(a_slug))
    names = [write_cells(alice, f"{a_slug}{number}.ipynb", cell, course=a_slug) for number in range(2)]
    first = LiveNotebook(alice.standing_page().show(names[0]))
    first.page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    first.cell(0).type(" + 1")
    bar = first.page.get_by_role("region", name="Live cells").locator("visible=true")
    expect(bar).to_contain_text("Not connected")
    assert first.page.locator(".tnb-cell-state").count() == 0

    again = LiveNotebook(alice.standing_page().reload())
    expect(bar).to_be_visible()
    again.page.screenshot(path=str(screenshots / "not-connected.png"))
    other = LiveNotebook(alice.standing_page().show(names[1]))
    bar.get_by_role("button", name="Connect").click()
    other.cell(0).expect_state(SAVED)
    expect(bar).to_have_count(0)
    alice.standing_page().show(names[0])
    again.cell(0).expect_state(SAVED)
    expect(bar).to_have_count(0)

    last = LiveNotebook(alice.standing_page().reload())
    last.cell(0).expect_state(SAVED)
    assert last.page.get_by_role("dialog").count() == 0
