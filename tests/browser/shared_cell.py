"""What several people do with one shared live cell."""

from __future__ import annotations

from itertools import zip_longest

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person

INIT = "total = 0"


def source_of(slug: str, init: str = INIT, *, shared: bool | str = True) -> str:
    """Return the code of a notebook cell that shows a document, under the name `doc`."""
    return f"import teaching_nb as tnb\ndoc = tnb.code({slug!r}, init={init!r}, shared={shared!r})\ndoc"


def show(person: Person, slug: str, init: str = INIT, *, shared: bool | str = True) -> LiveCell:
    """Let a person show a document in their notebook, under the name `doc`."""
    return show_in(person.notebook, slug, init, shared=shared)


def show_in(notebook: Notebook, slug: str, init: str = INIT, *, shared: bool | str = True) -> LiveCell:
    """Show a document in some notebook, under the name `doc`."""
    return LiveCell(notebook.run(source_of(slug, init, shared=shared)))


def open_shared(slug: str, *people: Person, init: str = INIT) -> list[LiveCell]:
    """Let each person show the same document and return their live cells, synced."""
    cells = [show(person, slug, init) for person in people]
    for cell in cells:
        cell.expect_text(init)
        cell.expect_state(SAVED)
    return cells


def type_at_once(first: LiveCell, first_text: str, second: LiveCell, second_text: str) -> None:
    """Type two texts key by key in turn."""
    for one, other in zip_longest(first_text, second_text, fillvalue=""):
        first.type(one)
        second.type(other)
