"""A hub that refuses, hesitates or has forgotten: the live text's answers, against a scripted hub."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pycrdt
import pytest

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.sync.live_text import LiveText
from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, SharedDoc
from teaching_nb.client.sync.syncer import S, Syncer
from teaching_nb.errors import Conflict, Forbidden, InvalidInput, OperationalError, Unavailable
from teaching_nb.schema import events
from tests.client.sync.test_shared_doc import as_hub
from tests.harness.cast import ALICE
from tests.harness.waiting import wait_for, wait_value


class ScriptedHub:
    """A hub with one document: it refuses as often as it is told to, and may forget."""

    def __init__(self) -> None:
        self.doc = SharedDoc("code", update=as_hub("start"))
        self.refusals: list[OperationalError] = []
        self.calls: list[str] = []
        self.access = "RW_User"

    async def call(self, event: str, payload: Any, timeout: float | None = None) -> Any:
        """Answer as the hub does."""
        self.calls.append(event)
        await asyncio.sleep(0)
        if event == events.SYNC_DOCUMENT:
            update, known = self.doc.update_since(payload.state_vector), self.doc.state_vector
            return {"ok": True, "update": update, "stateVector": known, "access": self.access, "revision": 1}
        if self.refusals:
            return self.refusals.pop(0).to_ack()
        self.doc.apply(payload.update)
        return {"ok": True, "revision": 2}

    def forge(self, client_id: int, text: str) -> None:
        """Take an edit at the end that somebody makes under this client id, and tell nobody."""
        doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        doc.apply_update(self.doc.update_since(NOTHING_KNOWN))
        shared = doc.get("data", type=pycrdt.Map)["code"]
        shared.insert(len(shared), text)
        self.doc.apply(doc.get_update())

    def forget(self) -> None:
        """Go back to the first state, as after restoring an old backup."""
        self.doc = SharedDoc("code", update=as_hub("start"))


class Scene:
    """A model, what keeps it, and the hub."""

    def __init__(self, loop: LoopThread, hub: ScriptedHub | None = None) -> None:
        self.loop = loop
        self.hub = hub or ScriptedHub()
        self.model = CodeModel(loop, "code", {"code": "start"})
        self.live = LiveText(self.model, {"code": "start"}, connection=self.hub, surroundings=self)  # type: ignore[arg-type]
        self.live._sender._backoff._uniform = lambda _low, _high: 0.01
        self.model.gate.open(self.live)
        self.sync()

    def resync(self, syncer: Syncer) -> None:
        """Bring the model into agreement once more."""
        self.loop.start(syncer.sync())

    def stored(self, syncer: Syncer, data: Any) -> None:
        """Tell nobody."""

    def siblings(self, _syncer: S) -> list[S]:
        """Return nobody: there is one model."""
        return []

    def user_id(self) -> str:
        """Return who we are at the hub."""
        return ALICE

    def sync(self) -> None:
        """Bring the model into agreement with the hub."""
        future = self.loop.start(self.live.sync())
        assert future is not None
        future.result(30)


@pytest.fixture
def a_scene() -> Iterator[Scene]:
    """Return a model that is in agreement with its hub."""
    loop = LoopThread()
    yield Scene(loop)
    loop.stop()


def test_hub_that_forgot_is_given_what_it_had_acknowledged(a_scene: Scene) -> None:
    """After the hub was set back, the kernel sends what exists here only."""
    a_scene.model.code = "start and more"
    a_scene.model.wait_saved()
    a_scene.hub.forget()

    a_scene.sync()
    a_scene.model.wait_saved()

    assert a_scene.hub.doc.text == a_scene.model.code == "start and more"


def test_hub_that_cannot_save_just_now_is_asked_again(a_scene: Scene) -> None:
    """A full or busy database makes the edit wait, with a sentence, until it is stored."""
    states: list[tuple[str, str]] = []
    a_scene.model.observe(lambda change: states.append((change.new, a_scene.model.save_detail)), "save_state")
    a_scene.hub.refusals = [Unavailable("the disk is full"), Unavailable("the disk is full")]

    a_scene.model.code = "start!"
    wait_value(a_scene.model, "save_state", "saved")

    assert a_scene.hub.doc.text == "start!"
    assert any(state == "offline" and "the disk is full" in detail for state, detail in states)


def test_refused_edit_is_tried_once_more_after_a_sync(a_scene: Scene) -> None:
    """Perhaps the hub only knew less than the kernel thought."""
    a_scene.hub.refusals = [InvalidInput("update builds on edits that the hub does not know")]

    a_scene.model.code = "start!"
    a_scene.model.wait_saved()

    assert a_scene.hub.doc.text == "start!"
    assert a_scene.hub.calls[1:] == ["UPDATE_DOCUMENT", "SYNC_DOCUMENT", "UPDATE_DOCUMENT"]


def test_edit_that_stays_refused_is_said_and_kept(a_scene: Scene) -> None:
    """What the hub does not take stays in the notebook; the next edit is tried again, with everything."""
    a_scene.hub.refusals = [InvalidInput("nonsense"), InvalidInput("nonsense")]

    a_scene.model.code = "start!"
    wait_value(a_scene.model, "save_state", "refused")

    assert "nonsense" in a_scene.model.save_detail
    assert a_scene.model.unsent_text == "start!"
    a_scene.model.code = "start!!"
    a_scene.model.wait_saved()
    assert a_scene.hub.doc.text == "start!!"


def test_edit_whose_name_is_taken_is_made_anew(a_scene: Scene) -> None:
    """Under a fresh client id, in the document as the hub has it, once, and without marks of a conflict."""
    client_id, epoch = a_scene.live.doc._doc.client_id, a_scene.model.epoch
    a_scene.hub.forge(client_id, " forged")
    a_scene.hub.refusals = [Conflict("other edits have taken the place of yours")]

    a_scene.model.code = "start mine"
    a_scene.model.wait_saved()

    assert sorted(a_scene.hub.doc.text.split()) == ["forged", "mine", "start"]
    assert a_scene.model.code == a_scene.hub.doc.text
    assert a_scene.model.epoch == epoch + 1
    assert a_scene.live.doc._doc.client_id != client_id


def test_what_others_wrote_meanwhile_is_not_made_anew(a_scene: Scene) -> None:
    """Edits that came in while the own one was refused belong to others and stay there once."""
    a_scene.hub.refusals = [Unavailable("not now"), Conflict("other edits have taken the place of yours")]
    a_scene.model.code = "mine start"
    a_scene.hub.forge(4711, " theirs")
    a_scene.loop.post(a_scene.live.on_update, a_scene.hub.doc.update_since(NOTHING_KNOWN))

    a_scene.model.wait_saved()

    assert a_scene.hub.doc.text == a_scene.model.code == "mine start theirs"


def test_relay_of_others_edits_is_only_agreed_upon_anew(a_scene: Scene) -> None:
    """What the hub has lost is sent again by those whose it is; the document stays."""
    a_scene.model.code = "start and more"
    a_scene.model.wait_saved()
    epoch = a_scene.model.epoch
    a_scene.hub.forget()
    a_scene.hub.refusals = [Conflict("the edit is written under an id that belongs to somebody else")]

    a_scene.sync()
    a_scene.model.wait_saved()

    assert a_scene.hub.doc.text == "start and more"
    assert a_scene.model.epoch == epoch


def test_view_whose_edits_have_taken_names_gets_another_document(a_scene: Scene) -> None:
    """Once for each document: a page that asks twice is asked for nothing twice."""
    epoch = a_scene.model.epoch

    for _ in range(2):
        a_scene.loop.post(a_scene.live.renew, epoch)
    wait_value(a_scene.model, "epoch", epoch + 1)
    a_scene.loop.post(a_scene.live.renew, epoch)
    a_scene.model.code = "start!"
    a_scene.model.wait_saved()

    assert (a_scene.model.epoch, a_scene.hub.doc.text) == (epoch + 1, "start!")


def test_forbidden_edit_makes_the_document_read_only(a_scene: Scene) -> None:
    """Whoever lost the right to write learns it with the first refused edit."""
    a_scene.hub.refusals = [Forbidden("the document is read-only for you")]

    a_scene.model.code = "mine"

    with pytest.raises(Forbidden):
        a_scene.model.wait_saved()
    assert (a_scene.model.save_state, a_scene.model.access) == ("read-only", "RO_User")
    assert a_scene.model.unsent_text == "mine"


def test_hub_can_ask_for_another_sync(a_scene: Scene) -> None:
    """After "resync" the document is asked for again; pages are not disturbed."""
    epoch = a_scene.model.epoch
    a_scene.hub.doc.replace_text("start", "newer")

    a_scene.loop.post(a_scene.live.on_closed, "resync")

    wait_value(a_scene.model, "code", "newer")
    wait_for(a_scene.model, "save_state", lambda state: state == "saved")
    assert a_scene.model.epoch == epoch


def test_edits_on_the_way_during_a_sync_arrive_once(a_scene: Scene) -> None:
    """An edit that is sent while states are exchanged is neither lost nor doubled."""
    for number in range(30):
        a_scene.model.code += f"{number},"
        a_scene.loop.start(a_scene.live.sync())
    a_scene.model.wait_saved()

    assert a_scene.hub.doc.text == a_scene.model.code == "start" + "".join(f"{number}," for number in range(30))


def test_discarded_edit_is_gone_and_the_text_is_the_hubs(a_scene: Scene) -> None:
    """Giving up a refused edit shows what the hub has, others' newer edits included, and sends nothing."""
    a_scene.hub.refusals = [Forbidden("the document is read-only for you")]
    a_scene.model.code = "start, mine"
    wait_value(a_scene.model, "save_state", "read-only")
    a_scene.hub.doc.replace_text("start", "start, theirs")
    a_scene.hub.access = "RO_User"
    epoch = a_scene.model.epoch

    a_scene.model.discard()

    wait_value(a_scene.model, "code", "start, theirs")
    assert a_scene.model.unsent_text == ""
    assert a_scene.model.epoch > epoch
    assert a_scene.hub.doc.text == "start, theirs"
    a_scene.hub.access = "RW_User"
    a_scene.sync()
    a_scene.model.code += "!"
    a_scene.model.wait_saved()
    assert a_scene.hub.doc.text == "start, theirs!"


