"""Live cells without the hub, after access has ended, a sleep, or a flood: nothing typed is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.cell_pair import TEXT, Pair, stored
from tests.browser.people import Person
from tests.browser.real_cell import COURSE, OFFLINE, READ_ONLY, SAVED, a_cell, marked, show_cells, show_written
from tests.browser.test_flood import FLOOD, is_dropping
from tests.browser.test_sleep import BACK_MS, Laptop
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

UNTOLD = """async () => {
  const request = indexedDB.open("teaching_nb untold");
  const done = asked => new Promise(resolve => { asked.onsuccess = () => resolve(asked.result); });
  const database = await done(request);
  const found = await done(database.transaction("texts").objectStore("texts").getAll());
  database.close();
  return found.map(({ text }) => text).filter(text => text);
}"""
"""What the browser keeps of texts whose documents were never reached."""

GIVEN = "given = 12"
TYPED = f"{GIVEN} + 1"


class Lesson:
    """A cell of the teacher's that Alice may edit for now."""

    def __init__(self, hub: HubProcess, teacher: Person, alice: Person, slug: str) -> None:
        self.hub, self.teacher, self.alice, self.slug = hub, teacher, alice, slug
        self.root = shared_root_id(root_id(slug, COURSE), "code")
        place = {"documentRootId": self.root, "ownRootId": root_id(slug, COURSE), "type": "code", "shared": True}
        body = {**place, "root": {"sharedAccess": "RW_DocumentRoot"}, "data": {"code": GIVEN}}
        hub.request("POST", "/documents/main", teacher.hub_token, body).raise_for_status()
        self.cell = show_cells(alice, f"{slug}.ipynb", a_cell(GIVEN, marked(slug))).cell(0)
        self.cell.expect_state(SAVED)

    @property
    def stored(self) -> str:
        """Return what the hub has."""
        return stored(self.hub, self.teacher, self.slug)

    @property
    def offer(self) -> Locator:
        """Return the box with what was not saved."""
        return self.cell.node.get_by_role("group", name="Changes that were not saved")

    def give(self, access: str) -> None:
        """Let the teacher decide what Alice may do."""
        users = self.hub.request("GET", "/users", self.teacher.hub_token).json()
        alice = next(user["id"] for user in users if user["name"] == "Alice Adams")
        body = {"documentRootId": self.root, "access": access, "userId": alice}
        self.hub.request("POST", "/permissions/user", self.teacher.hub_token, body).raise_for_status()

    def type_while(self, access: str) -> None:
        """Let Alice type while the access is changed: neither Alice nor the page can know yet."""
        with self.alice.lab.paused():
            self.give(access)
            self.cell.type(" + 1")


@pytest.fixture
def a_lesson(the_teacher: Person, alice: Person, standing_pages: None, a_hub: HubProcess, a_slug: str) -> Lesson:
    """Return a cell that somebody edits who will lose the right to."""
    return Lesson(a_hub, the_teacher, alice, a_slug)


@pytest.mark.parametrize(("access", "words"), [("RO_User", "Read only, not saved"), ("None_User", "Not saved")])
def test_what_was_typed_as_access_ended_is_kept_and_saved_when_it_is_back(
    a_lesson: Lesson, access: str, words: str
) -> None:
    """The edit is refused; the text stays to be copied, in an editor that takes no more, and is saved in the end."""
    cell, offer = a_lesson.cell, a_lesson.offer

    a_lesson.type_while(access)

    cell.expect_state(words)
    expect(offer.get_by_role("alert")).to_contain_text("not saved")
    expect(cell.editor).to_have_attribute("aria-readonly", "true")
    cell.type("ignored")
    cell.expect_text(TYPED)
    offer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    offer.get_by_role("button", name="Copy my text").click()
    wait_until(lambda: offer.page.evaluate("() => navigator.clipboard.readText()") == TYPED, "the text is copied")
    assert a_lesson.stored == GIVEN

    a_lesson.give("RW_User")
    if access == "None_User":
        # Nobody tells whoever may not listen: the page asks from time to time, and when somebody comes back to it.
        cell.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    cell.expect_state(SAVED)
    expect(offer).to_be_hidden()
    cell.type(", again")
    wait_until(lambda: a_lesson.stored == f"{TYPED}, again", "both edits are stored, once")


