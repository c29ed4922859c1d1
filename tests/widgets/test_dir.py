"""A file tree from kernel to kernel, with a real hub."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.client.documents.collections import Collections
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected, NotFound
from teaching_nb.widgets.dir import FilesWidget
from teaching_nb.widgets.other import OtherWidget
from teaching_nb.widgets.rooms import RoomsWidget
from tests.harness.cast import ALICE, BOB
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.unheard import unhear
from tests.harness.waiting import wait_until
from tests.widgets.file_trees import ask, lines, names, row, the_files


def test_a_tree_is_made_changed_and_found_again(alice: Classroom, connect_as: ConnectAs) -> None:
    """By a program: folders appear with their files; everything is at the hub for the next kernel."""
    mine = the_files(alice)

    mine.add("src/main.py", "print(1)\n")
    mine.add("notes.txt", "a\r\nb")
    mine.add_folder("data/raw")
    mine.add_folder("data")
    assert lines(mine) == ["data/", "  raw/", "src/", "  main.py", "notes.txt"]
    assert (mine.paths, mine.read("notes.txt"), mine.read("src/main.py")) == (
        ["notes.txt", "src/main.py"],
        "a\nb",
        "print(1)\n",
    )
    mine.rename("notes.txt", "read me.txt")
    mine.move("src/main.py", "data/raw")
    mine.move("data/raw", "")
    mine.delete("src")
    mine.delete("data")

    assert lines(mine) == ["raw/", "  main.py", "read me.txt"]
    again = the_files(connect_as(ALICE))
    assert lines(again) == lines(mine)
    assert again.read("raw/main.py") == "print(1)\n"
    assert [(each["name"], each["author"]) for each in again.entries] == [
        (name, "") for name in ("raw", "main.py", "read me.txt")
    ]


def test_a_file_opens_as_a_live_cell(alice: Classroom, connect_as: ConnectAs) -> None:
    """Below the tree, once; what is typed is the file's for others at once, and its name is the tree's."""
    mine, elsewhere = the_files(alice), the_files(connect_as(ALICE))
    mine.add("main.py", "x = 1")
    mine.add("notes.md")

    for _ in range(2):
        assert ask(mine, "open_entry", id=row(mine, "main.py")["id"])["refusal"] == ""
    assert ask(mine, "open_entry", id=row(mine, "notes.md")["id"])["refusal"] == ""
    shown: list[Any] = list(mine._contents._open.values())
    code, text = shown
    assert (code.kind, text.kind) == ("code", "string")
    assert mine.opened == [
        {"id": row(mine, name)["id"], "model_id": shown.model_id}
        for name, shown in (("main.py", code), ("notes.md", text))
    ]
    wait_until(lambda: elsewhere.paths == ["main.py", "notes.md"], "the other kernel hears of it")
    theirs: Any = elsewhere.cell("main.py")
    theirs.model.code = "x = 2"
    wait_until(lambda: code.code == "x = 2", "it is live")
    elsewhere.rename("main.py", "program.py")
    wait_until(lambda: code.title == "program.py", "it is called as in the tree")

    code._handle_custom_msg({"kind": "close"}, [])
    assert [each["id"] for each in mine.opened] == [row(mine, "notes.md")["id"]]
    assert mine.read("program.py") == "x = 2"
    mine.close()
    assert text.comm is None


def test_two_people_change_one_tree(alice: Classroom, bob: Classroom) -> None:
    """Each sees what the other does, and whose it is; what is the other's is not moved into and not deleted."""
    mine, theirs = the_files(alice, shared=True), the_files(bob, shared=True)
    mine.add("alice/a.py", "1")
    wait_until(lambda: names(theirs) == ["alice", "a.py"], "Bob sees it")
    theirs.add("alice/b.py", "2")
    theirs.add("bob/c.py", "3")
    wait_until(lambda: len(names(mine)) == 5, "Alice sees what Bob made")

    assert row(mine, "b.py")["author"] == "Bob Brown"
    theirs.move("alice/b.py", "")
    theirs.rename("alice/a.py", "first.py")
    with pytest.raises(InvalidInput, match="only into folders of whoever has made it"):
        theirs.move("bob/c.py", "alice")
    with pytest.raises(Forbidden, match="“alice” can be deleted only by whoever has made it"):
        theirs.delete("alice")
    wait_until(lambda: lines(mine) == ["alice/", "  first.py", "bob/", "  c.py", "b.py"], "Alice sees it")
    assert mine.read("bob/c.py") == "3"


