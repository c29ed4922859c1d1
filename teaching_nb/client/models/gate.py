"""The gate between the user's threads and the loop thread, one per model.

A value that the user assigns is visible at once and posted to the loop thread; a value from the hub is shown
only while no assignment is on its way, so that nothing that was just assigned seems to vanish. Values from
the hub take a road of their own (`show`) that never posts: that is where echo stops in the kernel.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from traitlets import HasTraits

from teaching_nb.client.models.pending_reports import PendingReports
from teaching_nb.client.models.ports import EditPort, Loop
from teaching_nb.client.models.saving import FORKED, Facts, is_answered, is_hopeless, save_state
from teaching_nb.client.models.stored_wait import StoredWait
from teaching_nb.client.models.traitlets_hooks import announce, values_of
from teaching_nb.errors import TimedOut
from teaching_nb.schema import wire
from teaching_nb.schema.text_changes import text_changes

READ_SECONDS = 10.0
"""An assignment within this time after a reading is taken to be computed from what was read."""

MOST_ON_THE_WAY = 100
"""A thread that assigns faster than the loop thread takes over waits a little: else nothing would be sent any more."""
LONGEST_WAIT_SECONDS = 5.0

_logger = logging.getLogger(__name__)
_gates: weakref.WeakSet[Gate] = weakref.WeakSet()
_STATE = ("save_state", "save_detail")
_MISSING = object()


class Gate:
    """Locks, waits and hand-over of one model."""

    def __init__(self, model: HasTraits, loop: Loop) -> None:
        self._model = weakref.ref(model)
        self._loop = loop
        self._syncer: EditPort | None = None
        self._reads = threading.local()
        self._changed = threading.Condition(threading.Lock())
        self._facts = Facts()
        self._edits = 0
        self._on_the_way = 0
        self._taken_over = 0
        self._waits: set[StoredWait] = set()
        self._pages = PendingReports()
        self._silence: asyncio.TimerHandle | None = None
        self._announced: dict[str, str] = {}
        _gates.add(self)
        self._refresh()
        self._announced = {name: self._values()[name] for name in _STATE}

    def open(self, syncer: EditPort) -> None:
        """Say who takes over the assignments."""
        self._syncer = syncer

    # the user's threads

    @property
    def facts(self) -> Facts:
        """Return what is known about saving, assignments on their way included."""
        with self._changed:
            return self._true_facts()

    def note_read(self, name: str, value: Any) -> None:
        """Remember what this thread has read last: the next assignment is probably computed from it."""
        self._reads.last = (name, value, time.monotonic())
        self._reads.is_own = False

    def peek(self, name: str) -> Any:
        """Return a value without counting as a reading."""
        return self._values().get(name)

    def edit(self, name: str, new: Any) -> None:
        """Take an assignment: show it, and post it with the value that it was computed from."""
        self._edit(name, self._base, new)

    def replace(self, name: str, new: Any) -> None:
        """Take an assignment of what is computed from nothing, such as one of some words: it counts as it is."""
        self._edit(name, lambda _name, old, _new: old, new)

    def _edit(self, name: str, base_of: Callable[[str, Any, Any], Any], new: Any) -> None:
        with self._changed:
            old = self._values().get(name)
            is_change = self._take(name, base_of(name, old, new), new)
        if is_change:
            self.note_read(name, new)
            self._reads.is_own = True
            if not wire.is_same(old, new):
                self._notify(name, old, new)
            self._wait_for_room()

    def edit_from(self, name: str, base: Any, new: Any) -> None:
        """Take an assignment of which is known what it was computed from."""
        with self._changed:
            old = self._values().get(name)
            is_change = self._take(name, base, new)
        if is_change:
            self._notify(name, old, new)
            self._wait_for_room()

    def _take(self, name: str, base: Any, new: Any) -> bool:
        # What was refused is sent once more when it is assigned once more.
        if wire.is_same(base, new) and not self._true_facts().rejection:
            return False
        self._values()[name] = new
        self._edits += 1
        self._on_the_way += 1
        self._refresh()
        if self._syncer is not None:
            self._loop.post(self._take_over, name, base, new)
        return True

    def _wait_for_room(self) -> None:
        if self._on_the_way > MOST_ON_THE_WAY and not self._loop.is_current and self._loop.is_alive:
            with self._changed:
                # Not for ever: an observer on the loop thread may wait for what this thread holds.
                self._changed.wait_for(lambda: self._on_the_way <= MOST_ON_THE_WAY, LONGEST_WAIT_SECONDS)

    def post(self, function: Callable[..., object], *arguments: Any) -> bool:
        """Have something done on the loop thread, after the assignments so far; False when that thread has ended."""
        return self._loop.post(function, *arguments)

    def discard(self) -> None:
        """Have the changes given up that the hub has not stored, after the assignments so far."""
        if self._syncer is not None:
            self._loop.post(self._syncer.discard)

    def wait(self, is_there: Callable[[Facts], bool], timeout: float, what: str) -> None:
        """Wait until the facts are as wanted; raises `TimedOut` with the present state."""
        self._loop.refuse_to_wait_here()
        if not self._comes(is_there, timeout):
            raise self._late(what, timeout)

    def wait_answered(self, timeout: float) -> bool:
        """Wait until the hub has answered for the document, or cannot; tell whether that was in time."""
        return self._comes(is_answered, timeout)

    def wait_stored(self, timeout: float) -> bool:
        """Wait until everything up to this call is stored; False when it is refused. Raises `TimedOut`.

        That includes what pages have told this kernel so far, also about edits that they send to the hub themselves.
        """
        self._loop.refuse_to_wait_here()
        deadline = time.monotonic() + timeout
        if not self._takes_posts(timeout):
            raise self._late("not saved", timeout)
        with self._changed:
            wait = StoredWait(self._edits, self._pages)
            wait.look(self._facts, self._taken_over, self._pages)
            self._waits.add(wait)
        try:
            is_decided = self._comes(
                lambda facts: wait.is_over or bool(wait.trouble) or is_hopeless(facts), deadline - time.monotonic()
            )
        finally:
            with self._changed:
                self._waits.discard(wait)
        if not is_decided:
            raise self._late("not saved", timeout)
        if wait.trouble and not wait.is_over:
            raise TimedOut(f"not saved: {wait.trouble}")
        return wait.is_over

    def _comes(self, is_there: Callable[[Facts], bool], timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: is_there(self._true_facts()), max(0.0, timeout))

    def _late(self, what: str, timeout: float) -> TimedOut:
        state, detail = save_state(self.facts)
        return TimedOut(f"{what} within {timeout:g} s: {state}, {detail}")

    def _takes_posts(self, timeout: float) -> bool:
        """Tell whether the loop thread has done in time what was posted so far: reports and edits of pages among it."""
        done = threading.Event()
        return not self._loop.post(done.set) or done.wait(timeout)

    # the loop thread

    def publish(self, **facts: Any) -> None:
        """Change what is known about saving, and tell the observers of the save state."""
        with self._changed:
            self._facts = dataclasses.replace(self._facts, **facts, is_typing=bool(self._pages.waiting))
            for wait in self._waits:
                wait.look(self._facts, self._taken_over, self._pages)
            self._refresh()
            self._changed.notify_all()
            changes = [(name, self._announced[name], self._values()[name]) for name in _STATE]
            self._announced = {name: new for name, _, new in changes}
        for name, old, new in changes:
            if old != new:
                self._notify(name, old, new)

    def take_report(self, page: str, seq: int, stored: int, thread: int) -> None:
        """Take the report of a page, which came on that thread: its newest edit, and up to which one all are stored."""
        with self._changed:
            self._pages.take(page, seq=seq, stored=stored, now=time.monotonic(), thread=thread)
        self._expect_pages()

    def forget_page(self, page: str) -> None:
        """Forget a page that is gone."""
        with self._changed:
            self._pages.forget(page)
        self._expect_pages()

    def _expect_pages(self) -> None:
        """Say what follows from the reports of pages, and be back when one of them should have reported again."""
        with self._changed:
            for page in self._pages.drop_silent(time.monotonic()):
                for wait in self._waits:
                    wait.lose(page)
            silent_at = self._pages.silent_at
        if self._silence is not None:
            self._silence.cancel()
        self._silence = None
        if silent_at is not None:
            delay = silent_at - time.monotonic()
            self._silence = asyncio.get_running_loop().call_later(max(0.0, delay), self._expect_pages)
        self.publish()

    def show(self, name: str, value: Any) -> None:
        """Show content of the hub, unless an assignment is on its way that will be merged with it."""
        with self._changed:
            values = self._values()
            old = values.get(name)
            if self._on_the_way or wire.is_same(old, value):
                return
            values[name] = value
        self._notify(name, old, value)

    def tell(self, name: str, value: Any) -> None:
        """Show a value that users do not assign."""
        with self._changed:
            values = self._values()
            old = values.get(name)
            values[name] = value
        if old != value:
            self._notify(name, old, value)

    def _take_over(self, name: str, base: Any, new: Any) -> None:
        with self._changed:
            self._on_the_way -= 1
        try:
            if self._syncer is not None:
                self._syncer.edit(name, base, new)
        except Exception:
            # The edge of the user's assignment: a mistake of ours must not end the loop thread's work.
            _logger.exception("a change of %s could not be taken over", name)
        with self._changed:
            # Only now: between taking over and the syncer's own report nothing may look saved.
            self._taken_over += 1
        self.publish()

    def _base(self, name: str, old: Any, new: Any) -> Any:
        """Return the value that `new` was computed from: the present one, or the one this thread has read.

        In `model.code = model.code + "x"` somebody else's edit may arrive between reading and assigning. Taking
        the present text as the base would undo it; whichever base explains the new text by less change wins.
        """
        read_name, read, when = getattr(self._reads, "last", ("", None, 0.0))
        is_candidate = read_name == name and read != old and time.monotonic() - when < READ_SECONDS
        # Whoever assigns the same once more, such as by running a cell again, wants it to be there.
        is_said_again = self._is_own_read() and wire.is_same(read, new)
        if not is_candidate or is_said_again:
            return old
        return read if _distance(read, new) < _distance(old, new) else old

    def _is_own_read(self) -> bool:
        """Tell whether what this thread knows is what it has assigned itself."""
        return bool(getattr(self._reads, "is_own", False))

    def _true_facts(self) -> Facts:
        facts = self._facts
        if self._taken_over < self._edits:
            facts = dataclasses.replace(facts, is_unsaved=True, rejection="")
        if not self._loop.is_alive:
            trouble = facts.trouble or FORKED
            facts = dataclasses.replace(facts, is_live=False, trouble=trouble)
        return facts

    def _refresh(self) -> None:
        values = self._values()
        values["save_state"], values["save_detail"] = save_state(self._true_facts())

    def _values(self) -> dict[str, Any]:
        """Return the model's values; empty when the model is gone."""
        model = self._model()
        return {} if model is None else values_of(model)

    def _notify(self, name: str, old: Any, new: Any) -> None:
        model = self._model()
        if model is None:
            return
        if not self._loop.is_current:
            announce(model, name, old, new)
            return
        try:
            announce(model, name, old, new)
        except Exception:
            # An observer of the user's: its mistake must not end the connection.
            _logger.exception("an observer of %s failed", name)

    def renew_lock(self) -> None:
        """Replace a lock that another thread may have held when the process was copied."""
        self._changed = threading.Condition(threading.Lock())
        self._refresh()


def _distance(old: Any, new: Any) -> int:
    """Return how much has to be changed: characters of a text, values of data."""
    if old == new:
        return 0
    if isinstance(old, str) and isinstance(new, str):
        return sum(change.stop - change.start + len(change.text) for change in text_changes(old, new))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return sum(_distance(old.get(key, _MISSING), new.get(key, _MISSING)) for key in old.keys() | new.keys())
    return 1


def _after_fork() -> None:
    for gate in list(_gates):
        gate.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