def test_what_was_typed_as_access_ended_can_be_discarded(a_lesson: Lesson) -> None:
    """Two presses give the changes up; nothing of them comes back with the access, or when the page is loaded again."""
    cell, offer = a_lesson.cell, a_lesson.offer
    a_lesson.type_while("RO_User")
    cell.expect_state("Read only, not saved")

    offer.get_by_role("button", name="Discard changes").click()
    offer.get_by_role("button", name="Really discard?").click()

    cell.expect_state(READ_ONLY)
    cell.expect_text(GIVEN)
    expect(offer).to_be_hidden()
    a_lesson.alice.standing_page().reload()
    a_lesson.give("RW_User")
    cell.expect_state(SAVED)
    cell.type(" + 2")
    wait_until(lambda: a_lesson.stored == f"{GIVEN} + 2", "the hub has what was typed after that, and only that")


def test_a_notebook_opened_without_the_hub_keeps_what_is_typed(
    alice: Person, bob: Person, standing_pages: None, a_mortal_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """The page has never reached the document; closed without saving, the next shows the text, and it arrives once."""
    name = f"{a_slug}.ipynb"
    at_bob = show_cells(bob, name, a_cell("one\ntwo", marked(a_slug)))
    at_bob.cell(0).expect_state(SAVED)
    a_mortal_hub.kill()
    at_alice = show_cells(alice, name, a_cell("one\ntwo", marked(a_slug, base="one\ntwo")))
    at_alice.cell(0).expect_state(OFFLINE)
    expect(at_alice.cell(0).node.locator(".tnb-detail")).to_contain_text("What you type is kept in this browser")
    at_alice.cell(0).type(" more")
    wait_until(lambda: at_alice.page.evaluate(UNTOLD) == ["one\ntwo more"], "the browser keeps what was typed")
    at_alice.page.screenshot(path=str(screenshots / "opened-without-hub.png"))
    alice.close_standing_pages()
    at_bob.cell(0).type("# bob\n", at="Control+Home")

    again = show_written(alice, name)
    again.cell(0).expect_text("one\ntwo more")
    again.cell(0).expect_state(OFFLINE)
    assert again.is_dirty, "the file does not have it"
    a_mortal_hub.start()

    for notebook in (again, at_bob):
        notebook.cell(0).expect_text("# bob\none\ntwo more")
        notebook.cell(0).expect_state(SAVED)
    wait_until(lambda: again.page.evaluate(UNTOLD) == [], "nothing is left to be told")
    assert again.cell(0).box.count() == 0
    for person in (alice, bob):
        person.forget_outage()


def test_a_page_that_slept_catches_up(a_pair: Pair, a_mortal_hub: HubProcess) -> None:
    """Alice's computer sleeps while all connections are lost and Bob goes on; awake, both have all edits, once."""
    at_alice, at_bob = a_pair.live(a_pair.alice), a_pair.live(a_pair.bob)
    at_alice.type("\n# alice")
    at_bob.expect_text(f"{TEXT}\n# alice")
    laptop = Laptop(a_pair.alice.page)

    laptop.sleep()
    a_mortal_hub.kill()
    a_mortal_hub.start()
    at_bob.type("# bob\n", at="Control+Home")
    at_bob.expect_state(SAVED, timeout=BACK_MS)
    laptop.wake()

    a_pair.expect_together(f"# bob\n{TEXT}\n# alice")
    for person in a_pair.people:
        person.forget_outage()


def test_a_flood_of_output_does_not_hold_up_a_cell(a_pair: Pair) -> None:
    """While the Jupyter server drops what Alice's kernel says, edits go both ways."""
    a_pair.alice.notebook.start_kernel()
    flood = a_pair.alice.notebook.start(FLOOD)
    wait_until(lambda: is_dropping(flood.outputs), "the server drops messages")

    a_pair.expect_together(TEXT)

    assert flood.is_running
    flood.wait_done()
