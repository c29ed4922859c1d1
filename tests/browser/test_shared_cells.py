"""What two people have of one live cell: its file, its versions, and every line of either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.real_cell import (
    OFFLINE,
    SAVED,
    RealCell,
    a_cell,
    file_cells,
    marked,
    show_cells,
    show_written,
)
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BACK_MS = 60_000

pytestmark = pytest.mark.usefixtures("standing_pages")


def test_the_file_keeps_the_text_and_what_it_was_made_of(alice: Person, bob: Person, a_slug: str) -> None:
    """Others' edits do not make a notebook dirty; saving writes the text and, beside it, what the hub had."""
    cell = a_cell("one\n\nlast", marked(a_slug))
    at_alice = show_cells(alice, f"{a_slug}.ipynb", cell)
    at_alice.cell(0).expect_state(SAVED)
    at_alice.notebook.save()
    assert not at_alice.is_dirty
    at_bob = show_cells(bob, f"{a_slug}.ipynb", cell)
    at_bob.cell(0).type("!")
    at_alice.cell(0).expect_text("one\n\nlast!")
    assert not at_alice.is_dirty

    at_alice.notebook.save()

    kept = file_cells(alice, f"{a_slug}.ipynb")[0]
    assert kept["source"] == "one\n\nlast!"
    assert kept["metadata"]["teaching_nb"] == {
        "document": a_slug,
        "type": "code",
        "shared": True,
        "base": "one\n\nlast!",
    }


def test_what_was_written_into_the_file_without_the_hub_is_merged(alice: Person, bob: Person, a_slug: str) -> None:
    """A program, or an editor without us, has changed the file; meanwhile others have changed the document."""
    name = f"{a_slug}.ipynb"
    cell = a_cell("one\n\nlast", marked(a_slug))
    at_alice = show_cells(alice, name, cell)
    at_alice.cell(0).expect_state(SAVED)
    at_alice.notebook.save()
    alice.standing_page().clear()
    at_bob = show_cells(bob, name, cell)
    at_bob.cell(0).type(" bob")
    at_bob.cell(0).expect_state(SAVED)
    change_file(alice, name, "one alice\n\nlast")

    at_alice = show_written(alice, name)

    at_alice.cell(0).expect_text("one alice\n\nlast bob")
    at_bob.cell(0).expect_text("one alice\n\nlast bob")


def test_a_version_that_cannot_be_merged_is_kept_until_its_author_decides(
    alice: Person, bob: Person, a_slug: str, screenshots: Path
) -> None:
    """Both have changed the same line: the shared text stays, mine stands below it, also after the page was closed."""
    name = f"{a_slug}.ipynb"
    cell = a_cell("one", marked(a_slug))
    at_alice = show_cells(alice, name, cell)
    at_alice.cell(0).expect_state(SAVED)
    at_alice.notebook.save()
    alice.close_standing_pages()
    at_bob = show_cells(bob, name, cell)
    at_bob.cell(0).press("Control+a")
    at_bob.page.keyboard.type("theirs")
    at_bob.cell(0).expect_state(SAVED)
    change_file(alice, name, "mine")
    at_alice = show_written(alice, name)
    expect(at_alice.cell(0).box).to_contain_text("mine")
    at_alice.cell(0).expect_text("theirs")
    at_alice.page.screenshot(path=str(screenshots / "real-cell-unmerged.png"))
    at_alice.notebook.save()
    alice.close_standing_pages()

    at_alice = show_written(alice, name)
    box = at_alice.cell(0).box
    box.get_by_role("button", name="Use my version").click()
    box.get_by_role("button", name="Really use mine?").click()

    at_bob.cell(0).expect_text("mine")
    expect(box).to_be_hidden()


def test_a_file_that_is_read_again_never_speaks_for_its_user(alice: Person, bob: Person, a_slug: str) -> None:
    """The file on the disk is older than the document: reading it again takes nothing away from anybody."""
    cells = (a_cell("one", marked(a_slug), cell_id="live"), a_cell("y = 2"))
    at_alice = show_cells(alice, f"{a_slug}.ipynb", *cells)
    at_alice.cell(0).expect_state(SAVED)
    at_alice.notebook.save()
    at_bob = show_cells(bob, f"{a_slug}.ipynb", *cells)
    at_bob.cell(0).type(" bob")
    at_alice.cell(0).expect_text("one bob")

    at_alice.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.revert()")

    at_alice.cell(0).expect_text("one bob")
    at_alice.cell(0).type("!")
    at_bob.cell(0).expect_text("one bob!")


