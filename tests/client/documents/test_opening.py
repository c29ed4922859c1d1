"""The first second of a document: the call that opens it returns with what the hub has, or says that it has not."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from teaching_nb.client import Classroom, CodeModel, DocumentModel, connect
from teaching_nb.client.documents import patience
from teaching_nb.client.models import saving
from teaching_nb.schema.roots import root_id
from tests.harness.cast import ADMIN, ALICE, BOB, CAROL, TEACHER, Cast
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.kernels import OLDER, Kernel, both_specs
from tests.harness.waiting import SECONDS, wait_until, wait_value

TEMPLATE = "answer = 'INIT'\n"
WORK = "answer = 42\n"
LONG = 3600.0
"""Whoever waits for this never returns while the test runs."""

Patient = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def a_patient_client(monkeypatch: Patient) -> Patient:
    """Have the client wait for a slow machine; returns what changes that."""
    monkeypatch.setattr(patience, "SECONDS", SECONDS)
    return monkeypatch


@pytest.fixture
def a_silent_hub(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> Iterator[HubProcess]:
    """Return a hub that Bob is connected to, and that does nothing until it is told to go on."""
    connect_as(BOB, a_mortal_hub)
    yield a_mortal_hub
    a_mortal_hub.send_signal(signal.SIGCONT)


@pytest.fixture
def a_sparing_hub(tmp_path: Path, a_seeded_file: tuple[Path, Cast]) -> Iterator[HubProcess]:
    """Return a hub where a student makes two roots an hour."""
    hub = HubProcess.of(a_seeded_file, tmp_path / "data").start(TEACHING_NB_HUB_ROOTS_PER_HOUR="2")
    yield hub
    hub.stop()


def written(room: Classroom, slug: str = "work", **options: object) -> CodeModel:
    """Open a document and write into it."""
    model = room.document(slug, init=TEMPLATE, **options)  # type: ignore[arg-type]
    assert isinstance(model, CodeModel)
    model.code = WORK
    model.wait_saved(SECONDS)
    return model


@pytest.mark.parametrize("shared", [False, True])
def test_opening_returns_with_the_hubs_text(connect_as: ConnectAs, shared: bool) -> None:  # noqa: FBT001
    """In a new kernel the next line finds what the hub has, not the template, and its edit is one of that."""
    written(connect_as(ALICE), shared=shared)

    model = connect_as(ALICE).document("work", init=TEMPLATE, shared=shared)

    assert isinstance(model, CodeModel)
    assert (model.code, model.save_state) == (WORK, "saved")
    model.code += "print(answer)\n"
    model.wait_saved(SECONDS)
    assert model.code == WORK + "print(answer)\n"
    assert model.conflict is None


def test_record_and_document_by_id_return_with_what_the_hub_has(connect_as: ConnectAs, a_hub: HubProcess) -> None:
    """It is the same for documents of every type, and however they are named."""
    task = connect_as(ALICE).document("task", type="task_state")
    a_hub.ask("PUT", f"/documents/{task.id}", ALICE, {"data": {"state": "checked"}})
    room = connect_as(ALICE)

    assert room.document("task", type="task_state").data == {"state": "checked"}
    code = written(connect_as(ALICE))
    by_id = room.open_document(code.id, "code")

    assert isinstance(by_id, CodeModel)
    assert by_id.code == WORK


def test_refused_document_returns_with_the_refusal(alice: Classroom, a_hub: HubProcess, a_course: str) -> None:
    """Who may not see a document knows it when the call returns."""
    root = root_id("hidden", a_course)
    a_hub.ask("POST", f"/documentRoots/{root}", ADMIN, {"access": "None_DocumentRoot"})

    model = alice.document("hidden")

    assert model.save_state == "refused"
    assert "ask your teacher to open it to you, or use another name" in model.save_detail


def test_teacher_who_may_not_see_a_document_is_sent_to_no_teacher(connect_as: ConnectAs) -> None:
    """Nobody can open it to them; what somebody of another class has is a matter of groups."""
    carol = connect_as(CAROL)
    theirs = written(carol)
    assert carol.user is not None
    room = connect_as(TEACHER)

    model = room.open_document(theirs.id, "code")
    feedback = room.document_for("essay", student=carol.user.id)

    wait_until(lambda: model.save_state == feedback.save_state == "refused", "both are refused")
    assert model.save_detail.endswith(saving.ASK_STAFF)
    assert feedback.save_detail.endswith(saving.OF_OTHERS)


CASES = [("code", "code", "x = 1\n"), ("task_state", "state", "star")]
KINDS = pytest.mark.parametrize(("kind", "first", "then"), CASES)


@KINDS
@pytest.mark.parametrize("shared", [False, True])
def test_what_was_deleted_is_opened_anew(
    connect_as: ConnectAs, a_hub: HubProcess, kind: str, first: str, then: str, *, shared: bool
) -> None:
    """Whoever runs the cell again has a new document, in the same model, as a new kernel would have."""
    room = connect_as(ALICE)
    model: Any = room.document("work", type=kind, shared=shared)
    model.wait_loaded(SECONDS)
    setattr(model, first, then)
    model.wait_saved(SECONDS)
    deleted = model.id
    # Told to the kernel, which has not deleted it.
    a_hub.ask("DELETE", f"/documents/{deleted}", ADMIN if shared else ALICE)
    wait_until(lambda: model.save_state == "refused", "it is deleted")
    assert "has been deleted" in model.save_detail
    assert "opening it again makes a new one" in model.save_detail

    again: Any = room.document("work", type=kind, shared=shared)
    again.wait_loaded(SECONDS)

    assert again is model
    assert model.id != deleted
    wait_until(lambda: model.save_state == "saved", "the new one is as it is at the hub")
    assert getattr(model, first) != then
    setattr(model, first, then)
    model.wait_saved(SECONDS)
    assert a_hub.stored(model.id, ALICE)[first] == then


@KINDS
def test_what_was_unsent_is_in_the_new_document(
    connect_as: ConnectAs, a_hub: HubProcess, kind: str, first: str, then: str
) -> None:
    """It was written before the notebook knew, or in spite of it."""
    room = connect_as(ALICE)
    model: Any = room.document("work", type=kind)
    model.wait_loaded(SECONDS)
    a_hub.ask("DELETE", f"/documents/{model.id}", ALICE)
    wait_until(lambda: model.save_state == "refused", "it is deleted")
    setattr(model, first, then)

    room.document("work", type=kind).wait_saved(SECONDS)

    assert a_hub.stored(model.id, ALICE)[first] == then


def test_hub_that_cannot_be_reached_is_not_waited_for(
    a_mortal_hub: HubProcess, a_course: str, a_patient_client: Patient
) -> None:
    """Without a hub the call returns at once, and says before anything runs that this is not what the hub has."""
    token = a_mortal_hub.token(ALICE)
    a_mortal_hub.stop()
    room = connect(a_mortal_hub.url, token, a_course)
    wait_until(lambda: "reached" in room.status, "it is known that nobody is there")
    a_patient_client.setattr(patience, "SECONDS", LONG)
    room._patience.renew()
    try:
        model = room.document("work", init=TEMPLATE)

        assert isinstance(model, CodeModel)
        assert (model.code, model.is_loaded, model.save_state) == (TEMPLATE, False, "offline")
        assert "cannot be reached" in model.save_detail
        assert "not here yet" in model.save_detail
    finally:
        room.close(1)


def test_document_that_cannot_be_made_for_an_hour_is_not_waited_for(
    a_sparing_hub: HubProcess, connect_as: ConnectAs, a_patient_client: Patient
) -> None:
    """The call returns with why and how long, and the next ones wait for the hub as before."""
    a_patient_client.setattr(patience, "SECONDS", LONG)
    room = connect_as(ALICE, a_sparing_hub)
    for number in range(2):
        assert Opening(room, f"work-{number}").result().save_state == "saved"

    model = Opening(room, "one-too-many").result()

    assert (model.save_state, model.is_loaded) == ("offline", False)
    assert "you have made 2 document roots within an hour, the limit is 2" in model.save_detail
    assert "can be made in 60 minutes" in model.save_detail
    assert room._patience._left == LONG
    assert Opening(room, "work-0").result().save_state == "saved"
    assert Opening(room, "another-too-many").result().save_detail == model.save_detail


def test_waiting_ends_when_the_connection_is_lost(
    a_silent_hub: HubProcess, connect_as: ConnectAs, a_patient_client: Patient
) -> None:
    """A hub that goes away while it is waited for is not waited for any longer."""
    _, opening = opening_in_silence(a_silent_hub, connect_as, a_patient_client)

    a_silent_hub.kill()

    assert opening.result().save_state == "offline"


def test_second_call_for_a_document_returns_at_once(
    a_silent_hub: HubProcess, connect_as: ConnectAs, a_patient_client: Patient
) -> None:
    """Only the call that opens a document waits; another one gets the same model, which says what it has."""
    room, opening = opening_in_silence(a_silent_hub, connect_as, a_patient_client)

    again = room.document("work", init=TEMPLATE)

    assert (again.is_loaded, again.save_state) == (False, "offline")
    a_silent_hub.send_signal(signal.SIGCONT)
    assert opening.result() is again
    assert again.save_state == "saved"


def test_silent_hub_is_waited_for_once_until_it_answers(
    a_silent_hub: HubProcess, connect_as: ConnectAs, a_patient_client: Patient
) -> None:
    """Many documents do not add up their waiting; as soon as the hub has answered, the next one waits for it again."""
    written(connect_as(ALICE, a_silent_hub), "later")
    a_patient_client.setattr(patience, "SECONDS", 0.5)
    room = connect_as(ALICE, a_silent_hub)
    a_silent_hub.send_signal(signal.SIGSTOP)

    begun = time.monotonic()
    models = [room.document(f"work-{number}", init=TEMPLATE) for number in range(200)]
    took = time.monotonic() - begun

    assert took < 50, "the waits added up: 200 of them are 100 s"
    assert {model.save_state for model in models} == {"offline"}
    a_patient_client.setattr(patience, "SECONDS", SECONDS)
    a_silent_hub.send_signal(signal.SIGCONT)
    wait_value(models[0], "is_loaded", True)
    wait_until(lambda: room._patience._left == SECONDS, "the hub is waited for again")
    later = room.document("later", init=TEMPLATE)
    assert isinstance(later, CodeModel)
    assert later.code == WORK


def test_callback_of_the_client_opens_without_waiting(
    alice: Classroom, bob: Classroom, a_patient_client: Patient
) -> None:
    """On the client's own thread, where waiting would stop what is waited for, the document comes a moment later."""
    mine, theirs = written(alice, shared=True), written(bob, shared=True)
    a_patient_client.setattr(patience, "SECONDS", LONG)
    alice._patience.renew()
    found: list[tuple[DocumentModel, bool]] = []

    def open_another(_change: object) -> None:
        model = alice.document("another", init=TEMPLATE)
        found.append((model, model.is_loaded))

    mine.observe(open_another, "code")
    theirs.code += "# more\n"
    wait_until(lambda: found, "the callback has returned")

    (model, was_loaded), *_ = found
    assert not was_loaded
    wait_value(model, "is_loaded", True)