def test_nothing_is_lost_when_two_do_things_at_once(alice: Classroom, connect_as: ConnectAs) -> None:
    """A name that has changed, a folder that has got something, folders into each other, and what is gone already."""
    here, there = the_files(alice), the_files(connect_as(ALICE))
    here.add_folder("one")
    here.add_folder("two")
    here.add("x.py", "1")
    wait_until(lambda: len(names(there)) == 3, "both see all")
    one, two, file = (row(here, name)["id"] for name in ("one", "two", "x.py"))

    there.rename("x.py", "y.py")
    assert "called it “y.py” meanwhile" in ask(here, "rename_entry", id=file, name="z.py", was="x.py")["refusal"]
    assert there._changes is not None
    there._changes.move(file, one)
    refusal = ask(here, "delete_entry", id=one, below=[])["refusal"]
    assert "deleting this did not work: “y.py” has come into it meanwhile: look at it first." in refusal
    there._changes.move(two, one)
    assert "into itself or a folder in it" in ask(here, "move_entry", id=one, folder=two)["refusal"]
    there.delete("one/y.py")
    there.delete("one/two")
    for _ in range(2):
        assert ask(here, "delete_entry", id=file, below=[])["refusal"] == ""
    assert ask(here, "delete_entry", id=one, below=[])["refusal"] == ""
    wait_until(lambda: names(there) == [], "all is gone")
    assert "not there any more" in ask(there, "rename_entry", id=one, name="z", was="one")["refusal"]


def test_a_class_that_makes_one_folder_at_once_goes_on(alice: Classroom, bob: Classroom) -> None:
    """Each finds and changes what is in either folder, and one of them can be called otherwise, or is put away."""
    here, there = (tnb.files("ours", shared=True, room=room) for room in (alice, bob))
    for files in (here, there):
        files.model.wait_loaded(30)
    # Both have looked when neither folder was there.
    parent = here.model.id
    for room, name in ((alice, "a.py"), (bob, "b.py")):
        below = room.documents_below(here.model, all_levels=True)
        folder = below.add({"name": "lab", "isOpen": True}, "dir", parent_id=parent)
        below.add({"name": name}, "file", parent_id=folder)
    wait_until(lambda: here.paths == there.paths == ["lab/a.py", "lab/b.py"], "both are seen by both")

    here.add("lab/c.py", "1")
    there.add("lab/d.py", "2")
    wait_until(lambda: len(here.paths) == len(there.paths) == 4, "all four are there")
    wait_until(lambda: (here.read("lab/d.py"), there.read("lab/c.py")) == ("2", "1"), "what is in them, too")
    with pytest.raises(InvalidInput, match="there are 2 of the name 'lab'") as refused:
        here.rename("lab", "lab of one")
    there.rename(str(refused.value).split("'")[-2], "lab of one")
    wait_until(lambda: any(path.startswith("lab of one/") for path in here.paths), "it is called otherwise")
    assert here.tree.find("lab").name == "lab"


def test_what_is_in_a_file_is_made_once(alice: Classroom, connect_as: ConnectAs) -> None:
    """Whoever has heard of a file, and not of what its maker stored in it a moment later, asks before they make it."""
    here, there = the_files(alice), the_files(connect_as(ALICE))
    here.add("x.py", "1")
    file = row(here, "x.py")["id"]
    assert here._changes is not None
    content, _type = here._changes.content_of(file)
    kept: Any = there._below
    wait_until(lambda: content in {each.id for each in kept.records}, "all of it is heard of")
    # As if it were not: this kernel does not know what is in the file.
    assert there._room is not None
    unhear(there._room, kept, content)

    assert there._changes is not None
    assert there._changes.tree.get(file).content_id == ""
    assert there._changes.content_of(file) == (content, "code")
    assert there.read("x.py") == "1"


