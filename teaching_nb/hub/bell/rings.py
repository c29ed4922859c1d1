"""What is rung: short words of one process to the others. Ids and numbers only, never what a document holds.

A ring may be lost. Whoever hears one looks into the database; whoever hears none looks there every two seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

MOST_BYTES = 7_900
"""Longest ring: PostgreSQL takes less than 8,000 bytes."""

TOGETHER = 80
"""Documents, or rooms, that one ring names at most."""


class Count(NamedTuple):
    """Who is in a room at one process."""

    kind: str
    id: str
    present: int
    """How many connections."""
    has_kernel: bool
    """In the room of a person: whether a kernel of theirs is among them."""
    has_page: bool
    """Whether a page of that person is connected, which is in no room."""
    connections: int = 0
    """In the room of a person: how many connections they have themselves, pages among them."""


class Cursor(NamedTuple):
    """Where somebody is in a live document: an awareness update as others may see it, of the people of one socket."""

    document_id: str
    sid: str
    user_id: str
    state: bytes


class Use(NamedTuple):
    """How often something was let pass that is limited for all processes together."""

    limit: str
    key: str
    times: int


class Ring(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One ring."""

    process: str
    """Who rings."""
    kind: Literal["beat", "hello", "here", "bye", "changed", "counts", "cursors", "uses"]
    """`beat`: lives, and hears itself by this. `hello`: asks all to ring for it from now on; `here`: does so."""
    knows: tuple[str, ...] = ()
    """Of `here`: all for whom the process rings, with everything that it stores from now on."""
    documents: dict[str, int] = {}
    """Of `changed`: live documents, and the newest number in their logs."""
    has_posted: bool = False
    """Of `changed`: whether announcements were posted."""
    counts: tuple[Count, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    """Of `cursors`: not stored anywhere, and lost with the ring; pages say every 15 s where they are."""
    uses: tuple[Use, ...] = ()


def encoded(ring: Ring) -> str:
    """Return a ring as it is sent."""
    return msgspec.json.encode(ring).decode()


def decoded(text: str) -> Ring | None:
    """Return what was rung; None for what is none of ours."""
    try:
        return msgspec.json.decode(text, type=Ring)
    except msgspec.DecodeError:
        return None


def changed(process: str, documents: Mapping[str, int], *, has_posted: bool) -> Iterator[Ring]:
    """Return the rings that tell of what was stored."""
    pairs = list(documents.items())
    for begin in range(0, max(len(pairs), 1), TOGETHER):
        some = dict(pairs[begin : begin + TOGETHER])
        yield Ring(process=process, kind="changed", documents=some, has_posted=has_posted and not begin)


def cursors(process: str, found: list[Cursor]) -> Iterator[Ring]:
    """Return the rings that show cursors: as many in each as fit."""
    some: list[Cursor] = []
    for cursor in found:
        if len(encoded(Ring(process=process, kind="cursors", cursors=(*some, cursor)))) > MOST_BYTES:
            if some:
                yield Ring(process=process, kind="cursors", cursors=tuple(some))
            some = []
        some.append(cursor)
    if some:
        yield Ring(process=process, kind="cursors", cursors=tuple(some))


def counts(process: str, found: list[Count]) -> Iterator[Ring]:
    """Return the rings that tell who is in some rooms."""
    for begin in range(0, len(found), TOGETHER):
        yield Ring(process=process, kind="counts", counts=tuple(found[begin : begin + TOGETHER]))


def uses(process: str, found: list[Use]) -> Iterator[Ring]:
    """Return the rings that tell what was used of limits."""
    for begin in range(0, len(found), TOGETHER):
        yield Ring(process=process, kind="uses", uses=tuple(found[begin : begin + TOGETHER]))