def test_a_killed_hub_loses_and_doubles_nothing(
    alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str
) -> None:
    """Both type while the hub is killed and comes back: every line is there once, in both cells."""
    cell = a_cell("start\n", marked(a_slug))
    at_alice = show_cells(alice, f"{a_slug}.ipynb", cell)
    at_bob = show_cells(bob, f"{a_slug}.ipynb", cell)
    at_alice.cell(0).type("a1\n")
    at_bob.cell(0).expect_text("start\na1\n")
    a_mortal_hub.kill()
    at_alice.cell(0).type("a2\n")
    at_bob.cell(0).type("b1\n", at="Control+Home")
    at_alice.cell(0).expect_state(OFFLINE)
    at_bob.cell(0).expect_state(OFFLINE)

    a_mortal_hub.start()

    at_alice.cell(0).expect_state(SAVED, timeout=BACK_MS)
    at_bob.cell(0).expect_state(SAVED, timeout=BACK_MS)
    at_alice.cell(0).expect_text("b1\nstart\na1\na2\n")
    at_bob.cell(0).expect_text("b1\nstart\na1\na2\n")


def test_a_live_cell_has_a_history(alice: Person, bob: Person, a_slug: str, screenshots: Path) -> None:
    """The button in the line opens the versions; restoring one is an edit like another, for everybody."""
    cell = a_cell("first", marked(a_slug))
    at_alice = show_cells(alice, f"{a_slug}.ipynb", cell)
    at_bob = show_cells(bob, f"{a_slug}.ipynb", cell)
    at_alice.cell(0).press("Control+a")
    at_alice.page.keyboard.type("second")
    at_bob.cell(0).expect_text("second")
    at_alice.cell(0).expect_state(SAVED)

    at_alice.cell(0).line.get_by_role("button", name="History").click()
    history = at_alice.cell(0).node.get_by_role("region", name=f"History of {a_slug}")
    expect(history).to_contain_text("Alice")
    history.get_by_role("slider", name="Version").focus()
    at_alice.page.keyboard.press("Home")
    expect(history.locator(".cm-content")).to_contain_text("first")
    at_alice.page.screenshot(path=str(screenshots / "real-cell-history.png"))
    history.get_by_role("button", name="Restore this version").click()

    at_bob.cell(0).expect_text("first")
    at_alice.cell(0).expect_text("first")
    history.get_by_role("button", name="Close history").click()
    expect(history).to_be_hidden()
    at_alice.cell(0).type("!")
    at_bob.cell(0).expect_text("first!")


def test_markdown_cells_are_texts(alice: Person, bob: Person, a_slug: str) -> None:
    """A Markdown cell is a `string` document; its rendered form follows, and says how it stands."""
    cell = a_cell("# Notes\n", marked(a_slug), kind="markdown")
    at_alice, at_bob = (
        show_cells(person, f"{a_slug}.ipynb", cell, a_cell("x = 1", marked(f"{a_slug}-x"))) for person in (alice, bob)
    )
    for page in (at_alice, at_bob):
        expect(page.cell(0).node).to_have_attribute("data-tnb-live", f"✓ {a_slug}")
        assert shown_below(page.cell(0)) == "block"
    at_alice.cell(0).node.dblclick()
    at_alice.cell(0).type("from *alice*")

    wait_until(lambda: at_bob.cell(0).text == "# Notes\nfrom *alice*", "Bob's notebook has what Alice wrote")
    expect(at_bob.cell(0).node.locator("em")).to_have_text("alice")
    assert (shown_below(at_alice.cell(0)), shown_below(at_bob.cell(0))) == ("inline", "block")


def shown_below(cell: RealCell) -> str:
    """Return how what a cell says when it is drawn is displayed; `inline` when it says nothing."""
    return str(cell.node.evaluate("cell => getComputedStyle(cell, '::after').display"))


def change_file(person: Person, name: str, source: str) -> None:
    """Change the first cell of a notebook as a program does that knows nothing of us."""
    path = person.lab.root / name
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = source
    path.write_text(json.dumps(notebook))