def test_a_folder_that_gets_something_in_the_same_moment_is_not_deleted(
    alice: Classroom, connect_as: ConnectAs
) -> None:
    """Between the kernel's last look and its wish: the hub counts, and the kernel looks again."""
    here, there = the_files(alice), the_files(connect_as(ALICE))
    here.add("one/x.py", "1")
    here.add("y.py", "2")
    wait_until(lambda: len(names(there)) == 3, "both see all")
    one, x, y = (row(here, name)["id"] for name in ("one", "x.py", "y.py"))
    assert here._below is not None
    look = here._below.refresh
    looks: list[None] = []

    def look_too_early() -> None:
        look()
        looks.append(None)
        if len(looks) == 1:
            assert there._changes is not None
            with mock.patch.object(here._room._collections, "take"):  # type: ignore[union-attr]
                there._changes.move(y, one)

    with mock.patch.object(here._below, "refresh", look_too_early):
        refusal = ask(here, "delete_entry", id=one, below=[x])["refusal"]

    assert "“y.py” has come into it meanwhile" in refusal
    assert (lines(here), len(looks)) == (["one/", "  x.py", "  y.py"], 2)


def test_folders_that_are_put_into_each_other_at_once_stay(alice: Classroom, connect_as: ConnectAs) -> None:
    """A kernel that has not heard of the first move asks for the second: the hub refuses it."""
    here, there = the_files(alice), the_files(connect_as(ALICE))
    here.add_folder("one")
    here.add_folder("two")
    wait_until(lambda: len(names(there)) == 2, "both see them")
    one, two = row(here, "one")["id"], row(here, "two")["id"]
    assert here._changes is not None
    assert there._changes is not None

    with mock.patch.object(Collections, "take"):
        there._changes.move(two, one)
        with pytest.raises(InvalidInput, match="into itself or a folder in it"):
            here._changes.move(one, two)

    wait_until(lambda: lines(here) == ["one/", "  two/"], "what the hub has is shown")


def test_what_another_program_has_stored_is_shown_and_never_rewritten(alice: Classroom, a_hub: HubProcess) -> None:
    """Names that are none, files below files, contents of other types, two of them, and none."""
    mine = the_files(alice)
    top = {"documentRootId": mine.model.root_id, "parentId": mine.model.id}

    def put(kind: str, data: Any, parent: str = mine.model.id) -> str:
        body = {**top, "type": kind, "data": data, "parentId": parent}
        return str(a_hub.ask("POST", "/documents", ALICE, body)["id"])

    odd = put("dir", {"name": 7, "color": "red"})
    plain = put("file", ["?"])
    half = put("file", {"name": "half.py", "isOpen": "q"})
    drawing = put("file", {"name": "plan.excalidraw", "isOpen": False})
    put("excalidoc", {"elements": [], "files": {}, "image": ""}, drawing)
    program = put("file", {"name": "p.py", "isOpen": True})
    put("script", {"code": "1"}, program)
    put("script", {"code": "2"}, program)
    empty = put("file", {"name": "e.py", "keep": 1})
    lost = put("dir", {"name": "lost"}, drawing)
    wait_until(lambda: len(mine.entries) == 7, "all of it is shown")

    by_id = {each["id"]: each for each in mine.entries}
    assert [by_id[each]["oddity"] for each in (odd, plain, half, drawing, lost)] == [
        "name",
        "name",
        "isOpen",
        "",
        "lost",
    ]
    for each, key in ((odd, "name"), (plain, "name"), (half, "isOpen")):
        refusal = ask(mine, "rename_entry", id=each, name="x", was=by_id[each]["name"])["refusal"]
        assert f"under “{key}” here that does not fit, and it is never rewritten" in refusal
        assert ask(mine, "fold_entry", id=each, on=True)["refusal"] == ""
    assert (by_id[program]["contents"], mine.read("p.py")) == (2, "1")
    assert isinstance(mine.cell("plan.excalidraw"), OtherWidget)
    with pytest.raises(InvalidInput, match="no text"):
        mine.read("plan.excalidraw")
    assert ask(mine, "open_entry", id=empty)["refusal"] == ""
    assert row(mine, "e.py")["content_type"] == "code"
    mine.rename("e.py", "f.py")
    assert ask(mine, "fold_entry", id=lost, on=True)["refusal"] == ""

    stored = {
        each["id"]: each["data"]
        for each in a_hub.ask("GET", f"/documentRoots/{mine.model.root_id}", ALICE)["documents"]
    }
    unfit = [{"name": 7, "color": "red"}, ["?"], {"name": "half.py", "isOpen": "q"}]
    assert [stored[each] for each in (odd, plain, half)] == unfit
    assert stored[empty] == {"name": "f.py", "keep": 1}
    assert stored[lost] == {"name": "lost", "isOpen": True}


