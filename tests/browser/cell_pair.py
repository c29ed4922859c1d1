"""Two people at one live cell, each in a page that stays open: what the tests of cells do and expect."""

from __future__ import annotations

from teaching_nb.schema.roots import root_id
from tests.browser.people import Person
from tests.browser.real_cell import COURSE, SAVED, LiveNotebook, RealCell, a_cell, marked, show_cells
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

TEXT = "one = 1\ntwo = 2\nthree = 3"
BOTH = f"{TEXT}\n# bob"
"""The text once Bob has added a line, which the file on Alice's disk does not have."""


class Pair:
    """Alice and Bob, each with a notebook that holds the same live cell between two ordinary ones."""

    def __init__(self, alice: Person, bob: Person, hub: HubProcess, slug: str) -> None:
        self.people = (alice, bob)
        self.hub = hub
        self.slug = slug
        for person in self.people:
            person.standing_page()  # Both load side by side.
        cells = (a_cell("above = 0"), a_cell(TEXT, marked(slug)), a_cell("below = 9"))
        self.alice, self.bob = (show_cells(person, f"{slug}.ipynb", *cells) for person in self.people)
        for notebook in (self.alice, self.bob):
            self.live(notebook).expect_state(SAVED)
        self._typed = 0

    def live(self, notebook: LiveNotebook) -> RealCell:
        """Return the live cell of a notebook, wherever it stands now."""
        return notebook.cell(notebook.marks.index(self.slug))

    @property
    def stored(self) -> str:
        """Return what the hub has."""
        return stored(self.hub, self.people[0], self.slug)

    def bob_adds_a_line(self) -> None:
        """Bob writes; Alice sees it."""
        self.live(self.bob).type("\n# bob")
        self.live(self.alice).expect_text(BOTH)

    def expect_everywhere(self, text: str) -> None:
        """Wait until both cells and the hub have this text."""
        self.live(self.alice).expect_text(text)
        self.live(self.bob).expect_text(text)
        wait_until(lambda: self.stored == text, f"the hub has {text!r}, not {self.stored!r}")

    def expect_together(self, text: str) -> None:
        """The document is this text everywhere, both go on typing, and each sees what the other types."""
        self.expect_everywhere(text)
        self._typed += 1
        first, second = f"\n# a{self._typed}", f"\n# b{self._typed}"
        self.live(self.alice).type(first)
        self.live(self.bob).expect_text(text + first)
        self.live(self.bob).type(second)
        self.expect_everywhere(text + first + second)
        self.live(self.alice).expect_state(SAVED)


def stored(hub: HubProcess, person: Person, slug: str) -> str:
    """Return what the hub has of a live cell."""
    return str(hub.code(root_id(slug, COURSE), person.hub_token))
