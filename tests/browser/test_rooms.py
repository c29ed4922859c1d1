"""The teacher's overview: who is online, and watching a student's own document live."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.live_cell import SAVED
from tests.browser.people import Person
from tests.browser.rooms_overview import RoomsOverview
from tests.browser.shared_cell import show
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


def test_a_student_is_told_that_the_overview_is_for_teachers(alice: Person, bob: Person, a_slug: str) -> None:
    """A student who asks for the overview sees a sentence and nobody's name."""
    show(bob, a_slug).expect_state(SAVED)

    overview = RoomsOverview(alice.notebook.run(SHOW_ROOMS))

    expect(overview.region).to_contain_text(re.compile("teacher", re.IGNORECASE))
    expect(overview.region).not_to_contain_text("Bob")
