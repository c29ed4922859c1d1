"""Between one live text model and all browser pages that show it.

A page that exchanges edits with the hub directly has a *lane*: it is not told what the hub tells it anyway.

Pages talk from a comm thread, the model from its loop thread (and that at most twenty times a second).
What is counted is counted on the loop thread; the calls from pages only post there. Each update carries a
running number, so that a page notices when one was lost on the way and asks for a sync again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from teaching_nb.client.models.live_text import LiveTextModel

HEARTBEAT_SECONDS = 3.0
"""After this much silence the pages are told the last number once more, in case the last update was lost."""
PEER_SECONDS = 60.0
"""A page that has said nothing for so long does not count as a second page; it speaks every 15 s."""

NOTHING_KNOWN = b"\x00"
"""The state vector of an empty document."""


class Send(Protocol):
    """`Widget.send`."""

    def __call__(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to all pages."""


class LiveLink:
    """The view of one widget on its model."""

    def __init__(self, model: LiveTextModel, send: Send) -> None:
        self._model = model
        self._send = send
        self._peers: dict[str, float] = {}
        self._taken: dict[str, int] = {}
        self._pasting = set[str]()
        self._lanes: frozenset[str] = frozenset()
        self._detach: Callable[[], object] | None = None
        self._number = 0
        self._heartbeat: asyncio.TimerHandle | None = None

    def sync(self, peer: str, epoch: int, state_vector: bytes, *, seq: int = 0) -> None:
        """Send a page what it does not know yet, and say what the kernel knows.

        What the page has numbered above the last edit that was taken, and up to `seq`, was lost on the way.
        """
        self._heard(peer)
        # Whoever asks the kernel for the text has no lane, whatever was said before.
        self.change_road(peer, has_lane=False)
        if self._detach is None:
            self._detach = self._model.attach(self)
        # Edits before this request are taken over before it is answered, those behind it after that.
        answer = {"kind": "sync", "to": peer, "taken": self._taken.get(peer, 0), "sent": seq}
        self._model.get_update(state_vector or NOTHING_KNOWN, partial(self._answer, answer, epoch))

    def leave(self, peer: str) -> None:
        """Forget a page; the model is let go with the last one."""
        self._peers.pop(peer, None)
        self._taken.pop(peer, None)
        self._pasting.discard(peer)
        self._lanes -= {peer}
        self._model.forget_page(peer)
        if not self._peers and self._detach is not None:
            self._detach()
            self._detach = None

    def change_road(self, peer: str, *, has_lane: bool) -> None:
        """Note that a page has a lane, or has lost it; after losing it, it asks for a sync."""
        self._lanes = self._lanes | {peer} if has_lane else self._lanes - {peer}

    def take_report(self, peer: str, *, seq: int, stored: int) -> None:
        """Take how it stands with the edits that a page sends to the hub itself."""
        self._heard(peer)
        self._model.take_report(peer, seq=seq, stored=stored)

    def edit(self, peer: str, *, update: bytes, epoch: int, seq: int) -> None:
        """Put a page's edit into the document and tell the page once that has happened."""
        self._heard(peer)
        self._taken[peer] = seq
        if peer in self._pasting:
            self._pasting.discard(peer)
            self._model.note_paste()
        done = partial(self._send, {"kind": "received", "to": peer, "epoch": epoch, "seq": seq})
        self._model.apply_update(update, peer, epoch, done)

    def note_paste(self, peer: str) -> None:
        """Remember that the next edit of a page was pasted; it comes at once, unless the page has to wait with it."""
        self._pasting.add(peer)

    def move(self, peer: str, state: bytes) -> None:
        """Pass on where a page's cursor is: to the hub, and to the other pages of this kernel."""
        self._heard(peer)
        self._model.send_awareness(state)
        if self._has_second_page():
            self._send({"kind": "awareness", "from": peer}, [state])

    # the model's side, on the loop thread

    def on_update(self, update: bytes, origin: object) -> None:
        """Send on a change of the document, unless the only page here made it, or all have a lane."""
        if isinstance(origin, str) and origin in self._peers and not self._has_second_page():
            return
        if self._all_have_lanes():
            return
        self._number += 1
        self._send({"kind": "update", "epoch": self._model.epoch, "number": self._number}, [update])
        self._schedule_heartbeat()

    def on_reset(self) -> None:
        """Tell the pages that the document was replaced; they ask for a sync again."""
        self._send({"kind": "reset", "epoch": self._model.epoch})

    def on_awareness(self, state: bytes) -> None:
        """Send on where the others' cursors are."""
        if self._all_have_lanes():
            return
        self._send({"kind": "awareness", "from": ""}, [state])

    def on_awareness_query(self) -> None:
        """Ask the pages for their cursors: the hub has forgotten them."""
        self._send({"kind": "awareness_query"})

    def _answer(self, answer: dict[str, Any], epoch: int, update: bytes, state_vector: bytes, current: int) -> None:
        if epoch not in (current, -1):
            # What the page knew belongs to a document that has been replaced.
            self._model.get_update(NOTHING_KNOWN, partial(self._answer, answer, current))
            return
        self._send({**answer, "epoch": current, "number": self._number}, [update, state_vector])
        # After the text: a page that begins knows no document to put cursors into.
        self._model.get_awareness(partial(self._show_cursors, answer["to"]))

    def _show_cursors(self, peer: str, state: bytes) -> None:
        if state:
            self._send({"kind": "awareness", "from": "", "to": peer}, [state])

    def _schedule_heartbeat(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._heartbeat = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._tell_number)

    def _tell_number(self) -> None:
        self._heartbeat = None
        if self._all_have_lanes():
            return
        self._send({"kind": "heartbeat", "number": self._number})

    def _heard(self, peer: str) -> None:
        self._peers[peer] = time.monotonic()

    def _all_have_lanes(self) -> bool:
        return bool(self._peers) and self._lanes.issuperset(tuple(self._peers))

    def _has_second_page(self) -> bool:
        oldest = time.monotonic() - PEER_SECONDS
        return sum(heard > oldest for heard in tuple(self._peers.values())) > 1
