"""Whose document it is, as seen from notebooks that mean different things by one name."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.documents.sharing import AWAITED, after, notice
from teaching_nb.errors import Forbidden
from teaching_nb.schema.records import RootMeta, Sharing
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.waiting import SECONDS, wait_for, wait_value


def opened(room: Classroom, slug: str, shared: Any, init: str = "init\n", **more: Any) -> CodeModel:
    """Open a code document."""
    model = room.document(slug, init=init, shared=shared, **more)
    assert isinstance(model, CodeModel)
    model.wait_loaded(SECONDS)
    return model


def test_own_text_stays_ones_own_whatever_the_teacher_calls(alice: Classroom, bob: Classroom, tina: Classroom) -> None:
    """A student's text is not the shared one of the same name; who means the other one is told."""
    mine = opened(alice, "s", shared=False)
    mine.code = "my diary\n"
    mine.wait_saved(SECONDS)

    given = opened(tina, "s", shared=True, init="for all\n")
    theirs = opened(bob, "s", shared=True)

    assert theirs.code == "for all\n"
    theirs.code = ""
    theirs.wait_saved(SECONDS)
    wait_value(given, "code", "")
    assert (mine.code, given.notice, theirs.notice) == ("my diary\n", "", "")
    wait_for(mine, "notice", lambda sentence: "shared=True" in sentence)


def test_word_of_the_teacher_reaches_open_cells(alice: Classroom, tina: Classroom) -> None:
    """A text for all that becomes a hand-out is read-only at once, with a sentence; the teacher goes on writing."""
    board, mine = opened(tina, "fib", shared=True), opened(alice, "fib", shared=True)
    mine.code = "by alice\n"
    mine.wait_saved(SECONDS)

    handed_out = opened(tina, "fib", shared="read")

    wait_value(mine, "save_state", "read-only")
    wait_for(mine, "notice", lambda sentence: "hand-out" in sentence)
    handed_out.code = "by tina\n"
    handed_out.wait_saved(SECONDS)
    wait_value(mine, "code", "by tina\n")
    assert board.id == handed_out.id == mine.id
    assert handed_out.notice == ""


def test_hand_out_that_nobody_has_given_out_waits_for_the_teacher(alice: Classroom, tina: Classroom) -> None:
    """A student who comes first sees what the notebook brings, read-only, and gets the teacher's text by itself."""
    copy = alice.document("sheet", init="brought\n", shared="read")
    wait_value(copy, "save_state", "read-only")
    assert isinstance(copy, CodeModel)
    assert (copy.code, copy.save_detail, copy.notice) == ("brought\n", "your teacher has not opened this yet", AWAITED)
    assert not copy.can_edit
    with pytest.raises(Forbidden, match="your teacher has not opened this yet"):
        copy.wait_loaded(SECONDS)

    sheet = opened(tina, "sheet", shared="read", init="by the teacher\n")

    wait_value(copy, "code", "by the teacher\n")
    assert copy.id == sheet.id
    wait_value(copy, "notice", "")
    sheet.code = "more\n"
    wait_value(copy, "code", "more\n")
    assert copy.save_state == "read-only"


def test_open_notebooks_get_the_hand_out(alice: Classroom, bob: Classroom, tina: Classroom) -> None:
    """Students have begun a text for all under the name; what the teacher hands out takes its place in their cells."""
    mine, theirs = opened(alice, "sheet", shared=True), opened(bob, "sheet", shared=True)
    mine.code = "by alice\n"
    wait_value(theirs, "code", "by alice\n")

    sheet = opened(tina, "sheet", shared="read", init="by the teacher\n")

    for model in (mine, theirs):
        wait_value(model, "code", "by the teacher\n")
        wait_value(model, "save_state", "read-only")
        assert model.id == sheet.id
    own = opened(alice, "sheet", shared=False)
    assert own.code == "by alice\n"


