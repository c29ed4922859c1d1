"""The teacher's overview: who is online, and watching a student's own document live."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from teaching_nb.schema.roots import root_id
from tests.browser.live_cell import SAVED
from tests.browser.people import Person
from tests.browser.real_cell import a_cell, marked, show_cells
from tests.browser.rooms_overview import RoomsOverview
from tests.browser.shared_cell import show
from tests.harness.cast import ALICE as ALICE_AT_HUB
from tests.harness.hub_process import HubProcess

SHOW_ROOMS = "import teaching_nb as tnb\nroom = tnb.connect()\noverview = tnb.rooms()\noverview"
ALICE = "Alice Adams"
BOB = "Bob Brown"


def test_the_teacher_sees_who_is_online(the_teacher: Person, alice: Person, bob: Person, a_slug: str) -> None:
    """People of the class are here as long as their kernel or a page of theirs is connected, and away afterwards."""
    show(alice, a_slug).expect_state(SAVED)
    show(bob, a_slug).expect_state(SAVED)

    overview = RoomsOverview(the_teacher.notebook.run(SHOW_ROOMS))

    overview.expect_here(ALICE)
    overview.expect_here(BOB)
    expect(overview.region).not_to_contain_text("Carol")
    try:
        bob.notebook.run("tnb.connect().close()")
        overview.expect_here(BOB)
        bob.notebook.clear()
        overview.expect_away(BOB)
        overview.expect_here(ALICE)
    finally:
        bob.notebook.restart_kernel()


def test_the_teacher_watches_a_student_type(the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str) -> None:
    """A student's own document opens by a click and follows the typing; the teacher cannot type into it."""
    at_alice = show(alice, a_slug, "mine = 1", shared=False)
    at_alice.expect_state(SAVED)
    overview = RoomsOverview(the_teacher.notebook.run(SHOW_ROOMS))

    watched = overview.open_document(ALICE, a_slug)
    watched.expect_text("mine = 1")
    at_alice.append(" # typing")
    watched.expect_text("mine = 1 # typing")
    watched.append("hacked")
    at_alice.append(" on")

    watched.expect_text("mine = 1 # typing on")
    at_alice.expect_text("mine = 1 # typing on")
    at_alice.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == "mine = 1 # typing on"


_CLOSE_WATCHED = """() => [...window.jupyterapp.shell.widgets("main")]
    .filter(({ id }) => id.startsWith("teaching-nb:watched:")).forEach(watched => watched.close())"""
PICTURE = "P1 3 3 1 0 1 0 1 0 1 0 1"


def test_a_question_that_a_student_raises_reaches_the_teacher(
    the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """In the lists of the overview and of the panel, before anything is opened, and in what they open, by keyboard."""
    picture = {"documentRootId": root_id(a_slug), "type": "netpbm_graphic", "data": {"imageData": PICTURE}}
    cell = alice.notebook.run(f"import teaching_nb as tnb\ntnb.task({a_slug!r})")
    task = cell.node.locator(".tnb-widget").get_by_role("button")
    expect(task).to_have_accessible_name(f"{a_slug}: Open")
    drawn = a_hub.ask("POST", "/documents", ALICE_AT_HUB, picture)["id"]
    notebook, page = the_teacher.notebook, the_teacher.notebook.page
    overview = RoomsOverview(notebook.run(SHOW_ROOMS))
    overview.region.get_by_role("button", name=f"Documents of {ALICE}").click()
    page.evaluate("() => window.jupyterapp.commands.execute('teaching-nb:show-class').then(() => null)")
    panel = page.get_by_role("region", name="Class", exact=True).get_by_role("region", name="Rooms")
    panel.get_by_role("button", name=ALICE).click()
    in_panel = panel.get_by_role("button", name=re.compile(f"{a_slug}.*task"))
    expect(in_panel).to_contain_text("Open")

    task.click()
    task.click()

    expect(in_panel).to_contain_text("Question")
    in_overview = overview.region.get_by_role("listitem").filter(has_text=re.compile(r"Question"))
    expect(in_overview.last).to_contain_text(f"{a_slug}? Question")
    in_panel.focus()
    page.keyboard.press("Enter")
    watched = page.locator(".tnb-watched-sheet")
    expect(watched.get_by_role("button", name=f"{ALICE}: {a_slug}: Question")).to_be_disabled()
    expect(watched.get_by_role("status")).to_contain_text("Live, read only")
    page.screenshot(path=str(screenshots / "raised-question.png"))
    task.click()
    expect(watched.get_by_role("button", name=f"{ALICE}: {a_slug}: Open")).to_be_visible()
    panel.get_by_role("button", name=re.compile(f"{a_slug}.*picture")).click()
    expect(page.get_by_role("img", name=re.compile("3 × 3 pixels"))).to_be_visible()
    assert a_hub.stored(drawn, ALICE_AT_HUB) == picture["data"]
    page.evaluate(_CLOSE_WATCHED)


def test_a_student_is_told_that_the_overview_is_for_teachers(alice: Person, bob: Person, a_slug: str) -> None:
    """A student who asks for the overview sees a sentence and nobody's name."""
    show(bob, a_slug).expect_state(SAVED)

    overview = RoomsOverview(alice.notebook.run(SHOW_ROOMS))

    expect(overview.region).to_contain_text(re.compile("teacher", re.IGNORECASE))
    expect(overview.region).not_to_contain_text("Bob")


@pytest.mark.usefixtures("standing_pages")
def test_formats_and_what_others_say_are_seen_in_the_panel(
    the_teacher: Person, alice: Person, bob: Person, a_slug: str, screenshots: Path
) -> None:
    """A formatted text with its formats as it changes, and in a student's chat what another one says."""
    call = f"notes = tnb.richtext('{a_slug}-notes', '# Mars\\n- **red**')"
    alice.notebook.run(f"import teaching_nb as tnb\n{call}\nnotes")
    alice.notebook.run(f"chat = tnb.chat('{a_slug}-chat')\nchat.model.wait_loaded(30)\nchat.say('Is it?')")
    bob.notebook.run(f"import teaching_nb as tnb\nchat = tnb.chat('{a_slug}-chat')\nchat.model.wait_loaded(30)")
    at_teacher = show_cells(the_teacher, f"{a_slug}.ipynb", a_cell("x = 1", marked(f"{a_slug}-cell")))
    page = at_teacher.page
    at_teacher.run_command("teaching-nb:show-class")
    panel = page.get_by_role("region", name="Rooms")
    panel.get_by_role("button", name="Alice").click()
    panel.get_by_role("button", name=f"{a_slug}-notes").click()
    watched = page.locator(".tnb-watched-sheet:visible")
    expect(watched.get_by_role("heading", name="Mars")).to_be_visible()
    expect(watched.get_by_role("listitem").locator("strong")).to_have_text("red")

    alice.notebook.value("setattr(notes.model, 'markdown', '# Mars\\n- *cold* [more](https://example.org)')")
    expect(watched.get_by_role("listitem").locator("em")).to_have_text("cold")
    expect(watched.get_by_role("link", name="more")).to_have_attribute("href", "https://example.org")
    page.screenshot(path=screenshots / "richtext-watched.png")

    panel.get_by_role("button", name=re.compile(f"{a_slug}-chat.*1 message")).click()
    log = page.get_by_role("log", name=re.compile(f"{a_slug}-chat"))
    expect(log).to_contain_text("Is it?")
    bob.notebook.value("chat.say('Ask the rover.')")
    expect(log).to_contain_text("Ask the rover.")
    page.screenshot(path=screenshots / "chat-watched.png")
