"""The hub dies, sleeps and comes back: nothing acknowledged is lost, nothing is doubled, nobody has to do anything."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from typing import Any

import pycrdt
import pytest
import socketio

from teaching_nb.client import Classroom, CodeModel, TaskStateModel
from teaching_nb.client.link import connection
from teaching_nb.client.sync.state_vector import read_state_vector
from teaching_nb.errors import TimedOut
from teaching_nb.schema import events
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_for, wait_value

BACK_SECONDS = 60.0
"""A hub starts slowly on a busy machine, and the back-off may have grown meanwhile."""


class Writer(threading.Thread):
    """Appends numbered lines to a document and notes which of them the hub acknowledged."""

    def __init__(self, model: CodeModel, name: str) -> None:
        super().__init__(name=name)
        self._model = model
        self._stop_writing = threading.Event()
        self.progress = threading.Event()
        self.written: list[str] = []
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Write until `finish`."""
        while not self._stop_writing.wait(0.005):
            line = f"{self.name}{len(self.written)}"
            self._model.code += f"{line}\n"
            self.written.append(line)
            if len(self.written) % 10 == 0:
                self._note_acknowledged()

    def wait_progress(self) -> None:
        """Wait until the hub acknowledges something new."""
        self.progress.clear()
        assert self.progress.wait(BACK_SECONDS), self._model.save_detail

    def finish(self) -> None:
        """Stop writing."""
        self._stop_writing.set()
        self.join(BACK_SECONDS)

    def _note_acknowledged(self) -> None:
        try:
            self._model.wait_saved(0.2)
        except TimedOut:
            return
        self.acknowledged = list(self.written)
        self.progress.set()


def opened(room: Classroom, slug: str = "shared") -> CodeModel:
    """Open a shared code document and wait for the hub."""
    model = room.document(slug, shared=True)
    assert isinstance(model, CodeModel)
    model.wait_loaded(BACK_SECONDS)
    return model


@pytest.mark.timeout(400)
def test_killed_hub_loses_nothing_acknowledged_and_doubles_nothing(
    a_mortal_hub: HubProcess, connect_as: ConnectAs
) -> None:
    """A hub that is killed in the middle of writes and started again ends with every line exactly once."""
    models = [opened(connect_as(name, a_mortal_hub)) for name in (ALICE, BOB)]
    writers = [Writer(model, name) for model, name in zip(models, "ab", strict=True)]
    for writer in writers:
        writer.start()

    acknowledged: list[str] = []
    for _ in range(3):
        for writer in writers:
            writer.wait_progress()
        acknowledged = [line for writer in writers for line in writer.acknowledged]
        a_mortal_hub.kill()
        a_mortal_hub.start()
    for writer in writers:
        writer.finish()
    for model in models:
        model.wait_saved(BACK_SECONDS)

    written = Counter(line for writer in writers for line in writer.written)
    assert len(acknowledged) > 20
    stored = Counter(a_mortal_hub.stored(models[0].id, ALICE)["code"].split())
    assert set(acknowledged) <= set(stored)
    assert stored == written
    for model in models:
        wait_for(model, "code", lambda text: Counter(text.split()) == written, BACK_SECONDS)
    assert models[0].code == models[1].code


