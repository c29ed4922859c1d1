"""The shared Y.Doc of one document: making, checking, reading and changing it. No database, no sockets.

A root map `data` mirrors the JSON data; the type's live text keys are Y.Text, all others plain values.
A `LiveDoc` belongs to the thread that made it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

import msgspec
import pycrdt

from teaching_nb.errors import Conflict, InvalidInput, OperationalError
from teaching_nb.hub.crdt.client_ids import FIRST_CLIENT_ID, Writer
from teaching_nb.schema import documents, limits, wire
from teaching_nb.schema.known_items import unlike
from teaching_nb.schema.text_changes import byte_offset, text_changes
from teaching_nb.schema.update_reader import (
    Contents,
    Range,
    UpdateReader,
    check_state_vector,
    check_update,
    state_vector_of,
)

EMPTY_UPDATE = b"\x00\x00"
"""A Yjs update without content."""

STATE_BYTES = limits.TRANSPORT_MESSAGE_BYTES - 500_000
"""Largest encoded state (text and history) of a document: it has to fit into one message."""

_ROOT = "data"
_MAX_INTEGER = 2**53
_REPEATED_CLIENTS = 32
"""Clients whose edits one update may send once more: each costs as much as encoding what follows them."""
_JSON_GROWTH = 6
"""One character of a text is at most six in JSON (a control character)."""


class Damaged(Exception):
    """An update was refused after it had touched the Doc in memory: the Doc must be thrown away."""

    def __init__(self, refusal: OperationalError) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        """What the sender of the update is told."""


class LiveDoc:
    """A Y.Doc with the shape that its document type asks for."""

    def __init__(self, type_name: str, updates: Iterable[bytes] = ()) -> None:
        self.type_name = type_name
        self._keys = documents.live_text_keys(type_name)
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        for update in updates:
            self._doc.apply_update(update)
        self._data: pycrdt.Map[Any] = self._doc.get(_ROOT, type=pycrdt.Map)
        self._sizes: dict[str, int] = {}
        """`text_bytes` and `content_bytes` of the present content, once they were asked for."""

    @property
    def state_vector(self) -> bytes:
        """Return the encoded state vector."""
        return self._doc.get_state()

    @property
    def text_bytes(self) -> int:
        """Return the size of the texts."""
        if "texts" not in self._sizes:
            texts = (self._data.get(key) for key in self._keys)
            self._sizes["texts"] = sum(len(text) for text in texts if isinstance(text, pycrdt.Text))
        return self._sizes["texts"]

    @property
    def text_characters(self) -> int:
        """Return the number of characters of the texts."""
        texts = (self._data.get(key) for key in self._keys)
        return sum(len(str(text)) for text in texts if isinstance(text, pycrdt.Text))

    def value(self, key: str) -> Any:
        """Return what stands under a key; None for nothing."""
        return self._data.get(key)

    def update_since(self, state_vector: bytes = b"") -> bytes:
        """Return what somebody with `state_vector` lacks; everything for an empty one."""
        check_state_vector(state_vector or b"\x00")
        try:
            return self._doc.get_update(state_vector or b"\x00")
        except ValueError as error:
            raise InvalidInput(f"stateVector is not a Yjs state vector: {error}") from error

    @property
    def content_bytes(self) -> int:
        """Return the size of the texts, and of all else as JSON."""
        if "content" not in self._sizes:
            data = self._content() if self._has_others else {}
            others = {key: value for key, value in data.items() if key not in self._keys}
            self._sizes["content"] = self.text_bytes + (len(msgspec.json.encode(others)) if others else 0)
        return self._sizes["content"]

    @property
    def _has_others(self) -> bool:
        return len(self._data) > len(self._keys)

    def data(self) -> dict[str, Any]:
        """Return the content as other programs know it; raises `InvalidInput` for what JSON cannot say."""
        return cast("dict[str, Any]", documents.with_form(self.type_name, self._content()))

    def _content(self) -> dict[str, Any]:
        content = self._data.to_py() or {}
        return {key: value if key in self._keys else _to_json(value) for key, value in content.items()}

    def apply(self, update: bytes, writer: Writer | None = None) -> bool:
        """Apply a client's update; tell whether it changed anything.

        With a `writer`, every item of the update is in the Doc afterwards as the update has it: others are refused
        with `Conflict`. Raises `InvalidInput` when it cannot be decoded, `Damaged` when the Doc is no longer usable.
        """
        contents = check_update(update, self._deleted)
        known = UpdateReader(self._doc.get_state()).pairs()
        if writer is not None:
            self._check_names(update, contents, known, writer)
        has_changed = bool(self._applied(update))
        if not self._contains(update, contents):
            raise Damaged(InvalidInput("update builds on edits that the hub does not know; sync first"))
        if has_changed:
            self._check()
        if writer is not None:
            for client, _, end in contents.inserted:
                if end > known.get(client, 0):
                    writer.note_written(client, known.get(client, 0))
        return has_changed

    def follow(self, update: bytes) -> bytes:
        """Apply an update of the log; return what it changed, as an update; nothing for no change."""
        return self._applied(update)

    def replace(self, data: Any) -> bytes:
        """Turn the content into `data` by few edits; return the update, empty bytes for no change."""
        check_replaceable(self.type_name, data)
        data = documents.with_changed_text(self.type_name, self.data(), data)
        data = documents.with_line_feeds(self.type_name, data)
        changes: list[bytes] = []
        subscription = self._doc.observe(lambda event: changes.append(event.update))
        try:
            with self._doc.transaction():
                self._replace_values(data)
        finally:
            self._sizes.clear()
            self._doc.unobserve(subscription)
        return b"".join(changes[:1])

    def _replace_values(self, data: dict[str, Any]) -> None:
        current = self.data()
        for key in sorted(current.keys() - data.keys()):
            del self._data[key]
        for key in sorted(data):
            if key in self._keys:
                self._replace_text(key, data[key])
            elif key not in current or _differs(current[key], data[key]):
                self._data[key] = _to_yjs(data[key])

    def _replace_text(self, key: str, new: str) -> None:
        text = self._data.get(key)
        if not isinstance(text, pycrdt.Text):
            self._data[key] = pycrdt.Text(new)
            return
        old = str(text)
        for change in text_changes(old, new):
            start, stop = byte_offset(old, change.start), byte_offset(old, change.stop)
            if stop > start:
                del text[start:stop]
            if change.text:
                text.insert(start, change.text)

    def _applied(self, update: bytes) -> bytes:
        """Apply and return what it changed, as an update; nothing for no change."""
        changes: list[bytes] = []
        subscription = self._doc.observe(lambda event: changes.append(event.update))
        try:
            self._doc.apply_update(update)
        except ValueError as error:
            raise InvalidInput("update is not a Yjs update (version 1)") from error
        except BaseException as error:
            # A panic of the Rust library is neither an Exception nor ours to pass on.
            if type(error).__name__ != "PanicException":
                raise
            raise Damaged(InvalidInput("update is not a Yjs update (version 1)")) from None
        finally:
            self._sizes.clear()
            self._doc.unobserve(subscription)
        return b"".join(changes)

    def _check_names(self, update: bytes, contents: Contents, known: dict[int, int], writer: Writer) -> None:
        """Raise `Conflict` for items under a name that is somebody else's, or that the Doc has for something else."""
        repeated = [
            Range(client, start, min(end, known[client]))
            for client, start, end in contents.inserted
            if start < known.get(client, 0)
        ]
        if len(repeated) > _REPEATED_CLIENTS:
            raise InvalidInput(
                f"update repeats edits of {len(repeated)} clients, the limit is {_REPEATED_CLIENTS}; sync first"
            )
        for each in repeated:
            self._check_known(update, contents, each, writer)
        for client, _, end in contents.inserted:
            if end > known.get(client, 0):
                writer.check_new(client)

    def _check_known(self, update: bytes, contents: Contents, known: Range, writer: Writer) -> None:
        state = {**UpdateReader(self._doc.get_state()).pairs(), known.client: known.start}
        is_unlike, forgotten = unlike(self._doc.get_update(state_vector_of(state)), update, known)
        # What was written and taken away again by the same update, or was theirs before it was deleted, is nowhere
        # to be looked up, and nothing of it can be lost.
        is_doubtful = any(
            not writer.has_written(client, start) and not _covers(contents.deleted, client, start, end)
            for client, start, end in forgotten
        )
        if is_unlike or is_doubtful:
            raise Conflict(
                f"other edits have taken the place of yours (client id {known.client} from {known.start} on);"
                " open the document anew and make the change again"
            )

    def _contains(self, update: bytes, contents: Contents) -> bool:
        """Tell whether the Doc holds everything that the update inserts and deletes."""
        state = self._doc.get_state()
        if UpdateReader(pycrdt.get_update(update, state)).number():
            return False
        known = UpdateReader(state).pairs()
        return all(one.end <= known.get(one.client, 0) for one in contents.deleted)

    def _deleted(self) -> list[Range]:
        """Return what has been deleted; takes the longer the more that is."""
        nothing_new = UpdateReader(self._doc.get_update(self._doc.get_state()))
        nothing_new.number()
        return nothing_new.deletions()

    def _check(self) -> None:
        """Raise `Damaged` when the content is no longer a document of this type, or too large."""
        if any(root != _ROOT for root in self._doc.keys()):  # noqa: SIM118 - a Doc is no mapping
            raise Damaged(InvalidInput("update touches something else than the root map 'data'"))
        for key in self._keys:
            if not isinstance(self._data.get(key), pycrdt.Text):
                raise Damaged(InvalidInput(f"update takes away the text {key!r}"))
        try:
            self._check_content()
        except OperationalError as error:
            raise Damaged(error) from error
        except RecursionError as error:
            raise Damaged(InvalidInput("update is nested too deeply")) from error

    def _check_content(self) -> None:
        longest = documents.longest_text(self.type_name)
        if longest is not None:
            limits.check_size("the text", self.text_bytes, longest)
        if not self._has_others and self.text_bytes * _JSON_GROWTH < limits.LIVE_TEXT_BYTES:
            return
        data = self._content()
        wire.check_keepable(data, "data")
        documents.check_data(self.type_name, data)
        limits.check_size("live document", len(msgspec.json.encode(data)), limits.LIVE_TEXT_BYTES)


