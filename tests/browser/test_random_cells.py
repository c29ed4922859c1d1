"""Two people do at random what can be done with a live cell: in the end what either typed is there once, everywhere."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from teaching_nb.schema.roots import root_id
from tests.browser.people import Person
from tests.browser.real_cell import COURSE, SAVED, a_cell, marked, show_cells
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BACK_MS = 60_000
CHANGES = ["move-cell-up", "move-cell-down", "cut-cell", "delete-cell", "type", "split", "merge"]


@dataclass(frozen=True)
class Play:
    """How long two people play, and when the hub dies and is back."""

    seed: int
    steps: int
    killed_at: int
    started_at: int
    reloads: int
    """So often each of them loads the page again at most, before both do so at the end."""
    splitter: str = "a"
    """Who splits the cell. What two people take out at the same time comes back twice when both undo that."""


SHORT = pytest.param(Play(seed=7, steps=30, killed_at=12, started_at=16, reloads=0), id="short")
LONG = [
    pytest.param(
        Play(seed, steps=60, killed_at=25, started_at=32, reloads=1, splitter="ab"[seed % 2]),
        id=f"long-{seed}",
        marks=pytest.mark.by_hand,
    )
    for seed in (7, 8, 9, 10)
]


class Actor:
    """One person at their notebook; what takes the live cell away, or apart, is undone before the next such thing."""

    def __init__(self, name: str, person: Person, slug: str, chance: random.Random, play: Play) -> None:
        self.name = name
        self.slug = slug
        self.chance = chance
        self.commands = [one for one in CHANGES if one != "split" or name == play.splitter]
        cells = (a_cell("above = 0"), a_cell("start", marked(slug)), a_cell("below = 9"))
        self.notebook = show_cells(person, f"{slug}.ipynb", *cells)
        self.typed: list[str] = []
        self.reloads = play.reloads
        self._follow_up: Callable[[], object] | None = None

    @property
    def place(self) -> int:
        """Return where the live cell stands; -1 while there is none."""
        marks = self.notebook.marks
        return marks.index(self.slug) if self.slug in marks else -1

    @property
    def text(self) -> str:
        """Return the text of the live cell."""
        return self.notebook.texts[self.place]

    def step(self, *, is_hub_there: bool) -> str:
        """Do something, and return what it was."""
        does = [self.types] * 5 + [self.changes] * 4 + [self.saves]
        if is_hub_there:
            does.append(self.reads_the_file)
        if is_hub_there and self.reloads:
            does.append(self.reloads_the_page)
        return self.chance.choice(does)()

    def types(self) -> str:
        """Type a line of one's own into the live cell."""
        if self.place < 0:
            return self.changes()
        marker = f"{self.name}{len(self.typed)};"
        self.typed.append(marker)
        self.notebook.page.evaluate(_TYPE, [self.place, marker, self.chance.random()])
        return f"types {marker}"

    def changes(self) -> str:
        """Do something with the cell as a whole, or take the last such thing back."""
        if self._follow_up is not None:
            follow_up, self._follow_up = self._follow_up, None
            follow_up()
            return "takes it back"
        command = self.chance.choice(self.commands)
        self.notebook.activate(self.place)
        if command == "type":
            kind = self.chance.choice(["code", "markdown"])
            return self._run(f"change-cell-to-{kind}")
        if command.startswith("move"):
            return self._run(command)
        if command == "cut-cell":
            self._follow_up = lambda: self._run("paste-cell-below")
            return self._run(command)
        self._follow_up = lambda: self._run("undo-cell-action")
        if command == "split":
            self.notebook.page.evaluate(_CURSOR, [self.place, self.chance.random()])
            return self._run("split-cell-at-cursor")
        if command == "merge":
            self.notebook.activate(self.chance.randrange(len(self.notebook.texts) - 1))
            return self._run("merge-cell-below")
        return self._run(command)

    def saves(self) -> str:
        """Save the notebook."""
        self.notebook.notebook.save()
        return "saves"

    def reads_the_file(self) -> str:
        """Read the file again, after what was begun was taken back."""
        self.settle()
        self.notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.revert()")
        return "reads the file again"

    def reloads_the_page(self) -> str:
        """Load the page again; the file is as it was saved last."""
        self.settle()
        self.reloads -= 1
        self.expect_saved()
        self.notebook.notebook.reload()
        self.expect_saved()
        return "reloads the page"

    def expect_saved(self) -> None:
        """Wait until the hub has everything that the live cell holds."""
        self.notebook.page.evaluate(_SHOW_EDITOR, self.place)
        self.notebook.cell(self.place).expect_state(SAVED, timeout=BACK_MS)

    def settle(self) -> None:
        """Take back what was begun, and have a live cell in the file."""
        if self._follow_up is not None:
            self.changes()
        if self.place >= 0:
            self.saves()

    def _run(self, command: str) -> str:
        self.notebook.run_command(f"notebook:{command}")
        return command


