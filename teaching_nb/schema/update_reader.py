"""Reads Yjs encodings without the library, to refuse what the library would not survive.

The library nests values on its stack, and sets memory aside for whatever number stands in front: a few bytes
can stop or end the whole process. Called by the hub with what clients send, before anything is applied, and by
the client, to send no more at once than the hub takes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema import limits
from teaching_nb.schema.lib0 import Reader, encoded

HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY, KIND = 0x80, 0x40, 0x20, 0x1F

_NAMED_TYPES = (3, 5)
"""Shared types that carry a name: XML elements and hooks."""

EMBEDDED, FORMAT = 5, 6
"""Kinds of content that hold JSON."""

_STRINGS = {3: 1, 5: 1, 6: 2, 9: 1}
"""Kind of content → strings that it begins with: bytes, embedded JSON, format, document."""

GONE, LEFT_OUT, DELETED, OLD_JSON, TEXT, VALUES = 0, 10, 1, 2, 4, 8
"""Kinds of content that can take more than one clock."""

MALFORMED = "update is not a Yjs update (version 1)"

_COUNTED = 2**31


class TooManyParts(Exception):
    """An encoding has more insertions and deleted ranges than are read."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Range(NamedTuple):
    """Items of one client, by their clocks: the first one, and the one behind the last."""

    client: int
    start: int
    end: int


class Contents(NamedTuple):
    """Which items an update inserts and deletes."""

    inserted: tuple[Range, ...]
    """One range per client."""
    deleted: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """Where the items of an update begin, and which ones it deletes."""

    inserted: tuple[tuple[int, int], ...] = ()
    """(client, first of its new items)."""
    deleted: tuple[Range, ...] = ()


class UpdateReader(Reader):
    """Reads what updates and state vectors are made of."""

    def count(self) -> int:
        """Read how many parts follow; each has two bytes at least."""
        count = self.number()
        if 2 * count > self.left:
            raise IndexError
        return count

    def skip_text(self) -> int:
        """Pass over a text and return how many UTF-16 units it has; raises `InvalidInput` when it holds NUL."""
        text = self.string()
        if b"\0" in text:
            raise InvalidInput("text must not hold the character NUL (\\u0000)")
        return len(text) if text.isascii() else len(text.decode().encode("utf-16-le")) // 2

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


def check_update(update: bytes, deleted: Callable[[], list[Range]] = list) -> Contents:
    """Return what an update holds, or raise what refuses it before it is applied.

    `InvalidInput` when it is malformed, or holds NUL or values that are nested too deeply; `TooLarge` when it has more
    insertions and deleted ranges than all who follow the document could take in without noticing. What is deleted
    already does not count, for a client that has been away repeats it; `deleted` tells it when that matters.
    """
    try:
        return _limited(update, deleted)
    except TooManyParts as error:
        raise TooLarge(
            f"update has {error.count} insertions and deleted ranges, the limit is {limits.UPDATE_PARTS}: "
            "send it in several"
        ) from error
    except (IndexError, ValueError) as error:
        raise InvalidInput(MALFORMED) from error


def items_of(update: bytes) -> Items:
    """Return which items an update brings and deletes; it must have been checked."""
    reader = UpdateReader(update)
    inserted = []
    clients = reader.number()
    for _ in range(clients):
        count, client, clock = reader.number(), reader.number(), reader.number()
        inserted.append((client, clock))
        if clients == 1 and update[-1] == 0:
            # A key that was typed: nothing else follows that is of interest.
            return Items(tuple(inserted))
        for _ in range(count):
            skip_item(reader)
    return Items(tuple(inserted), tuple(reader.deletions()))


def has_too_many_parts(updates: Iterable[bytes]) -> bool:
    """Tell whether the hub would refuse updates of our own, put together, for the number of their parts."""
    left = limits.UPDATE_PARTS
    try:
        for update in updates:
            count, contents = _read(update, left)
            left -= count + len(contents.deleted)
    except TooManyParts:
        return True
    except (InvalidInput, IndexError, ValueError):
        # The hub will say what is wrong with it.
        return False
    return False


def _limited(update: bytes, deleted: Callable[[], list[Range]]) -> Contents:
    try:
        return _read(update, limits.UPDATE_PARTS)[1]
    except TooManyParts:
        known = deleted()
        if not known:
            raise
    inserted, contents = _read(update, limits.UPDATE_PARTS + len(known))
    count = inserted + _number_of_new(contents.deleted, known)
    if count > limits.UPDATE_PARTS:
        raise TooManyParts(count)
    return contents


def _read(update: bytes, most: int) -> tuple[int, Contents]:
    """Return how many insertions an update has, and what it holds; raises `TooManyParts`."""
    reader, total, inserted = UpdateReader(update), 0, []
    for _ in range(reader.number()):
        count, client, start = reader.count(), reader.number(), reader.number()
        total += count
        if total > most:
            raise TooManyParts(total)
        inserted.append(Range(client, start, start + sum(skip_item(reader) for _ in range(count))))
    if len({client for client, _, _ in inserted}) < len(inserted):
        # Nobody writes such an update, and the library would take one of the two alone.
        raise InvalidInput(MALFORMED)
    try:
        return total, Contents(tuple(inserted), tuple(reader.deletions(most - total)))
    except TooManyParts as error:
        raise TooManyParts(total + error.count) from error


def _number_of_new(ranges: Iterable[Range], known: list[Range]) -> int:
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


def state_vector_of(known: Mapping[int, int]) -> bytes:
    """Return the encoding of a state vector."""
    return b"".join(map(encoded, (len(known), *(number for pair in known.items() for number in pair))))


def check_state_vector(state_vector: bytes) -> None:
    """Raise `InvalidInput` when a state vector announces more than it holds."""
    try:
        UpdateReader(state_vector).pairs()
    except IndexError as error:
        raise InvalidInput("stateVector is not a Yjs state vector") from error


def skip_item(reader: UpdateReader) -> int:
    """Pass over an item and return how many clocks it takes."""
    info = reader.byte()
    kind = info & KIND
    if kind in {GONE, LEFT_OUT}:
        # Something that was deleted and forgotten, or left out.
        return reader.number()
    for flag in (HAS_ORIGIN, HAS_RIGHT_ORIGIN):
        if info & flag:
            _skip_id(reader)
    if not info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN):
        if reader.number() == 1:
            reader.skip_string()
        else:
            _skip_id(reader)
        if info & HAS_KEY:
            reader.skip_text()
    return skip_content(reader, kind)


def _skip_id(reader: UpdateReader) -> None:
    reader.number()
    reader.number()


def skip_content(reader: UpdateReader, kind: int) -> int:
    """Pass over what an item holds and return how many clocks it takes."""
    _repeat(reader.skip_string, _STRINGS.get(kind, 0))
    match kind:
        case 1:
            return reader.number()
        case 2:
            return _repeat(reader.skip_string, reader.number())
        case 4:
            return reader.skip_text()
        case 7:
            _repeat(reader.skip_string, int(reader.number() in _NAMED_TYPES))
        case 8:
            return _repeat(reader.skip_value, reader.number())
        case 9:
            reader.skip_value()
        case 3 | 5 | 6:
            pass
        case _:
            raise ValueError("unknown content")
    return 1


def _repeat(skip: Callable[[], object], times: int) -> int:
    for _ in range(times):
        skip()
    return times
