"""One Y.Doc with a live text, as the hub makes them: root map `data`, the text under its key. Loop thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pycrdt

from teaching_nb.client.sync.merging import rebased_changes
from teaching_nb.client.sync.state_vector import read_state_vector
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.text_changes import TextChange, byte_offset
from teaching_nb.schema.update_reader import items_of

NOTHING_KNOWN = b"\x00"
"""The state vector of an empty document."""

PIECE_CHARACTERS = 100_000
"""A longer insertion is made in several steps, so that each update fits into a message."""

DELETED_CHARACTERS = 2_000
"""Longest deletion in one step; each character is two ranges at most, and fewer than a message may hold."""


class SharedDoc:
    """A Y.Doc and its text. Every change returns the Yjs updates that it made."""

    def __init__(self, key: str, update: bytes | None = None, data: dict[str, Any] | None = None) -> None:
        self._key = key
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        if update is not None:
            self._doc.apply_update(update)
        self._map: pycrdt.Map[Any] = self._doc.get("data", type=pycrdt.Map)
        if data is not None:
            self._fill(data)
        self.text = self._read_text()

    @property
    def state_vector(self) -> bytes:
        """Return how much this document knows."""
        return self._doc.get_state()

    def update_since(self, state_vector: bytes) -> bytes:
        """Return what `state_vector` lacks; raises `InvalidInput` for one that is malformed."""
        try:
            return self._doc.get_update(state_vector or NOTHING_KNOWN)
        except ValueError as error:
            raise InvalidInput(f"not a Yjs state vector: {error}") from error

    def update_for_view(self, state_vector: bytes) -> bytes:
        """Return what a view with `state_vector` lacks; everything for one that is malformed."""
        try:
            return self.update_since(state_vector)
        except InvalidInput:
            return self.update_since(NOTHING_KNOWN)

    def copy(self) -> SharedDoc:
        """Return another document with the same content and history."""
        return SharedDoc(self._key, update=self.update_since(NOTHING_KNOWN))

    def contains(self, update: bytes) -> bool:
        """Tell whether all of an update is in here; what builds on something that is not here waits."""
        waiting, known = items_of(pycrdt.get_update(update, self.state_vector)), read_state_vector(self.state_vector)
        return not waiting.inserted and all(one.end <= known.get(one.client, 0) for one in waiting.deleted)

    def data(self) -> dict[str, Any]:
        """Return the content as JSON."""
        content = {key: _plain(value) for key, value in (self._map.to_py() or {}).items()}
        return {**content, self._key: self.text}

    def values(self) -> dict[str, Any]:
        """Return the content beside the text."""
        return {key: value for key, value in self.data().items() if key != self._key}

    def apply(self, update: bytes) -> list[bytes]:
        """Apply an update; nothing is returned when all of it was known. Raises `InvalidInput` for rubbish."""
        try:
            return self._transact(lambda: self._doc.apply_update(update))
        except ValueError as error:
            raise InvalidInput(f"not a Yjs update: {error}") from error
        except BaseException as error:
            # A panic of the Rust library is no Exception, and must not end the loop thread.
            if type(error).__name__ != "PanicException":
                raise
            raise InvalidInput("not a Yjs update") from None

    def replace_text(self, base: str, new: str, *, in_steps: bool = False) -> list[bytes]:
        """Do to the present text what turned `base` into `new`; `in_steps` so that each update is a small one."""
        changes = rebased_changes(base, new, self.text)
        if not changes:
            return []
        before = self.text
        if not in_steps and all(len(change.text) <= PIECE_CHARACTERS for change in changes):
            return self._transact(lambda: self._change_all(before, changes))
        updates: list[bytes] = []
        for change in changes:
            for position, stop, piece in _pieces(before, change):
                updates += self._transact(partial(self._splice, position, stop, piece))
        return updates

    def replace_values(self, data: dict[str, Any]) -> list[bytes]:
        """Set and remove the keys beside the text."""
        present = self.data()
        wanted = {key: value for key, value in data.items() if key != self._key}
        gone = [key for key in present if key != self._key and key not in wanted]
        changed = {key: value for key, value in wanted.items() if key not in present or present[key] != value}
        if not gone and not changed:
            return []

        def change() -> None:
            for key in gone:
                del self._map[key]
            for key, value in changed.items():
                self._map[key] = value

        return self._transact(change)

    def _fill(self, data: dict[str, Any]) -> None:
        with self._doc.transaction():
            for key, value in data.items():
                self._map[key] = pycrdt.Text(value) if key == self._key else value

    def _change_all(self, before: str, changes: list[TextChange]) -> None:
        for change in changes:
            self._splice(byte_offset(before, change.start), byte_offset(before, change.stop), change.text)

    def _splice(self, start: int, stop: int, text: str) -> None:
        shared = self._shared_text()
        if stop > start:
            del shared[start:stop]
        if text:
            shared.insert(start, text)

    def _shared_text(self) -> pycrdt.Text:
        shared = self._map.get(self._key)
        if not isinstance(shared, pycrdt.Text):
            raise InvalidInput(f"the shared document has no text {self._key!r}")
        return shared

    def _read_text(self) -> str:
        shared = self._map.get(self._key)
        return str(shared) if isinstance(shared, pycrdt.Text) else ""

    def _transact(self, change: Callable[[], object]) -> list[bytes]:
        updates: list[bytes] = []
        subscription = self._doc.observe(lambda event: updates.append(event.update))
        try:
            with self._doc.transaction():
                change()
        finally:
            self._doc.unobserve(subscription)
            if updates:
                self.text = self._read_text()
        return updates


def _pieces(before: str, change: TextChange) -> Iterator[tuple[int, int, str]]:
    """Yield (start, stop, text) in bytes for the steps of one change.

    A text that many have typed falls into a range for every few letters when it is deleted: at most one for each.
    """
    position, stop = byte_offset(before, change.start), byte_offset(before, change.stop)
    for index in range(change.start, change.stop - DELETED_CHARACTERS, DELETED_CHARACTERS):
        step = len(before[index : index + DELETED_CHARACTERS].encode())
        yield position, position + step, ""
        stop -= step
    yield position, stop, change.text[:PIECE_CHARACTERS]
    for index in range(PIECE_CHARACTERS, len(change.text), PIECE_CHARACTERS):
        position += len(change.text[index - PIECE_CHARACTERS : index].encode())
        yield position, position, change.text[index : index + PIECE_CHARACTERS]


def _plain(value: Any) -> Any:
    """Return a Yjs value as JSON: whole numbers as integers, for Yjs does not tell them from fractions."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
