"""A document that the class reads and only its author edits."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.live_cell import READ_ONLY, SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import show
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

GIVEN = "given = 12"


def test_a_reader_follows_and_runs_but_cannot_type(
    the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Alice sees the teacher's typing live and runs it; Alice's keystrokes change nothing anywhere."""
    at_teacher = show(the_teacher, a_slug, GIVEN, shared="read")
    at_teacher.expect_state(SAVED)
    at_alice = show(alice, a_slug, GIVEN, shared="read")
    at_alice.expect_text(GIVEN)
    at_alice.expect_state(READ_ONLY)
    at_alice.expect_road("lane")
    why = "You may read this document, not change it."
    expect(at_alice.widget.locator(".tnb-status")).to_have_attribute("title", why)

    at_alice.append("hacked")
    at_teacher.append("3")
    at_alice.expect_text(GIVEN + "3")
    at_alice.run_button.click()

    wait_until(lambda: alice.notebook.value("globals().get('given')") == 123, "a reader may run the code")
    assert at_teacher.text == GIVEN + "3"
    assert a_hub.code(a_slug, the_teacher.hub_token) == GIVEN + "3"
    expect(at_alice.editor).to_have_attribute("aria-readonly", "true")


def test_a_readers_assignment_stays_with_the_reader(
    the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """What a reader assigns in their kernel is kept there and said not to be saved; the document stays as it is."""
    at_teacher = show(the_teacher, a_slug, GIVEN, shared="read")
    at_teacher.expect_state(SAVED)
    at_alice = show(alice, a_slug, GIVEN, shared="read")
    at_alice.expect_state(READ_ONLY)
    at_alice.expect_road("lane")

    alice.notebook.run("doc.model.code += ' + 1'")
    at_alice.expect_sentence(re.compile("not saved"))
    at_teacher.go_to_start()
    at_teacher.type("# teacher\n")

    at_alice.expect_text("# teacher\n" + GIVEN + " + 1")
    at_teacher.expect_state(SAVED)
    assert at_teacher.text == "# teacher\n" + GIVEN
    assert a_hub.code(a_slug, the_teacher.hub_token) == at_teacher.text
