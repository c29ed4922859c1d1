"""The link between a live text model and the pages that show it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from teaching_nb.schema.awareness import ClientState, decode, encode
from teaching_nb.widgets.live_link import LiveLink
from tests.harness.offline import offline_model
from tests.widgets.recording import SECONDS, Sent


class APage:
    """A page with a Y.Doc of its own."""

    def __init__(self, link: LiveLink, sent: Sent, name: str) -> None:
        self.link, self.sent, self.name = link, sent, name
        self.doc: Doc[Any] = Doc()
        self.epoch = -1
        self._seq = 0

    def open(self) -> APage:
        """Ask for a sync and take the answer."""
        before = len(self._answers())
        self.link.sync(self.name, self.epoch, self.doc.get_state())
        self.sent.wait("sync", len(self.sent.of("sync")) + (len(self._answers()) == before))
        answer = self._answers()[-1]
        self.doc.apply_update(answer["buffers"][0])
        self.epoch = answer["epoch"]
        return self

    @property
    def text(self) -> Text:
        """Return the shared text."""
        text: Text = self.doc.get("data", type=Map)["code"]
        return text

    def type(self, at: int, text: str, *, epoch: int | None = None) -> int:
        """Type at a place and return the number of the edit."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        self._seq += 1
        update = self.doc.get_update(before)
        self.link.edit(self.name, update=update, epoch=self.epoch if epoch is None else epoch, seq=self._seq)
        return self._seq

    def _answers(self) -> list[dict[str, Any]]:
        return [message for message in self.sent.of("sync") if message["to"] == self.name]


def wait_taken_over(model: Any) -> None:
    """Wait until the loop thread has done what was posted to it so far."""
    taken = threading.Event()
    model.gate.post(taken.set)
    assert taken.wait(SECONDS)


@pytest.fixture
def a_sent() -> Sent:
    """Return what the widget sends."""
    return Sent()


@pytest.fixture
def a_model() -> Any:
    """Return a code document."""
    return offline_model("code", "one")


@pytest.fixture
def open_page(a_model: Any, a_sent: Sent) -> Callable[[str], APage]:
    """Return a function that opens pages of one widget."""
    link = LiveLink(a_model, a_sent)
    return lambda name: APage(link, a_sent, name).open()


def test_a_sync_brings_the_text(open_page: Callable[[str], APage]) -> None:
    """A new page gets the whole document."""
    assert str(open_page("first").text) == "one"


