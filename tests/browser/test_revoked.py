"""Access that is taken away while somebody types, and a document that disappears: nothing typed is dropped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.live_cell import NOT_SAVED, SAVED
from tests.browser.people import Person
from tests.browser.shared_cell import show
from tests.browser.unsent import UnsentOffer
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

GIVEN = "given = 12"
TYPED = GIVEN + " + 1"
READ_ONLY_NOT_SAVED = "Read only, not saved"


class Lesson:
    """A shared document of the teacher's that Alice has open, on a lane."""

    def __init__(self, hub: HubProcess, teacher: Person, alice: Person, slug: str) -> None:
        self.hub, self.teacher, self.alice, self.slug = hub, teacher, alice, slug
        show(teacher, slug, GIVEN).expect_state(SAVED)
        self.cell = show(alice, slug, GIVEN)
        self.cell.expect_text(GIVEN)
        self.cell.expect_road("lane")
        self.offer = UnsentOffer(self.cell)

    @property
    def stored(self) -> str | None:
        """Return what the hub has."""
        return self.hub.code(self.slug, self.teacher.hub_token)

    def give(self, access: str) -> None:
        """Let the teacher decide what Alice may do."""
        users = self.hub.request("GET", "/users", self.teacher.hub_token).json()
        alice_id = next(user["id"] for user in users if user["name"] == "Alice Adams")
        body = {"documentRootId": shared_root_id(root_id(self.slug), "code"), "access": access, "userId": alice_id}
        self.hub.request("POST", "/permissions/user", self.teacher.hub_token, body).raise_for_status()

    def type_while(self, access: str) -> None:
        """Let Alice type while the access is changed: neither Alice nor the page can know yet."""
        with self.alice.lab.paused():
            self.give(access)
            self.cell.append(" + 1")


@pytest.fixture
def a_lesson(the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str) -> Lesson:
    """Return a document that two people edit."""
    return Lesson(a_hub, the_teacher, alice, a_slug)


@pytest.mark.parametrize(
    ("access", "words"),
    [pytest.param("RO_User", READ_ONLY_NOT_SAVED, id="reading"), pytest.param("None_User", NOT_SAVED, id="nothing")],
)
def test_what_was_typed_as_access_ended_is_kept_and_saved_when_it_is_back(
    a_lesson: Lesson, access: str, words: str
) -> None:
    """The edit is refused, the text stays to be copied in an editor that takes no more, and is saved in the end."""
    cell, offer = a_lesson.cell, a_lesson.offer

    a_lesson.type_while(access)

    cell.expect_state(words)
    offer.expect_shown()
    expect(cell.editor).to_have_attribute("aria-readonly", "true")
    cell.append("ignored")
    cell.expect_text(TYPED)
    assert offer.copy() == TYPED
    assert a_lesson.stored == GIVEN

    a_lesson.give("RW_User")
    cell.expect_state(SAVED)
    offer.expect_hidden()
    expect(cell.editor).not_to_have_attribute("aria-readonly", "true")
    cell.append(", again")
    wait_until(lambda: a_lesson.stored == TYPED + ", again", "both edits are stored, once")


def test_what_was_typed_as_access_ended_can_be_discarded(a_lesson: Lesson) -> None:
    """With the keyboard alone the changes are given up; nothing of them comes back with the access."""
    cell, offer = a_lesson.cell, a_lesson.offer
    a_lesson.type_while("RO_User")
    cell.expect_state(READ_ONLY_NOT_SAVED)
    # Whether the kernel has the edit as well by now is a matter of chance.
    cell.expect_sentence(re.compile(r"You may read this document, not change it[.;]"))
    offer.expect_shown()

    offer.discard_by_keyboard()

    offer.expect_hidden()
    cell.expect_text(GIVEN)
    a_lesson.give("RW_User")
    expect(cell.editor).not_to_have_attribute("aria-readonly", "true")
    cell.append(" + 2")
    wait_until(lambda: a_lesson.stored == GIVEN + " + 2", "the hub has what was typed after that, and only that")
    assert a_lesson.alice.notebook.value("doc.model.code") == GIVEN + " + 2"


def test_what_the_kernel_assigned_as_access_ended_is_offered_too(a_lesson: Lesson) -> None:
    """An assignment that is refused is shown like typing, and can be discarded from Python."""
    a_lesson.give("RO_User")
    a_lesson.cell.expect_state("Read only")

    a_lesson.alice.notebook.run("doc.model.code += ' + 1'")
    a_lesson.cell.expect_state(READ_ONLY_NOT_SAVED)
    a_lesson.offer.expect_shown()
    a_lesson.cell.expect_text(TYPED)
    a_lesson.alice.notebook.run("doc.model.discard()")

    a_lesson.offer.expect_hidden()
    a_lesson.cell.expect_text(GIVEN)
    assert a_lesson.stored == GIVEN


def test_what_was_typed_into_a_deleted_document_is_kept(a_lesson: Lesson) -> None:
    """Alice types as the teacher deletes the document: the text stays, with a sentence, and can be downloaded."""
    hub, token = a_lesson.hub, a_lesson.teacher.hub_token
    (document,) = hub.documents(a_lesson.slug, token)

    with a_lesson.alice.lab.paused():
        hub.request("DELETE", f"/documents/{document['id']}", token).raise_for_status()
        a_lesson.cell.append(" + 1")

    a_lesson.cell.expect_state(NOT_SAVED)
    a_lesson.cell.expect_sentence(re.compile("deleted|does not exist"))
    expect(a_lesson.cell.editor).to_have_attribute("aria-readonly", "true")
    assert a_lesson.offer.download() == (f"{a_lesson.slug}.py", TYPED)
    assert hub.documents(a_lesson.slug, token) == []


def test_text_above_the_limit_is_kept_and_saved_when_it_is_shorter(
    alice: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Too long a text is not saved, with the number and the limit, and the editor stays open to shorten it."""
    cell = show(alice, a_slug, GIVEN)
    cell.expect_state(SAVED)

    alice.notebook.run("doc.model.code = doc.model.code + '\\n#' + 'x' * 1_000_000")
    cell.expect_sentence(re.compile(r"1\d{6} bytes, the limit is 1000000"))
    UnsentOffer(cell).expect_shown()
    alice.notebook.run("doc.model.code = doc.model.code[:10]")

    cell.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == GIVEN