def test_edits_without_a_hub_are_sent_when_it_is_back(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """Who goes on typing while the hub is down is told so, and loses nothing."""
    mine, theirs = (opened(connect_as(name, a_mortal_hub)) for name in (ALICE, BOB))
    mine.code = "before\n"
    mine.wait_saved()
    wait_value(theirs, "code", "before\n")

    a_mortal_hub.kill()
    wait_value(mine, "save_state", "offline")
    mine.code += "mine\n"
    theirs.code = "theirs\n" + theirs.code
    assert (mine.save_state, mine.unsent_text) == ("offline", "before\nmine\n")
    assert "kept" in mine.save_detail
    with pytest.raises(TimedOut, match="offline"):
        mine.wait_saved(0.1)
    a_mortal_hub.start()

    for model in (mine, theirs):
        wait_value(model, "code", "theirs\nbefore\nmine\n", BACK_SECONDS)
        model.wait_saved(BACK_SECONDS)
    assert a_mortal_hub.stored(mine.id, ALICE) == {"code": "theirs\nbefore\nmine\n"}


def test_clicks_without_a_hub_are_saved_when_it_is_back(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """A task state that was set while the hub was down arrives."""
    model = connect_as(ALICE, a_mortal_hub).document("task", type="task_state")
    assert isinstance(model, TaskStateModel)
    model.wait_loaded()

    a_mortal_hub.kill()
    wait_value(model, "save_state", "offline")
    model.state = "checked"
    a_mortal_hub.start()

    wait_value(model, "save_state", "saved", BACK_SECONDS)
    assert a_mortal_hub.stored(model.id, ALICE) == {"state": "checked"}


def test_missed_changes_are_caught_up(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """What others stored while we were away is there after reconnecting, live text and records alike."""
    room = connect_as(ALICE, a_mortal_hub)
    text, task = opened(room), room.document("task", type="task_state")
    assert isinstance(task, TaskStateModel)
    task.wait_loaded()
    a_mortal_hub.kill()
    wait_value(task, "save_state", "offline")
    room._connection._backoff.next_delay = lambda **_: 3600.0  # type: ignore[method-assign]
    room._connection._wake.set()
    a_mortal_hub.start()

    a_mortal_hub.ask("PUT", f"/documents/{task.id}", ALICE, {"data": {"state": "question"}})
    a_mortal_hub.ask("PUT", f"/documents/{text.id}", ALICE, {"data": {"code": "while you were away\n"}})
    room._loop.post(room._connection.retry_now)

    wait_value(text, "code", "while you were away\n", BACK_SECONDS)
    wait_value(task, "state", "question", BACK_SECONDS)


def test_view_that_sees_the_hub_has_it_connected_at_once(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """The kernel would have waited for an hour; what was written meanwhile is saved."""
    room = connect_as(ALICE, a_mortal_hub)
    model = opened(room)
    room._loop.post(lambda: setattr(room._connection._backoff, "next_delay", lambda **_: 3600.0))
    a_mortal_hub.kill()
    wait_value(model, "save_state", "offline")
    model.code = "written meanwhile\n"
    a_mortal_hub.start()

    model.retry_now()

    wait_value(model, "save_state", "saved", BACK_SECONDS)
    assert a_mortal_hub.stored(model.id, ALICE) == {"code": "written meanwhile\n"}


def test_wanted_rooms_are_joined_again(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """Presence of a person whom the teacher watches is told again after a restart."""
    teacher, student = connect_as(TEACHER, a_mortal_hub), connect_as(ALICE, a_mortal_hub)
    assert student.user is not None
    watched = student.user.id
    teacher.join_room(watched)
    teacher.join_room(watched)
    teacher.leave_room(watched)
    wait_for(teacher.presence, "counts", lambda counts: counts.get(watched, 0) >= 2)

    a_mortal_hub.kill()
    wait_value(teacher.presence, "counts", {}, BACK_SECONDS)
    a_mortal_hub.start()

    wait_for(teacher.presence, "counts", lambda counts: counts.get(watched, 0) >= 2, BACK_SECONDS)


def test_silent_hub_is_noticed_and_the_edit_sent_once(
    a_mortal_hub: HubProcess, connect_as: ConnectAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that does not answer makes the edit offline; when it wakes up the edit is there once."""
    model = opened(connect_as(ALICE, a_mortal_hub))
    monkeypatch.setattr(connection, "CALL_SECONDS", 1.0)

    a_mortal_hub.send_signal(signal.SIGSTOP)
    try:
        model.code = "once\n"
        wait_value(model, "save_state", "offline")
    finally:
        a_mortal_hub.send_signal(signal.SIGCONT)
    monkeypatch.setattr(connection, "CALL_SECONDS", 10.0)

    model.wait_saved(BACK_SECONDS)
    assert model.code == "once\n"
    assert a_mortal_hub.stored(model.id, ALICE) == {"code": "once\n"}


def test_edit_goes_to_the_hub_although_its_name_was_taken(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """After a restart somebody writes under the kernel's client id: what is written next is stored all the same."""
    mine = opened(connect_as(ALICE, a_mortal_hub))
    theirs = opened(connect_as(BOB, a_mortal_hub))
    mine.code += "ann0\n"
    mine.wait_saved(BACK_SECONDS)
    wait_value(theirs, "code", mine.code, BACK_SECONDS)
    a_mortal_hub.kill()
    a_mortal_hub.start()
    for model in (mine, theirs):
        wait_value(model, "save_state", "saved", BACK_SECONDS)

    asyncio.run(forge(a_mortal_hub, mine.id, "forged\n"))
    wait_for(mine, "code", lambda code: "forged" in code, BACK_SECONDS)
    epoch = mine.epoch
    mine.code += "ann1\n"
    mine.wait_saved(BACK_SECONDS)

    assert mine.epoch == epoch + 1
    wait_for(theirs, "code", lambda code: "ann1" in code, BACK_SECONDS)
    assert sorted(theirs.code.split()) == ["ann0", "ann1", "forged"]
    wait_value(mine, "code", theirs.code, BACK_SECONDS)
    third = opened(connect_as(BOB, a_mortal_hub))
    assert third.code == theirs.code


async def forge(hub: HubProcess, document_id: str, text: str) -> None:
    """Write, as Bob, under every client id that is known of a document."""
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(hub.url, transports=["websocket"], auth={"token": hub.token(BOB)})
    synced = await client.call(events.SYNC_DOCUMENT, {"id": document_id, "stateVector": b"\0"}, timeout=20)
    for client_id in read_state_vector(synced["stateVector"]).keys() - {1}:
        doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        doc.apply_update(synced["update"])
        doc.get("data", type=pycrdt.Map)["code"].insert(0, text)
        update = doc.get_update(synced["stateVector"])
        answer = await client.call(events.UPDATE_DOCUMENT, {"id": document_id, "update": update}, timeout=20)
        assert answer["ok"], answer
    await client.disconnect()
