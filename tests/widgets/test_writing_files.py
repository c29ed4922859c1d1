"""Files that are written into a folder of this computer: never out of it, and over nothing unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from teaching_nb.errors import Conflict, InvalidInput
from teaching_nb.widgets.writing_files import PlannedFile, existing_folder, plan, write


def contents(folder: Path) -> dict[str, str]:
    """Return all files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def agreed(planned: list[PlannedFile]) -> dict[str, str]:
    """Return what somebody agrees to who was asked about all of it."""
    return {file.path: file.digest for file in planned}


def test_new_files_are_written_with_their_folders(tmp_path: Path) -> None:
    """And what is there already with the same text is none that was written."""
    texts = {"main.py": "print('ä')\n", "src/deep/x.txt": ""}

    assert write(plan(tmp_path, texts), {}) == ["main.py", "src/deep/x.txt"]
    assert contents(tmp_path) == texts
    assert write(plan(tmp_path, texts), {}) == []


def test_what_differs_is_written_over_only_when_it_was_agreed_to(tmp_path: Path) -> None:
    """Nothing else is written before that, and who agreed to something else is asked again."""
    (tmp_path / "main.py").write_text("mine")
    texts = {"a.py": "new", "main.py": "theirs"}

    with pytest.raises(Conflict, match=r"main\.py would be overwritten"):
        write(plan(tmp_path, texts), {})
    assert contents(tmp_path) == {"main.py": "mine"}
    consent = agreed(plan(tmp_path, texts))
    (tmp_path / "main.py").write_text("mine, changed")
    with pytest.raises(Conflict, match=r"main\.py would be overwritten"):
        write(plan(tmp_path, texts), consent)
    assert contents(tmp_path) == {"main.py": "mine, changed"}

    (tmp_path / "main.py").chmod(0o640)
    assert write(plan(tmp_path, texts), agreed(plan(tmp_path, texts))) == ["a.py", "main.py"]
    assert contents(tmp_path) == texts
    assert (tmp_path / "main.py").stat().st_mode & 0o777 == 0o640


def test_what_came_or_changed_since_it_was_looked_at_stays(tmp_path: Path) -> None:
    """Between the look and the writing somebody else may write too."""
    (tmp_path / "old.py").write_text("old")
    planned = plan(tmp_path, {"new.py": "x", "old.py": "x"})
    (tmp_path / "new.py").write_text("somebody's")
    (tmp_path / "old.py").write_text("somebody's")

    with pytest.raises(InvalidInput, match=r"new\.py could not be written \(File exists\); nothing was written"):
        write(planned[:1], agreed(planned))
    with pytest.raises(Conflict, match=r"old\.py has changed on this computer meanwhile"):
        write(planned[1:], agreed(planned))
    assert set(contents(tmp_path).values()) == {"somebody's"}


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a\\b.py", "src/../../x.py", ".profile", "con.txt", "x/", ""])
def test_a_path_that_leads_out_is_refused(path: str, tmp_path: Path) -> None:
    """And one that computers take for something else; another program may have stored it."""
    folder = tmp_path / "in"
    folder.mkdir()

    with pytest.raises(InvalidInput):
        plan(folder, {"good.py": "", path: ""})
    assert contents(tmp_path) == {}


def test_links_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    """A link may lead out of the folder, whatever its name is."""
    folder, out = tmp_path / "in", tmp_path / "out"
    for each in (folder, out, folder / "taken.py"):
        each.mkdir()
    (folder / "src").symlink_to(out)
    (out / "x.py").write_text("safe")
    (folder / "link.py").symlink_to(out / "x.py")
    (folder / "file").write_text("")

    for path, words in (
        ("src/x.py", "is a link"),
        ("link.py", "is a link"),
        ("file/x.py", "is a file on this computer"),
        ("taken.py", "is no file on this computer"),
    ):
        with pytest.raises(InvalidInput, match=words):
            plan(folder, {path: "danger"})
    assert contents(out) == {"x.py": "safe"}


def test_names_that_are_one_on_some_computers_are_refused(tmp_path: Path) -> None:
    """One of them would be lost there."""
    with pytest.raises(InvalidInput, match=r"“a\.py” and “A\.py” are one name"):
        plan(tmp_path, {"a.py": "1", "A.py": "2"})


@pytest.mark.parametrize(
    "folder", [7, None, "no such folder", __file__, "\0", "\ud800", "a" * 5000, "~nobody-of-this-name"]
)
def test_what_is_no_folder_is_refused(folder: Any) -> None:
    """With its name."""
    with pytest.raises(InvalidInput, match="folder"):
        existing_folder(folder)
