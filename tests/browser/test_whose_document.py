"""Two people who mean different things by one name, in their browsers."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.live_cell import READ_ONLY, SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import show

OTHER_TEXT = re.compile("Your teacher has opened this name as a text that is shared")
NOT_OPENED = re.compile("Your teacher has not opened this yet")
EVERYBODY_WRITES = re.compile("Your teacher lets everybody change this text")


def test_private_text_stays_private_when_the_teacher_shares_the_name(
    alice: Person, bob: Person, the_teacher: Person, a_slug: str
) -> None:
    """Alice has written an own text; Bob empties the shared text of the name, and Alice's is untouched."""
    own = show(alice, a_slug, "", shared=False)
    own.expect_text("")
    own.append("my diary")
    own.expect_state(SAVED)

    given = show(the_teacher, a_slug, "for all", shared=True)
    theirs = show(bob, a_slug, "for all", shared=True)
    theirs.expect_text("for all")
    theirs.go_to_end()
    theirs.page.keyboard.press("Control+a")
    theirs.page.keyboard.press("Delete")
    theirs.expect_state(SAVED)

    given.expect_text("")
    own.expect_sentence(OTHER_TEXT)
    own.expect_text("my diary")
    expect(theirs.widget.get_by_text(OTHER_TEXT)).to_have_count(0)


def test_hand_out_waits_for_the_teacher_and_follows_their_word(alice: Person, the_teacher: Person, a_slug: str) -> None:
    """Alice comes first and is told; the teacher's text comes by itself, and is Alice's to write when they say so."""
    copy = show(alice, a_slug, "brought along", shared="read")
    copy.expect_text("brought along")
    copy.expect_state(READ_ONLY)
    copy.expect_sentence(NOT_OPENED)

    sheet = show(the_teacher, a_slug, "by the teacher", shared="read")
    sheet.expect_state(SAVED)
    copy.expect_text("by the teacher")
    copy.expect_state(READ_ONLY)
    expect(copy.widget.get_by_text(NOT_OPENED)).to_have_count(0)

    again = show(the_teacher, a_slug, "by the teacher", shared=True)
    again.expect_state(SAVED)
    copy.expect_state(SAVED)
    copy.expect_sentence(EVERYBODY_WRITES)
    copy.append(" and alice")
    again.expect_text("by the teacher and alice")
