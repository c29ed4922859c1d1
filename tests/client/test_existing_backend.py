"""Documents at the school's existing backend, in both versions: it keeps what comes last, and nothing is lost by it."""

from __future__ import annotations

import threading
from typing import Any

import pycrdt
import pytest

from teaching_nb.client import Classroom, CodeModel, DocumentModel
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.task_state import TaskStateModel
from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, SharedDoc
from teaching_nb.errors import Forbidden, InvalidInput, TimedOut
from tests.harness.backend_school import BackendSchool, a_backend_school, a_present_school, opened
from tests.harness.waiting import SECONDS, wait_for, wait_until, wait_value

__all__ = ["a_backend_school", "a_present_school"]

TEXT = "one\ntwo\nthree\n"
"""What stands in texts first."""


@pytest.fixture
def a_pair(a_backend_school: BackendSchool) -> tuple[CodeModel, CodeModel]:
    """Return one shared text in two kernels, Sam's and Sue's."""
    sam, sue = (a_backend_school.connect(each) for each in (a_backend_school.sam, a_backend_school.sue))
    return opened(sam, CodeModel), opened(sue, CodeModel)


def stored(school: BackendSchool, model: DocumentModel) -> Any:
    """Return what the backend has."""
    return school.backend.data(model.id)


def test_edit_reaches_the_other(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """It is saved with PUT, and the other kernel hears CHANGED_DOCUMENT; its writer hears nothing."""
    mine, theirs = a_pair
    heard: list[Any] = []
    mine.observe(heard.append, "data")

    mine.code = "ONE\ntwo\nthree\n"
    assert mine.save_state == "saving"
    mine.wait_saved(SECONDS)

    wait_value(theirs, "code", "ONE\ntwo\nthree\n")
    assert mine.id == theirs.id
    assert stored(a_backend_school, mine) == {"code": "ONE\ntwo\nthree\n"}
    assert len(heard) == 1


@pytest.mark.parametrize("odd", [{"code": 5, "theirs": 1}, "abc", None])
def test_what_is_no_text_is_kept_until_all_of_it_is_assigned(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel], odd: Any
) -> None:
    """It is in the data with the reason, and no edit of the text, of a page either, takes its place."""
    mine, theirs = a_pair
    a_backend_school.backend.write(mine.id, a_backend_school.sue, odd)
    wait_until(lambda: mine.oddity != "", "it is told")

    assert mine.data == odd
    with pytest.raises(InvalidInput, match="does not fit"):
        mine.code = "x"
    mine.apply_update(SharedDoc("code", data={"code": "typed"}).update_for_view(NOTHING_KNOWN), None, mine.epoch)
    mine.wait_saved(SECONDS)
    assert stored(a_backend_school, mine) == odd

    mine.data = {"code": "whole"}
    mine.wait_saved(SECONDS)

    wait_value(theirs, "code", "whole")
    assert stored(a_backend_school, mine) == {"code": "whole"}
    assert (mine.oddity, theirs.oddity) == ("", "")


def test_simultaneous_edits_merge(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """Two who save different lines in one moment both find both."""
    mine, theirs = a_pair

    mine.code, theirs.code = "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n"

    for model in a_pair:
        wait_value(model, "code", "ONE\ntwo\nTHREE\n")
        model.wait_saved(SECONDS)
    assert stored(a_backend_school, mine) == {"code": "ONE\ntwo\nTHREE\n"}


@pytest.mark.parametrize("stamps", ["when-storing", "before-storing"])
@pytest.mark.parametrize("is_later", [False, True], ids=["just-before", "just-after"])
def test_what_was_overwritten_unseen_comes_back(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel], stamps: str, *, is_later: bool
) -> None:
    """What is stored just before our write, or just after it, is brought together with it, whatever their times are."""
    mine, theirs = a_pair
    a_backend_school.backend.api.stamps_before_storing = stamps == "before-storing"
    a_backend_school.backend.slip_in(mine.id, a_backend_school.sue, {"code": "one\ntwo\nTHREE\n"}, is_later=is_later)

    mine.code = "ONE\ntwo\nthree\n"

    for model in a_pair:
        wait_value(model, "code", "ONE\ntwo\nTHREE\n")
        model.wait_saved(SECONDS)
    wait_until(lambda: stored(a_backend_school, theirs) == {"code": "ONE\ntwo\nTHREE\n"}, "both are stored")


