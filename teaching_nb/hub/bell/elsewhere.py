"""The other processes, as those see them who store something: what is posted for them, and what is rung.

While this process is alone nothing is posted and nothing rung. With others, what a commit announces is posted in the
same transaction, and told here too in the order of what is posted: so that all processes tell the same order. Live
updates are not posted: they are in the logs of their documents, whose numbers are rung.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from teaching_nb.hub.bell import posted
from teaching_nb.hub.bell.neighbours import Neighbours
from teaching_nb.hub.bell.posted import Sent
from teaching_nb.hub.bell.rings import Cursor
from teaching_nb.hub.bell.told import Told
from teaching_nb.hub.bell.uses import Uses
from teaching_nb.hub.numbers import Numbers
from teaching_nb.hub.outcomes import CommittedUpdate, Outcome
from teaching_nb.hub.store import posted_announcements
from teaching_nb.schema.events import DocumentUpdate

if TYPE_CHECKING:
    from teaching_nb.hub.store.postgresql_statements import Fetch

T = TypeVar("T")

MOST_CURSORS = 1_000
"""Cursors that wait to be rung; more than that are dropped, for they are old by then."""


class Announce(Protocol):
    """Hands a committed outcome to the publisher."""

    def __call__(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Do so."""


class Write:
    """A write under way."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        """Under which it has posted what it announces; those of attempts that were undone, too."""
        self.is_posting = False
        """Whether it may have posted under a number that is not known here yet."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Posting(Generic[T]):
    """How the results of one write are posted by statements straight through the driver."""

    def __init__(self, elsewhere: Elsewhere, write: Write, sent: Callable[[list[T]], Sequence[Sent]]) -> None:
        self._elsewhere = elsewhere
        self._write = write
        self._sent = sent

    def row(self, results: list[T]) -> dict[str, Any] | None:
        """Return what is to be posted of results, without its number; None when nobody has to be told of any."""
        letter = self._elsewhere.letter(self._sent(results))
        return None if letter is None else posted_announcements.row(self._elsewhere.process, letter)

    async def post(self, fetch: Fetch, results: list[T]) -> int | None:
        """Post it, last in a transaction; return the number."""
        row = self.row(results)
        if row is None:
            return None
        number = await posted_announcements.post_quickly(fetch, row)
        self.has_posted(number)
        return number

    @contextmanager
    def unknown(self) -> Iterator[None]:
        """Stand around a statement that may post, and tells the number only when it is committed."""
        self._write.is_posting = True
        try:
            yield
        finally:
            self._write.is_posting = False

    def has_posted(self, number: int) -> None:
        """Note the number of what was posted."""
        self._write.numbers.append(number)


