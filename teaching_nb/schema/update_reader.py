"""Reads Yjs encodings without the library, to refuse what the library would not survive.

The library nests values on its stack, and sets memory aside for whatever number stands in front: a few bytes
can stop or end the whole process. Called by the hub with what clients send, before anything is applied, and by
the client, to send no more at once than the hub takes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema import limits

_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_KEY, _KIND = 0x80, 0x40, 0x20, 0x1F

_NAMED_TYPES = (3, 5)
"""Shared types that carry a name: XML elements and hooks."""

_STRINGS = {3: 1, 5: 1, 6: 2, 9: 1}
"""Kind of content → strings that it begins with: bytes, embedded JSON, format, document."""

_COUNTED = 2**31

_MALFORMED = "update is not a Yjs update (version 1)"


class TooManyParts(Exception):
    """An encoding has more insertions and deleted ranges than are read."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Range(NamedTuple):
    """Items of a client that are deleted."""

    client: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Items:
    """The items of an update."""

    inserted: tuple[tuple[int, int], ...] = ()
    """(client, first of its new items)."""
    deleted: tuple[Range, ...] = ()


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

    def count(self) -> int:
        """Read how many parts follow; each has two bytes at least."""
        count = self.number()
        if 2 * count > len(self._raw) - self._position:
            raise IndexError
        return count

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

    def deletions(self, most: int = _COUNTED) -> list[Range]:
        """Read a delete set; raises `TooManyParts` when it has more than `most` ranges."""
        found: list[Range] = []
        for _ in range(self.number()):
            client, count = self.number(), self.count()
            if len(found) + count > most:
                raise TooManyParts(len(found) + count)
            for _ in range(count):
                start = self.number()
                found.append(Range(client, start, start + self.number()))
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


def check_update(update: bytes, deleted: Callable[[], list[Range]] = list) -> None:
    """Raise what refuses an update before it is applied.

    `InvalidInput` when it is malformed, or holds NUL or values that are nested too deeply; `TooLarge` when it has more
    insertions and deleted ranges than all who follow the document could take in without noticing. What is deleted
    already does not count, for a client that has been away repeats it; `deleted` tells it when that matters.
    """
    try:
        _check_parts(update, deleted)
    except TooManyParts as error:
        raise TooLarge(
            f"update has {error.count} insertions and deleted ranges, the limit is {limits.UPDATE_PARTS}: "
            "send it in several"
        ) from error
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
    return Items(tuple(inserted), tuple(reader.deletions()))


def _check_parts(update: bytes, deleted: Callable[[], list[Range]]) -> None:
    try:
        _read_parts(update, limits.UPDATE_PARTS)
    except TooManyParts:
        known = deleted()
        if not known:
            raise
        inserted, ranges = _read_parts(update, limits.UPDATE_PARTS + len(known))
        count = inserted + _number_of_new(ranges, known)
        if count > limits.UPDATE_PARTS:
            raise TooManyParts(count) from None


def _number_of_new(ranges: list[Range], known: list[Range]) -> int:
    """Return how many ranges are not within one that is known; those of a client must be in order."""
    of_client: dict[int, list[Range]] = {}
    for one in sorted(known):
        of_client.setdefault(one.client, []).append(one)
    new = 0
    for one in ranges:
        there = of_client.get(one.client, [])
        before = bisect_right(there, one.start, key=_start) - 1
        new += before < 0 or there[before].end < one.end
    return new


def _start(one: Range) -> int:
    return one.start


def has_too_many_parts(updates: Iterable[bytes]) -> bool:
    """Tell whether the hub would refuse updates of our own, put together, for the number of their parts."""
    left = limits.UPDATE_PARTS
    try:
        for update in updates:
            inserted, ranges = _read_parts(update, left)
            left -= inserted + len(ranges)
    except TooManyParts:
        return True
    except (InvalidInput, IndexError, ValueError):
        # The hub will say what is wrong with it.
        return False
    return False


def _read_parts(update: bytes, most: int) -> tuple[int, list[Range]]:
    """Read an update, and return its number of insertions, and its deleted ranges."""
    reader, inserted = Reader(update), 0
    for _ in range(reader.number()):
        count, _client, _clock = reader.count(), reader.number(), reader.number()
        inserted += count
        if inserted > most:
            raise TooManyParts(inserted)
        for _ in range(count):
            _skip_item(reader)
    try:
        return inserted, reader.deletions(most - inserted)
    except TooManyParts as error:
        raise TooManyParts(inserted + error.count) from error


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