def test_shared_record_belongs_to_its_root(alice: Classroom, tina: Classroom) -> None:
    """Not only texts: a record that students have begun gives way to the teacher's, and follows their word."""
    mine = alice.document("votes", type="votes", init={"yes": 0}, shared=True, other_type=True)
    mine.wait_loaded(SECONDS)
    theirs = tina.document("votes", type="votes", init={"yes": 7}, shared="read", other_type=True)
    theirs.wait_loaded(SECONDS)

    wait_value(mine, "data", {"yes": 7})
    wait_value(mine, "save_state", "read-only")
    assert theirs.id == mine.id
    again = tina.document("votes", type="votes", init={"yes": 0}, shared=True)
    again.wait_loaded(SECONDS)
    again.data = {"yes": 8}
    again.wait_saved(SECONDS)
    wait_value(mine, "data", {"yes": 8})
    wait_value(mine, "save_state", "saved")


SHARED = {True: "RW_DocumentRoot", "read": "RO_DocumentRoot", False: ""}


def sharing(shared: str, *, is_confirmed: bool = True, is_elsewhere: bool = False, kept_private: int = 0) -> Sharing:
    """Return how a document is shared."""
    return Sharing(
        shared_access=f"{shared}_DocumentRoot",  # type: ignore[arg-type]  # one of the access words
        is_confirmed=is_confirmed,
        is_elsewhere=is_elsewhere,
        kept_private=kept_private,
    )


@pytest.mark.parametrize("is_elevated", [False, True])
@pytest.mark.parametrize("is_confirmed", [False, True])
@pytest.mark.parametrize("wanted", [False, True, "read"])
@pytest.mark.parametrize("present", ["None", "RO", "RW"])
def test_there_is_a_sentence_where_wish_and_document_disagree(
    wanted: Any, present: str, *, is_confirmed: bool, is_elevated: bool
) -> None:
    """And none where they agree."""
    asked = {True: "RW", "read": "RO", False: "None"}[wanted]

    sentence = notice(SHARED[wanted], sharing(present, is_confirmed=is_confirmed), is_elevated=is_elevated)

    assert bool(sentence) == (asked != present)
    assert not sentence or sentence.endswith(".")


def test_teacher_is_told_whose_texts_keep_a_root_closed() -> None:
    """With their number, and what to do instead."""
    one, many = (notice(SHARED[True], sharing("None", kept_private=people), is_elevated=True) for people in (1, 12))

    assert "One person has a text" in one
    assert "12 people have texts" in many
    assert "another name" in many


def test_events_of_roots_change_what_is_known() -> None:
    """An event of the root itself says how it is now, one of the other root of the name that it counts."""
    own = root_id("s")
    known = sharing("None")

    def event(of: str, shared: str) -> RootMeta:
        word: Any = f"{shared}_DocumentRoot"
        lists: Any = {"user_permissions": [], "group_permissions": []}
        return RootMeta(id=of, access="RW_DocumentRoot", shared_access=word, is_confirmed=True, **lists)

    assert after(known, event(own, "RO"), root_id=own, type_name="code").shared_access == "RO_DocumentRoot"
    twin = after(known, event(shared_root_id(own, "code"), "RW"), root_id=own, type_name="code")
    assert (twin.is_elsewhere, twin.shared_access) == (True, "None_DocumentRoot")
    assert after(known, event(shared_root_id(own, "string"), "RW"), root_id=own, type_name="code") == known


def test_root_without_a_slug_is_confirmed_by_what_only_teachers_do() -> None:
    """Its events do not say so; students only lower it."""
    root = "70000000-0000-4000-8000-000000000000"
    lists: Any = {"user_permissions": [], "group_permissions": []}
    known = sharing("RO", is_confirmed=False)

    for shared, is_confirmed in (("None", False), ("RO", True), ("RW", True)):
        word: Any = f"{shared}_DocumentRoot"
        event = RootMeta(id=root, access="RW_DocumentRoot", shared_access=word, **lists)
        assert after(known, event, root_id=root, type_name="code").is_confirmed is is_confirmed
