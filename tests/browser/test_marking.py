"""Making a cell live, and what the user allows: names that are taken, what cancels, and what is taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.people import Person
from tests.browser.real_cell import COURSE, SAVED, LiveNotebook, a_cell, marked, show_cells, write_cells
from tests.harness.cast import ADMIN
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("standing_pages")

NOTICES = ".jp-Notification-List-Item"


def show(person: Person, name: str, course: str, *cells: object, asks_for_runs: bool = False) -> LiveNotebook:
    """Write a notebook and open it in the person's page that stays open, without agreeing to anything."""
    write_cells(person, name, *cells, course=course, asks_for_runs=asks_for_runs)  # type: ignore[arg-type]
    return LiveNotebook(person.standing_page().show(name))


def mark(notebook: LiveNotebook, number: int) -> Locator:
    """Open the dialog that makes a cell live."""
    notebook.activate(number)
    notebook.run_in_background("teaching-nb:mark-cell")
    return notebook.page.get_by_role("dialog")


def test_a_taken_name_is_asked_about(alice: Person, a_slug: str) -> None:
    """Also that of a text that everybody shares; whoever types it is asked whether they mean that text."""
    taken = f"{a_slug}-exercise"
    first = show_cells(alice, f"{a_slug}.ipynb", a_cell("theirs", marked(taken)))
    first.cell(0).expect_state(SAVED)
    heading = a_cell(f"# {a_slug} Exercise", kind="markdown")
    second = LiveNotebook(alice.standing_page().show(write_cells(alice, f"{a_slug}-2.ipynb", heading, a_cell("mine"))))

    dialog = mark(second, 1)
    expect(dialog.get_by_role("textbox")).to_have_value(f"{taken}-2")
    dialog.get_by_role("textbox").fill(taken)
    dialog.get_by_text("Everybody together").click()
    dialog.get_by_role("button", name="Make live").click()
    question = second.page.get_by_role("dialog", name=f"“{taken}” is there already")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    assert second.cell(1).text == "mine"
    assert second.page.locator(".tnb-cell-state").locator("visible=true").count() == 0

    dialog = mark(second, 1)
    dialog.get_by_role("textbox").fill(taken)
    dialog.get_by_text("Everybody together").click()
    dialog.get_by_role("button", name="Make live").click()
    question.get_by_role("button", name="Show it here").click()
    second.cell(1).expect_text("theirs")


def test_a_name_that_cannot_be_keeps_the_dialog(alice: Person, a_slug: str) -> None:
    """What was chosen stays, with what is wrong."""
    notebook = LiveNotebook(alice.standing_page().show(write_cells(alice, f"{a_slug}.ipynb", a_cell("x = 1"))))
    dialog = mark(notebook, 0)
    dialog.get_by_role("textbox").fill("two words")
    dialog.get_by_text("Everybody together").click()

    dialog.get_by_role("button", name="Make live").click()

    expect(dialog.get_by_role("textbox")).to_have_value("two words")
    expect(dialog.get_by_role("status")).to_contain_text("is no name")
    expect(dialog.get_by_role("radio", name="Everybody together")).to_be_checked()
    # Only who teaches can write what everybody reads.
    expect(dialog.get_by_role("radio")).to_have_count(2)
    dialog.get_by_role("textbox").fill(a_slug)
    dialog.get_by_role("button", name="Make live").click()
    notebook.cell(0).expect_state(SAVED)