def test_an_edit_reaches_the_model_and_is_confirmed(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """The page learns that the kernel has its edit only when the model has it."""
    page = open_page("first")

    seq = page.type(3, " two")

    received = a_sent.wait("received")
    assert (received["to"], received["seq"]) == ("first", seq)
    assert a_model.code == "one two"


def test_an_edit_is_not_sent_back_to_the_only_page(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """One page alone gets no echo of its typing."""
    open_page("first").type(3, "!")
    a_sent.wait("received")

    a_model.code = "one!?"

    assert a_sent.wait("update")["number"] == 1


def test_an_edit_reaches_the_second_page(open_page: Callable[[str], APage], a_sent: Sent) -> None:
    """Two tabs of one kernel see each other's typing."""
    first, second = open_page("first"), open_page("second")

    first.type(0, "zero ")

    second.doc.apply_update(a_sent.wait("update")["buffers"][0])
    assert str(second.text) == "zero one"


def test_the_answer_to_a_sync_says_which_edits_were_taken(open_page: Callable[[str], APage], a_sent: Sent) -> None:
    """A page whose confirmations were lost learns with the next answer what the kernel has."""
    page = open_page("first")
    page.type(3, "!")
    seq = page.type(4, "!")

    page.open()

    assert a_sent.of("sync")[0]["taken"] == 0
    assert a_sent.of("sync")[-1]["taken"] == seq


def test_an_assignment_in_the_kernel_reaches_the_page(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """`doc.model.code = …` changes what the page shows, by its difference."""
    page = open_page("first")

    a_model.code = "one more"

    update = a_sent.wait("update")
    page.doc.apply_update(update["buffers"][0])
    assert str(page.text) == "one more"
    assert update["epoch"] == page.epoch


def test_updates_are_numbered_and_the_last_number_is_repeated(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """A page can tell that it missed one, even the last."""
    open_page("first")

    a_model.code = "a"

    assert a_sent.wait("update")["number"] == 1
    assert a_sent.wait("heartbeat")["number"] == 1


def test_a_page_of_an_older_document_gets_everything(open_page: Callable[[str], APage], a_sent: Sent) -> None:
    """What a page knew of a replaced document does not count."""
    page = open_page("first")
    page.epoch = 17
    known = len(a_sent.of("sync"))

    page.link.sync("first", 17, page.doc.get_state())

    answer = a_sent.wait("sync", known + 1)
    fresh: Doc[Any] = Doc()
    fresh.apply_update(answer["buffers"][0])
    assert str(fresh.get("data", type=Map)["code"]) == "one"


def test_the_last_page_lets_the_model_go(open_page: Callable[[str], APage], a_model: Any, a_sent: Sent) -> None:
    """After it has left nothing is sent; a later request starts again."""
    page = open_page("first")
    page.link.leave("first")
    a_model.code = "unseen"

    page.open()

    assert str(page.text) == "unseen"
    assert a_sent.of("update") == []


def test_a_cursor_goes_to_the_other_page_only(open_page: Callable[[str], APage], a_sent: Sent) -> None:
    """Awareness of one page is passed to a second one, marked with where it came from."""
    first = open_page("first")
    first.link.move("first", b"state")
    assert a_sent.of("awareness") == []

    open_page("second")
    first.link.move("first", b"state 2")

    assert a_sent.wait("awareness") == {"kind": "awareness", "from": "first", "buffers": [b"state 2"]}


def test_pages_with_a_lane_are_not_told_what_the_hub_tells_them(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """While every page has a lane nothing of the document goes over the comm; after its end all of it does."""
    page = open_page("first")
    page.link.change_road("first", has_lane=True)
    a_model.code = "by the hub"
    wait_taken_over(a_model)

    page.open()

    assert str(page.text) == "by the hub"
    assert a_sent.of("update") == []
    a_model.code = "by the comm"
    page.doc.apply_update(a_sent.wait("update")["buffers"][0])
    assert str(page.text) == "by the comm"


def test_a_page_without_a_lane_is_served_beside_one_that_has_it(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """Two tabs: the one whose edits take the comm gets everything that the other one's lane has brought."""
    first, second = open_page("first"), open_page("second")
    first.link.change_road("first", has_lane=True)

    a_model.code = "from the hub"

    second.doc.apply_update(a_sent.wait("update")["buffers"][0])
    assert str(second.text) == "from the hub"


def test_a_page_that_is_gone_serves_no_purpose_any_more(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """The last page without a lane has left: nothing more goes over the comm."""
    first, second = open_page("first"), open_page("second")
    first.link.change_road("first", has_lane=True)
    second.link.leave("second")

    a_model.code = "unheard"
    wait_taken_over(a_model)
    first.open()

    assert str(first.text) == "unheard"
    assert a_sent.of("update") == []


def test_a_page_that_comes_later_is_told_where_everybody_is(
    open_page: Callable[[str], APage], a_model: Any, a_sent: Sent
) -> None:
    """After its text it gets the cursors of those who are here; nobody has to move first."""
    first = open_page("first")
    first.link.move("first", encode({7: ClientState(1, {"cursor": "here"})}))

    open_page("second")

    wait_taken_over(a_model)
    (told,) = [message for message in a_sent.of("awareness") if message.get("to") == "second"]
    assert decode(told["buffers"][0]) == {7: ClientState(1, {"cursor": "here"})}


def test_what_was_pasted_is_the_next_edit_of_its_page(
    open_page: Callable[[str], APage], a_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edits of other pages, and later ones of this page, were typed; the note comes before the edit."""
    first, second = open_page("first"), open_page("second")
    wait_taken_over(a_model)
    noted: list[str] = []
    monkeypatch.setattr(a_model, "note_paste", lambda: noted.append(a_model.code))

    first.link.note_paste("first")
    second.type(0, "typed ")
    wait_taken_over(a_model)
    assert noted == []
    first.type(0, "pasted ")
    wait_taken_over(a_model)
    first.type(0, "typed, too ")

    assert noted == ["typed one"]
