"""The demo notebooks: tidy as files, and running from top to bottom against a real hub."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest

from teaching_nb.demo.labs import notebooks_folder
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.kernels import OLDER
from tests.notebooks.conftest import Execute, SchoolHub

NOTEBOOKS = sorted(path.name for path in notebooks_folder().glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_stored_without_outputs(name: str) -> None:
    """A notebook in the repository is valid, starts with text, and holds no output and no execution count."""
    notebook = nbformat.read(notebooks_folder() / name, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert notebook.cells[0].cell_type == "markdown"
    assert code
    assert [cell for cell in code if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize(("name", "kernel_name"), [("Alice", "python3"), ("Bob", OLDER)])
async def test_first_document_is_stored_at_the_hub(
    execute: Execute, a_school_hub: SchoolHub, name: str, kernel_name: str
) -> None:
    """What the student's first live cell holds lies at the hub, in a document of the student's own; Python sees it."""
    await a_school_hub.open_cell(name, "01_first_document.ipynb", "first-steps")
    notebook = await execute("01_first_document.ipynb", name, kernel_name)

    document = await a_school_hub.main_document(name, root_id("first-steps"))
    assert document["type"] == "code"
    assert printed_by(notebook) == "Hello, world!\n" + document["data"]["code"] + "\n"


async def test_file_changed_behind_the_back_changes_no_document(
    execute: Execute, a_school_hub: SchoolHub, tmp_path: Path
) -> None:
    """A notebook that somebody replaces, by git or a sync, shows what was written; nothing of it is taken back."""
    file = tmp_path / "lesson.ipynb"
    write = 'cell.model.code += "# mine\\n"\nassert cell.model.wait_saved(60)'
    nbformat.write(lesson('init="as first given\\n"', write), file)
    await execute(str(file), "Alice")

    nbformat.write(lesson('init="as given anew\\n"', "assert cell.model.wait_loaded(60)"), file)
    printed = printed_by(await execute(str(file), "Alice"))

    assert printed == "as first given\n# mine\n"
    assert (await a_school_hub.main_document("Alice", root_id("replaced")))["data"] == {"code": printed}


def lesson(init: str, then: str) -> nbformat.NotebookNode:
    """Return a notebook that shows a document, does something with it, and prints it."""
    source = f'import teaching_nb as tnb\ncell = tnb.code("replaced", {init})'
    cells = [nbformat.v4.new_code_cell(text) for text in (source, then, 'print(cell.model.code, end="")')]
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells)
    return notebook


async def test_shared_cell_is_one_document_for_two(execute: Execute, a_school_hub: SchoolHub) -> None:
    """Two students who run the notebook at once have one document."""
    await asyncio.gather(execute("02_shared_cell.ipynb", "Alice"), execute("02_shared_cell.ipynb", "Bob"))

    shared = shared_root_id(root_id("fibonacci"), "code")
    alices = await a_school_hub.main_document("Alice", shared)
    bobs = await a_school_hub.main_document("Bob", shared)
    assert alices["id"] == bobs["id"]


async def test_teacher_sees_the_students_connection(execute: Execute, a_school_hub: SchoolHub) -> None:
    """The teacher's notebook counts at least the teacher's own connection."""
    notebook = await execute("03_teacher_observes.ipynb", "Thea")

    counts = notebook.cells[-1].outputs[0].data["text/plain"]
    assert ": 1" in counts, counts


async def test_what_people_do_and_answer_is_stored(execute: Execute, a_school_hub: SchoolHub) -> None:
    """Two students run the notebooks of tasks and answers: each has a state and an answer of their own."""
    tasks = await asyncio.gather(*(execute("04_tasks_and_steps.ipynb", name) for name in ("Alice", "Bob")))
    answers = await asyncio.gather(*(execute("05_answers.ipynb", name) for name in ("Alice", "Bob")))

    assert [printed_by(one) for one in tasks] == ["question\n"] * 2
    assert [printed_by(one) for one in answers] == ["You have not chosen yet.\n"] * 2
    for slug in ("write-a-loop", "largest-planet"):
        stored = [await a_school_hub.main_document(name, root_id(slug)) for name in ("Alice", "Bob")]
        assert stored[0]["id"] != stored[1]["id"]
    assert (await a_school_hub.main_document("Alice", root_id("write-a-loop")))["data"]["state"] == "question"


async def test_teacher_says_what_is_right_and_students_do_not_get_it(execute: Execute, a_school_hub: SchoolHub) -> None:
    """The student's quiz and feedback run before and after; what the teacher set is in none of their outputs."""
    teachers = await execute("07_teacher_opens.ipynb", "Thea")
    quizzes = await asyncio.gather(*(execute("06_quiz.ipynb", name) for name in ("Alice", "Bob")))

    assert "Alice" in str(teachers.cells[-1].outputs)
    for quiz in quizzes:
        assert "Planets" in str(quiz.cells[1].outputs)
        assert "set_key" not in str(quiz.cells[1].outputs)
    place = shared_root_id(root_id("planets"), "quiz_key")
    assert [one["type"] for one in await a_school_hub.documents("Thea", place)] == ["quiz_key"]
    assert await a_school_hub.documents("Alice", place) == []