def test_in_a_tree_that_is_watched_what_is_ones_own_is_named(tina: Classroom, bob: Classroom) -> None:
    """The tree is called after somebody else, whose name need not stand at each row."""
    theirs, mine = the_files(bob, shared=True), the_files(tina, shared=True)
    mine.add("help.py")
    overview = RoomsWidget(tina)
    overview.open_document(theirs.model.id)
    watched = overview.children[1]
    assert isinstance(watched, FilesWidget)

    wait_until(lambda: names(watched) == ["help.py"], "the teacher sees it")
    assert (row(mine, "help.py")["author"], row(watched, "help.py")["author"]) == ("", "Tina Teacher")
    overview.close()


def test_a_teacher_watches_and_changes_nothing(tina: Classroom, bob: Classroom, connect_as: ConnectAs) -> None:
    """The student's own tree, as they change it, with what is in the files; the kernel refuses every change."""
    theirs = the_files(bob)
    theirs.add("src/main.py", "print(1)")
    overview = RoomsWidget(tina)
    overview.open_document(theirs.model.id)
    watched = overview.children[1]
    assert isinstance(watched, FilesWidget)

    wait_until(lambda: names(watched) == ["src", "main.py"], "the teacher sees it")
    theirs.add("new.py")
    wait_until(lambda: "new.py" in names(watched), "and what comes")
    assert (watched.is_watched, row(watched, "src")["author"]) == (True, "Bob Brown")
    assert watched.read("src/main.py") == "print(1)"
    assert ask(watched, "open_entry", id=row(watched, "main.py")["id"])["refusal"] == ""
    [shown] = watched._contents._open.values()
    wait_until(lambda: shown.access.startswith("RO"), "to be read")
    src = row(watched, "src")
    for question in (
        {"kind": "add_entry", "type": "dir", "name": "x"},
        {"kind": "rename_entry", "id": src["id"], "name": "x", "was": "src"},
        {"kind": "move_entry", "id": src["id"]},
        {"kind": "delete_entry", "id": src["id"], "below": []},
    ):
        assert "only whoever they belong to" in ask(watched, **question)["refusal"]
    assert ask(watched, "fold_entry", id=src["id"], on=False)["refusal"] == ""
    assert lines(the_files(connect_as(BOB))) == ["src/", "  main.py", "new.py"]
    overview.close()
    assert shown.comm is None


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda files: files.add("../x.py"), InvalidInput, "a path has names"),
        (lambda files: files.add(""), InvalidInput, "it is empty"),
        (lambda files: files.add("a.py", 7), InvalidInput, "a text, not 7"),
        (lambda files: files.add("a.py"), InvalidInput, "called “a.py” at the top already"),
        (lambda files: files.add("a.py/b.py"), InvalidInput, "is a file: only a folder"),
        (lambda files: files.add_folder("con"), InvalidInput, "takes it for a device"),
        (lambda files: files.read("b.py"), NotFound, "there is no 'b.py'"),
        (lambda files: files.cell("src"), InvalidInput, "is a folder: only a file is opened"),
        (lambda files: files.rename("a.py", "src"), InvalidInput, "called “src” at the top already"),
        (lambda files: files.rename("a.py", 3), InvalidInput, "a name is a text, not 3"),
        (lambda files: files.move("a.py", "b"), NotFound, "there is no 'b'"),
        (lambda files: files.move("src", "src"), InvalidInput, "into itself"),
        (lambda files: files.delete("b.py"), NotFound, "there is no 'b.py'"),
        (lambda files: files.delete(""), InvalidInput, "a path names a folder or a file"),
        (lambda files: files.write_to(3), InvalidInput, "a folder is a path such as '.', not 3"),
        (lambda files: tnb.files("x", shared="read", room=files._room), InvalidInput, "not 'read'"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused_in_words(
    alice: Classroom, call: Callable[[FilesWidget], object], error: type[Exception], words: str
) -> None:
    """And changes nothing."""
    mine = the_files(alice)
    mine.add("a.py")
    mine.add_folder("src")

    with pytest.raises(error, match=words):
        call(mine)
    assert lines(mine) == ["src/", "a.py"]


def test_whether_a_folder_is_open_is_kept_for_its_owner_only(alice: Classroom, bob: Classroom) -> None:
    """In a tree of one's own; what others do in a shared one folds nothing for everybody."""
    own, common, theirs = the_files(alice), the_files(alice, shared=True), the_files(bob, shared=True)
    for each in (own, common):
        each.add_folder("src")
    wait_until(lambda: names(theirs) == ["src"], "Bob sees it")

    assert ask(own, "fold_entry", id=row(own, "src")["id"], on=False)["refusal"] == ""
    assert ask(theirs, "fold_entry", id=row(theirs, "src")["id"], on=False)["refusal"] == ""

    assert [row(each, "src")["is_open"] for each in (own, theirs)] == [False, True]


def test_without_a_hub_nothing_is_done() -> None:
    """The page is told why; what would be kept to be done later could be lost."""
    widget = tnb.files("project", room=offline_classroom())

    answer = ask(widget, "add_entry", type="file", name="x.py")
    assert "making “x.py” did not work: the hub has not answered for these files yet" in answer["refusal"]
    with pytest.raises(NotConnected):
        widget.add("x.py")
    assert widget.written()["text/plain"].endswith("(no files yet)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watched = FilesWidget(offline_model("dir", None), title="project of Alice")
    assert "only whoever they belong to" in ask(watched, "add_entry", type="dir", name="x")["refusal"]


def test_a_drawing_of_somebody_else_is_shown_without_a_complaint(
    alice: Classroom, bob: Classroom, a_hub: HubProcess
) -> None:
    """What else its author has is for those who look after them; a fellow student sees the drawing."""
    mine, theirs = (the_files(room, shared=True) for room in (alice, bob))
    body = {"documentRootId": mine.model.root_id, "parentId": mine.model.id}
    file = {"type": "file", "data": {"name": "plan.excalidraw", "isOpen": False}}
    made = a_hub.ask("POST", "/documents", ALICE, body | file)
    drawing = {"type": "excalidoc", "data": {"elements": [], "files": {}, "image": ""}}
    a_hub.ask("POST", "/documents", ALICE, body | drawing | {"parentId": made["id"]})
    wait_until(lambda: "plan.excalidraw" in names(theirs), "the file is there")
    wait_until(lambda: row(theirs, "plan.excalidraw")["contents"] == 1, "the drawing is there")

    shown: Any = theirs.cell("plan.excalidraw")
    shown._followed = shown.model.author_id
    shown._ask()

    assert isinstance(shown, OtherWidget)
    assert shown.problem == ""