@pytest.mark.parametrize("name", ["python3", OLDER])
def test_waiting_can_be_interrupted(
    a_silent_hub: HubProcess, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """The button that interrupts a kernel ends the wait; the document is there all the same."""
    kernel = Kernel(name, both_specs(tmp_path_factory.mktemp("kernels")))
    try:
        kernel.run(
            "import os, sys\nsys.path.insert(0, os.getcwd())\nimport teaching_nb as tnb\n"
            f"from teaching_nb.client.documents import patience\npatience.SECONDS = {SECONDS}\n"
            f"room = tnb.connect({a_silent_hub.url!r}, {a_silent_hub.token(ALICE)!r})\nroom.wait_live({SECONDS})\n"
            f"patience.SECONDS = {LONG}\nroom._patience.renew()"
        )
        a_silent_hub.send_signal(signal.SIGSTOP)

        kernel.start("print('opening', flush=True)\nroom.document('interrupted')")
        kernel.wait(lambda message: message["content"].get("text", "").startswith("opening"))
        time.sleep(0.3)  # whenever it comes, the interrupt ends the cell; mostly it now comes into the wait
        kernel.interrupt()
        kernel.wait(lambda message: message["content"].get("ename") == "KeyboardInterrupt")

        assert kernel.run("print(room.document('interrupted').save_state)") == "offline\n"
    finally:
        kernel.stop()


def opening_in_silence(hub: HubProcess, connect_as: ConnectAs, client: Patient) -> tuple[Classroom, Opening]:
    """Return a classroom of Alice's, and a thread that waits there for a document: the hub does nothing any more."""
    client.setattr(patience, "SECONDS", LONG)
    room = connect_as(ALICE, hub)
    hub.send_signal(signal.SIGSTOP)
    opening = Opening(room, "work")
    opening.wait_begun()
    return room, opening


class Opening:
    """A thread that opens a document, and may be waiting for it."""

    def __init__(self, room: Classroom, slug: str) -> None:
        self._room = room
        self._found: list[DocumentModel] = []
        self._thread = threading.Thread(target=self._open, args=(slug,), daemon=True)
        self._thread.start()

    def wait_begun(self) -> None:
        """Wait until the document is asked for."""
        wait_until(lambda: len(self._room._documents), "the document is being opened")
        assert self._thread.is_alive()

    def result(self) -> DocumentModel:
        """Return what the call has returned."""
        self._thread.join(SECONDS)
        assert self._found, "the call has not returned"
        return self._found[0]

    def _open(self, slug: str) -> None:
        self._found.append(self._room.document(slug, init=TEMPLATE))