async def test_people_talk(execute: Execute, a_school_hub: SchoolHub) -> None:
    """What each says is in one chat."""
    await asyncio.gather(execute("08_chat.ipynb", "Alice"), execute("08_chat.ipynb", "Bob"))

    said = await a_school_hub.documents("Bob", shared_root_id(root_id("questions"), "simple_chat"))
    texts = [one["data"]["text"] for one in said if one["type"] == "text_message"]
    assert texts == ["Hello from Python!"] * 2


async def test_files_are_made_written_and_imported(execute: Execute, a_school_hub: SchoolHub) -> None:
    """Two students run it at once: each has a tree of their own, and both have their file in the other one."""
    ran = await asyncio.gather(*(execute("09_files.ipynb", name) for name in ("Alice", "Bob")))

    assert [printed_by(one) for one in ran] == ["2981\n"] * 2
    for name in ("Alice", "Bob"):
        own = await a_school_hub.documents(name, root_id("my-project"))
        assert sorted(one["type"] for one in own) == ["code", "dir", "dir", "file"]
        ours = await a_school_hub.documents(name, shared_root_id(root_id("our-project"), "dir"))
        names = sorted(one["data"]["name"] for one in ours if one["type"] == "file")
        assert names == ["Alice Student.txt", "Bob Student.txt"]


async def test_people_comment(execute: Execute, a_school_hub: SchoolHub) -> None:
    """Each begins a thread about the one poem, answers it and resolves it; no output has a word of it."""
    ran = await asyncio.gather(execute("10_comments.ipynb", "Alice"), execute("10_comments.ipynb", "Bob"))

    stored = await a_school_hub.documents("Bob", shared_root_id(root_id("poem"), "string"))
    threads = {one["id"] for one in stored if one["type"] == "mdx_comment"}
    said = [one for one in stored if one["type"] == "quill_v2"]
    texts = sorted(one["data"]["delta"]["ops"][0]["insert"] for one in said if "resolved" not in one["data"])
    assert texts == ["Violets.\n"] * 2 + ["Which flower is next?\n"] * 2
    assert {one["parentId"] for one in said if one["data"].get("resolved")} == threads
    assert "Violets" not in str([cell.get("outputs") for notebook in ran for cell in notebook.cells])


async def test_formatted_text_is_stored_as_delta_too(execute: Execute, a_school_hub: SchoolHub) -> None:
    """Each adds a line, at the same moment; programs that know the Delta alone find both, whole."""
    people = ("Alice", "Bob")
    ran = await asyncio.gather(*(execute("11_formatted_text.ipynb", name) for name in people))

    for name, notebook in zip(people, ran, strict=True):
        assert f"- [x] **{name} Student**" in printed_by(notebook)
    (stored,) = await a_school_hub.documents("Bob", shared_root_id(root_id("field-trip"), "quill_v2"))
    operations = stored["data"]["delta"]["ops"]
    assert operations[:4] == [
        {"insert": "Our field trip"},
        {"insert": "\n", "attributes": {"header": 1}},
        {"insert": "tickets"},
        {"insert": "\n", "attributes": {"list": "unchecked"}},
    ]
    assert operations[5::2] == [{"insert": "\n", "attributes": {"list": "checked"}}] * 2
    names = sorted(one["insert"] for one in operations[4::2] if one["attributes"] == {"bold": True})
    assert names == ["Alice Student", "Bob Student"]


async def test_who_runs_a_notebook_again_finds_what_they_did(execute: Execute, a_school_hub: SchoolHub) -> None:
    """What was ticked and chosen since stays, and nothing is said twice."""
    runs = ("04_tasks_and_steps", "05_answers", "08_chat", "10_comments")
    for name in runs:
        await execute(f"{name}.ipynb", "Carol")
    for slug, data in (("write-a-loop", {"state": "checked"}), ("largest-planet", {"choices": [2]})):
        document = await a_school_hub.main_document("Carol", root_id(slug))
        await a_school_hub.change("Carol", document["id"], {**document["data"], **data})
    own = [
        root_id(slug) for slug in ("write-a-loop", "install-a-package", "circumference", "largest-planet", "my-poem")
    ]
    shared = [shared_root_id(root_id(slug), kind) for slug, kind in (("questions", "simple_chat"), ("poem", "string"))]
    before = [await a_school_hub.documents("Carol", root) for root in (*own, *shared)]

    again = [await execute(f"{name}.ipynb", "Carol") for name in runs]

    assert [printed_by(one) for one in again[:2]] == ["checked\n", "['Saturn']\n"]
    assert [await a_school_hub.documents("Carol", root) for root in (*own, *shared)] == before


def printed_by(notebook: nbformat.NotebookNode) -> str:
    """Return all that the cells of a notebook printed."""
    return "".join(
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
    )
