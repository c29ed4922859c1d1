"""Documents that are saved as a whole: task states and types that nobody here understands."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

import pytest

from teaching_nb.client import Classroom, DocumentModel, TaskStateModel
from teaching_nb.client.sync import record, save_delay
from teaching_nb.errors import Forbidden
from teaching_nb.schema import events
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import join
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import SECONDS, wait_for, wait_value


def a_task(room: Classroom) -> TaskStateModel:
    """Open a shared task state."""
    model = room.document("task", type="task_state", shared=True)
    assert isinstance(model, TaskStateModel)
    model.wait_loaded(SECONDS)
    return model


def opened(room: Classroom, **options: object) -> DocumentModel:
    """Open a shared document of an unknown type."""
    model = room.document("odd", type="odd_type", shared=True, other_type=True, **options)  # type: ignore[arg-type]
    model.wait_loaded(SECONDS)
    return model


def test_task_state_is_saved_at_once_and_shown_to_others(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """A click is stored and seen."""
    mine, theirs = a_task(alice), a_task(bob)
    assert (mine.state, mine.save_state) == ("unset", "saved")

    mine.state = "checked"
    assert mine.save_state == "saving"
    mine.wait_saved()

    wait_value(theirs, "state", "checked")
    assert a_hub.stored(mine.id, ALICE) == {"state": "checked"}
    assert theirs.revision == mine.revision


def test_keys_that_nobody_understands_survive_a_click(alice: Classroom, a_hub: HubProcess) -> None:
    """What other programs keep beside the state stays."""
    model = a_task(alice)
    a_hub.ask("PUT", f"/documents/{model.id}", BOB, {"data": {"state": "question", "by": {"whom": [1]}}})
    wait_value(model, "state", "question")

    model.state = "checked"
    model.wait_saved()

    assert a_hub.stored(model.id, ALICE) == {"state": "checked", "by": {"whom": [1]}}


def test_unknown_type_is_loaded_and_left_as_it_is(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """A type from elsewhere is shown as data and never rewritten by looking at it."""
    data = {"big": 2**53, "half": 0.5, "text": "é😀", "list": [None, True, {"deep": []}], "empty": {}}
    mine = opened(alice, init=data)
    theirs = opened(bob)

    assert theirs.data == data
    assert a_hub.stored(mine.id, ALICE) == data
    assert (mine.revision, theirs.revision) == (1, 1)


def test_changes_of_different_keys_are_merged(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """Two people who change different keys at once both get their way: 412, merge, try again."""
    mine, theirs = opened(alice, init={"a": 1, "b": 1}), opened(bob)
    start = threading.Barrier(2)

    def change(model: DocumentModel, key: str) -> None:
        start.wait(SECONDS)
        model.data = {**model.data, key: 2}
        model.wait_saved()

    threads = [threading.Thread(target=change, args=pair) for pair in ((mine, "a"), (theirs, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    for model in (mine, theirs):
        wait_value(model, "data", {"a": 2, "b": 2})
    assert a_hub.stored(mine.id, ALICE) == {"a": 2, "b": 2}


def test_remote_change_does_not_overwrite_unsaved_data(
    alice: Classroom, a_hub: HubProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a change waits to be saved, what arrives is merged into it."""
    monkeypatch.setattr(save_delay, "DELAY_SECONDS", 3600.0)
    monkeypatch.setattr(save_delay, "LONGEST_DELAY_SECONDS", 3600.0)
    model = opened(alice, init={"mine": 0, "theirs": 0})
    (document,) = alice._documents.of_id(model.id)
    assert isinstance(document.syncer, record.Record)

    model.data = {"mine": 1, "theirs": 0}
    a_hub.ask("PUT", f"/documents/{model.id}", BOB, {"data": {"mine": 0, "theirs": 1}})
    wait_value(model, "data", {"mine": 1, "theirs": 1})
    assert model.save_state == "saving"
    alice._loop.post(document.syncer.flush)
    model.wait_saved()

    assert a_hub.stored(model.id, ALICE) == {"mine": 1, "theirs": 1}


