"""What the edits of a live document take away, and from whom: read from its log, for the history.

There are two ways to read it. The quick one looks at the updates of the open version as they came, and only when one
of the new ones deletes; it may find that more is gone than there was. The exact one, for when that would end a version,
plays the whole log.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from teaching_nb.errors import InternalError, InvalidInput
from teaching_nb.hub.crdt.client_ids import FIRST_CLIENT_ID
from teaching_nb.hub.crdt.document import Damaged, LiveDoc
from teaching_nb.hub.documents import log_entries
from teaching_nb.hub.documents.log_entries import LogEntry
from teaching_nb.hub.documents.version_ends import Step, much, much_of_others
from teaching_nb.hub.store.statements import FrequentStatement
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.hub.store.tables import version_authors
from teaching_nb.schema import documents
from teaching_nb.schema.update_reader import Items, items_of

_UNKNOWN = 0
"""Number that stands for everything written before the entries that are read."""


_PEOPLE = FrequentStatement(
    select(version_authors.c.user_id).where(version_authors.c.document_id == bindparam("document")).distinct()
)
_DATA = select(documents_table.c.data).where(documents_table.c.id == bindparam("document"))


@dataclass(frozen=True, slots=True)
class LiveText:
    """A live document just before some edits."""

    document_id: str
    type_name: str
    number: int
    """The newest entry of its log that its record holds."""
    ahead: int
    """Difference between the revision of the record and the number of an entry."""
    kept: int
    """The newest entry that the last closed version holds."""


def quick_steps(tx: Connection, text: LiveText, edits: Sequence[LogEntry]) -> list[Step]:
    """Return edits with an upper bound of what they take away; those of the open version come first if they matter."""
    plain = [Step(edit.number, edit.author_id, edit.at, edit.kind) for edit in edits]
    if not any(_is_removing(edit.update) for edit in edits):
        return plain
    noted = log_entries.entries(tx, text.document_id, after=text.kept)
    log = [*(entry for entry in noted if entry.number <= text.number and not entry.is_merged), *edits]
    removed: Counter[str | None] = Counter()
    for entry in log:
        removed[entry.author_id] += _most_removed(entry.update)
    size = max(0, _size(tx, text) - removed.total())
    people = _people(tx, text, edits)
    bound = much_of_others(size) if len(people) > 1 else much(size)
    if max(removed.values()) < bound:
        return plain
    return list(_QuickReading(text, people, size).steps(log))


def exact_steps(tx: Connection, text: LiveText, edits: Sequence[LogEntry]) -> list[Step]:
    """Return edits with what they take away; those of the open version come first."""
    reading = _Reading(text, _people(tx, text, edits))
    try:
        return list(reading.steps(_whole_log(tx, text, edits)))
    except (InvalidInput, Damaged) as error:
        raise InternalError("the update log of a live document cannot be read") from error


def contents(tx: Connection, text: LiveText, numbers: Collection[int], edits: Sequence[LogEntry]) -> dict[int, Any]:
    """Return what the document held after each of these entries of its log."""
    if set(numbers) == {text.number}:
        return {text.number: _data(tx, text)}
    found = {}
    doc = LiveDoc(text.type_name)
    for entry in _whole_log(tx, text, edits):
        doc.follow(entry.update)
        if entry.number in numbers:
            found[entry.number] = doc.data()
    return found


def _whole_log(tx: Connection, text: LiveText, edits: Sequence[LogEntry]) -> list[LogEntry]:
    """Return the log up to the edits, which may not be in it yet."""
    older = (entry for entry in log_entries.entries(tx, text.document_id) if entry.number <= text.number)
    return [*older, *edits]


def _people(tx: Connection, text: LiveText, edits: Sequence[LogEntry]) -> set[str]:
    """Return who has written in a document, as far as its history knows."""
    known = (user_id for (user_id,) in _PEOPLE.rows(tx, {"document": text.document_id}))
    return {*known, *(edit.author_id for edit in edits if edit.author_id is not None)}


def _size(tx: Connection, text: LiveText) -> int:
    """Return how many characters the text has."""
    data = _data(tx, text)
    return sum(len(data.get(key, "")) for key in documents.live_text_keys(text.type_name))


def _data(tx: Connection, text: LiveText) -> Any:
    return tx.execute(_DATA, {"document": text.document_id}).scalar_one()


def _is_removing(update: bytes) -> bool:
    """Tell whether a Yjs update deletes; the number of clients whose items it deletes is 0 else, its last byte."""
    return update[-1] != 0


def _most_removed(update: bytes) -> int:
    """Return how many characters an update deletes at most; some may have been deleted before."""
    return sum(stop - start for _, start, stop in items_of(update).deleted) if _is_removing(update) else 0


@dataclass(slots=True)
class _Written:
    """What one client has written: with which item each entry begins."""

    starts: list[int] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)


class _Reading:
    """Plays a log from its beginning."""

    def __init__(self, text: LiveText, people: Collection[str]) -> None:
        self._text = text
        self._people = people
        self._doc = LiveDoc(text.type_name)
        self._written: dict[int, _Written] = {}

    def steps(self, log: Iterable[LogEntry]) -> Iterator[Step]:
        """Yield what the entries after the last closed version do."""
        for entry in log:
            is_step = entry.number > self._text.kept and not entry.is_merged and entry.number > 0
            size = self._size()
            change = self._change(entry)
            items = items_of(change) if change else Items()
            self._add(entry, items)
            if is_step:
                yield self._step(entry, items, size)

    def _size(self) -> int:
        return self._doc.text_bytes

    def _change(self, entry: LogEntry) -> bytes:
        """Return what an entry changes, as an update; nothing for what is not of interest."""
        change = self._doc.follow(entry.update)
        return b"" if entry.is_merged else change

    def _add(self, entry: LogEntry, items: Items) -> None:
        for client, start in items.inserted:
            written = self._written.setdefault(client, _Written())
            if not written.starts or start > written.starts[-1]:
                written.starts.append(start)
                written.entries.append(entry)

    def _step(self, entry: LogEntry, items: Items, size: int) -> Step:
        removed: Counter[int] = Counter()
        taken: Counter[int] = Counter()
        for client, start, stop in items.deleted:
            for writer, count in self._writers(client, start, stop):
                number = writer.number if writer else _UNKNOWN
                if number == entry.number:
                    continue
                removed[number] += count
                if self._is_others(client, writer, entry.author_id):
                    taken[number] += count
        return Step(
            entry.number,
            entry.author_id,
            entry.at,
            entry.kind,
            is_noted=entry.number <= self._text.number,
            is_adding=bool(items.inserted),
            removed=removed,
            taken=taken,
            size=size,
        )

    def _writers(self, client: int, start: int, stop: int) -> Iterator[tuple[LogEntry | None, int]]:
        """Yield who wrote items, and how many of them; None for what is older than the entries."""
        written = self._written.get(client, _Written())
        while start < stop:
            place = bisect_right(written.starts, start)
            end = min(stop, written.starts[place]) if place < len(written.starts) else stop
            yield (written.entries[place - 1] if place else None), end - start
            start = end

    def _is_others(self, client: int, writer: LogEntry | None, author_id: str | None) -> bool:
        """Tell whether somebody else wrote it; what the document began with is nobody's."""
        if client == FIRST_CLIENT_ID:
            return False
        if writer is None and client in self._written:
            # Nobody else goes on with the items of a client.
            writer = self._written[client].entries[0]
        if writer is None:
            # Merging has forgotten who it was.
            return any(person != author_id for person in self._people)
        return writer.author_id != author_id


class _QuickReading(_Reading):
    """Reads entries as they came, without playing them."""

    def __init__(self, text: LiveText, people: Collection[str], least_size: int) -> None:
        super().__init__(text, people)
        self._least_size = least_size

    def _size(self) -> int:
        return self._least_size

    def _change(self, entry: LogEntry) -> bytes:
        return b"" if entry.is_merged else entry.update