def test_who_cancels_has_connected_nothing(alice: Person, a_slug: str) -> None:
    """Of a notebook whose course they have not agreed to, and are not asked about again for a while."""
    cells = a_cell("x = 1", marked(a_slug)), a_cell("y = 2")
    notebook = show(alice, f"{a_slug}.ipynb", a_slug, *cells)
    notebook.page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    dialog = mark(notebook, 1)
    expect(dialog.get_by_role("textbox")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()

    again = LiveNotebook(alice.standing_page(1).show(f"{a_slug}.ipynb"))

    expect(again.page.get_by_role("region", name="Live cells")).to_contain_text("Not connected")
    assert again.page.locator(".tnb-cell-state").count() == 0


def test_what_is_taken_back_in_the_settings_counts_at_once(alice: Person, bob: Person, a_slug: str) -> None:
    """No last run is told any more, and then nothing that is typed leaves the notebook."""
    cell = a_cell("x = 1", marked(a_slug, shared=False)), a_cell("y = 1", marked(f"{a_slug}-y"))
    at_alice = show(alice, f"{a_slug}.ipynb", a_slug, *cell, asks_for_runs=True)
    at_alice.page.get_by_role("dialog").get_by_role("button", name="Connect").click()
    at_alice.page.get_by_role("dialog").get_by_role("button", name="Show", exact=True).click()
    expect(at_alice.cell(0).line).to_contain_text("Your teachers see your last run.")
    at_bob = show(bob, f"{a_slug}.ipynb", a_slug, *cell)
    at_bob.connect()
    at_bob.cell(1).expect_state(SAVED)

    change_settings(at_alice, runs={a_slug: False})
    expect(at_alice.cell(0).line).not_to_contain_text("Your teachers see your last run.")
    change_settings(at_alice, courses=[])
    expect(at_alice.page.locator(".tnb-cell-state")).to_have_count(0)
    at_alice.cell(1).type(" + mine")
    at_bob.cell(1).type(" + bob")
    at_bob.cell(1).expect_state(SAVED)
    assert (at_alice.cell(1).text, at_bob.cell(1).text) == ("y = 1 + mine", "y = 1 + bob")

    at_alice.run_command("teaching-nb:connect")
    wait_until(lambda: "bob" in at_alice.cell(1).text, "they are live again")


def change_settings(notebook: LiveNotebook, **values: object) -> None:
    """Change settings of live cells."""
    notebook.page.evaluate("values => teachingTests.changeSettings('teaching-nb:cells', values)", values)


def test_marks_that_cannot_be_are_said_once(alice: Person, a_slug: str) -> None:
    """Of eleven one sentence; moving and saving says nothing anew."""
    wrong = [a_cell(f"x = {number}", marked("two words")) for number in range(11)]
    notebook = show(alice, f"{a_slug}.ipynb", a_slug, *wrong, a_cell("fine", marked(a_slug)))
    notebook.page.get_by_role("dialog").get_by_role("button", name="Connect").click()
    notebook.activate(11)
    notebook.run_command("notebook:move-cell-up")
    notebook.notebook.save()

    notebook.run_command("apputils:display-notifications")
    notices = notebook.page.locator(NOTICES).filter(has_text="cannot be live")
    expect(notices.first).to_contain_text("11 cells cannot be live, one of them because")
    expect(notices).to_have_count(1)
    notebook.page.keyboard.press("Escape")


def test_a_course_that_cannot_be_connects_nothing(alice: Person, a_slug: str) -> None:
    """Nobody is asked about it; the cells are ordinary ones, and a sentence and the dialog name the value."""
    notebook = show(alice, f"{a_slug}.ipynb", "x" * 300, a_cell("x = 1", marked(a_slug)), a_cell("y = 1"))
    notebook.activate(1)
    for command in ("teaching-nb:connect", "teaching-nb:mark-cell"):
        notebook.run_in_background(command)
        dialog = notebook.page.get_by_role("dialog")
        expect(dialog).to_have_accessible_name("The course of this notebook cannot be used")
        expect(dialog).to_contain_text("at most 120 characters")
        dialog.get_by_role("button", name="Ok").click()
        expect(dialog).to_be_hidden()
    assert notebook.page.locator(".tnb-cell-state").count() == 0
    assert "teaching_nb" not in notebook.cell(1).metadata
    notebook.run_command("apputils:display-notifications")
    notice = notebook.page.locator(NOTICES).filter(has_text="is no course")
    expect(notice).to_contain_text('cannot be live: "xxxxxxxxxxxxxxxxxxxxxx… is no course')
    notebook.page.keyboard.press("Escape")


def test_a_mark_of_another_type_than_its_cell_is_said_below_it(
    alice: Person, a_slug: str, a_hub: HubProcess, screenshots: Path
) -> None:
    """Nothing is sent; “Change …” leads to the dialog with the name that it has, and the sentence goes."""
    prose = a_cell("# Mine", marked(f"{a_slug}-prose", type="code"), kind="markdown")
    cells = a_cell("x = 1", marked(a_slug, type="string")), prose, a_cell("y = 1", marked(f"{a_slug}-y"))
    notebook = show_cells(alice, f"{a_slug}.ipynb", *cells)
    notebook.cell(2).expect_state(SAVED)
    why = notebook.cell(0).node.get_by_role("note")
    expect(why).to_contain_text("Not live: its mark is for a document of the type “string”, which no code cell is.")
    drawn = notebook.cell(1).node
    expect(drawn).to_have_attribute("data-tnb-live", re.compile("of the type “code”, which no markdown cell is"))
    assert not any(is_there(a_hub, name, kind) for name in (a_slug, f"{a_slug}-prose") for kind in ("code", "string"))
    notebook.page.screenshot(path=screenshots / "wrong-mark.png")

    notebook.activate(2)
    why.get_by_role("button", name="Change …").press("Enter")
    dialog = notebook.page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_have_value(a_slug)
    expect(dialog.get_by_role("radio", name="Everybody together")).to_be_checked()
    dialog.get_by_role("button", name="Change").click()

    notebook.cell(0).expect_state(SAVED)
    expect(why).to_have_count(0)
    assert is_there(a_hub, a_slug, "code")


def is_there(hub: HubProcess, name: str, type_name: str) -> bool:
    """Tell whether a text that everybody edits exists at the hub."""
    root = hub.ask("GET", f"/documentRoots/{shared_root_id(root_id(name, COURSE), type_name)}", ADMIN)
    return isinstance(root, dict) and "id" in root
