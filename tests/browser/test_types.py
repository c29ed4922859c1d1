"""The smaller document types in a page: by keyboard, twice in a notebook, narrow and dark, and without their kernel."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.looks import shown_texts
from tests.browser.people import Person

READABLE = 4.5
"""What WCAG AA asks for text."""
NARROW: ViewportSize = {"width": 480, "height": 900}
WIDE: ViewportSize = {"width": 1280, "height": 900}

CALLS = {
    "true-false": "tnb.true_false({slug!r} + '-snow', title='Snow is black')",
    "progress": "tnb.progress({slug!r} + '-lid', ['Open the lid', 'Look', 'Close the lid'], title='The box')",
    "prose": "tnb.text({slug!r} + '-town', check='Bern', hints=['It has a bear'], one_line=True, title='Capital')",
    "read-check": "tnb.read_check({slug!r} + '-read', title='Chapter 1')",
}
"""Class of the widget → the call that shows it."""

_FITS = """widget => widget.scrollWidth <= widget.clientWidth
    && [...widget.querySelectorAll("button, input, span")].every(part =>
      part.getBoundingClientRect().right <= innerWidth)"""


def shown(person: Person, slug: str) -> dict[str, Locator]:
    """Show one widget of each type in cells of their own."""
    return {
        kind: person.notebook.run(f"import teaching_nb as tnb\n{call.format(slug=slug)}").node.locator(".tnb-widget")
        for kind, call in CALLS.items()
    }


def test_types_are_used_by_keyboard_twice_in_a_notebook_and_kept(alice: Person, a_slug: str, screenshots: Path) -> None:
    """What is done in one cell is seen in the other, and after a reload; without a kernel it stays, and says why."""
    page = alice.notebook.page
    one, other = shown(alice, a_slug), shown(alice, a_slug)

    one["true-false"].get_by_role("radio", name="True").focus()
    page.keyboard.press("ArrowDown")
    expect(other["true-false"].get_by_role("radio", name="False")).to_be_checked()
    go_on = one["progress"].get_by_role("button", name="Done, go on")
    go_on.focus()
    page.keyboard.press("Enter")
    expect(other["progress"].get_by_role("listitem")).to_have_count(2)
    expect(go_on).to_be_focused()
    one["prose"].get_by_role("textbox").focus()
    page.keyboard.type("Basel")
    page.keyboard.press("Enter")
    expect(one["prose"].get_by_text("Not right yet. Hint: It has a bear")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("Bern")
    page.keyboard.press("Enter")
    expect(one["prose"].locator(".tnb-check [role=status]")).to_have_text("✓ Right.")
    expect(other["prose"].get_by_role("textbox")).to_have_text("Bern")
    one["read-check"].get_by_role("checkbox", name="I have read this").focus()
    page.keyboard.press("Space")
    expect(other["read-check"].get_by_role("checkbox")).to_be_checked()
    for widget in one.values():
        expect(widget.get_by_text("Saved", exact=True)).to_be_visible()

    alice.notebook.set_theme("JupyterLab Dark")
    page.set_viewport_size(NARROW)
    alice.notebook.hide_sidebars()
    unreadable = [str(text) for widget in one.values() for text in shown_texts(widget) if text.contrast < READABLE]
    for kind, widget in one.items():
        widget.scroll_into_view_if_needed()
        widget.screenshot(path=screenshots / f"type-{kind}-dark.png")
        assert widget.evaluate(_FITS), kind
    alice.notebook.set_theme("JupyterLab Light")
    page.set_viewport_size(WIDE)
    unreadable += [str(text) for widget in one.values() for text in shown_texts(widget) if text.contrast < READABLE]
    assert unreadable == []

    again = shown(alice, a_slug)
    expect(again["true-false"].get_by_role("radio", name="False")).to_be_checked()
    expect(again["progress"].get_by_role("listitem")).to_have_count(2)
    alice.notebook.restart_kernel()
    for widget in again.values():
        expect(widget.get_by_text("Not connected", exact=True)).to_be_visible()
    expect(again["true-false"].get_by_role("radio", name="False")).to_be_checked()
    expect(again["true-false"].get_by_role("radio", name="True")).to_be_disabled()
    expect(again["progress"].get_by_role("button", name="Done, go on")).to_be_disabled()
    expect(again["prose"].get_by_role("button", name="Check")).to_be_disabled()
    expect(again["read-check"].get_by_role("checkbox")).to_be_disabled()
