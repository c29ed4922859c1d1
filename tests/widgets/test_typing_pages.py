"""A page that sends its edits to the hub itself, and a cell that waits until they are saved; with a real hub."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from pycrdt import Doc, Map

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.widgets.code import CodeWidget
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.kernels import Kernel
from tests.harness.waiting import wait_until, wait_value
from tests.widgets.recording import Sent

SECONDS = 30.0


class Typist:
    """A page with a lane: its edits go to the hub over a socket of its own, its reports to the widget."""

    def __init__(self, widget: CodeWidget, socket: CodeModel, subshell: ThreadPoolExecutor) -> None:
        self.widget, self.socket = widget, socket
        self.seq = 0
        self._subshell = subshell

    def say(self, kind: str, buffers: list[bytes] | None = None, **content: Any) -> None:
        """Send a message to the widget."""
        message = {"kind": kind, "peer": "page", **content}
        self._subshell.submit(self.widget._handle_custom_msg, message, buffers or []).result(SECONDS)

    def begin(self) -> None:
        """Type something that the hub does not get yet."""
        self.seq += 1
        self.say("pending_report", seq=self.seq, stored=self.seq - 1)

    def store(self, text: str) -> None:
        """Let the hub get it, and tell the kernel."""
        self.socket.code = text
        self.socket.wait_saved(SECONDS)
        self.say("pending_report", seq=self.seq, stored=self.seq)

    def lose_lane(self) -> None:
        """Send what was typed to the kernel, and then the report that it is there."""
        page: Doc[Any] = Doc()
        replies: list[bytes] = []
        self.widget.model.get_update(b"\x00", lambda update, _state, _epoch: replies.append(update))
        wait_until(lambda: replies, "the kernel sends the document", SECONDS)
        page.apply_update(replies[0])
        before = page.get_state()
        page.get("data", type=Map)["code"].insert(0, "typed ")
        self.say("lane", on=False)
        self.say("update", [page.get_update(before)], epoch=self.widget.model.epoch, seq=self.seq)
        self.say("pending_report", seq=self.seq, stored=self.seq)


@pytest.fixture
def a_typist(alice: Classroom, connect_as: ConnectAs) -> Iterator[Typist]:
    """Return a page of Alice's that shows Alice's document and has a lane."""
    model = opened(alice)
    widget = CodeWidget(model, user=alice.user)
    widget.send = Sent()  # there is no comm
    with ThreadPoolExecutor(1) as subshell:
        typist = Typist(widget, opened(connect_as(ALICE)), subshell)
        typist.say("lane", on=True)
        yield typist
    widget.close()


@pytest.fixture
def a_cell() -> Iterator[ThreadPoolExecutor]:
    """Return where a cell runs."""
    with ThreadPoolExecutor(1) as cell:
        yield cell


def opened(room: Classroom) -> CodeModel:
    """Return the document in one kernel, saved."""
    model = room.document("typing", init="x = 1\n")
    model.wait_saved(SECONDS)
    assert isinstance(model, CodeModel)
    return model


def start(cell: ThreadPoolExecutor, model: LiveTextModel) -> Future[bool]:
    """Run a cell that waits until all is saved; return as soon as it waits."""
    future = cell.submit(model.wait_saved, SECONDS)
    wait_until(lambda: model.gate._waits or future.done(), "the cell waits", SECONDS)
    return future


def test_cell_waits_until_the_hub_has_what_is_typed(a_typist: Typist, a_cell: ThreadPoolExecutor) -> None:
    """Between the page's report and the hub's answer nothing is called saved, and what pages are shown stays theirs."""
    model, widget = a_typist.widget.model, a_typist.widget
    a_typist.begin()
    wait_value(model, "save_state", "saving")
    waiting = start(a_cell, model)
    assert not waiting.done()
    assert (widget.save_state, widget.has_unsaved, bool(widget.lane)) == ("saved", False, True)

    a_typist.store("x = 2\n")

    assert waiting.result(SECONDS)
    assert model.save_state == "saved"
    wait_value(model, "code", "x = 2\n")


def test_cell_waits_for_what_comes_through_the_kernel_instead(a_typist: Typist, a_cell: ThreadPoolExecutor) -> None:
    """The lane ends with edits on their way: they are saved by the kernel, and that is waited for."""
    model = a_typist.widget.model
    a_typist.begin()
    waiting = start(a_cell, model)
    assert not waiting.done()

    a_typist.lose_lane()

    assert waiting.result(SECONDS)
    assert isinstance(model, CodeModel)
    assert model.code == "typed x = 1\n"
    a_typist.socket.wait_saved(SECONDS)
    wait_value(a_typist.socket, "code", "typed x = 1\n")


def test_page_that_is_closed_holds_nobody_up(a_typist: Typist) -> None:
    """After it has left the document is saved as far as anybody knows."""
    a_typist.begin()
    wait_value(a_typist.widget.model, "save_state", "saving")

    a_typist.say("leave")

    wait_value(a_typist.widget.model, "save_state", "saved")
    assert a_typist.widget.model.wait_saved(SECONDS)


def test_report_of_a_page_is_no_news_for_pages(a_typist: Typist) -> None:
    """Nothing that the widget sends follows from it: no page could answer to that, and so on."""
    widget = a_typist.widget
    sent: list[Any] = []
    widget.observe(lambda change: sent.append(change.name))
    before = len(widget.send.messages)  # see a_typist

    for _ in range(3):
        a_typist.begin()
        wait_value(widget.model, "save_state", "saving")
        a_typist.say("pending_report", seq=a_typist.seq, stored=a_typist.seq)
        wait_value(widget.model, "save_state", "saved")

    assert sent == []
    assert len(widget.send.messages) == before


_CELL = """
from teaching_nb.widgets.code import CodeWidget
from tests.harness.offline import offline_model
model = offline_model("code", "x = 1")
widget = CodeWidget(model)
model.gate.post(lambda: model.gate.publish(is_live=True, is_loaded=True, is_synced=True, access="RW_User", trouble=""))
print(widget.comm.comm_id)
"""


def test_cell_of_a_front_end_without_subshells_does_not_wait_in_vain(a_kernel: Kernel) -> None:
    """The page's next report would come after the cell that waits for it: the cell is told so at once."""
    comm_id = a_kernel.run(_CELL).strip()
    a_kernel.send_comm(comm_id, {"kind": "pending_report", "peer": "page", "seq": 1, "stored": 0})

    with pytest.raises(AssertionError, match="next cell"):
        a_kernel.run("model.wait_saved(600)")

    a_kernel.send_comm(comm_id, {"kind": "pending_report", "peer": "page", "seq": 1, "stored": 1})
    assert a_kernel.run("print(model.wait_saved(600))") == "True\n"
