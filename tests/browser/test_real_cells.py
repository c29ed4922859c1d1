"""Real notebook cells as live documents: opened, typed into together, run, saved, edited without the hub."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from teaching_nb.schema.roots import root_id
from tests.browser.notebook import OPEN_MS
from tests.browser.people import Person
from tests.browser.real_cell import (
    COURSE,
    READ_ONLY,
    SAVED,
    LiveNotebook,
    a_cell,
    file_cells,
    marked,
    open_cells,
    open_written,
    show_cells,
    show_written,
    write_cells,
)
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("standing_pages")

KB = 1024
"""As the build tools of the web write sizes."""


def test_two_people_type_into_one_cell_and_run_it(alice: Person, bob: Person, a_slug: str, screenshots: Path) -> None:
    """Each sees the other's letters, cursor and name; the kernel's own Run runs what stands there, with `input()`."""
    cell = a_cell("name = input()\n", marked(a_slug))
    at_alice = open_cells(alice, f"{a_slug}.ipynb", cell)
    at_bob = open_cells(bob, f"{a_slug}.ipynb", cell)

    at_alice.cell(0).type("print('hello', name)")
    at_bob.cell(0).expect_text("name = input()\nprint('hello', name)")
    at_bob.cell(0).type("# bob\n", at="Control+Home")
    at_alice.cell(0).expect_text("# bob\nname = input()\nprint('hello', name)")
    expect(at_alice.cell(0).line.get_by_role("button", name="Follow Bob")).to_be_visible()
    expect(at_alice.cell(0).node.locator(".tnb-caret")).to_contain_text("Bob")
    at_alice.cell(0).press("Control+Enter")
    field = at_alice.cell(0).node.locator(".jp-Stdin-input")
    field.fill("Ada")
    field.press("Enter")

    expect(at_alice.cell(0).node.locator(".jp-OutputArea")).to_contain_text("hello Ada")
    at_alice.cell(0).expect_state(SAVED)
    at_bob.cell(0).type("\nname = 'Bob'", at="Control+End")
    expect(at_alice.cell(0).line).to_contain_text("Bob Brown changed this since your last run.")
    at_alice.cell(0).line.get_by_role("button", name="Follow Bob").click()
    expect(at_alice.cell(0).node.get_by_text("Following Bob Brown").first).to_be_visible()
    at_alice.page.screenshot(path=str(screenshots / "real-cell.png"))
    at_alice.notebook.set_theme("JupyterLab Dark")
    expect(at_alice.page.locator("#jupyterlab-splash")).to_have_count(0)
    at_alice.page.screenshot(path=str(screenshots / "real-cell-dark.png"))
    at_alice.notebook.set_theme("JupyterLab Light")
    assert at_bob.cell(0).node.locator(".jp-OutputArea-output").count() == 0


def test_a_page_with_live_cells_loads_little_of_ours(alice: Person, a_slug: str) -> None:
    """Not even 200 kB, and packed 60 kB before the loader that JupyterLab's builder adds."""
    open_cells(alice, f"{a_slug}.ipynb", a_cell("x = 1", marked(a_slug))).cell(0).expect_state(SAVED)
    page = alice.standing_page().page
    page.goto(f"{page.url}?reset", timeout=OPEN_MS)
    again = LiveNotebook(alice.standing_page().show(f"{a_slug}.ipynb"))
    again.cell(0).expect_state(SAVED)

    names = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    ours = {name for name in names if "/extensions/teaching-nb/" in name}
    files = {name: page.request.get(name).body() for name in ours}
    packed = [len(gzip.compress(body)) for name, body in files.items() if "remoteEntry" not in name]
    assert sum(len(body) for body in files.values()) <= 200 * KB
    assert 0 < sum(packed) <= 60 * KB


