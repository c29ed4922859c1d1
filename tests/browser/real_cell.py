"""Page object: a real cell of a notebook that is a live document, and notebooks that hold such cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.harness.waiting import wait_until

SAVED = "Saved"
OFFLINE = "Offline"
READ_ONLY = "Read only"

COURSE = "real-cells"


def a_cell(
    source: str, mark: Mapping[str, Any] | None = None, *, kind: str = "code", cell_id: str = ""
) -> dict[str, Any]:
    """Return a cell as a notebook's file has it; `mark` is what makes it live."""
    metadata = {} if mark is None else {"teaching_nb": dict(mark)}
    cell: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": metadata}
    if cell_id:
        cell["id"] = cell_id
    return cell if kind != "code" else {**cell, "execution_count": None, "outputs": []}


def marked(document: str, **mark: Any) -> dict[str, Any]:
    """Return the mark of a cell that everybody edits."""
    return {"document": document, "shared": True, **mark}


def write_cells(
    person: Person, name: str, *cells: Mapping[str, Any], course: str = COURSE, asks_for_runs: bool = False
) -> str:
    """Write a notebook into somebody's folder and return its path."""
    numbered = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    ours = {"course": course, **({"last_run": True} if asks_for_runs else {})}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "teaching_nb": ours}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": numbered}
    person.lab.root.mkdir(parents=True, exist_ok=True)
    (person.lab.root / name).write_text(json.dumps(notebook))
    return name


def file_cells(person: Person, name: str) -> list[dict[str, Any]]:
    """Return the cells of a notebook as its file has them, each with its source as one text."""
    cells = json.loads((person.lab.root / name).read_text())["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def open_cells(person: Person, name: str, *cells: Mapping[str, Any], course: str = COURSE) -> LiveNotebook:
    """Write a notebook, open it, and connect its live cells."""
    return open_written(person, write_cells(person, name, *cells, course=course))


def show_cells(person: Person, name: str, *cells: Mapping[str, Any], page: int = 0) -> LiveNotebook:
    """Write a notebook, open it in a page of the person's that stays open, and connect its live cells."""
    return show_written(person, write_cells(person, name, *cells), page=page)


def show_written(person: Person, name: str, *, page: int = 0) -> LiveNotebook:
    """Open a notebook in a page of the person's that stays open, and connect its live cells."""
    notebook = LiveNotebook(person.standing_page(page).show(name))
    notebook.connect()
    return notebook


def open_written(person: Person, name: str) -> LiveNotebook:
    """Open a notebook whose course the person may not know yet, and connect its live cells."""
    notebook = LiveNotebook(person.open_page(name))
    notebook.connect()
    return notebook


class RealCell:
    """One cell of a notebook, by its place."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.number = number
        self.node: Locator = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").nth(number)
        self.editor = self.node.locator(".jp-InputArea-editor .cm-content").first
        self.line = self.node.locator(".tnb-cell-state")

    @property
    def text(self) -> str:
        """Return the text as the notebook's model has it."""
        return str(self.page.evaluate(_SOURCE, self.number))

    @property
    def metadata(self) -> dict[str, Any]:
        """Return the cell's metadata."""
        return dict(self.page.evaluate(_METADATA, self.number))

    @property
    def outputs(self) -> str:
        """Return what stands below the cell."""
        return self.node.locator(".jp-OutputArea-output").first.inner_text()

    def type(self, text: str, *, at: str = "Control+End") -> None:
        """Type at the end of the text, or where another key leads to."""
        self.editor.click()
        self.page.keyboard.press(at)
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        """Press keys in the editor."""
        self.editor.click()
        for key in keys:
            self.page.keyboard.press(key)

    def select(self) -> None:
        """Select the cell as command mode does."""
        self.editor.click()
        self.page.keyboard.press("Escape")

    def expect_text(self, text: str) -> None:
        """Wait until model and editor show this text."""
        wait_until(lambda: self.text == text, f"the cell holds {text!r}")
        assert self.shown == text

    @property
    def shown(self) -> str:
        """Return what the editor shows."""
        return str(self.page.evaluate(_SHOWN, self.number))

    def expect_state(self, words: str, *, timeout: float | None = None) -> None:
        """Wait until the line under the text says so."""
        expect(self.line.locator(".tnb-status-words")).to_have_text(words, timeout=timeout)

    @property
    def box(self) -> Locator:
        """Return the box with the user's version that could not be merged."""
        return self.node.get_by_role("group", name="Your version could not be merged")


class LiveNotebook:
    """A notebook with live cells in a page."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page

    def connect(self) -> None:
        """Say that the live cells of the course may be exchanged with the hub, where that is asked."""
        dialog = self.page.get_by_role("dialog")
        line = self.page.locator(".tnb-cell-state").locator("visible=true")
        expect(dialog.or_(line).first).to_be_visible()
        if dialog.is_visible():
            dialog.get_by_role("button", name="Connect").click()
        expect(line.first).to_be_visible()

    def cell(self, number: int) -> RealCell:
        """Return a cell by its place."""
        return RealCell(self.page, number)

    def run_command(self, command: str, **arguments: Any) -> None:
        """Execute a command of the application."""
        self.page.evaluate(
            "([id, args]) => window.jupyterapp.commands.execute(id, args).then(() => null)", [command, arguments]
        )

    def press_live(self) -> None:
        """Press the keys of the dialog about the active cell, as whoever types into it does."""
        for key in ("Escape", "l", "l"):
            self.page.keyboard.press(key)

    def run_in_background(self, command: str) -> None:
        """Execute a command that lasts as long as its dialog is open."""
        self.page.evaluate("id => void window.jupyterapp.commands.execute(id)", command)

    def activate(self, number: int) -> None:
        """Make a cell the active one, in command mode."""
        self.page.evaluate(_ACTIVATE, number)

    @property
    def is_dirty(self) -> bool:
        """Tell whether the notebook says that it has unsaved changes."""
        return bool(self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.dirty"))

    @property
    def texts(self) -> list[str]:
        """Return the texts of all cells."""
        return list(self.page.evaluate(_TEXTS))

    @property
    def marks(self) -> list[str]:
        """Return the names of the cells' documents, empty for ordinary cells."""
        return list(self.page.evaluate(_MARKS))


_ACTIVATE = """number => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.deselectAll();
  notebook.activeCellIndex = number;
  notebook.mode = "command";
}"""
_MODEL = "window.jupyterapp.shell.currentWidget.content.model.cells.get(number)"
_SOURCE = f"number => {_MODEL}.sharedModel.source"
_METADATA = f"number => {_MODEL}.sharedModel.toJSON().metadata"
_CELLS = "window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
_TEXTS = f"() => {_CELLS}.map(cell => cell.source)"
_MARKS = f"() => {_CELLS}.map(cell => cell.getMetadata('teaching_nb')?.document ?? '')"
_SHOWN = """number => {
  const editor = window.jupyterapp.shell.currentWidget.content.widgets[number].editor;
  // A cell that is just being made has none.
  return editor ? editor.editor.state.doc.toString() : "(no editor yet)";
}"""
