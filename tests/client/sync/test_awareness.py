"""Where people are: known to pages that come later, and one cursor per page."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.sync.awareness import STALE_SECONDS, KnownCursors
from teaching_nb.schema.awareness import ClientState, States, decode, encode
from tests.harness.waiting import SECONDS


class APage:
    """A view that remembers which cursors it was told of."""

    def __init__(self) -> None:
        self.shown: States = {}
        self._changed = threading.Condition()

    def on_update(self, update: bytes, origin: object) -> None:
        """Take nothing: only cursors count here."""

    def on_reset(self) -> None:
        """Keep the cursors."""

    def on_awareness(self, state: bytes) -> None:
        """Remember."""
        with self._changed:
            self.shown.update(decode(state))
            self._changed.notify_all()

    def on_awareness_query(self) -> None:
        """Say nothing: the tests do."""

    def wait(self, is_there: Callable[[], bool]) -> None:
        """Wait until what is shown is as wanted."""
        with self._changed:
            assert self._changed.wait_for(is_there, SECONDS), self.shown

    def cursors(self) -> dict[int, Any]:
        """Return the cursor of each page that is shown."""
        return {client: entry.state["cursor"] for client, entry in self.shown.items() if entry.state is not None}


def opened(room: Classroom) -> CodeModel:
    """Open the shared document."""
    model = room.document("shared", shared=True)
    assert isinstance(model, CodeModel)
    model.wait_loaded(SECONDS)
    return model


def state(client: int, clock: int, cursor: str) -> bytes:
    """Return what a page says of its cursor, under a name that is another one."""
    return encode({client: ClientState(clock, {"cursor": cursor, "user": {"id": "x", "name": "The Head"}})})


def test_two_pages_of_one_kernel_show_a_cursor_each(alice: Classroom, bob: Classroom) -> None:
    """Bob sees both of Alice's tabs, whichever of them moved last, and under Alice's name."""
    mine, theirs = opened(alice), opened(bob)
    page = APage()
    theirs.attach(page)

    mine.send_awareness(state(11, 1, "first tab"))
    mine.send_awareness(state(12, 1, "second tab"))
    mine.send_awareness(state(11, 2, "first tab, later"))

    page.wait(lambda: page.cursors() == {11: "first tab, later", 12: "second tab"})
    assert alice.user
    names = {(entry.state or {})["user"]["name"] for entry in page.shown.values()}
    assert names == {alice.user.name}


def test_a_page_that_comes_later_is_told_where_everybody_is(alice: Classroom, bob: Classroom) -> None:
    """Also who moved before it was open, for the hub says that only once; whoever left is left out."""
    mine, theirs = opened(alice), opened(bob)
    page = APage()
    theirs.attach(page)
    mine.send_awareness(state(21, 1, "here"))
    mine.send_awareness(state(22, 1, "gone"))
    mine.send_awareness(encode({22: ClientState(2, None)}))
    page.wait(lambda: set(page.shown) == {21, 22} and set(page.cursors()) == {21})

    told: queue.Queue[bytes] = queue.Queue()
    theirs.get_awareness(told.put)

    assert set(decode(told.get(timeout=SECONDS))) == {21}


def test_whoever_falls_silent_is_forgotten() -> None:
    """A tab that crashed is not shown to pages that come later."""
    now = 0.0
    known = KnownCursors(lambda: now)
    known.take(state(1, 1, "crashed"))
    now = STALE_SECONDS - 1
    known.take(state(2, 1, "alive"))

    now = STALE_SECONDS + 1

    assert set(decode(known.present())) == {2}
    known.take(b"nonsense")
    assert set(decode(known.present())) == {2}