def test_a_cell_is_made_live_by_command(alice: Person, bob: Person, a_slug: str, screenshots: Path) -> None:
    """The name comes from the heading above; the mark stands in the file, so that whoever gets it sees the same."""
    heading = a_cell(f"# {a_slug} Exercise", kind="markdown")
    name = write_cells(alice, f"{a_slug}.ipynb", heading, a_cell("def f(): ..."))
    at_alice = LiveNotebook(alice.open_page(name))
    at_alice.cell(1).editor.click()
    at_alice.press_live()
    dialog = at_alice.page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_have_value(f"{a_slug}-exercise"[:60])
    dialog.get_by_role("textbox").fill("two words")
    expect(dialog.get_by_role("status")).to_contain_text("no spaces")
    dialog.get_by_role("textbox").fill(a_slug)
    dialog.get_by_text("Everybody together").click()
    at_alice.page.screenshot(path=str(screenshots / "make-live.png"))
    dialog.get_by_role("button", name="Make live").click()
    at_alice.cell(1).expect_state(SAVED)
    at_alice.notebook.save()

    bob.lab.root.mkdir(parents=True, exist_ok=True)
    (bob.lab.root / name).write_text((alice.lab.root / name).read_text())
    at_bob = open_written(bob, name)
    at_bob.cell(1).type(" # bob")
    at_alice.cell(1).expect_text("def f(): ... # bob")

    at_alice.cell(1).editor.click()
    at_alice.press_live()
    dialog.get_by_role("button", name="No longer live").click()
    expect(at_alice.cell(1).line).to_have_count(0)
    at_alice.cell(1).type("!")
    at_alice.notebook.save()
    assert "teaching_nb" not in file_cells(alice, name)[1]["metadata"]
    at_bob.cell(1).type("?")
    at_bob.cell(1).expect_text("def f(): ... # bob?")


def test_a_closed_tab_keeps_in_the_browser_what_the_hub_has_not_got(
    alice: Person, a_mortal_hub: HubProcess, a_slug: str
) -> None:
    """The hub is away, the tab is closed without saving: the next tab sends what was typed."""
    name = f"{a_slug}.ipynb"
    at_alice = show_cells(alice, name, a_cell("one", marked(a_slug)))
    at_alice.cell(0).expect_state(SAVED)
    a_mortal_hub.kill()
    at_alice.cell(0).type(" more")
    expect(at_alice.cell(0).node.locator(".tnb-detail")).to_contain_text("kept in this browser")
    alice.close_standing_pages()
    a_mortal_hub.start()

    again = show_written(alice, name)

    again.cell(0).expect_text("one more")
    again.cell(0).expect_state(SAVED)
    assert a_mortal_hub is not None


def test_who_may_only_read_can_still_run(the_teacher: Person, alice: Person, a_slug: str) -> None:
    """A hand-out: the teacher writes, a student reads and runs; what they type is taken back with a word why."""
    cell = a_cell("print(6 * 7)", marked(a_slug, shared="read"))
    at_teacher = show_cells(the_teacher, f"{a_slug}.ipynb", cell)
    at_teacher.cell(0).expect_state(SAVED)
    at_alice = show_cells(alice, f"{a_slug}.ipynb", cell)
    at_alice.notebook.start_kernel()
    at_alice.cell(0).expect_state(READ_ONLY)

    at_alice.cell(0).type("hack")
    at_alice.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.model.cells.get(0).sharedModel.setSource('hacked')"
    )
    at_alice.cell(0).expect_text("print(6 * 7)")
    expect(at_alice.cell(0).line).to_contain_text("You may not change this text")
    at_teacher.cell(0).type("  # go")
    at_alice.cell(0).expect_text("print(6 * 7)  # go")
    at_alice.cell(0).press("Control+Enter")
    expect(at_alice.cell(0).node.locator(".jp-OutputArea")).to_contain_text("42")


