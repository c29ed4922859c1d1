"""How long an edit of a live text takes to somebody at the same hub process, and to somebody at another one."""

from __future__ import annotations

import random
import select
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import figures
import pycrdt
from fanout_load import address_of
from socketio_listener import LivePage
from write_load import Author, now

from teaching_nb.hub.crdt.document import initial_update

_WARM_UP = 20
"""Edits that are not counted."""
_PAUSE_SECONDS = (0.01, 0.03)
"""Between two edits, at random: each is alone on its way."""
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Hop:
    """One measurement; milliseconds."""

    bell: str
    edits: int
    acknowledged: dict[str, float]
    """From sending an edit until its author knows that it is stored."""
    same: dict[str, float]
    """From then until somebody at the same process has it; below 0 for who has it before."""
    other: dict[str, float]
    """From then until somebody at the other process has it."""


def measure(bell: str, urls: Sequence[str], author: Author, readers: Sequence[str], *, edits: int) -> Hop:
    """Have an author at the first process type; the readers, by their tokens, are at the first and the second one."""
    addresses = [address_of(urls[0]), *map(address_of, urls)]
    tokens = [author.token, *readers]
    pages = [LivePage(*each, author.document_id) for each in zip(addresses, tokens, strict=True)]
    try:
        times = [times for times, _ in zip(_typed(pages), range(_WARM_UP + edits), strict=False)][_WARM_UP:]
    finally:
        for page in pages:
            page.socket.close()
    acknowledged, same, other = ([each * 1_000 for each in column] for column in zip(*times, strict=True))
    return Hop(bell, edits, *map(figures.summary, (acknowledged, same, other)))


def _typed(pages: Sequence[LivePage]) -> Iterator[tuple[float, float, float]]:
    """Type letter by letter; yield of each until it is acknowledged, and from then until the two others have it."""
    writer, *readers = pages
    chance = random.Random(1)  # noqa: S311 - spreads the edits
    with select.epoll() as poll:
        by_descriptor = {page.socket.fileno(): page for page in pages}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        for update in _updates():
            expected = [page.edits + 1 for page in readers]
            sent_at = now()
            writer.send(update)
            at: dict[LivePage, float] = {}
            while len(at) < len(pages):
                ready = poll.poll(_ANSWER_SECONDS)
                if not ready:
                    raise RuntimeError(f"an edit has not arrived within {_ANSWER_SECONDS:g} s")
                for descriptor, _ in ready:
                    page = by_descriptor[descriptor]
                    page.read()
                    at_last = now()
                    if writer.is_answered:
                        at.setdefault(writer, at_last)
                    for reader, count in zip(readers, expected, strict=True):
                        if reader.edits >= count:
                            at.setdefault(reader, at_last)
            yield at[writer] - sent_at, at[readers[0]] - at[writer], at[readers[1]] - at[writer]
            time.sleep(chance.uniform(*_PAUSE_SECONDS))


def _updates() -> Iterator[bytes]:
    """Yield an edit after the other: a letter at the end of the text."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(initial_update("code", {"code": ""}))
    text: pycrdt.Text = doc.get("data", type=pycrdt.Map)["code"]
    while True:
        before = doc.get_state()
        text += "x"
        yield doc.get_update(before)
