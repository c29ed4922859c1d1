"""A file tree as its documents make it: nothing is invisible, whatever they say."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.errors import InvalidInput, NotFound
from teaching_nb.schema.records import Document
from teaching_nb.widgets.file_tree import MOST_CHARACTERS, FileTree, checked_name, names_in

TIME = "2026-11-30T08:00:00.000Z"


def a_record(record_id: str, kind: str, data: Any, parent: str | None = "top", *, created_at: str = TIME) -> Document:
    """Return a document below a root; what is a text is a name."""
    return Document(
        id=record_id,
        author_id="alice",
        type=kind,
        data={"name": data, "isOpen": False} if isinstance(data, str) else data,
        parent_id=parent,
        document_root_id="root",
        created_at=created_at,
        updated_at=TIME,
    )


TOP = a_record("top", "dir", "My files", None)


def a_tree(*records: Document) -> FileTree:
    """Return the tree of some documents below the top."""
    return FileTree([TOP, *records], "top")


def test_folders_come_first_and_everything_by_name() -> None:
    """However the documents were made; what holds a file's text, and other documents of the root, are no entries."""
    tree = a_tree(
        a_record("b", "file", "b.py"),
        a_record("a", "file", "A.py", "src"),
        a_record("src", "dir", "src"),
        a_record("code", "code", {"code": "1"}, "a"),
        a_record("other", "task_state", {"state": "checked"}, None),
        a_record("old", "file", "made elsewhere.txt", None),
    )

    assert tree.as_text() == "src/\n  A.py\nb.py\nmade elsewhere.txt"
    assert tree.path("a") == "src/A.py"
    assert (tree.find("src/a.py").content_id, tree.find("b.py").content_id) == ("code", "")
    assert {entry.oddity for entry in tree.entries.values()} == {""}
    assert FileTree().as_text() == "(no files yet)"


def test_what_has_lost_its_folder_stands_at_the_top() -> None:
    """One that is gone or is no folder, and folders that lie in each other, with what is in them."""
    tree = a_tree(
        a_record("lost", "file", "lost.py", "gone"),
        a_record("odd", "dir", "odd", "lost"),
        a_record("one", "dir", "one", "two"),
        a_record("two", "dir", "two", "one"),
        a_record("in", "file", "in.py", "two"),
    )

    assert tree.as_text() == "odd/\none/\ntwo/\n  in.py\nlost.py"
    assert [entry.name for entry in tree.entries.values() if entry.oddity == "lost"] == ["odd", "one", "two", "lost.py"]


@pytest.mark.parametrize("data", [None, 7, ["x"], {}, {"name": 3}, {"name": " "}, {"isOpen": "yes"}])
def test_what_is_no_name_is_shown_with_another_one(data: Any) -> None:
    """And marked, for it is never rewritten."""
    tree = a_tree(a_record("0123456789", "dir", data), a_record("in", "file", "in.py", "0123456789"))

    entry = tree.get("0123456789")
    assert (entry.oddity, entry.is_open) == ("name", False)
    assert entry.name == "unnamed-01234567"
    assert tree.get("in").parent == "0123456789"


def test_a_name_is_one_whatever_stands_beside_it() -> None:
    """What is marked is the key that does not fit."""
    entry = a_tree(a_record("odd", "file", {"name": "ok.py", "isOpen": "q"})).get("odd")

    assert (entry.name, entry.oddity, entry.is_open) == ("ok.py", "isOpen", False)


def test_names_that_are_one_on_some_computers_are_marked() -> None:
    """Two people may give them at once; a path does not say which is meant."""
    tree = a_tree(
        a_record("1", "file", "Größe.py"), a_record("2", "file", "GRO\u0308SSE.PY"), a_record("3", "dir", "x")
    )

    assert [entry.oddity for entry in tree.entries.values()] == ["", "twice", "twice"]
    with pytest.raises(InvalidInput, match=r"there are 2 of the name 'größe\.py'"):
        tree.find("größe.py")


