"""The first second of a cell: what cannot be merged stays with its author, and “Run All” runs what the hub has."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.browser.live_cell import NOT_MERGED, OFFLINE, SAVED, LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show, source_of
from tests.browser.test_sleep import BACK_MS, asks
from tests.browser.unmerged import UnmergedOffer
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

TEMPLATE = "def fib(n): ..."
THEIRS = "def fib(n): return 55"
MINE = "def fib(n): ... # by Alice\nprint(fib(10))"
PATIENT = "from teaching_nb.client.documents import patience\npatience.SECONDS = 60.0"
"""The machine of a test can be slower than a kernel's patience."""


@dataclass
class Lesson:
    """A text that Bob has written, and the version of it that Alice has written without the hub."""

    hub: HubProcess
    slug: str
    at_alice: LiveCell
    at_bob: LiveCell
    offer: UnmergedOffer

    def expect_untouched(self) -> None:
        """Check that Bob, and the hub, have what Bob has written."""
        self.at_bob.expect_state(SAVED, timeout=BACK_MS)
        assert self.at_bob.text == THEIRS


@pytest.fixture
def a_lesson(alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str) -> Lesson:
    """Return a cell of Alice's that began without the hub, after the hub has come back."""
    (at_bob,) = open_shared(a_slug, bob, init=TEMPLATE)
    bob.notebook.run(f"doc.model.code = {THEIRS!r}\ndoc.model.wait_saved(60)")
    a_mortal_hub.kill()
    alice.notebook.restart_kernel()
    at_alice = show(alice, a_slug, TEMPLATE)
    at_alice.expect_state(OFFLINE)
    at_alice.append(" # by Alice")
    wait_until(lambda: alice.notebook.value("doc.model.code") == f"{TEMPLATE} # by Alice", "the kernel has it")
    alice.notebook.value("doc.model.edit(lambda text: text + '\\nprint(fib(10))')")
    a_mortal_hub.start()
    at_alice.expect_state(NOT_MERGED, timeout=BACK_MS)
    at_alice.expect_text(THEIRS)
    return Lesson(a_mortal_hub, a_slug, at_alice, at_bob, UnmergedOffer(at_alice))


def test_two_versions_of_one_line_are_compared_and_the_others_cell_is_untouched(
    a_lesson: Lesson, alice: Person, bob: Person
) -> None:
    """Alice sees both versions, also after a reload, and goes on in the shared text; Bob sees the other on demand."""
    a_lesson.offer.expect_shown("# by Alice", "print(fib(10))", "return 55")
    a_lesson.expect_untouched()
    alice.notebook.save()
    alice.notebook.reload()
    at_alice = LiveCell(alice.notebook.last_cell())
    offer = UnmergedOffer(at_alice)
    offer.expect_shown("# by Alice", "print(fib(10))", "return 55")
    at_alice.expect_road("lane")

    at_alice.append(" # shared")
    a_lesson.at_bob.expect_text(f"{THEIRS} # shared")
    at_alice.expect_state(NOT_MERGED)
    offer.use_mine()

    offer.expect_hidden()
    a_lesson.at_bob.expect_text(MINE)
    at_alice.expect_text(MINE)
    at_alice.expect_state(SAVED)
    assert a_lesson.hub.code(a_lesson.slug, bob.hub_token) == MINE
    assert alice.notebook.value("doc.model.code") == MINE


def test_own_version_outlasts_its_kernel_on_the_page(a_lesson: Lesson, alice: Person) -> None:
    """A restarted kernel gets it from the page, which says so and asks before it is left; it can be given up there."""
    alice.notebook.restart_kernel()
    a_lesson.offer.expect_shown("# by Alice", "return 55")
    a_lesson.at_alice.expect_sentence(re.compile("Run the notebook cell again on this page"))
    assert asks(a_lesson.at_alice)

    again = show(alice, a_lesson.slug, TEMPLATE)

    again.expect_state(NOT_MERGED)
    again.expect_text(THEIRS)
    offer = UnmergedOffer(again)
    offer.expect_shown("# by Alice", "print(fib(10))", "return 55")
    a_lesson.offer.expect_hidden()
    assert not asks(again)
    assert alice.notebook.value("doc.model.conflict.mine") == MINE
    offer.keep_shared_by_keyboard()
    offer.expect_hidden()
    again.expect_state(SAVED)
    a_lesson.expect_untouched()


def test_run_all_runs_what_the_hub_has(alice: Person, a_slug: str) -> None:
    """In a new kernel the cell behind the one that opens a document executes its text, not the template."""
    show(alice, a_slug, "answer = 'INIT'").expect_state(SAVED)
    alice.notebook.run("doc.model.code = 'answer = 42'\ndoc.model.wait_saved(60)")
    grading = "exec(doc.model.code)\nprint(answer, doc.model.save_state)"

    lesson = alice.open("all.ipynb", PATIENT, source_of(a_slug, "answer = 'INIT'"), grading)
    *_, last = lesson.run_all()

    assert [output["text"] for output in last.wait_done().outputs] == ["42 saved\n"]
