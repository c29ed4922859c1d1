"""Files of a tree that are written into the working folder: on request only, as they are at this moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from teaching_nb.client import Classroom
from teaching_nb.errors import Conflict, InvalidInput, NotConnected
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until
from tests.widgets.file_trees import ask, row, the_files


def test_files_are_written_on_request_only(alice: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is typed now, into the working folder; what differs there is asked about, in Python and on the page."""
    monkeypatch.chdir(tmp_path)
    mine = the_files(alice)
    mine.add("src/main.py", "print(1)")
    mine.add("notes.txt", "hello")
    shown: Any = mine.cell("notes.txt")
    shown.model.text = "hello, world"
    assert list(tmp_path.iterdir()) == []

    assert mine.write_to() == ["src/main.py", "notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "hello, world"
    (tmp_path / "notes.txt").write_text("my own")
    with pytest.raises(Conflict, match=r"notes\.txt would be overwritten"):
        mine.write_to()
    answer = ask(mine, "write_files", id="")["value"]
    [differing] = answer["differing"]
    assert (answer["written"], answer["folder"], differing["path"]) == ([], str(tmp_path), "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "my own"
    agreed = ask(mine, "write_files", id="", overwrite={"notes.txt": differing["digest"]})["value"]
    assert (agreed["written"], agreed["differing"], agreed["number"]) == (["notes.txt"], [], 2)
    assert (tmp_path / "notes.txt").read_text() == "hello, world"

    (tmp_path / "out").mkdir()
    assert mine.write_to(tmp_path / "out", "src") == ["src/main.py"]
    assert ask(mine, "write_files", id=row(mine, "main.py")["id"])["value"]["written"] == ["main.py"]
    (tmp_path / "main.py").write_text("print(2)")
    assert mine.write_to(path="src/main.py", overwrite=True) == ["main.py"]
    with pytest.raises(InvalidInput, match="there is no folder 'nowhere'"):
        mine.write_to("nowhere")


def test_what_is_typed_is_read_and_written_also_without_the_hub(
    connect_as: ConnectAs, a_mortal_hub: HubProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file that is open here; what the others hold is only at the hub."""
    monkeypatch.setattr("teaching_nb.widgets.opened_files.SAVE_SECONDS", 0.1)
    mine = the_files(connect_as(ALICE, a_mortal_hub))
    mine.add("a.py", "1")
    mine.add("b.py", "2")
    shown: Any = mine.cell("a.py")
    shown.model.wait_loaded(30)
    a_mortal_hub.kill()
    shown.model.code = "typed"

    assert mine.read("a.py") == "typed"
    assert mine.write_to(tmp_path, "a.py") == ["a.py"]
    with pytest.raises(NotConnected):
        mine.write_to(tmp_path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.py": "typed"}


def test_what_may_not_be_written_is_not(alice: Classroom, a_hub: HubProcess, tmp_path: Path) -> None:
    """A name that leads out, which another program has stored; what is no text is left out, and said."""
    mine = the_files(alice)
    body = {"documentRootId": mine.model.root_id, "parentId": mine.model.id, "type": "file"}
    drawing = a_hub.ask("POST", "/documents", ALICE, {**body, "data": {"name": "plan"}})["id"]
    a_hub.ask("POST", "/documents", ALICE, {**body, "parentId": drawing, "type": "quill_v2", "data": {"delta": {}}})
    mine.add("x.py", "1")
    wait_until(lambda: row(mine, "plan")["contents"] == 1, "the drawing is there")
    with pytest.warns(UserWarning, match="not written, for it is no text: plan"):
        assert mine.write_to(tmp_path) == ["x.py"]

    a_hub.ask("POST", "/documents", ALICE, {**body, "data": {"name": "../../evil.py"}})
    wait_until(lambda: len(mine.entries) == 3, "it is there")
    with pytest.raises(InvalidInput, match=r"“\.\./\.\./evil\.py” cannot be a name: '/' has a meaning"):
        mine.write_to(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["x.py"]