class Elsewhere:
    """The other processes of this hub."""

    def __init__(
        self,
        process: str,
        announce: Announce,
        outdate: Callable[[Outcome[Any]], None],
        announced: Callable[[str], None],
    ) -> None:
        self.process = process
        self.neighbours = Neighbours()
        self.told = Told(self._is_behind)
        self._missing: dict[str, int] = {}
        self.posted = Numbers(0)
        """What is posted, as far as it is announced here."""
        self._announce = announce
        self._outdate = outdate
        """Has what was read before an outcome count as outdated, before the outcome is announced."""
        self.announced = announced
        """Told which process it is when everything is announced here that it has posted together."""
        self._own: dict[int, Sequence[Sent]] = {}
        """Number → what was committed here, and waits for what is posted before it."""
        self._writes: set[Write] = set()
        self._perhaps: dict[int, set[Write]] = {}
        """Number that was asked for last → the writes then under way that may have posted under it."""
        self._rung: dict[str, int] = {}
        self._has_posted = False
        self._cursors: list[Cursor] = []
        self.has_news = asyncio.Event()
        """Set while there is something to ring."""
        self.uses = Uses(self.has_news.set)
        self.is_held_up = False
        """Whether what others have posted waits for a write of this process to end."""
        self.lacks = asyncio.Event()
        """Set when something that others have posted has to be read."""

    @contextmanager
    def writing(self) -> Iterator[Write]:
        """Stand around a write, so that a new process learns when those that do not know of it are over."""
        write = Write()
        self._writes.add(write)
        try:
            yield write
        finally:
            self._writes.discard(write)
            write.done.set_result(None)
            if self._own or self.is_held_up or any(number not in self.posted for number in write.numbers):
                self.lacks.set()

    async def written(self) -> None:
        """Wait for the writes that are under way now."""
        if self._writes:
            await asyncio.wait([write.done for write in self._writes])

    def letter(self, sent: Sequence[Sent]) -> bytes | None:
        """Return what others have to be told of the outcomes of a transaction; None when that is nothing."""
        if self.neighbours and any(posted.is_to_be_posted(outcome) for outcome, _ in sent):
            return posted.encoded(sent)
        return None

    def post(self, tx: Connection, write: Write, sent: Sequence[Sent]) -> int | None:
        """Post what others have to be told of outcomes, last in a transaction.

        Returns the number, None when nobody has to be told of any.
        """
        letter = self.letter(sent)
        if letter is None:
            return None
        number = posted_announcements.post(tx, self.process, letter)
        write.numbers.append(number)
        return number

    def is_told(self, outcome: Outcome[Any]) -> bool:
        """Tell whether others learn anything from an outcome that is stored nowhere."""
        return posted.is_to_be_posted(outcome)

    def begin(self, tx: Connection) -> None:
        """Begin a transaction that does nothing but post."""
        posted_announcements.begin(tx)

    def committed(self, sent: Sequence[Sent], number: int | None) -> None:
        """Have what a transaction has committed announced, here and elsewhere."""
        self._ring(sent, has_posted=number is not None)
        if number is None or number in self.posted:
            self._tell(sent)
            return
        self._own[number] = sent
        self.tell_own()
        if number in self._own:
            for outcome, _ in sent:
                self._outdate(outcome)
            self.lacks.set()

    def tell_own(self) -> None:
        """Announce what was committed here and has nothing before it any more."""
        while (own := self._own.pop(self.posted.head + 1, None)) is not None:
            self.posted.note(self.posted.head + 1)
            self._tell(own)

    def tell_all_own(self) -> None:
        """Announce everything that was committed here, whatever is missing before it."""
        own, self._own = self._own, {}
        for number in sorted(own):
            self._tell(own[number])

    def take_own(self, number: int) -> Sequence[Sent] | None:
        """Return what was committed here under a number, if its commit is known here."""
        return self._own.pop(number, None)

    def is_awaited(self, number: int) -> bool:
        """Tell whether the write that has posted under a number is under way still."""
        if any(number in write.numbers for write in self._writes):
            return True
        # What was posted before this was asked first is not from a write that has begun since.
        asked = self._perhaps.get(number, self._writes)
        perhaps = {write for write in asked if write.is_posting and not write.done.done()}
        self._perhaps = {number: perhaps} if perhaps else {}
        return bool(perhaps)

    def show(self, cursor: Cursor) -> None:
        """Have a cursor shown at the other processes."""
        if self.neighbours and len(self._cursors) < MOST_CURSORS:
            self._cursors.append(cursor)
            self.has_news.set()

    def take_cursors(self) -> list[Cursor]:
        """Return the cursors that are to be rung, in their order."""
        cursors, self._cursors = self._cursors, []
        return cursors

    def take_news(self) -> tuple[dict[str, int], bool]:
        """Return what is to be rung: documents with their newest numbers, and whether something was posted."""
        self.has_news.clear()
        rung, self._rung = self._rung, {}
        has_posted, self._has_posted = self._has_posted, False
        return rung, has_posted

    def take_missing(self) -> dict[str, int]:
        """Return the live documents of which something was rung that is not told here."""
        missing, self._missing = self._missing, {}
        return missing

    def _is_behind(self, document_id: str, number: int) -> None:
        self._missing[document_id] = max(number, self._missing.get(document_id, 0))
        self.lacks.set()

    def _tell(self, sent: Sequence[Sent]) -> None:
        for outcome, sender_sid in sent:
            self._announce(outcome, sender_sid=sender_sid)
        if self.neighbours:
            self.announced(self.process)

    def _ring(self, sent: Sequence[Sent], *, has_posted: bool) -> None:
        for each in (each for outcome, _ in sent for each in outcome.notifications):
            if isinstance(each.event, DocumentUpdate) and each.position is not None:
                self.told.note(CommittedUpdate(each.event, each.position))
                if self.neighbours:
                    self._rung[each.event.id] = max(each.position.number, self._rung.get(each.event.id, 0))
        self._has_posted |= has_posted
        if self._rung or self._has_posted:
            self.has_news.set()