def test_discarding_without_access_shows_the_text_before_the_edits(a_scene: Scene) -> None:
    """Of a document that is gone the last stored text remains, and the reason stays said."""
    a_scene.loop.post(a_scene.live.on_closed, "deleted")
    a_scene.model.code = "start, mine"
    wait_value(a_scene.model, "save_state", "refused")

    a_scene.model.discard()

    wait_value(a_scene.model, "code", "start")
    assert not a_scene.model.has_unsaved
    assert "deleted" in a_scene.model.save_detail


def test_discarding_nothing_changes_nothing(a_scene: Scene) -> None:
    """A document with all changes saved goes on undisturbed."""
    epoch = a_scene.model.epoch

    a_scene.model.discard()
    a_scene.model.code = "start!"
    a_scene.model.wait_saved()

    assert a_scene.model.epoch == epoch


def test_document_that_is_gone_can_only_be_read(a_scene: Scene) -> None:
    """What is typed into a deleted document could never be saved, so its access ends."""
    a_scene.loop.post(a_scene.live.on_closed, "deleted")

    wait_value(a_scene.model, "save_state", "refused")
    assert not a_scene.model.can_edit
    assert a_scene.model.access == "None_User"


def test_view_edit_on_its_way_to_a_discarded_document_is_discarded(a_scene: Scene) -> None:
    """A page that has not heard of it yet brings nothing back."""
    page = SharedDoc("code", update=as_hub("start"))
    a_scene.hub.refusals = [Forbidden("the document is read-only for you")]
    a_scene.model.code = "start, mine"
    wait_value(a_scene.model, "save_state", "read-only")
    epoch = a_scene.model.epoch
    (late,) = page.replace_text("start", "start, late")

    a_scene.model.discard()
    a_scene.loop.post(a_scene.live.apply_update, late, "page", epoch, None)
    wait_for(a_scene.model, "epoch", lambda now: now >= epoch + 2)

    assert a_scene.model.code == "start"
    assert not a_scene.model.has_unsaved