def test_value_of_somebody_else_that_is_replaced_is_named(
    alice: Classroom, a_hub: HubProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one key the own value is stored; what somebody else had stored there is said, until the next edit."""
    monkeypatch.setattr(save_delay, "DELAY_SECONDS", 3600.0)
    monkeypatch.setattr(save_delay, "LONGEST_DELAY_SECONDS", 3600.0)
    model = opened(alice, init={"state": "unset"})
    (document,) = alice._documents.of_id(model.id)
    assert isinstance(document.syncer, record.Record)

    model.data = {"state": "mine"}
    a_hub.ask("PUT", f"/documents/{model.id}", BOB, {"data": {"state": "theirs"}})
    alice._loop.post(document.syncer.flush)
    model.wait_saved()

    assert a_hub.stored(model.id, ALICE) == {"state": "mine"}
    assert model.save_state == "saved"
    assert 'state was "theirs"' in model.save_detail
    model.data = {"state": "again"}
    wait_for(model, "save_detail", lambda detail: "theirs" not in detail)


def test_quick_changes_are_saved_together(alice: Classroom) -> None:
    """Many assignments make one save, with the last value."""
    model = opened(alice, init={"n": 0})

    for number in range(1, 50):
        model.data = {"n": number}
    model.wait_saved()

    assert model.revision == 2
    assert model.data == {"n": 49}


def test_own_save_is_not_echoed(alice: Classroom, bob: Classroom) -> None:
    """The hub does not send us what we saved, unlike what others save: the sender header names our socket."""
    model, theirs = a_task(alice), a_task(bob)
    changes: list[object] = []
    take = alice._router.take

    def note(name: str, payload: Any) -> None:
        if name == events.CHANGED_DOCUMENT:
            changes.append(payload["data"])
        take(name, payload)

    with mock.patch.object(alice._router, "take", note):
        model.state = "checked"
        model.wait_saved()
        assert changes == []

        wait_value(theirs, "state", "checked")
        theirs.state = "question"
        wait_value(model, "state", "question")
        assert changes == [{"state": "question"}]


def test_reader_is_told_and_keeps_the_change(alice: Classroom, a_hub: HubProcess, a_course: str) -> None:
    """Without the right to write, the click stays in the notebook and says so."""
    model = a_task(alice)
    root = shared_root_id(root_id("task", a_course), "task_state")
    permission = {"documentRootId": root, "userId": a_hub.person(ALICE).id, "access": "RO_User"}
    a_hub.ask("POST", "/permissions/user", TEACHER, permission)
    wait_value(model, "save_state", "read-only")

    model.state = "checked"

    with pytest.raises(Forbidden, match="not saved"):
        model.wait_saved()
    assert model.state == "checked"
    assert a_hub.stored(model.id, ALICE) == {"state": "unset"}


def test_teacher_looks_at_a_students_state(alice: Classroom, tina: Classroom) -> None:
    """Another person's task state is shown live and cannot be changed."""
    mine = alice.document("own", type="task_state")
    assert isinstance(mine, TaskStateModel)
    mine.wait_loaded()

    seen = tina.document("own", type="task_state", author=mine.author_id)
    seen.wait_loaded()
    join(tina, mine.author_id)
    mine.state = "question"

    wait_value(seen, "state", "question")
    assert seen.save_state == "read-only"


def test_deleted_record_is_said(alice: Classroom, a_hub: HubProcess) -> None:
    """A record that is deleted elsewhere stays as its last state and says so."""
    model = alice.document("gone", type="task_state")
    model.wait_loaded()
    a_hub.ask("DELETE", f"/documents/{model.id}", ALICE)

    wait_for(model, "save_detail", lambda detail: "deleted" in detail)
    assert model.save_state == "refused"
