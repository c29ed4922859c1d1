"""A file tree in two browsers: by keyboard alone, narrow and dark, after a reload, and without its kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.looks import shown_texts
from tests.browser.people import Person
from tests.browser.real_cell import a_cell, marked, show_cells
from tests.browser.test_types import NARROW, READABLE, WIDE

_FITS = """widget => widget.scrollWidth <= widget.clientWidth
    && [...widget.querySelectorAll("button, input, select, [role=treeitem] span")].every(part =>
      part.getBoundingClientRect().right <= innerWidth)"""


def show(person: Person, call: str) -> Locator:
    """Run a call in a new cell of a person's notebook; return the tree that it shows."""
    return person.notebook.run(f"import teaching_nb as tnb\n{call}").node.locator(".tnb-files")


def names(tree: Locator) -> Locator:
    """Return the rows of a tree that are seen."""
    return tree.get_by_role("treeitem")


def test_two_people_work_in_one_tree_by_keyboard(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """Made, named, moved, opened and deleted; each sees at once what the other does, and in the file what they type."""
    call = f"files = tnb.files({a_slug!r}, shared=True, title='Project')\nfiles"
    theirs, mine = show(the_teacher, call), show(alice, call)
    keyboard, staff = alice.notebook.page.keyboard, the_teacher.notebook.page.keyboard
    expect(mine.get_by_role("group", name="Project")).to_contain_text("There are no files yet.")

    mine.get_by_role("button", name="New folder").focus()
    keyboard.press("Enter")
    expect(mine.get_by_role("textbox", name="Name of the new folder")).to_be_focused()
    keyboard.type("src/")
    keyboard.press("Enter")
    expect(mine.get_by_role("alert")).to_contain_text("cannot be a name: '/' has a meaning of its own in paths")
    expect(mine.get_by_role("textbox")).to_have_value("src/")
    keyboard.press("Backspace")
    keyboard.press("Enter")
    expect(names(mine)).to_have_text(["▾📁src"])
    expect(names(mine)).to_be_focused()
    mine.get_by_role("button", name="New file").focus()
    keyboard.press("Enter")
    keyboard.type("main.py")
    keyboard.press("Enter")
    expect(names(theirs)).to_contain_text(["src", "main.py"])
    expect(names(theirs).nth(1)).to_contain_text("of Alice Adams")
    editor = mine.locator(".tnb-code").get_by_role("textbox")
    expect(editor).to_be_visible()
    editor.focus()
    keyboard.type("print(6 * 7)")
    keyboard.press("Shift+Enter")
    expect(mine.locator(".tnb-code .tnb-outputs")).to_contain_text("42")
    mine.screenshot(path=screenshots / "files-open.png")

    names(theirs).first.focus()
    staff.press("End")
    staff.press("Enter")
    expect(theirs.locator(".tnb-code").get_by_role("textbox")).to_contain_text("print(6 * 7)")
    names(mine).nth(1).focus()
    keyboard.press("F2")
    expect(mine.get_by_role("textbox", name="New name of “main.py”")).to_be_focused()
    keyboard.type("answer")
    keyboard.press("Enter")
    expect(names(theirs).nth(1)).to_contain_text("answer.py")
    expect(theirs.locator(".tnb-code .tnb-title")).to_have_text("src/answer.py")
    mine.get_by_role("button", name="Move to …").focus()
    keyboard.press("Enter")
    expect(mine.get_by_role("combobox", name="Folder")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(names(theirs)).to_contain_text(["src", "answer.py"])
    expect(names(theirs).nth(1)).to_have_attribute("aria-level", "1")

    names(mine).first.focus()
    keyboard.press("Delete")
    expect(mine.get_by_role("alertdialog", name="Delete “src”?")).to_be_visible()
    mine.screenshot(path=screenshots / "files-delete.png")
    keyboard.press("Escape")
    expect(names(mine).first).to_be_focused()
    keyboard.press("Delete")
    keyboard.press("Tab")
    keyboard.press("Enter")
    for tree in (theirs, mine):
        expect(names(tree)).to_have_count(1)
    expect(names(mine)).to_be_focused()


def test_a_tree_is_shown_twice_narrow_dark_and_without_its_kernel(
    alice: Person, a_slug: str, screenshots: Path
) -> None:
    """What is done in one cell is seen in the other and after a reload; then it stays, greyed, with a reason."""
    alice.notebook.run(f"import teaching_nb as tnb\nfiles = tnb.files({a_slug!r}, title='My project')")
    alice.notebook.run(
        "files.model.wait_loaded(30)\nfiles.add('data/2026/measured.csv', '1')\nfiles.add('main.py', 'x')"
    )
    one, other = show(alice, "files"), show(alice, f"tnb.files({a_slug!r}, title='The same')")
    page = alice.notebook.page
    expect(names(one)).to_have_count(4)
    expect(names(other)).to_have_count(4)

    names(one).first.focus()
    page.keyboard.press("ArrowLeft")
    expect(names(one)).to_have_count(2)
    page.keyboard.press("m")
    expect(names(one).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(one.locator(".tnb-code")).to_be_visible()
    one.get_by_role("button", name="Write to my folder").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(one.get_by_role("status").filter(has_text="Written into")).to_contain_text("data/2026/measured.csv, main.py")

    alice.notebook.set_theme("JupyterLab Dark")
    page.set_viewport_size(NARROW)
    alice.notebook.hide_sidebars()
    one.scroll_into_view_if_needed()
    one.screenshot(path=screenshots / "files-dark.png")
    assert one.evaluate(_FITS)
    unreadable = [str(text) for text in shown_texts(one) if text.contrast < READABLE]
    alice.notebook.set_theme("JupyterLab Light")
    page.set_viewport_size(WIDE)
    unreadable += [str(text) for text in shown_texts(one) if text.contrast < READABLE]
    assert unreadable == []

    alice.notebook.save()
    alice.notebook.reload()
    again = page.locator(".tnb-files")
    expect(names(again.first)).to_have_text(["▸📁data", "📄main.pyopen below"])
    expect(again.first.locator(".tnb-code").get_by_role("textbox")).to_have_text("x")
    alice.notebook.restart_kernel()
    expect(again.first.get_by_text("Not connected", exact=True).first).to_be_visible()
    expect(again.first.get_by_role("button", name="New file")).to_be_disabled()
    names(again.first).first.focus()
    page.keyboard.press("ArrowRight")
    expect(names(again.first)).to_have_count(4)
    again.first.screenshot(path=screenshots / "files-ended.png")


@pytest.mark.usefixtures("standing_pages")
def test_a_teacher_watches_a_students_tree(the_teacher: Person, alice: Person, a_slug: str, screenshots: Path) -> None:
    """In the panel its names, and each text by its path; in the rooms the tree, whose files open to be read."""
    alice.notebook.run(f"import teaching_nb as tnb\nfiles = tnb.files({a_slug!r})\nfiles.model.wait_loaded(30)")
    alice.notebook.run("files.add('src/main.py', 'print(6 * 7)')")
    at_teacher = show_cells(the_teacher, f"{a_slug}.ipynb", a_cell("x = 1", marked(f"{a_slug}-cell")))
    at_teacher.run_command("teaching-nb:show-class")
    panel = at_teacher.page.get_by_role("region", name="Rooms")
    panel.get_by_role("button", name="Alice").click()
    expect(panel.get_by_role("button", name=f"{a_slug}: src/main.py")).to_be_visible()
    panel.get_by_role("button", name=a_slug).filter(has_text="1 file").click()
    watched = at_teacher.page.locator(".tnb-watched-sheet")
    expect(names(watched)).to_have_text(["▾📁src", "📄main.py"])
    alice.notebook.run("files.add('new.txt')")
    expect(names(watched)).to_have_text(["▾📁src", "📄main.py", "📄new.txt"])
    at_teacher.page.screenshot(path=str(screenshots / "files-watched.png"))

    rooms = the_teacher.notebook.run("import teaching_nb as tnb\nrooms = tnb.rooms()\nrooms").node
    document = alice.notebook.value("files.model.id")
    the_teacher.notebook.run(f"rooms.open_document({document!r})")
    tree = rooms.locator(".tnb-files")
    names(tree).nth(1).focus()
    the_teacher.notebook.page.keyboard.press("Enter")
    expect(tree.locator(".tnb-code").get_by_role("textbox")).to_have_text("print(6 * 7)")
    expect(tree.get_by_role("button", name="New file")).to_have_count(0)
    expect(tree.locator(".tnb-code").get_by_text("Read only", exact=True)).to_be_visible()
    tree.screenshot(path=screenshots / "files-in-rooms.png")