def test_of_several_folders_of_one_name_the_one_counts_that_holds_what_is_named() -> None:
    """Who makes them at the same moment goes on with what is in theirs; an id says which folder is meant."""
    tree = a_tree(
        *(a_record(folder, "dir", "lab") for folder in ("f1", "f2", "f3")),
        a_record("a", "file", "a.py", "f1"),
        a_record("b", "file", "b.py", "f3"),
        a_record("c1", "file", "c.py", "f2"),
        a_record("c2", "file", "c.py", "f3"),
    )

    assert (tree.find("lab/a.py").id, tree.find("lab/b.py").id) == ("a", "b")
    with pytest.raises(InvalidInput, match=r"^there are 3 of the name 'lab': rename one of them .* such as 'f3'$"):
        tree.find("lab")
    with pytest.raises(InvalidInput, match=r"^there are 2 of the name 'lab/c\.py'"):
        tree.find("lab/c.py")
    with pytest.raises(NotFound, match=r"there is no 'lab/d\.py'"):
        tree.find("lab/d.py")
    assert [tree.find(each).id for each in ("f2", "c1")] == ["f2", "c1"]
    odd: Any = ["lab"]
    with pytest.raises(InvalidInput, match="a path is a text"):
        tree.find(odd)


def test_of_several_contents_the_oldest_counts() -> None:
    """And how many there are is known."""
    tree = a_tree(
        a_record("f", "file", "f.py"),
        a_record("new", "code", {"code": "2"}, "f", created_at="2026-11-30T09:00:00.000Z"),
        a_record("old", "string", {"text": "1"}, "f"),
    )

    found = tree.get("f")
    assert (found.content_id, found.content_type, found.contents) == ("old", "string", 2)


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("src", "into itself"),
        ("deep", "into itself or a folder in it"),
        ("file", "is a file: only a folder holds others"),
        ("other", "there is something called “src” in “other” already"),
        ("none", "not there any more"),
    ],
)
def test_a_move_that_cannot_be_is_refused(folder: str, words: str) -> None:
    """Into itself, into what is in it, into a file, beside its own name, and to where nothing is."""
    tree = a_tree(
        a_record("src", "dir", "src"),
        a_record("deep", "dir", "deep", "src"),
        a_record("file", "file", "x.py"),
        a_record("other", "dir", "other"),
        a_record("same", "file", "SRC", "other"),
    )

    with pytest.raises((InvalidInput, NotFound), match=words):
        tree.check_move("src", folder)
    tree.check_move("deep", "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (7, "a name is a text, not 7"),
        ("", "it is empty"),
        (" \t", "it is empty"),
        ("a/b", "'/' has a meaning of its own"),
        ("a\\b", "has a meaning of its own"),
        ("C:", "':' has a meaning of its own"),
        ("..", "begins with a dot"),
        (".ipython", "begins with a dot"),
        ("a.", "ends with a dot"),
        ("a\nb", "signs that are not seen"),
        ("a\u202eb", "signs that are not seen"),
        ("nul", "takes it for a device"),
        ("Com1.txt", "takes it for a device"),
        ("x" * (MOST_CHARACTERS + 1), "it has 101 characters, and there may be 100"),
        ("😀" * 51, "it takes 204 bytes, and there may be 200"),
        ("half \ud800", "signs that are not seen"),
    ],
)
def test_a_name_that_cannot_be_everywhere_is_refused(name: Any, words: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(InvalidInput, match=words):
        checked_name(name)


def test_other_names_are_taken() -> None:
    """Without the blanks around, and in one spelling."""
    assert checked_name(" My notes.txt ") == "My notes.txt"
    assert checked_name("U\u0308bung 1.py") == "Übung 1.py"
    assert checked_name("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS


@pytest.mark.parametrize("path", ["/x", "a//b", "../x", "a/./b", "a/..", 3, None])
def test_a_path_that_cannot_be_is_refused(path: Any) -> None:
    """Whatever leads out of the tree."""
    with pytest.raises(InvalidInput, match="a path"):
        names_in(path)
    assert names_in("src/a b.py") == ["src", "a b.py"]
    assert names_in("") == []
