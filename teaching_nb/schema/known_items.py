"""Whether what two encoded updates call by the same names is the same.

A name is a Yjs client id and a clock. The library takes an item whose name it knows for known, whatever is in
it; an edit would be acknowledged and be nowhere. Called by the hub with what a client sends, and by a client that
carries its edits over into the hub's document. Pure.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from teaching_nb.schema import update_reader
from teaching_nb.schema.update_reader import (
    DELETED,
    GONE,
    HAS_KEY,
    HAS_ORIGIN,
    HAS_RIGHT_ORIGIN,
    KIND,
    LEFT_OUT,
    OLD_JSON,
    TEXT,
    VALUES,
    Range,
    UpdateReader,
    skip_item,
)

_BYTES_PER_UNIT = 2
_SIMPLE = {120: True, 121: False, 126: None, 127: ("undefined",)}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some items of one client that belong together, as an update has them."""

    start: int
    end: int
    place: tuple[Any, ...] = ()
    """What is left and right of it, or what it is in."""
    kind: int = GONE
    content: Any = None

    @property
    def is_gone(self) -> bool:
        """Tell whether it says no more than that something was here."""
        return self.kind in {GONE, DELETED}

    @property
    def neighbours(self) -> Iterator[tuple[int, int]]:
        """Yield the names of what it is written beside, or in."""
        left, right, inside = self.place or (None, None, None)
        parent = inside[0] if inside else None
        yield from (name for name in (left, right, parent) if isinstance(name, tuple))

    def part(self, client: int, start: int, end: int) -> tuple[Any, ...]:
        """Return what a part of it is, however the whole was cut."""
        place = self.place
        if start > self.start:
            # What follows inside a piece is right of what it follows.
            place = ((client, start - 1), self.place[1], None)
        return place, self.kind, self._units(start - self.start, end - self.start)

    def _units(self, start: int, end: int) -> Any:
        if self.kind == TEXT:
            return self.content[start * _BYTES_PER_UNIT : end * _BYTES_PER_UNIT]
        return self.content[start:end] if self.kind in {OLD_JSON, VALUES} else self.content


def unlike(ours: bytes, theirs: bytes, known: Range) -> tuple[bool, list[Range]]:
    """Compare the items of a range in two updates.

    Returns whether there are some that differ, and those of `theirs` that nothing can be said about, because
    `ours` has forgotten what they were when they were deleted.
    """
    forgotten: list[Range] = []
    our_pieces = _pieces(ours, known)
    mine = next(our_pieces, None)
    for piece in _pieces(theirs, known):
        start, end = max(piece.start, known.start), min(piece.end, known.end)
        while start < end and not piece.is_gone:
            while mine is not None and mine.end <= start:
                mine = next(our_pieces, None)
            if mine is None or mine.start > start:
                return True, forgotten
            stop = min(end, mine.end)
            if mine.is_gone:
                forgotten.append(Range(known.client, start, stop))
            elif mine.part(known.client, start, stop) != piece.part(known.client, start, stop):
                return True, forgotten
            start = stop
    return False, forgotten


def first_differences(ours: bytes, theirs: bytes) -> dict[int, int]:
    """Return client → the first name under which both updates have something, and not the same.

    What follows under that client's names is written beside something else, even where it is called alike. Of what
    was deleted the place is compared, as far as it is remembered.
    """
    our_pieces, their_pieces = _all_pieces(ours), _all_pieces(theirs)
    found: dict[int, int] = {}
    for client in our_pieces.keys() & their_pieces.keys():
        clock = _first_difference(client, our_pieces[client], their_pieces[client])
        if clock is not None:
            found[client] = clock
    return found


def _first_difference(client: int, ours: list[Piece], theirs: list[Piece]) -> int | None:
    mine, other = iter(ours), iter(theirs)
    left, right = next(mine, None), next(other, None)
    while left is not None and right is not None:
        common = Range(client, max(left.start, right.start), min(left.end, right.end))
        if common.start < common.end and not _is_alike(left, right, common):
            # Both may begin alike, for the library puts together what follows each other.
            ends = range(common.start + 1, common.end)
            return common.start + bisect_left(ends, True, key=partial(_differs_before, left, right, common))
        if left.end <= right.end:
            left = next(mine, None)
        else:
            right = next(other, None)
    return None