def test_what_has_seen_no_write_of_ours_takes_none_out(
    a_backend_school: BackendSchool,
) -> None:
    """Two saves, and between them somebody's words that know of neither: the first one is no less there after it."""
    text = "one\n\n\ntwo\n\n\nthree\n"
    pair = [
        opened(a_backend_school.connect(each), CodeModel, init=text)
        for each in (a_backend_school.sam, a_backend_school.sue)
    ]
    mine, _ = pair
    mine.code = text.replace("one", "ONE")
    mine.wait_saved(SECONDS)
    a_backend_school.backend.slip_in(mine.id, a_backend_school.sue, {"code": text.replace("three", "THREE")})

    mine.code = mine.code.replace("two", "TWO")

    wanted = text.upper()
    for model in pair:
        wait_value(model, "code", wanted)
        model.wait_saved(SECONDS)
    wait_until(lambda: stored(a_backend_school, mine) == {"code": wanted}, "all are stored")


@pytest.mark.parametrize("tells", ["after", "before", "after-backwards", "before-backwards"])
def test_three_who_do_not_see_each_other_lose_nothing(a_backend_school: BackendSchool, tells: str) -> None:
    """One kernel brings together what two on the website wrote around its own write, however it hears of that."""
    mine = opened(a_backend_school.connect(a_backend_school.sam), CodeModel, init="one\n-\ntwo\n-\nthree\n")
    backend = a_backend_school.backend
    backend.tells_first, backend.tells_backwards = "before" in tells, "backwards" in tells
    backend.slip_in(mine.id, a_backend_school.sue, {"code": "ONE\n-\ntwo\n-\nthree\n"})
    backend.slip_in(mine.id, a_backend_school.tina, {"code": "one\n-\ntwo\n-\nTHREE\n"}, is_later=True)

    mine.code = "one\n-\nTWO\n-\nthree\n"

    wanted = {"code": "ONE\n-\nTWO\n-\nTHREE\n"}
    wait_until(lambda: stored(a_backend_school, mine) == wanted, "all three are stored")
    assert mine.conflict is None


