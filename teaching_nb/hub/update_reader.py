"""Reads Yjs encodings without the library, to refuse what the library would not survive.

The library nests values on its stack, and sets memory aside for whatever number stands in front: a few bytes
can stop or end the whole process. Called by `live_doc` with what clients send, before anything is applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import limits

_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_KEY, _KIND = 0x80, 0x40, 0x20, 0x1F

_NAMED_TYPES = (3, 5)
"""Shared types that carry a name: XML elements and hooks."""

_STRINGS = {3: 1, 5: 1, 6: 2, 9: 1}
"""Kind of content → strings that it begins with: bytes, embedded JSON, format, document."""

_MALFORMED = "update is not a Yjs update (version 1)"


@dataclass(frozen=True, slots=True)
class Items:
    """The items of an update."""

    inserted: tuple[tuple[int, int], ...] = ()
    """(client, first of its new items)."""
    deleted: tuple[tuple[int, int, int], ...] = ()
    """(client, start and end of a deleted range)."""


class Reader:
    """Reads numbers, strings and values from the front of an encoding."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0

    def byte(self) -> int:
        """Read one byte."""
        self._position += 1
        return self._raw[self._position - 1]

    def number(self) -> int:
        """Read an unsigned number."""
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7
            if shift > 63:
                raise IndexError

    def skip(self, size: int) -> None:
        """Pass over some bytes."""
        self._position += size
        if self._position > len(self._raw):
            raise IndexError

    def skip_string(self) -> None:
        """Pass over a string, or bytes, with their length in front."""
        self.skip(self.number())

    def skip_text(self) -> None:
        """Pass over a text; raises `InvalidInput` when it holds the character NUL."""
        size = self.number()
        start = self._position
        self.skip(size)
        if b"\0" in self._raw[start : self._position]:
            raise InvalidInput("text must not hold the character NUL (\\u0000)")

    def pairs(self) -> dict[int, int]:
        """Read a state vector: client → number of its known items."""
        return {self.number(): self.number() for _ in range(self.number())}

    def deletions(self) -> list[tuple[int, int]]:
        """Read a delete set: (client, end of a deleted range)."""
        return [(client, stop) for client, _, stop in self.deleted_ranges()]

    def deleted_ranges(self) -> list[tuple[int, int, int]]:
        """Read a delete set: (client, start and end of a deleted range)."""
        found = []
        for _ in range(self.number()):
            client = self.number()
            for _ in range(self.number()):
                start = self.number()
                found.append((client, start, start + self.number()))
        return found

    def skip_value(self) -> None:
        """Pass over a plain value; raises `InvalidInput` when it is nested too deeply."""
        # Values that are still to come, for every open list or object; `True` for those with a key in front.
        waiting: list[tuple[int, bool]] = [(1, False)]
        while waiting:
            count, has_keys = waiting.pop()
            if not count:
                continue
            waiting.append((count - 1, has_keys))
            if has_keys:
                self.skip_text()
            inside = self._skip_one()
            if inside is not None:
                waiting.append(inside)
            if len(waiting) > limits.JSON_DEPTH + 1:
                raise InvalidInput(f"update is nested too deeply, the limit is {limits.JSON_DEPTH} levels")

    def _skip_one(self) -> tuple[int, bool] | None:
        """Pass over one value; returns number and kind of those inside when it is a list or an object."""
        match self.byte():
            case 117:
                return self.number(), False
            case 118:
                return self.number(), True
            case 116:
                self.skip_string()
            case 119:
                self.skip_text()
            case 122 | 123:
                self.skip(8)
            case 124:
                self.skip(4)
            case 125:
                self.number()
            case 120 | 121 | 126 | 127:
                pass
            case _:
                raise ValueError("unknown value")
        return None


def check_update(update: bytes) -> None:
    """Raise `InvalidInput` when an update is malformed, or holds NUL or values that are nested too deeply."""
    reader = Reader(update)
    try:
        for _ in range(reader.number()):
            count, _client, _clock = reader.number(), reader.number(), reader.number()
            for _ in range(count):
                _skip_item(reader)
        reader.deletions()
    except (IndexError, ValueError) as error:
        raise InvalidInput(_MALFORMED) from error


def items_of(update: bytes) -> Items:
    """Return which items an update brings and deletes; it must have been checked."""
    reader = Reader(update)
    inserted = []
    clients = reader.number()
    for _ in range(clients):
        count, client, clock = reader.number(), reader.number(), reader.number()
        inserted.append((client, clock))
        if clients == 1 and update[-1] == 0:
            # A key that was typed: nothing else follows that is of interest.
            return Items(tuple(inserted))
        for _ in range(count):
            _skip_item(reader)
    return Items(tuple(inserted), tuple(reader.deleted_ranges()))


def check_state_vector(state_vector: bytes) -> None:
    """Raise `InvalidInput` when a state vector announces more than it holds."""
    try:
        Reader(state_vector).pairs()
    except IndexError as error:
        raise InvalidInput("stateVector is not a Yjs state vector") from error


def _skip_item(reader: Reader) -> None:
    info = reader.byte()
    kind = info & _KIND
    if kind in {0, 10}:
        # Something that was deleted and forgotten, or left out.
        reader.number()
        return
    for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
        if info & flag:
            _skip_id(reader)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        if reader.number() == 1:
            reader.skip_string()
        else:
            _skip_id(reader)
        if info & _HAS_KEY:
            reader.skip_text()
    _skip_content(reader, kind)


def _skip_id(reader: Reader) -> None:
    reader.number()
    reader.number()


def _skip_content(reader: Reader, kind: int) -> None:
    _repeat(reader.skip_string, _STRINGS.get(kind, 0))
    match kind:
        case 1:
            reader.number()
        case 2:
            _repeat(reader.skip_string, reader.number())
        case 4:
            reader.skip_text()
        case 7:
            _repeat(reader.skip_string, int(reader.number() in _NAMED_TYPES))
        case 8:
            _repeat(reader.skip_value, reader.number())
        case 9:
            reader.skip_value()
        case 3 | 5 | 6:
            pass
        case _:
            raise ValueError("unknown content")


def _repeat(skip: Callable[[], None], times: int) -> None:
    for _ in range(times):
        skip()
