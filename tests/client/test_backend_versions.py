"""The history of code at the existing backend, in both versions: documents that whoever saves makes, and lists."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.models.string import StringModel
from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.schema import wire
from tests.harness.backend_records import Json, Pupil
from tests.harness.backend_school import BackendSchool, a_backend_school, a_present_school, opened
from tests.harness.waiting import SECONDS, wait_for, wait_until, wait_value

__all__ = ["a_backend_school", "a_present_school"]


@pytest.fixture
def a_pair(a_backend_school: BackendSchool) -> tuple[CodeModel, CodeModel]:
    """Return one shared text in two kernels, Sam's and Sue's."""
    sam, sue = (a_backend_school.connect(each) for each in (a_backend_school.sam, a_backend_school.sue))
    return opened(sam, CodeModel), opened(sue, CodeModel)


def versions(school: BackendSchool) -> list[Json]:
    """Return the versions that the backend has, oldest first."""
    return [each for each in list(school.backend.records.documents.values()) if each["type"] == "script_version"]


def save(model: CodeModel, code: str) -> None:
    """Store a text, and return when its version is stored as well."""
    model.code = code
    model.wait_saved(SECONDS)
    assert [each.text for each in model.history][:1] == [code]


def from_website(school: BackendSchool, model: CodeModel, writer: Pupil, data: Any) -> Json:
    """Have a version made by a page of the website."""
    body = {"type": "script_version", "data": data, "documentRootId": model.root_id, "parentId": model.id}
    made = school.backend.records.make_document(writer, body)
    school.backend.tell("NEW_RECORD", {"type": "Document", "record": dict(made)})
    return made


def test_saved_code_is_a_version(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """It lies below the text, in the name of whoever saved, as the website makes it; nobody else makes another one."""
    mine, theirs = a_pair

    save(mine, "ONE\ntwo\nthree\n")
    wait_value(theirs, "code", "ONE\ntwo\nthree\n")
    save(theirs, "ONE\ntwo\nTHREE\n")

    made = [
        {key: each[key] for key in ("parentId", "authorId", "documentRootId", "data")}
        for each in versions(a_backend_school)
    ]
    place = {"parentId": mine.id, "documentRootId": mine.root_id}
    assert made == [
        place | {"authorId": a_backend_school.sam.id, "data": {"code": "ONE\ntwo\nthree\n"}},
        place | {"authorId": a_backend_school.sue.id, "data": {"code": "ONE\ntwo\nTHREE\n"}},
    ]


def test_history_lists_who_saved_what_when(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """Newest first, with names and times; what another saved is there as soon as it is told."""
    mine, theirs = a_pair
    save(mine, "ONE\n")
    wait_value(theirs, "code", "ONE\n")
    save(theirs, "TWO\n")

    newest, older = mine.history

    assert (newest.text, older.text) == ("TWO\n", "ONE\n")
    assert (newest.authors, older.authors) == (("Sue Test",), ("Sam Test",))
    assert (newest.number, older.number, newest.kind) == (2, 1, "edit")
    assert [each.created_at for each in (older, newest)] == [
        wire.timestamp(wire.parse_timestamp(each["createdAt"])) for each in versions(a_backend_school)
    ]


def test_restoring_is_an_edit_for_everybody(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """It is shown, saved, told and a version like any other; keys beside the text stay, and it can be undone."""
    mine, theirs = a_pair
    save(mine, "ONE\n")
    a_backend_school.backend.write(mine.id, a_backend_school.tina, {"code": "TWO\n", "tone": [1]})
    wait_value(mine, "code", "TWO\n")
    replaced, older = mine.history

    mine.restore(older.number)

    assert (mine.code, a_backend_school.backend.data(mine.id)) == ("ONE\n", {"code": "ONE\n", "tone": [1]})
    wait_value(theirs, "code", "ONE\n")
    assert [each.text for each in mine.history] == ["ONE\n", "TWO\n", "ONE\n"]
    mine.restore(replaced.number)
    assert [each.text for each in mine.history] == ["TWO\n", "ONE\n", "TWO\n", "ONE\n"]


def test_restoring_keeps_what_was_not_saved_yet(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """What was just typed is stored first, and stays as a version."""
    mine, _ = a_pair
    save(mine, "ONE\n")
    (older,) = mine.history
    mine.code = "just typed\n"

    mine.restore(older.number)

    assert [each.text for each in mine.history] == ["ONE\n", "just typed\n", "ONE\n"]
    assert a_backend_school.backend.data(mine.id) == {"code": "ONE\n"}


def test_version_says_that_something_was_pasted(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """That of the save with the paste, for the website and every kernel; those before and after it do not."""
    mine, theirs = a_pair
    save(mine, "ONE\n")
    mine.note_paste()
    save(mine, "ONE\npasted\n")
    save(mine, "ONE\npasted\ntyped\n")

    assert [each["data"] for each in versions(a_backend_school)] == [
        {"code": "ONE\n"},
        {"code": "ONE\npasted\n", "pasted": True},
        {"code": "ONE\npasted\ntyped\n"},
    ]
    assert [each.is_pasted for each in theirs.history] == [False, True, False]


def test_newest_of_many_saves_is_a_version(a_present_school: BackendSchool) -> None:
    """Of one text at most one is made in a second; what is saved last is the last one."""
    model = opened(a_present_school.connect(a_present_school.sam), CodeModel)
    syncer: Any = model.shared
    for number in range(8):
        model.code = f"{number}\n"
        model.gate.post(syncer.flush)
        model.wait_saved(SECONDS)

    assert model.history[0].text == "7\n"
    made = versions(a_present_school)
    times = [wire.parse_timestamp(each["createdAt"]) for each in made]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert (made[0]["data"], made[-1]["data"]) == ({"code": "0\n"}, {"code": "7\n"})
    assert [gap for gap in gaps if gap < 1000] == []


def test_classroom_that_closes_leaves_the_newest_version(a_present_school: BackendSchool) -> None:
    """The version of what was saved last is made, although another one was made just before."""
    room = a_present_school.connect(a_present_school.sam)
    model = opened(room, CodeModel)
    save(model, "ONE\n")
    model.code = "TWO\n"
    room.close(SECONDS)

    assert [each["data"] for each in versions(a_present_school)] == [{"code": "ONE\n"}, {"code": "TWO\n"}]


def test_version_that_fails_disturbs_no_save(
    a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]
) -> None:
    """The text is stored and said to be; the present state is listed all the same, and the next version is made."""
    mine, theirs = a_pair
    a_backend_school.backend.api.creates_nothing = True

    mine.code = "ONE\n"
    mine.wait_saved(SECONDS)
    assert [(each.text, each.authors) for each in mine.history] == [("ONE\n", ("somebody",))]
    assert (mine.save_state, versions(a_backend_school)) == ("saved", [])
    a_backend_school.backend.api.creates_nothing = False
    save(mine, "TWO\n")

    wait_value(theirs, "code", "TWO\n")
    assert [each["data"] for each in versions(a_backend_school)] == [{"code": "TWO\n"}]


def test_new_versions_are_heard_of(a_backend_school: BackendSchool, a_pair: tuple[CodeModel, CodeModel]) -> None:
    """A list of what lies below the text follows them: one's own, another kernel's, and the website's."""
    mine, theirs = a_pair
    sam = a_backend_school.connect(a_backend_school.sam)
    again = opened(sam, CodeModel)
    lists = [sam.documents_below(again, "script_version")]
    for below in lists:
        below.wait_loaded(SECONDS)

    save(again, "ONE\n")
    wait_value(theirs, "code", "ONE\n")
    save(theirs, "TWO\n")
    from_website(a_backend_school, mine, a_backend_school.sue, {"code": "THREE\n", "pasted": True, "version": 3})

    wanted = [{"code": "ONE\n"}, {"code": "TWO\n"}, {"code": "THREE\n", "pasted": True, "version": 3}]
    for below in lists:
        wait_for(below, "records", lambda records: [each.data for each in records] == wanted)
    assert [each.text for each in mine.history][1:] == ["THREE\n", "TWO\n", "ONE\n"]
    assert (mine.code, mine.history[0].text) == ("TWO\n", "TWO\n")