def test_two_versions_of_a_line_are_both_kept(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """The other's words are the text, also at the backend; the own ones wait for their author, who may use them."""
    mine, theirs = a_pair
    a_backend_school.backend.slip_in(mine.id, a_backend_school.sue, {"code": "theirs\ntwo\nthree\n"})

    mine.code = "mine\ntwo\nthree\n"
    wait_value(mine, "code", "theirs\ntwo\nthree\n")
    wait_value(mine, "save_state", "refused")
    wait_until(lambda: stored(a_backend_school, mine) == {"code": "theirs\ntwo\nthree\n"}, "theirs is stored")
    conflict = mine.conflict
    assert conflict is not None
    with pytest.raises(Forbidden, match="use_mine"):
        mine.wait_saved(SECONDS)

    assert conflict.mine == "mine\ntwo\nthree\n"
    assert theirs.conflict is None
    conflict.use_mine()
    mine.wait_saved(SECONDS)
    wait_value(theirs, "code", "mine\ntwo\nthree\n")
    assert mine.conflict is None


def test_many_edits_of_two_lose_nothing(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """Each changes lines of their own, again and again, with saves that meet."""
    for model in a_pair:
        model.wait_saved(SECONDS)
    mine, theirs = a_pair
    mine.code = "".join(f"line {number}\n\n\n" for number in range(10))
    mine.wait_saved(SECONDS)
    wait_value(theirs, "code", mine.code)

    def write(model: CodeModel, numbers: range) -> None:
        for number in numbers:
            model.edit(lambda text, number=number: text.replace(f"line {number}\n", f"done {number}\n"))  # type: ignore[misc]
            model.gate.post(lambda: _syncer(model).flush())
            threading.Event().wait(0.02)

    writers = [
        threading.Thread(target=write, args=(model, numbers))
        for model, numbers in ((mine, range(0, 10, 2)), (theirs, range(1, 10, 2)))
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(SECONDS)

    done = "".join(f"done {number}\n\n\n" for number in range(10))
    for model in a_pair:
        wait_value(model, "code", done)
        model.wait_saved(SECONDS)
    assert stored(a_backend_school, mine) == {"code": done}


def test_what_is_written_while_the_backend_is_away_is_sent_later(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """Both go on writing; when it is back their lines are merged."""
    mine, theirs = a_pair
    a_backend_school.backend.pause()
    for model in a_pair:
        wait_value(model, "save_state", "offline")

    mine.code, theirs.code = "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n"
    with pytest.raises(TimedOut):
        mine.wait_saved(0.1)
    a_backend_school.backend.start()

    for model in a_pair:
        wait_value(model, "code", "ONE\ntwo\nTHREE\n", 60)
        model.wait_saved(SECONDS)
    assert stored(a_backend_school, mine) == {"code": "ONE\ntwo\nTHREE\n"}


def test_what_others_wrote_during_a_break_is_read(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """Events of a break are lost there; each text is read again after it."""
    mine, _ = a_pair
    a_backend_school.backend.throw_out()
    a_backend_school.backend.write(mine.id, a_backend_school.tina, {"code": "from the website\n"})

    for model in a_pair:
        wait_value(model, "code", "from the website\n")


def test_save_that_fails_is_kept(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """A backend that cannot store just now is asked again; meanwhile the model says so."""
    mine, _ = a_pair
    a_backend_school.backend.api.is_broken = True

    mine.code = "ONE\ntwo\nthree\n"
    wait_for(mine, "save_detail", lambda detail: "cannot save just now" in detail)
    assert stored(a_backend_school, mine) == {"code": TEXT}
    a_backend_school.backend.api.is_broken = False
    mine.wait_saved(60)

    assert stored(a_backend_school, mine) == {"code": "ONE\ntwo\nthree\n"}


def test_page_of_a_kernel_edits_and_hears(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """An editor has a shared document with its kernel as ever; no lane is offered to a hub that has none."""
    mine, theirs = a_pair
    page = Page(mine)

    page.type("ONE\n", 0)
    wait_value(theirs, "code", "ONE\none\ntwo\nthree\n")
    theirs.code = "ONE\none\ntwo\nTHREE\n"

    wait_until(lambda: page.text == "ONE\none\ntwo\nTHREE\n", "the page shows what was merged")
    assert mine.lane == {}


def test_discarding_gives_up_what_is_not_stored(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """The text is the backend's again, and pages begin anew with it."""
    mine, _ = a_pair
    a_backend_school.backend.api.is_broken = True
    mine.code = "gone\n"
    wait_value(mine, "save_state", "offline")

    mine.discard()

    wait_value(mine, "code", TEXT)
    assert (mine.epoch, mine.has_unsaved) == (1, False)


def test_plain_data_is_merged_by_key(a_backend_school: BackendSchool) -> None:
    """A tick is stored at once; keys that nobody here knows stay as they are."""
    sam, sue = a_backend_school.connect(a_backend_school.sam), a_backend_school.connect(a_backend_school.sue)
    mine, theirs = (opened(room, TaskStateModel, "task", None) for room in (sam, sue))

    mine.state = "checked"
    mine.wait_saved(SECONDS)
    wait_value(theirs, "state", "checked")
    a_backend_school.backend.slip_in(mine.id, a_backend_school.sue, {"state": "checked", "new": [1]})
    mine.state = "question"

    wait_value(theirs, "data", {"state": "question", "new": [1]})
    assert stored(a_backend_school, mine) == {"state": "question", "new": [1]}


def test_the_last_click_counts(a_backend_school: BackendSchool) -> None:
    """Also one that follows at once, and knows nothing of the one before: nobody clicks against it for ever."""
    room = a_backend_school.connect(a_backend_school.sam)
    mine, other = (opened(room, TaskStateModel, slug, None) for slug in ("task", "other"))
    mine.state = "checked"
    mine.wait_saved(SECONDS)

    a_backend_school.backend.write(mine.id, a_backend_school.sue, {"state": "question"})
    wait_value(mine, "state", "question")
    other.state = "star"
    other.wait_saved(SECONDS)
    mine.wait_saved(SECONDS)

    assert (mine.state, stored(a_backend_school, mine)) == ("question", {"state": "question"})


def test_unknown_types_pass_untouched(a_backend_school: BackendSchool) -> None:
    """Documents, records and events that nobody here understands end nothing, and nothing of them is rewritten."""
    room = a_backend_school.connect(a_backend_school.sam)
    root = a_backend_school.backend.records.make_root("7d1f2f0e-6d3a-4000-8000-000000000001", {})
    body = {"type": "netpbm_graphic", "data": {"imageData": "P1", "x": None}, "documentRootId": root["id"]}
    drawing = a_backend_school.backend.records.make_document(a_backend_school.sam, body)

    model = room.open_document(drawing["id"])
    model.wait_loaded(SECONDS)
    for event in ("NEW_RECORD", "CHANGED_RECORD"):
        a_backend_school.backend.tell(event, {"type": "Sketch", "record": {"id": 1}})
    a_backend_school.backend.tell("DELETED_RECORD", {"type": "Sketch", "id": "x"})
    a_backend_school.backend.tell("ACTION", "nav-reload")
    a_backend_school.backend.write(drawing["id"], a_backend_school.sam, {"imageData": "P2", "x": None})

    wait_value(model, "data", {"imageData": "P2", "x": None})
    assert a_backend_school.backend.count("PUT", f"/api/v1/documents/{drawing['id']}") == 0


def test_document_that_is_deleted_there_is_gone_here(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """DELETED_RECORD is understood."""
    mine, _ = a_pair

    a_backend_school.backend.tell("DELETED_RECORD", {"type": "Document", "id": mine.id})

    wait_value(mine, "save_state", "refused")
    assert "has been deleted" in mine.save_detail


@pytest.mark.parametrize("with_root", [False, True])
def test_what_was_deleted_there_is_opened_anew(a_backend_school: BackendSchool, *, with_root: bool) -> None:
    """Whoever runs the cell again has another text that everybody edits, also where its root was deleted as well."""
    room, other = (a_backend_school.connect(each) for each in (a_backend_school.sam, a_backend_school.sue))
    mine = opened(room, CodeModel, init="from the notebook\n")
    mine.code = "gone\n"
    mine.wait_saved(SECONDS)
    records, deleted = a_backend_school.backend.records, mine.id
    records.remove(deleted)
    if with_root:
        del records.roots[mine.root_id]
    a_backend_school.backend.tell("DELETED_RECORD", {"type": "Document", "id": deleted})
    wait_value(mine, "save_state", "refused")

    again = opened(room, CodeModel, init="from the notebook\n")

    assert again is mine
    assert mine.id != deleted
    assert mine.code == "from the notebook\n"
    mine.code += "and more\n"
    mine.wait_saved(SECONDS)
    assert opened(other, CodeModel).code == "from the notebook\nand more\n"


def test_people_and_presence_are_known(a_backend_school: BackendSchool) -> None:
    """Both versions of a person are understood, and CONNECTED_CLIENTS as well."""
    room = a_backend_school.connect(a_backend_school.sam)
    a_backend_school.connect(a_backend_school.tina)

    wait_for(room.presence, "counts", lambda counts: counts.get(a_backend_school.backend.records.group_id) == 2)
    wait_for(room.users, "records", lambda people: len(people) == 3)
    wait_for(room.groups, "records", lambda groups: len(groups) == 1)
    assert room.user is not None
    assert (room.user.name, room.user.role) == ("Sam Test", "student")
    role = "teacher" if a_backend_school.backend.version == "present" else "admin"
    assert {user.role for user in room.users} == {"student", role}


def test_refused_connection_is_said(a_backend_school: BackendSchool) -> None:
    """A socket that the backend throws out is no connection, although it could connect."""
    address = a_backend_school.address(a_backend_school.sam)
    a_backend_school.backend.end_sessions()
    room = Classroom(address, "course")

    wait_until(lambda: "accept" in room.status or "let this connection in" in room.status, "the status says why")
    room.close(0.1)

    assert not room.is_live


def _syncer(model: CodeModel) -> Any:
    return model.shared


class Page:
    """What a page of a kernel does with a live text, over the kernel."""

    def __init__(self, model: CodeModel) -> None:
        self._model = model
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._lock = threading.Lock()
        self.epoch = 0
        came = threading.Event()

        def begin(update: bytes, _state: bytes, epoch: int) -> None:
            self._doc.apply_update(update)
            self.epoch = epoch
            came.set()

        model.attach(self)
        model.get_update(b"", begin)
        assert came.wait(SECONDS)

    @property
    def text(self) -> str:
        """Return what the editor shows."""
        with self._lock:
            return str(self._doc.get("data", type=pycrdt.Map)["code"])

    def type(self, text: str, position: int) -> None:
        """Insert a text, and send the edit."""
        with self._lock:
            before = self._doc.get_state()
            self._doc.get("data", type=pycrdt.Map)["code"].insert(position, text)
            update = self._doc.get_update(before)
        self._model.apply_update(update, self, self.epoch)

    def on_update(self, update: bytes, _origin: object) -> None:
        """Take a change."""
        with self._lock:
            self._doc.apply_update(update)

    def on_reset(self) -> None:
        """Nothing: these tests do not replace the document under a page."""

    def on_awareness(self, state: bytes) -> None:
        """Nothing."""

    def on_awareness_query(self) -> None:
        """Nothing."""


def test_a_file_tree_is_changed_there_too(a_backend_school: BackendSchool) -> None:
    """Made, renamed, moved and deleted; nothing is told of what was below a deleted folder, and it is gone, too."""
    sam, elsewhere = (a_backend_school.connect(a_backend_school.sam) for _ in range(2))
    trees = []
    for room in (sam, elsewhere):
        top = room.document("tree", type="dir", init={"name": "Tree", "isOpen": True})
        top.wait_loaded(SECONDS)
        trees.append(room.documents_below(top, all_levels=True))
        trees[-1].wait_loaded(SECONDS)
    mine, theirs = trees

    def names(tree: DocumentCollection) -> list[str]:
        return [record.data["name"] for record in tree]

    one = mine.add({"name": "one", "isOpen": True}, "dir", parent_id=top.id)
    two = mine.add({"name": "two", "isOpen": True}, "dir", parent_id=one)
    three = mine.add({"name": "three", "isOpen": True}, "dir", parent_id=two)
    mine.change(one, {"name": "1"}, {"name": "one"})
    mine.move(three, top.id)
    wait_until(lambda: names(theirs) == ["Tree", "1", "two", "three"] == names(mine), "both see all")
    wait_until(lambda: {each.id: each.parent_id for each in theirs}[three] == top.id, "and where it is now")
    theirs.remove(one, as_seen=True)

    wait_until(lambda: names(mine) == ["Tree", "three"] == names(theirs), "it is gone with what was in it")
    assert [record.parent_id for record in mine] == [None, top.id]


def test_nobody_deletes_there_what_others_have_below_what_is_theirs(a_backend_school: BackendSchool) -> None:
    """A folder in a shared tree takes nobody else's file with it; teachers may delete theirs all the same."""
    trees = []
    for person in (a_backend_school.sam, a_backend_school.sue, a_backend_school.tina):
        room = a_backend_school.connect(person)
        top = room.document("tree", type="dir", init={"name": "Tree", "isOpen": True}, shared=True)
        top.wait_loaded(SECONDS)
        trees.append(room.documents_below(top, all_levels=True))
        trees[-1].wait_loaded(SECONDS)
    sams, sues, tinas = trees
    folder, staffs = (tree.add({"name": "f", "isOpen": True}, "dir", parent_id=top.id) for tree in (sams, tinas))
    wait_until(lambda: folder in [each.id for each in sues], "the folder is seen")
    wait_until(lambda: staffs in [each.id for each in sues], "and the other one")
    files = [sues.add({"name": "x", "isOpen": False}, "file", parent_id=each) for each in (folder, staffs)]
    wait_until(lambda: files[0] in [each.id for each in sams], "the file is seen")

    for as_seen in (True, False):
        with pytest.raises(Forbidden, match="others have put something below this"):
            sams.remove(folder, as_seen=as_seen)
    tinas.remove(staffs)

    assert files[0] in a_backend_school.backend.records.documents
    assert files[1] not in a_backend_school.backend.records.documents
    sues.remove(files[0])
    sams.remove(folder)
    assert folder not in a_backend_school.backend.records.documents