def _differs_before(left: Piece, right: Piece, common: Range, end: int) -> bool:
    return not _is_alike(left, right, common._replace(end=end))


def _is_alike(left: Piece, right: Piece, part: Range) -> bool:
    if GONE in (left.kind, right.kind):
        return True
    if left.is_gone or right.is_gone:
        return bool(left.part(*part)[0] == right.part(*part)[0])
    return left.part(*part) == right.part(*part)


def _all_pieces(update: bytes) -> dict[int, list[Piece]]:
    reader = UpdateReader(update)
    found: dict[int, list[Piece]] = {}
    for _ in range(reader.number()):
        count, client, clock = reader.number(), reader.number(), reader.number()
        pieces = found.setdefault(client, [])
        for _ in range(count):
            piece, clock = read_piece(reader, clock)
            if piece is not None:
                pieces.append(piece)
    return found


def _pieces(update: bytes, wanted: Range) -> Iterator[Piece]:
    """Yield the pieces of one client that reach into a range, and read no further."""
    reader = UpdateReader(update)
    for _ in range(reader.number()):
        count, client, clock = reader.number(), reader.number(), reader.number()
        for _ in range(count):
            if client != wanted.client:
                skip_item(reader)
                continue
            if clock >= wanted.end:
                return
            piece, clock = read_piece(reader, clock)
            if piece is not None and piece.end > wanted.start:
                yield piece
        if client == wanted.client:
            return


def read_piece(reader: UpdateReader, clock: int) -> tuple[Piece | None, int]:
    """Read one piece; return it, None for something that is left out, and the clock behind it."""
    info = reader.byte()
    kind = info & KIND
    if kind in {GONE, LEFT_OUT}:
        end = clock + reader.number()
        return (None if kind == LEFT_OUT else Piece(clock, end)), end
    place = _place(reader, info)
    content, length = _content(reader, kind)
    return Piece(clock, clock + length, place, kind, content), clock + length


def _place(reader: UpdateReader, info: int) -> tuple[Any, ...]:
    left = (reader.number(), reader.number()) if info & HAS_ORIGIN else None
    right = (reader.number(), reader.number()) if info & HAS_RIGHT_ORIGIN else None
    if left is not None or right is not None:
        return left, right, None
    parent = reader.string() if reader.number() == 1 else (reader.number(), reader.number())
    return None, None, (parent, reader.string() if info & HAS_KEY else None)


def _content(reader: UpdateReader, kind: int) -> tuple[Any, int]:
    match kind:
        case update_reader.TEXT:
            units = reader.string().decode().encode("utf-16-le")
            return units, len(units) // _BYTES_PER_UNIT
        case update_reader.VALUES:
            values = [_value(reader) for _ in range(reader.number())]
            return values, len(values)
        case update_reader.OLD_JSON:
            texts = [_ordered(reader.string()) for _ in range(reader.number())]
            return texts, len(texts)
        case update_reader.EMBEDDED:
            return _ordered(reader.string()), 1
        case update_reader.FORMAT:
            return (reader.string(), _ordered(reader.string())), 1
        case update_reader.DELETED:
            return None, reader.number()
    return reader.taken(lambda: update_reader.skip_content(reader, kind)), 1


def _ordered(text: bytes) -> bytes:
    """Return JSON with the keys of its objects in one order, for the library does not fix it; other text as it is."""
    try:
        return msgspec.json.encode(msgspec.json.decode(text), order="deterministic")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return text


def _value(reader: UpdateReader) -> Any:
    """Read a plain value in a form that is equal for equal ones, in whatever order and size they were written."""
    tag = reader.byte()
    match tag:
        case 117:
            return ("list", [_value(reader) for _ in range(reader.number())])
        case 118:
            return ("object", {reader.string(): _value(reader) for _ in range(reader.number())})
        case 116 | 119:
            return (tag, reader.string())
        case 122:
            return ("number", struct.unpack(">q", reader.piece(8))[0])
        case 123:
            return ("number", struct.unpack(">d", reader.piece(8))[0])
        case 124:
            return ("number", struct.unpack(">f", reader.piece(4))[0])
        case 125:
            return ("number", reader.signed())
    return _SIMPLE[tag]