@pytest.mark.parametrize("play", [SHORT, *LONG])
def test_whatever_two_people_do_every_line_is_there_once(
    alice: Person, bob: Person, standing_pages: None, a_mortal_hub: HubProcess, a_slug: str, play: Play
) -> None:
    """Typing, moving, splitting, merging, cutting, undoing, saving, reloading, and a hub that is killed meanwhile."""
    chance = random.Random(play.seed)
    for person in (alice, bob):
        person.standing_page()  # Both load side by side.
    actors = [Actor(name, person, a_slug, chance, play) for name, person in (("a", alice), ("b", bob))]
    done: list[str] = []
    for actor in actors:
        actor.expect_saved()
    try:
        for number in range(play.steps):
            if number == play.killed_at:
                a_mortal_hub.kill()
            elif number == play.started_at:
                a_mortal_hub.start()
            actor = chance.choice(actors)
            done.append(f"{actor.name} {actor.step(is_hub_there=not play.killed_at <= number < play.started_at)}")
        for actor in actors:
            actor.settle()
        for person in (alice, bob):
            person.forget_outage()
        text = agreed_text(actors)
        for marker in (marker for actor in actors for marker in actor.typed):
            assert text.count(marker) == 1, f"{marker} is there {text.count(marker)} times"
        expect_nothing_sent_by_attaching(actors, a_mortal_hub, alice)
    except Exception as error:
        raise AssertionError(f"{play}, after:\n" + "\n".join(done)) from error


def agreed_text(actors: list[Actor]) -> str:
    """Wait until both cells are saved and equal, and return their text."""
    for actor in actors:
        actor.expect_saved()
    wait_until(lambda: len({actor.text for actor in actors}) == 1, "both have the same text")
    return actors[0].text


def expect_nothing_sent_by_attaching(actors: list[Actor], hub: HubProcess, person: Person) -> None:
    """Both load their pages again: the document stays as it was, to its revision."""
    before = record(hub, person, actors[0].slug)
    for actor in actors:
        actor.notebook.notebook.reload()
    assert agreed_text(actors) == before["data"]["code"]
    assert record(hub, person, actors[0].slug) == before


def record(hub: HubProcess, person: Person, slug: str) -> dict[str, Any]:
    """Return the document as the hub has it."""
    [document] = hub.documents(root_id(slug, COURSE), person.hub_token)
    return document


_SHOW_EDITOR = """number => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[number];
  if (cell.model.type === "markdown") cell.rendered = false;
}"""
_TYPE = """([number, marker, place]) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const view = content.widgets[number].editor?.editor;
  // A Markdown cell that is shown as it will look has no editor.
  if (!view) return content.model.cells.get(number).sharedModel.updateSource(0, 0, marker + "\\n");
  const line = view.state.doc.line(1 + Math.floor(place * view.state.doc.lines));
  view.dispatch({ changes: { from: line.to, insert: "\\n" + marker }, userEvent: "input.type" });
}"""
_CURSOR = """([number, place]) => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[number];
  if (!cell.editor) cell.rendered = false;
  const view = cell.editor.editor;
  const line = view.state.doc.line(1 + Math.floor(place * view.state.doc.lines));
  view.dispatch({ selection: { anchor: line.to } });
}"""
