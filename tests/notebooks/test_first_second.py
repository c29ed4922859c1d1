"""The first second of a notebook: code that runs at once in a new kernel is about what the hub has."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import nbformat
import pytest

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.kernels import OLDER
from tests.notebooks.conftest import CELL_SECONDS, Execute, SchoolHub

README = Path(__file__).parents[2] / "README.md"
PATIENT = f"from teaching_nb.client.documents import patience\npatience.SECONDS = {CELL_SECONDS}"
"""The machine of a test can be slower than a kernel's patience."""
IMPATIENT = """
import threading
from teaching_nb.client.documents import patience
from teaching_nb.client.link.loop_thread import LoopThread

patience.SECONDS = 0.0
typed = threading.Event()
run = LoopThread._run


def run_after_typing(thread):
    assert typed.wait(60)
    run(thread)


LoopThread._run = run_after_typing
"""
"""Nobody waits for the hub, whose answer comes after the edit even where it is quicker than the next line."""
EDITED = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"
CALL = "\nprint(fib(10))"
KERNELS = ["python3", OLDER]


def readme_example() -> str:
    """Return the first example of the README, as it stands there."""
    found = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    return found[1]


def notebook(folder: Path, name: str, *sources: str) -> str:
    """Write a notebook with these cells and return its path."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)
    return str(folder / name)


def shared_root(slug: str) -> str:
    """Return the root of the program that is shared under a slug."""
    return shared_root_id(root_id(slug), "code")


async def put_text(hub: SchoolHub, name: str, root: str, code: str) -> None:
    """Change the text of the one document below a root, as somebody who edits it elsewhere."""
    document = await hub.main_document(name, root)
    headers = {"Authorization": f"Bearer {hub.tokens[name]}"}
    path = f"/api/v1/documents/{document['id']}"
    async with aiohttp.ClientSession(hub.url, headers=headers) as http:
        answer = await http.put(path, json={"data": {"code": code}})
        assert answer.status < 300, await answer.text()


async def text_of(hub: SchoolHub, name: str, root: str) -> str:
    """Return the text of the one document below a root."""
    data = (await hub.main_document(name, root))["data"]
    assert isinstance(data, dict)
    return str(data["code"])


async def test_example_of_the_readme_adds_its_line_to_what_others_have_written(
    execute: Execute, a_school_hub: SchoolHub, tmp_path: Path
) -> None:
    """However often two people run it in new kernels, everybody's text has each line once, and nothing else."""
    root, example = shared_root("fibonacci"), notebook(tmp_path, "readme.ipynb", PATIENT, readme_example())
    await execute(example, "Alice")
    await put_text(a_school_hub, "Bob", root, EDITED)

    for count in (2, 4):
        await asyncio.gather(execute(example, "Alice"), execute(example, "Bob", OLDER))
        assert await text_of(a_school_hub, "Bob", root) == EDITED + CALL * count

    assert await text_of(a_school_hub, "Alice", root) == EDITED + CALL * 4


@pytest.mark.parametrize("kernel_name", KERNELS)
async def test_what_runs_too_early_stays_with_its_author(
    execute: Execute, a_school_hub: SchoolHub, tmp_path: Path, kernel_name: str
) -> None:
    """Where nobody waits for the hub the same code damages nothing, run after run, and says why it is not saved."""
    slug = f"early-{kernel_name}"
    begin = f'import teaching_nb as tnb\ncell = tnb.code("{slug}", init="def fib(n): ...", shared=True)'
    await execute(notebook(tmp_path, "begin.ipynb", PATIENT, begin, "cell.model.wait_saved(60)"), "Alice")
    await put_text(a_school_hub, "Bob", shared_root(slug), EDITED + CALL)
    early = f"{begin}\nprint(cell.model.save_state)\ncell.model.code += {CALL!r}\ntyped.set()"
    told = f"""
try:
    cell.model.wait_saved(60)
except tnb.errors.Forbidden as error:
    print(error)
print(cell.model.conflict.mine == "def fib(n): ..." + {CALL!r}, "<<<" in cell.model.code)
"""

    for _ in range(2):
        path = notebook(tmp_path, "early.ipynb", "import teaching_nb.errors", IMPATIENT, early, told)
        ran = await execute(path, "Alice", kernel_name)
        printed = "".join(output.text for cell in ran.cells for output in cell.outputs if "text" in output)
        assert printed.startswith("offline\nnot saved: the same lines were changed elsewhere")
        assert printed.endswith("True False\n")

    assert await text_of(a_school_hub, "Bob", shared_root(slug)) == EDITED + CALL


@pytest.mark.parametrize("kernel_name", KERNELS)
async def test_next_cell_runs_what_the_hub_has(
    execute: Execute, a_school_hub: SchoolHub, tmp_path: Path, kernel_name: str
) -> None:
    """In “Run All” the cell after the one that opens a document executes the student's text, not the template."""
    slug = f"graded-{kernel_name}"
    opening = f"import teaching_nb as tnb\nw = tnb.code({slug!r}, init=\"answer = 'INIT'\")\nw"
    grading = "exec(w.model.code)\nprint(answer, w.model.save_state)"
    await execute(notebook(tmp_path, "begin.ipynb", PATIENT, opening, "w.model.wait_saved(60)"), "Alice")
    await put_text(a_school_hub, "Alice", root_id(slug), "answer = 42")

    ran = await execute(notebook(tmp_path, "all.ipynb", PATIENT, opening, grading), "Alice", kernel_name)

    assert ran.cells[-1].outputs[0].text == "42 saved\n"
