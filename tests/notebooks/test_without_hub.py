"""Notebooks that run where there is no hub, by the road of nbconvert, papermill and nbgrader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from teaching_nb.schema.roots import root_id
from tests.harness import kernels
from tests.notebooks.conftest import CELL_SECONDS, Execute, SchoolHub

STATE = "application/vnd.jupyter.widget-state+json"

GIVEN = """
import teaching_nb as tnb
room = tnb.connect(course="2026")
cell = tnb.code("fib", init="def fib(n):\\n    return n")
cell
"""
ANSWERED = """
cell.model.code = "def fib(n):\\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"
cell.run()
tnb.task("done").model.state = "checked"
tnb.text("why", course="physics").model.save_state
"""
CHECKED = 'assert fib(10) == 55, fib(10)\nassert cell.code.endswith("fib(n - 2)")\ncell.model.save_state'


def run_alone(folder: Path, *sources: str, kernel_name: str, **variables: str) -> nbformat.NotebookNode:
    """Run cells from top to bottom as nbconvert does, in a kernel that nobody has given a hub."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells)
    env = {name: value for name, value in os.environ.items() if not name.startswith("TEACHING_NB_")}
    env |= {"IPYTHONDIR": str(folder / "ipython"), **variables}
    config = Config(KernelManager=kernels.ipc_options())
    client = NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name=kernel_name, config=config)
    client.execute(env=env)
    return notebook


def result_of(cell: nbformat.NotebookNode) -> dict[str, Any]:
    """Return the MIME bundle of a cell's value."""
    [result] = [output.data for output in cell.outputs if output.output_type == "execute_result"]
    assert isinstance(result, dict)
    return result


def complaints_of(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what the cells wrote to standard error, by cell."""
    return [output.text for cell in notebook.cells for output in cell.outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("kernel_name", ["python3", kernels.OLDER])
def test_a_notebook_works_on_its_own_text(kernel_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs from top to bottom with one warning at the line that caused it; its file holds the text, twice."""
    kernels.install_older(tmp_path / "kernels")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    notebook = run_alone(tmp_path, GIVEN, ANSWERED, CHECKED, kernel_name=kernel_name)

    [warning] = complaints_of(notebook)
    assert "NoHubWarning: teaching_nb works without a hub here: no Jupyter server with teaching_nb" in warning
    assert 'room = tnb.connect(course="2026")' in warning
    shown = result_of(notebook.cells[0])
    assert "```python\ndef fib(n):\n    return n\n```" in shown["text/markdown"]
    assert shown["text/plain"].endswith("def fib(n):\n    return n")
    assert shown.keys() == {"text/plain", "text/markdown"}, "a widget could be shown by nobody"
    assert result_of(notebook.cells[1])["text/plain"] == "'offline'"
    assert result_of(notebook.cells[2])["text/plain"] == "'offline'"
    states = notebook.metadata.widgets[STATE]["state"].values()
    [kept] = [model["state"]["snapshot"] for model in states if model["state"].get("kind") == "code"]
    assert kept.endswith("fib(n - 2)"), "what it was when the notebook had run"


def test_who_wants_no_hub_is_not_warned(tmp_path: Path) -> None:
    """A course that is built without a hub says so once, in the environment."""
    notebook = run_alone(tmp_path, GIVEN, kernel_name="python3", TEACHING_NB_URL="none")

    assert complaints_of(notebook) == []
    assert "def fib(n)" in result_of(notebook.cells[0])["text/plain"]


async def test_grading_leaves_the_graders_own_documents_alone(
    execute: Execute, a_school_hub: SchoolHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nbgrader runs a student's notebook in the teacher's name, whose token may stand in the environment."""
    mine = 'import teaching_nb as tnb\ntnb.code("graded", init="the solution").model.wait_loaded(60)'
    theirs = (
        'import teaching_nb as tnb\ncell = tnb.code("graded", init="given")\n'
        'assert cell.code == "given", cell.code\ncell.model.code = "a student\'s"\ncell.code'
    )
    for name, source in (("mine", mine), ("theirs", theirs)):
        cells = [nbformat.v4.new_code_cell(source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    await execute(str(tmp_path / "mine.ipynb"), "Thea")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    graded = await execute(str(tmp_path / "theirs.ipynb"), "Thea")

    assert "nbgrader runs this notebook (autograde)" in complaints_of(graded)[0]
    assert (await a_school_hub.main_document("Thea", root_id("graded")))["data"] == {"code": "the solution"}