def test_the_class_panel_shows_connection_cells_and_people(
    alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """Who I am, how each live cell stands, who is here; a press leads to the cell. It tells when the hub is away.

    Of all notebooks that are open, the active one first.
    """
    cells = [a_cell(f"# {number}\n" * 20) for number in range(4)]
    live = a_cell("x = 1", marked(a_slug))
    other = show_cells(alice, f"{a_slug}-2.ipynb", a_cell("z = 1"), a_cell("z = 2", marked(f"{a_slug}-z")))
    alice.standing_page().show(write_cells(alice, f"{a_slug}-3.ipynb", a_cell("ordinary")))
    at_alice = show_cells(alice, f"{a_slug}.ipynb", live, *cells, a_cell("y = 1", marked(f"{a_slug}-last")))
    show_cells(bob, f"{a_slug}.ipynb", live)
    at_alice.run_command("teaching-nb:show-class")
    panel = at_alice.page.get_by_role("region", name="Class")

    expect(panel).to_contain_text("Connected to the hub")
    expect(panel).to_contain_text("Alice")
    headings = panel.get_by_role("region", name="Live cells").get_by_role("heading")
    expect(headings).to_have_text([f"Live cells of {a_slug}.ipynb", f"Live cells of {a_slug}-2.ipynb"])
    panel.get_by_role("button", name=f"{a_slug}-z").click()
    expect(headings).to_have_text([f"Live cells of {a_slug}-2.ipynb", f"Live cells of {a_slug}.ipynb"])
    expect(other.cell(1).node).to_have_class(re.compile("jp-mod-active"))
    other.cell(1).expect_text("z = 2")
    expect(panel.get_by_role("region", name="Here now")).to_contain_text("Bob")
    panel.get_by_role("button", name=f"{a_slug}-last").click()
    expect(at_alice.cell(5).editor).to_be_in_viewport()
    at_alice.page.screenshot(path=str(screenshots / "class-panel.png"))
    a_mortal_hub.kill()
    expect(panel).to_contain_text("Not connected to the hub")
    expect(panel.get_by_role("button", name=a_slug).first).to_contain_text("Offline")
    again = panel.get_by_role("button", name="Try now")
    expect(again).to_have_css("border-top-style", "solid")
    again.click()
    a_mortal_hub.start()
    expect(panel.get_by_role("region", name="Connection").get_by_role("status")).to_contain_text("✓ Connected")
    alice.forget_outage()


def test_a_teacher_watches_a_students_own_text(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """The rooms in the panel: who is here, though no kernel of theirs runs; a press shows their text beside, live."""
    mine = a_cell("print('mine')", {"document": a_slug})
    at_teacher = show_cells(the_teacher, f"{a_slug}.ipynb", mine)
    at_alice = show_cells(alice, f"{a_slug}.ipynb", mine)
    at_alice.cell(0).expect_state(SAVED)
    at_alice.cell(0).type("\nx = 1")
    at_alice.cell(0).expect_state(SAVED)
    at_teacher.run_command("teaching-nb:show-class")
    rooms = at_teacher.page.get_by_role("region", name="Rooms")
    person = rooms.get_by_role("button", name="Alice")
    expect(person).to_contain_text("here")
    person.click()
    rooms.get_by_role("button", name=a_slug).click()
    watched = at_teacher.page.locator(".tnb-watched")
    text = watched.get_by_role("textbox")
    expect(text).to_have_text("print('mine')x = 1")

    at_alice.cell(0).type("23")
    expect(text).to_contain_text("x = 123")
    text.click()
    at_teacher.page.keyboard.type("not mine")
    expect(watched).to_contain_text("Read only")
    expect(text).to_have_text("print('mine')x = 123")
    expect(watched.get_by_role("button", name="Follow Alice")).to_be_visible()
    expect(at_alice.cell(0).line.get_by_role("list", name="Here now")).to_contain_text("teacher")
    at_teacher.page.screenshot(path=str(screenshots / "watching.png"))
    at_teacher.cell(0).editor.click()
    at_teacher.cell(0).expect_text("print('mine')")

    alice.leave()
    expect(person).to_contain_text("away")


NEW_DOCUMENT = re.compile(r"/documents\?uniqueMain=true")
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
COURSE_WITH_RUNS = "real-cells-with-runs"


def last_runs(teacher: Person, a_hub: HubProcess, slug: str) -> list[dict[str, Any]]:
    """Return the last runs below a root, as the hub gives them to a teacher."""
    address = f"{a_hub.url}/api/v1/documents?rids={root_id(slug, COURSE_WITH_RUNS)}"
    answer = httpx.get(address, headers={"Authorization": f"Bearer {teacher.hub_token}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return [document for document in answer.json() if document["type"] == "last_run"]


def test_teachers_see_the_last_run_of_who_allows_it(
    the_teacher: Person, alice: Person, bob: Person, a_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """The notebook asks for it, each student says yes or no once; success, errors and a kernel that dies are told."""
    cell = a_cell("print('hello')", {"document": a_slug})
    notebooks = {}
    for person, answer in ((alice, "Show"), (bob, "Don't show")):
        name = write_cells(person, f"{a_slug}.ipynb", cell, course=COURSE_WITH_RUNS, asks_for_runs=True)
        notebooks[person] = show_written(person, name)
        notebooks[person].notebook.start_kernel()
        dialog = notebooks[person].page.get_by_role("dialog")
        expect(dialog).to_contain_text("Show your teachers how your runs end?")
        if person is alice:
            notebooks[person].page.screenshot(path=str(screenshots / "asks-for-runs.png"))
        dialog.get_by_role("button", name=answer, exact=True).click()
        expect(dialog).to_be_hidden()
        if person is alice:
            expect(notebooks[person].cell(0).line).to_contain_text("Your teachers see your last run")
        notebooks[person].cell(0).expect_state(SAVED)
        # What the hub cannot take just now is told a moment later.
        notebooks[person].page.route(NEW_DOCUMENT, lambda route: route.fulfill(status=503), times=1)
        notebooks[person].cell(0).press("Control+Enter")
        expect(notebooks[person].cell(0).node.locator(".jp-OutputArea-output").first).to_contain_text("hello")
    expect(notebooks[alice].cell(0).line).to_contain_text("Your teachers see your last run")
    expect(notebooks[bob].cell(0).line).not_to_contain_text("Your teachers see")
    at_teacher = LiveNotebook(the_teacher.open_page(write_cells(the_teacher, f"{a_slug}.ipynb", a_cell(""))))
    at_teacher.run_command("teaching-nb:show-class")
    rooms = at_teacher.page.get_by_role("region", name="Rooms")
    rooms.get_by_role("button", name="Alice").click()
    row = rooms.get_by_role("button", name=a_slug)
    expect(row).to_contain_text("ran in")
    alice.forget_outage()
    [run] = last_runs(the_teacher, a_hub, a_slug)
    assert [output["text"] for output in run["data"]["outputs"]] == ["hello\n"]

    at_alice = notebooks[alice].cell(0)
    at_alice.press("Control+a")
    at_alice.page.keyboard.type("x = 1\n1 / 0")
    at_alice.press("Control+Enter")
    expect(row).to_contain_text("ZeroDivisionError in line 2")
    at_alice.press("Control+a")
    at_alice.page.keyboard.type("import os; os._exit(1)")
    at_alice.press("Control+Enter")
    expect(row).to_contain_text("the kernel ended")
    at_teacher.page.screenshot(path=str(screenshots / "last-runs.png"))
    assert [run["id"] for run in last_runs(the_teacher, a_hub, a_slug)] == [run["id"]]
    bobs = httpx.get(f"{a_hub.url}/api/v1/user", headers={"Authorization": f"Bearer {bob.hub_token}"}, timeout=30)
    assert bobs.json()["id"] != run["authorId"]


def test_a_widgets_text_becomes_a_real_cell(alice: Person, a_slug: str, screenshots: Path) -> None:
    """The widget offers it where the extension is; both show one document, and the cell of the widget can go."""
    call = f"import teaching_nb as tnb\ntnb.code({a_slug!r}, 'x = 1', shared=True)"
    notebook = alice.open(f"{a_slug}.ipynb", call)
    notebook.run_all()
    widget = notebook.page.get_by_role("region", name=a_slug)
    expect(widget.get_by_role("button", name="Make it a real cell")).to_be_visible()
    notebook.page.screenshot(path=str(screenshots / "offers-a-real-cell.png"))
    widget.get_by_role("button", name="Make it a real cell").click()
    at_alice = LiveNotebook(notebook)
    cell = at_alice.cell(1)
    cell.expect_state(SAVED)
    cell.expect_text("x = 1")
    assert cell.metadata["teaching_nb"] == {"document": a_slug, "type": "code", "shared": True, "base": "x = 1"}
    cell.type("23")
    expect(widget.get_by_role("textbox")).to_have_text("x = 123")
    expect(widget.get_by_role("button", name="Make it a real cell")).to_be_hidden()

    at_alice.run_command("apputils:display-notifications")
    notebook.page.screenshot(path=str(screenshots / "made-a-real-cell.png"))
    notebook.page.get_by_role("button", name="Delete it").click()
    at_alice.cell(0).expect_text("x = 123")
    assert at_alice.texts == ["x = 123"]


def test_a_widget_of_another_course_becomes_a_cell_of_the_notebooks(alice: Person, a_slug: str) -> None:
    """Whoever has not called tnb.connect(course=…) is told what that means, and may have the cell all the same."""
    call = f"import teaching_nb as tnb\ntnb.code({a_slug!r}, 'x = 1', shared=True)"
    at_alice = open_cells(alice, f"{a_slug}.ipynb", a_cell(call), a_cell("y = 1", marked(f"{a_slug}-y")))
    at_alice.notebook.run_all()
    page = at_alice.page
    widget = page.get_by_role("region", name=a_slug)
    offer = widget.get_by_role("button", name="Make it a real cell")
    dialog = page.get_by_role("dialog", name="Make it a real cell")
    offer.click()
    expect(dialog).to_contain_text(f"belongs to no course here, and this notebook to the course “{COURSE}”")
    dialog.get_by_role("button", name="Cancel").click()
    assert at_alice.marks == ["", f"{a_slug}-y"]

    offer.click()
    dialog.get_by_role("button", name="Make it a real cell").click()
    at_alice.cell(1).expect_state(SAVED)
    at_alice.cell(1).type("23")

    at_alice.cell(1).expect_text("x = 123")
    expect(widget.get_by_role("textbox")).to_have_text("x = 1")
    expect(offer).to_be_hidden()
    assert at_alice.marks == ["", a_slug, f"{a_slug}-y"]


def test_python_sees_the_same_document(alice: Person, a_slug: str) -> None:
    """The kernel's model of the name is that of the cell: what Python assigns stands in the cell, and the other way."""
    at_alice = show_cells(alice, f"{a_slug}.ipynb", a_cell("x = 1", marked(a_slug)))
    at_alice.notebook.start_kernel()
    at_alice.cell(0).expect_state(SAVED)
    at_alice.notebook.run(f"import teaching_nb as tnb; doc = tnb.document({a_slug!r})")
    named = f"tnb.connect(course={COURSE!r}).document({a_slug!r}, shared=True)"
    assert at_alice.notebook.value(f"[doc.code, doc.id == {named}.id]") == ["x = 1", True]

    at_alice.notebook.run("doc.code += ' + 1'")
    at_alice.cell(0).expect_text("x = 1 + 1")
    at_alice.cell(0).type(" + 2")
    wait_until(lambda: at_alice.notebook.value("doc.code") == "x = 1 + 1 + 2", "Python has what was typed")


def test_the_demo_notebook_is_live(the_teacher: Person, alice: Person, bob: Person, screenshots: Path) -> None:
    """Two people in the notebook of the demo: one cell, both names; the last cell waits for the teacher's words."""
    name = "02_shared_cell.ipynb"
    at = {}
    for person in (alice, bob):
        shutil.copy(NOTEBOOKS / name, person.lab.root / name)
        at[person] = show_written(person, name)
        at[person].notebook.start_kernel()
        at[person].cell(1).expect_state(SAVED)
        at[person].notebook.hide_sidebars()
        at[person].page.set_viewport_size({"width": 900, "height": 470})
    at[alice].cell(1).press("Control+Home", "ArrowDown", "ArrowDown", "End")
    at[alice].page.keyboard.type(" if n < 2 else fib(n - 1) + fib(n - 2)")
    at[bob].cell(1).editor.click()
    for key in ("Control+Home", "ArrowDown", "End"):
        at[bob].page.keyboard.press(key)
    expect(at[bob].cell(1).editor).to_contain_text("fib(n - 1) + fib(n - 2)")
    expect(at[alice].cell(1).line.get_by_role("list", name="Here now")).to_contain_text("Bob")
    for person, who in ((alice, "alice"), (bob, "bob")):
        at[person].cell(1).press("Control+Enter")
        expect(at[person].cell(1).node.locator(".jp-OutputArea-output").first).to_contain_text("34]")
        at[person].page.screenshot(path=str(screenshots / f"demo-{who}.png"))
    # JupyterLab before 4.5 draws no cell that is out of view.
    at[alice].page.set_viewport_size({"width": 900, "height": 1600})
    expect(at[alice].cell(5).line).to_contain_text("Not opened yet")
    shutil.copy(NOTEBOOKS / "03_teacher_observes.ipynb", the_teacher.lab.root / "03.ipynb")
    at_teacher = show_written(the_teacher, "03.ipynb")
    at_teacher.cell(1).expect_state(SAVED)
    expect(at[alice].cell(5).editor).to_contain_text("countdown(3)")
    for person in (alice, bob):
        # Asked for until the teacher had opened it.
        person.forget_complaints("documents/main")
