"""What a kernel reads of live cells in the file of its notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.schema.roots import root_id
from teaching_nb.widgets import default_classroom
from teaching_nb.widgets.notebook_file import SESSION, LiveCellMark, mark_of
from tests.harness.offline import offline_classroom


@pytest.fixture
def a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the notebook of this kernel lies."""
    path = tmp_path / "lesson.ipynb"
    monkeypatch.setenv(SESSION, str(path))
    return path


def write(path: Path, *cells: Any, course: Any = "2026") -> None:
    """Write a notebook with cells."""
    path.write_text(json.dumps({"metadata": {"teaching_nb": {"course": course}}, "cells": list(cells)}))


def cell(mark: Any, source: Any = "x = 1", kind: str = "code") -> dict[str, Any]:
    """Return a cell of a file."""
    return {"cell_type": kind, "source": source, "metadata": {"teaching_nb": mark}}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (cell({"document": "a"}), LiveCellMark("code", False, "2026", "x = 1")),
        (cell({"document": "a", "shared": True}, ["x\n", "y"]), LiveCellMark("code", True, "2026", "x\ny")),
        (cell({"document": "a", "shared": "read"}, kind="markdown"), LiveCellMark("string", "read", "2026", "x = 1")),
        (cell({"document": "a", "type": "string"}, kind="raw"), LiveCellMark("string", False, "2026", "x = 1")),
        (cell({"document": "a", "type": ["odd"], "shared": {}}, 7), LiveCellMark("code", False, "2026", "7")),
        (cell({"document": "a", "type": "code"}, kind="raw"), LiveCellMark("string", False, "2026", "x = 1")),
        (
            cell({"document": "a", "type": "code", "cell": "raw"}, kind="raw"),
            LiveCellMark("code", False, "2026", "x = 1"),
        ),
        (cell({"document": "other"}), None),
        (cell(["document"]), None),
        ({"metadata": 7}, None),
        (None, None),
    ],
)
def test_a_live_cell_is_found_by_its_name(a_notebook: Path, written: Any, read: LiveCellMark | None) -> None:
    """What cannot be understood counts for nothing."""
    write(a_notebook, {}, written)

    assert mark_of("a") == read


@pytest.mark.parametrize("content", ["", "[]", '{"cells": 7}', "# jupytext"])
def test_another_file_names_no_cells(a_notebook: Path, content: str) -> None:
    """Neither does one that is not there."""
    assert mark_of("a") is None
    a_notebook.write_text(content)
    assert mark_of("a") is None


def test_a_document_is_that_of_the_cell(a_notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its course, type and sharing, unless the call says otherwise; of another name it is one's own code."""
    write(a_notebook, cell({"document": "a", "shared": True}, "# Title", "markdown"))
    room = offline_classroom()
    monkeypatch.setattr(default_classroom, "classroom", lambda: room)

    of_cell, again = tnb.document("a"), tnb.document("a", "string", shared=True, course="2026")
    assert of_cell is again
    assert (of_cell.type, of_cell.data) == ("string", {"text": "# Title"})
    assert tnb.document("a", "code") is not of_cell
    assert tnb.document("a", shared=False, course="").root_id == root_id("a", "")
    assert (tnb.document("b").type, tnb.document("b").root_id) == ("code", root_id("b", ""))
