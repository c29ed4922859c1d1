"""Carry edits over from a shared document to the hub's own copy of it, so that each is in it once.

An edit keeps its name (Yjs client id and clock) as long as the hub can store it under that name: then it does no harm
that a page, or a message that is still on its way, brings it too. Only what can never be stored as it was written,
for the hub has something else under its name, is made anew, as a change of the text. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pycrdt

from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, SharedDoc
from teaching_nb.client.sync.state_vector import read_state_vector
from teaching_nb.schema import limits
from teaching_nb.schema.known_items import first_differences, read_piece
from teaching_nb.schema.lib0 import encoded
from teaching_nb.schema.update_reader import (
    Range,
    UpdateReader,
    has_too_many_parts,
    items_of,
    state_vector_of,
)

CHANCE = 3
"""So many letters of two edits may be alike; where more are, an edit was put together of several, and one is stored."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the edits that lead from one state of a document to another."""

    kept: list[bytes] = field(default_factory=list)
    """Updates that brought edits into the present document as they were written."""
    before: str = ""
    after: str = ""
    """The change of the text that has to be made anew; the same text twice when there is none."""


def carry_over(
    present: SharedDoc,
    ours: SharedDoc,
    edits: list[bytes],
    *,
    base: SharedDoc | None = None,
    is_refused: bool = False,
) -> Carried:
    """Bring what was edited between `base` and `ours` into `present`, which has the same history.

    `edits` are updates in which that was written, as far as they are known. Without a base all that `present` lacks
    was edited. `is_refused`: the hub has refused the names of some. `ours` and `base` stay as they are.
    """
    known = _known_by(base)
    taken = _taken(present, ours, edits)
    new = ours.update_since(state_vector_of(_joined(_known_by(present), known)))
    # Clients whose edits cannot be stored as they are, with the first of these.
    dead = dict(taken)
    if is_refused and not taken and not _are_repeated(edits, _known_by(present)):
        # The ids belong to somebody else. Of what is repeated the hub could not tell any more whether it is the same.
        dead = dict(items_of(new).inserted)
    kept = _keep_names(present, new, dead)
    there = _known_by(present)
    is_whole = not dead and all(one.end <= there.get(one.client, 0) for one in items_of(new).deleted)
    return Carried(kept) if is_whole else Carried(kept, *_change(present, ours, base, taken, kept))


def lacking(ours: SharedDoc, update: bytes, state_vector: bytes) -> bytes:
    """Return what a hub with this state lacks of ours, and all that is called as something else there."""
    differences = first_differences(ours.update_since(NOTHING_KNOWN), update)
    return ours.update_since(state_vector_of({**read_state_vector(state_vector), **differences}))


def _taken(present: SharedDoc, ours: SharedDoc, edits: list[bytes]) -> dict[int, int]:
    """Return client → the first name under which the present document has something else."""
    taken = first_differences(ours.update_since(NOTHING_KNOWN), present.update_since(NOTHING_KNOWN))
    if not taken:
        return taken
    starts = [start for edit in edits for start in items_of(edit).inserted]
    # An edit is stored as a whole: if it begins as something else does, that is chance.
    return {
        client: max((start for who, start in starts if who == client and 0 <= clock - start <= CHANCE), default=clock)
        for client, clock in taken.items()
    }


def _are_repeated(edits: list[bytes], there: dict[int, int]) -> bool:
    return any(start < there.get(client, 0) for edit in edits for client, start in items_of(edit).inserted)


def _keep_names(present: SharedDoc, new: bytes, dead: dict[int, int]) -> list[bytes]:
    """Put in what can be put in as it is, and return the updates; the rest is added to what is dead."""
    while True:
        count = len(dead)
        trial = present.copy()
        insertions = _until(new, dead)
        trial.apply(insertions)
        there = _known_by(trial)
        # What is written beside something that is not there cannot be there either.
        waiting = [client for client, _ in items_of(pycrdt.get_update(insertions, trial.state_vector)).inserted]
        dead.update({client: there.get(client, 0) for client in waiting})
        # Another turn, for somebody may have been read before it was known beside whom they write.
        if not waiting and len(dead) == count:
            break
    ends = {client: min(end, dead.get(client, end)) for client, end in there.items()}
    update = insertions[:-1] + _encoded_deletions(_within(items_of(new).deleted, ends))
    changes = present.copy().apply(update)
    if sum(map(len, changes)) > limits.LIVE_UPDATE_BYTES or has_too_many_parts(changes):
        dead.update(items_of(new).inserted)
        return []
    return present.apply(update)


def _change(
    present: SharedDoc, ours: SharedDoc, base: SharedDoc | None, taken: dict[int, int], kept: list[bytes]
) -> tuple[str, str]:
    """Return the text without and with what has to be made anew."""
    known, mine, there = _known_by(base), _known_by(ours), _known_by(present)
    new = {client: known.get(client, 0) for client, end in mine.items() if end > known.get(client, 0)}
    is_stored = any(taken.get(client, there.get(client, 0)) > clock for client, clock in new.items())
    if base is not None and not is_stored:
        before = base.copy()
        for update in kept:
            before.apply(update)
        return before.text, ours.text
    # Part of it is in the present document: both sides get that, so that it is no difference between them.
    news = present.update_since(NOTHING_KNOWN)
    before = present.copy() if base is None else base.copy()
    after = ours.copy()
    # What somebody else wrote under our names stays out of the comparison, and so in the present document.
    for doc, own in ((before, known), (after, mine)):
        doc.apply(news)
        foreign = [Range(client, max(start, own.get(client, 0)), there[client]) for client, start in taken.items()]
        doc.apply(b"\0" + _encoded_deletions([one for one in foreign if one.start < one.end]))
    return before.text, after.text


def _known_by(doc: SharedDoc | None) -> dict[int, int]:
    return {} if doc is None else read_state_vector(doc.state_vector)


def _joined(left: dict[int, int], right: dict[int, int]) -> dict[int, int]:
    return {client: max(left.get(client, 0), right.get(client, 0)) for client in left.keys() | right.keys()}


def _until(update: bytes, dead: dict[int, int]) -> bytes:
    """Return the insertions of an update that are not dead, and add to what is dead what is written beside that."""
    reader, blocks = UpdateReader(update), []
    for _ in range(reader.number()):
        count, client, clock = reader.number(), reader.number(), reader.number()
        kept, head = [], (client, clock)
        for _ in range(count):
            before, start = reader.left, clock
            piece, clock = read_piece(reader, start)
            names = () if piece is None else piece.neighbours
            if any(other >= dead.get(neighbour, other + 1) for neighbour, other in names):
                dead[client] = min(start, dead.get(client, start))
            if clock <= dead.get(client, clock):
                kept.append(update[len(update) - before : len(update) - reader.left])
        if kept:
            blocks.append(b"".join([*map(encoded, (len(kept), *head)), *kept]))
    return encoded(len(blocks)) + b"".join(blocks) + b"\0"


def _within(deleted: tuple[Range, ...], ends: dict[int, int]) -> list[Range]:
    cut = [Range(client, start, min(end, ends.get(client, 0))) for client, start, end in deleted]
    return [one for one in cut if one.start < one.end]


def _encoded_deletions(ranges: list[Range]) -> bytes:
    of_client: dict[int, list[Range]] = {}
    for one in ranges:
        of_client.setdefault(one.client, []).append(one)
    numbers = [len(of_client)]
    for client, some in of_client.items():
        numbers += [client, len(some)]
        for one in some:
            numbers += [one.start, one.end - one.start]
    return b"".join(map(encoded, numbers))