def test_shapes_of_other_programs_are_left_alone(a_present_school: BackendSchool) -> None:
    """What has code is shown with all its keys; what has none is not, for bringing it back would empty the text."""
    model = opened(a_present_school.connect(a_present_school.sam), CodeModel)
    shapes: list[Any] = [
        {"code": "a\n", "version": 0},
        {"code": 7},
        None,
        ["x"],
        {"snapshot": "b"},
        {"code": "c\n", "pasted": True},
    ]
    for shape in shapes:
        from_website(a_present_school, model, a_present_school.sam, shape)

    listed = model.history

    assert [each.data for each in listed[1:]] == [{"code": "c\n", "pasted": True}, {"code": "a\n", "version": 0}]
    assert [each["data"] for each in versions(a_present_school)] == shapes


def test_number_stays_that_of_its_version(a_present_school: BackendSchool) -> None:
    """One that its author has deleted leaves its number; asked for, it is not kept any more."""
    room = a_present_school.connect(a_present_school.sam)
    model = opened(room, CodeModel)
    gone, kept, _ = [from_website(a_present_school, model, a_present_school.sam, {"code": text}) for text in "abc"]
    numbers = {each.text: each.number for each in model.history}

    a_present_school.backend.records.remove(gone["id"])

    assert {each.text: each.number for each in model.history} == {
        text: number for text, number in numbers.items() if text != "a"
    }
    assert model.past.data(numbers["b"]) == kept["data"]
    with pytest.raises(NotFound, match=f"version {numbers['a']} "):
        model.past.data(numbers["a"])
    with pytest.raises(NotFound, match="version 77 "):
        model.restore(77)


