"""Every kind of text in live cells: it looks right, arrives whole, and is stored as it was meant."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.cell_pair import Pair, stored
from tests.browser.people import Person
from tests.browser.real_cell import SAVED, a_cell, marked, show_cells, show_written, write_cells
from tests.browser.test_texts import FAMILY
from tests.harness.waiting import wait_until


def test_prose_runs_in_its_own_direction(alice: Person, bob: Person, standing_pages: None, a_slug: str) -> None:
    """Hebrew runs from the right, English from the left; Bob's cursor stands where the next letter goes."""
    prose = a_cell("שלום\nhello", marked(a_slug), kind="markdown")
    other = a_cell("", marked(f"{a_slug}-code"))
    at_alice, at_bob = [show_cells(person, f"{a_slug}.ipynb", prose, other).cell(0) for person in (alice, bob)]
    for cell in (at_alice, at_bob):
        cell.node.dblclick()
        cell.expect_state(SAVED)

    at_bob.press("Control+Home", "End")
    at_bob.page.keyboard.type(" עולם")

    at_alice.expect_text("שלום עולם\nhello")
    hebrew, english = at_alice.editor.locator(".cm-line").all()
    expect(hebrew).to_have_css("direction", "rtl")
    expect(english).to_have_css("direction", "ltr")
    caret = at_alice.node.locator(".tnb-caret")
    expect(caret).to_be_attached()
    edge = hebrew.evaluate(
        "node => { const range = document.createRange(); range.selectNodeContents(node);"
        " return range.getBoundingClientRect().left }"
    )
    wait_until(lambda: abs(caret.evaluate("node => node.getBoundingClientRect().left") - edge) < 4, "cursor left")


def test_whatever_is_pasted_arrives_whole(a_pair: Pair) -> None:
    """Windows' line ends become ours; tabs, emoji of several parts and combining marks stay as they are."""
    at_alice = a_pair.live(a_pair.alice)
    at_alice.press("Control+a")
    pasted = f"if x:\r\n\ty = '{FAMILY}🇨🇭e\u0301'\r\n"
    at_alice.editor.evaluate("(node, text) => teachingTests.paste(node, text)", pasted)

    a_pair.expect_everywhere(pasted.replace("\r\n", "\n"))
    at_alice.press("Control+End", "ArrowLeft", "ArrowLeft", "Backspace", "Backspace")
    a_pair.expect_together(f"if x:\n\ty = '{FAMILY}🇨🇭'\n")


def test_a_file_with_other_line_ends_is_no_version_of_its_own(a_pair: Pair) -> None:
    """A program on Windows has written the notebook: it has the same text, and typing lands where the cursor is."""
    alice, _ = a_pair.people
    text = a_pair.live(a_pair.alice).text
    a_pair.alice.notebook.clear()
    name = write_cells(alice, f"{a_pair.slug}-windows.ipynb", a_cell(text, marked(a_pair.slug)))
    file = alice.lab.root / name
    file.write_text(file.read_text().replace(json.dumps(text)[1:-1], json.dumps(text.replace("\n", "\r\n"))[1:-1]))

    a_pair.alice = show_written(alice, name)

    cell = a_pair.live(a_pair.alice)
    cell.expect_state(SAVED)
    expect(cell.box).to_be_hidden()
    cell.press("Control+Home", "ArrowDown", "End")
    cell.page.keyboard.type(" + 2")
    a_pair.expect_together(text.replace("two = 2", "two = 2 + 2"))


def test_other_line_ends_in_a_cell_with_an_editor_are_made_right(a_pair: Pair) -> None:
    """A program writes them into a live cell, or makes a cell live that has them: one types where the cursor is."""
    model = "window.jupyterapp.shell.currentWidget.content.model.cells.get"
    page, text = a_pair.alice.page, "a = 1\nb = 2\nc = 3"
    at_alice = a_pair.live(a_pair.alice)
    page.evaluate(f"text => {model}(1).sharedModel.setSource(text)", text.replace("\n", "\r\n"))
    a_pair.expect_everywhere(text)
    at_alice.press("Control+Home", "ArrowDown", "End")
    page.keyboard.type("0")
    a_pair.expect_together(text.replace("b = 2", "b = 20"))

    other = a_pair.alice.cell(2)
    page.evaluate(f"text => {model}(2).sharedModel.setSource(text)", text.replace("\n", "\r\n"))
    mark = marked(f"{a_pair.slug}-other")
    page.evaluate(f"mark => {model}(2).sharedModel.setMetadata('teaching_nb', mark)", mark)
    other.expect_state(SAVED)
    other.press("Control+Home", "ArrowDown", "End")
    page.keyboard.type("0")
    typed = text.replace("b = 2", "b = 20")
    other.expect_text(typed)
    wait_until(lambda: stored(a_pair.hub, a_pair.people[0], f"{a_pair.slug}-other") == typed, "stored as it is shown")