def _covers(deleted: Iterable[Range], client: int, start: int, end: int) -> bool:
    """Tell whether deleted ranges, in whatever order, hold all of one."""
    for other in sorted(deleted):
        if other.client == client and other.start <= start < other.end:
            start = other.end
    return start >= end


def initial_update(type_name: str, data: Any) -> bytes:
    """Return the first state of a document: the same items for the same data, whoever makes it.

    The bytes are the same too, but for the order of keys inside nested objects, which the library does not fix.
    """
    check_replaceable(type_name, data)
    keys = documents.live_text_keys(type_name)
    data = documents.with_line_feeds(type_name, documents.with_text(type_name, data))
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=FIRST_CLIENT_ID)
    content: pycrdt.Map[Any] = doc.get(_ROOT, type=pycrdt.Map)
    with doc.transaction():
        for key in sorted({*data, *keys}):
            content[key] = pycrdt.Text(data.get(key, "")) if key in keys else _to_yjs(data[key])
    return doc.get_update()


def merged(updates: Iterable[bytes]) -> bytes:
    """Return one update that stands for all of them, without the content that was deleted since."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return doc.get_update()


def check_replaceable(type_name: str, data: Any) -> None:
    """Raise `InvalidInput` when `data` cannot be the content of a live document of this type."""
    keys = documents.live_text_keys(type_name)
    if not keys:
        raise InvalidInput(f"documents of type {type_name!r} have no live text")
    documents.check_object(type_name, data)
    for key in keys:
        if not isinstance(data.get(key, ""), str):
            raise InvalidInput(f"data of a {type_name} document: {key!r} is not a text")
        documents.check_length(type_name, data.get(key, ""))
    limits.check_size("live document", len(msgspec.json.encode(data)), limits.LIVE_TEXT_BYTES)


def _to_yjs(value: Any) -> Any:
    """Return a JSON value in a form that pycrdt takes: it knows integers of 64 bits only."""
    if isinstance(value, dict):
        return {key: _to_yjs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_yjs(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _MAX_INTEGER:
        return float(value)
    return value


def _to_json(value: Any) -> Any:
    """Return a Yjs value as JSON; whole numbers as integers, for Yjs tells them not from fractions."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) <= _MAX_INTEGER else value
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    raise InvalidInput(f"data holds a value that JSON does not know: {type(value).__name__}")


def _differs(old: Any, new: Any) -> bool:
    return msgspec.json.encode(old, order="deterministic") != msgspec.json.encode(
        _to_json(_to_yjs(new)), order="deterministic"
    )