def test_of_somebody_elses_text_no_version_is_made(a_backend_school: BackendSchool) -> None:
    """A reader has none to make; a teacher sees those of a student, and cannot bring one back."""
    mine = opened_own(a_backend_school.connect(a_backend_school.sam))
    save(mine, "ONE\n")
    save(mine, "TWO\n")
    seen = a_backend_school.connect(a_backend_school.tina).document("own", author=a_backend_school.sam.id)
    assert isinstance(seen, CodeModel)
    seen.wait_loaded(SECONDS)

    listed = seen.history

    assert [(each.text, each.authors) for each in listed] == [("TWO\n", ("Sam Test",)), ("ONE\n", ("Sam Test",))]
    with pytest.raises(Forbidden, match="read this document"):
        seen.restore(listed[1].number)
    seen.code = "mine\n"
    assert seen.save_state == "read-only"
    assert len(versions(a_backend_school)) == 2


def opened_own(room: Classroom) -> CodeModel:
    """Return the model of somebody's own text."""
    model = room.document("own", init="x\n")
    assert isinstance(model, CodeModel)
    model.wait_loaded(SECONDS)
    return model


def test_version_that_would_be_refused_is_not_asked_for(a_present_school: BackendSchool) -> None:
    """The backend lets somebody write a shared text who may add nothing beside it, and keeps what it refuses."""
    mine = opened(a_present_school.connect(a_present_school.sam), CodeModel)
    permission = {"id": "p", "userId": a_present_school.sue.id, "documentRootId": mine.root_id, "access": "RO_User"}
    a_present_school.backend.records.user_permissions.append(permission)
    theirs = opened(a_present_school.connect(a_present_school.sue), CodeModel)

    theirs.code = "theirs\n"
    theirs.wait_saved(SECONDS)
    wait_value(mine, "code", "theirs\n")

    assert [(each.text, each.authors) for each in theirs.history] == [("theirs\n", ("somebody",))]
    assert versions(a_present_school) == []


@pytest.mark.parametrize("type_name", ["script", "pyodide_code"])
def test_code_that_runs_on_the_website_has_versions(a_present_school: BackendSchool, type_name: str) -> None:
    """Its types are saved by key here, and their versions are made all the same."""
    model = a_present_school.connect(a_present_school.sam).document("p", type=type_name, init={"code": "1", "x": 2})
    model.wait_loaded(SECONDS)

    model.data = {"code": "1", "x": 3}
    model.wait_saved(SECONDS)
    model.data = {"code": "2", "x": 3}
    model.wait_saved(SECONDS)

    wait_until(lambda: [each["data"] for each in versions(a_present_school)] == [{"code": "2"}], "it is a version")
    assert versions(a_present_school)[0]["parentId"] == model.id


def test_other_texts_have_no_history_there(a_present_school: BackendSchool) -> None:
    """The backend has versions of code alone: a sentence says so, and no such document is made."""
    model = opened(a_present_school.connect(a_present_school.sam), StringModel, init="x")
    model.text = "y"
    model.wait_saved(SECONDS)

    with pytest.raises(NotFound, match="versions of code alone"):
        _ = model.history

    assert not model.past.is_kept(model.type)
    assert versions(a_present_school) == []
