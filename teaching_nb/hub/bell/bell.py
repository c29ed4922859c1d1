"""The bell of one process: rings what is stored here, hears what is stored elsewhere, and notices when it is deaf.

Put together by `app`. Rings are hints: what others have stored is read from the database by its numbers, when one is
heard, every two seconds, and after every silence. So nothing is lost with a ring.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub.bell import rings
from teaching_nb.hub.bell.counts import CountsElsewhere
from teaching_nb.hub.bell.elsewhere import Elsewhere
from teaching_nb.hub.bell.hearing import LOST_SECONDS, Hearing
from teaching_nb.hub.bell.line import Line
from teaching_nb.hub.bell.reading import Found, PostedReader
from teaching_nb.hub.bell.rings import Count, Cursor, Ring
from teaching_nb.hub.room import Room
from teaching_nb.hub.store import posted_announcements
from teaching_nb.hub.store.database import Database

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
"""Time between two rings by which a process knows that it hears, and the others that it lives."""

POLL_BEATS, TIDY_BEATS = 2, 30
"""After how many beats the database is looked at unasked, and old announcements are removed."""

ANSWER_SECONDS = 3.0
"""How long a new process waits for the others: who has not answered by then is deaf, and delivers nothing."""

ASK_AGAIN_SECONDS = 0.1
"""Time before they are asked again: one that is just starting may not have heard the question."""

AGAIN_SECONDS = 0.25
"""Time before something that failed is tried again."""

ReadMissed = Callable[[Mapping[str, int] | None, int], Awaitable[Found]]
"""Given live documents and the numbers that were rung, None for all, and the number up to which announcements are told:
reads with one look what is missing here."""


class Bell:
    """What this process rings and hears."""

    def __init__(
        self,
        line: Line,
        elsewhere: Elsewhere,
        reader: PostedReader,
        *,
        database: Database,
        counts: CountsElsewhere,
        read_missed: ReadMissed,
        re_examine: Callable[[], Awaitable[None]],
        outdate: Callable[[], None],
        end_all: Callable[[], None],
        rooms_changed: Callable[[Collection[Room]], None],
        own_counts: Callable[[Collection[Room] | None], list[Count]],
        show_cursors: Callable[[str, Sequence[Cursor]], Awaitable[None]],
        drop_cursors: Callable[[str], Awaitable[None]],
        take_over: Callable[[], Awaitable[None]],
    ) -> None:
        self._line = line
        self._elsewhere = elsewhere
        self._reader = reader
        self._database = database
        self._counts = counts
        self._read_missed = read_missed
        self._re_examine = re_examine
        self._outdate = outdate
        self._end_all = end_all
        self._rooms_changed = rooms_changed
        self._own_counts = own_counts
        self._show_cursors = show_cursors
        self._drop_cursors = drop_cursors
        self._take_over = take_over
        self._told_counts: dict[tuple[str, str], Count] = {}
        self.hearing = Hearing(asyncio.get_running_loop().time)
        self._is_poll = False
        self._trouble = ""
        """What went wrong when the line was used last."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to hear; returns when all others ring for this process, or are deaf."""
        await self._line.listen(self._hear)
        await self._reader.begin()
        await self._greet()
        for name, loop_of in (("bell", self._beat), ("bell-rings", self._ring_news), ("bell-reads", self._read)):
            self._keep(asyncio.create_task(loop_of(), name=name))
        loop = asyncio.get_running_loop()
        end = loop.time() + ANSWER_SECONDS
        while self._elsewhere.neighbours.still_to_answer() and loop.time() < end:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            await self._try_to_ring([Ring(process=self._process, kind="hello")])

    async def stop(self) -> None:
        """Say goodbye, and hear nothing any more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._elsewhere.tell_all_own()
        try:
            await self._ring([*self._news(), Ring(process=self._process, kind="bye")])
        except Unavailable:
            logger.info("the others learn from silence that this process has ended")
        await self._line.close()

    def problem(self) -> str | None:
        """Return why this process cannot serve at the moment, in a sentence; None when it can."""
        if not self.hearing.is_deaf:
            return None
        return (
            f"this process of the hub has not heard the others through {self._line.name} for"
            f" {self.hearing.silence:.0f} s{self._trouble}, and tells nobody of changes until it does; it tries again"
            " every second"
        )

    def tell_counts(self, rooms: Collection[Room]) -> None:
        """Ring how many are in rooms where that has changed."""
        if not self._elsewhere.neighbours:
            self._told_counts.clear()
            return
        news = [count for count in self._own_counts(rooms) if self._told_counts.get(count[:2], _nobody(count)) != count]
        self._told_counts.update({count[:2]: count for count in news})
        if news:
            self._keep(asyncio.create_task(self._try_to_ring(list(rings.counts(self._process, news)))))

    @property
    def _process(self) -> str:
        return self._elsewhere.process

    def _hear(self, text: str) -> None:
        ring = rings.decoded(text)
        if ring is None:
            logger.warning("something else was rung on the channel of the hub: %.60s", text)
        elif ring.process == self._process:
            if ring.kind == "beat":
                self.hearing.heard()
        elif ring.kind == "bye":
            self._forget(ring.process)
        else:
            is_new = self._elsewhere.neighbours.heard(ring.process, asyncio.get_running_loop().time())
            self._hear_other(ring, is_new=is_new)

    def _hear_other(self, ring: Ring, *, is_new: bool) -> None:
        if ring.kind == "hello" or is_new:
            self._keep(asyncio.create_task(self._answer()))
        if ring.kind == "here" and self._process in ring.knows:
            self._elsewhere.neighbours.knows_us(ring.process)
        elif ring.kind == "counts":
            self._rooms_changed(self._counts.note(ring.process, ring.counts))
        elif ring.kind == "cursors" and not self.hearing.is_deaf:
            self._keep(asyncio.ensure_future(self._show_cursors(ring.process, ring.cursors)))
        elif ring.kind == "uses":
            self._elsewhere.uses.note(ring.uses)
        elif ring.kind == "changed":
            for document_id, number in ring.documents.items():
                self._elsewhere.told.ring(document_id, number)
            if ring.has_posted:
                self._elsewhere.lacks.set()

    def _forget(self, process: str) -> None:
        self._elsewhere.neighbours.remove(process)
        self._rooms_changed(self._counts.drop(process))
        self._keep(asyncio.ensure_future(self._drop_cursors(process)))

    async def _greet(self) -> None:
        """Ask everybody on the line to ring for this process."""
        neighbours, now = self._elsewhere.neighbours, asyncio.get_running_loop().time()
        neighbours.ask_anew()
        for peer in await self._line.peers():
            if peer.process != self._process:
                neighbours.heard(peer.process, now)
        await self._ring([Ring(process=self._process, kind="hello")])

    async def _answer(self) -> None:
        """Say that everything stored from now on is rung for those who are known; first let older writes end."""
        known = self._elsewhere.neighbours.names
        await self._elsewhere.written()
        counts = self._own_counts(None)
        self._told_counts = {count[:2]: count for count in counts}
        here = Ring(process=self._process, kind="here", knows=known)
        await self._try_to_ring([here, *rings.counts(self._process, counts)])

    async def _beat(self) -> None:
        beats = 0
        while True:
            beats += 1
            try:
                await self._beat_once(beats)
                self._trouble = ""
            except (ConfigurationError, Unavailable) as error:
                self._trouble = f" ({error})"
                logger.warning("the bell is not heard: %s", error)
            except Exception:
                logger.exception("ringing the bell failed")
            await asyncio.sleep(BEAT_SECONDS)

    async def _beat_once(self, beats: int) -> None:
        if not self._line.is_open:
            await self._line.open()
            await self._line.listen(self._hear)
            await self._greet()
            self._poll()
        await self._ring([Ring(process=self._process, kind="beat")])
        self._elsewhere.has_news.set()
        if self.hearing.is_deaf:
            # What was read before is not to be believed, also not by those who write.
            self._outdate()
            self._elsewhere.lacks.set()
        for process in self._elsewhere.neighbours.silent(asyncio.get_running_loop().time()):
            logger.warning("process %s of the hub has not been heard of for long, and counts as ended", process)
            self._forget(process)
            await self._take_over()
        if self._elsewhere.neighbours and beats % POLL_BEATS == 0:
            self._poll()
        if beats % TIDY_BEATS == 0:
            await self._database.write(posted_announcements.forget_old, invalidates_access=False)

    def _poll(self) -> None:
        self._is_poll = True
        self._elsewhere.lacks.set()

    async def _ring_news(self) -> None:
        while True:
            await self._elsewhere.has_news.wait()
            await self._try_to_ring(self._news())

    def _news(self) -> list[Ring]:
        documents, has_posted = self._elsewhere.take_news()
        cursors = self._elsewhere.take_cursors()
        if not self._elsewhere.neighbours:
            self._elsewhere.uses.forget()
            return []
        uses = self._elsewhere.uses.take()
        told = rings.changed(self._process, documents, has_posted=has_posted) if documents or has_posted else ()
        return [*told, *rings.cursors(self._process, cursors), *rings.uses(self._process, uses)]

    async def _try_to_ring(self, found: list[Ring]) -> None:
        try:
            await self._ring(found)
        except Unavailable as error:
            # The others look into the database every two seconds.
            logger.warning("could not ring: %s", error)

    async def _ring(self, found: list[Ring]) -> None:
        if found:
            await self._line.ring([rings.encoded(each) for each in found])

    async def _read(self) -> None:
        while True:
            await self._elsewhere.lacks.wait()
            self._elsewhere.lacks.clear()
            try:
                await self._read_once()
            except Exception as error:
                level = logging.WARNING if isinstance(error, Unavailable) else logging.ERROR
                logger.log(level, "reading what others have stored failed; trying again", exc_info=error)
                self._is_poll = True
                await asyncio.sleep(AGAIN_SECONDS)
                self._elsewhere.lacks.set()

    async def _read_once(self) -> None:
        is_poll, self._is_poll = self._is_poll, False
        rung = self._elsewhere.take_missing()
        was_lost = self.hearing.hears_again and self.hearing.longest > LOST_SECONDS
        if was_lost:
            await self._reader.begin()
        wanted = None if is_poll or self.hearing.hears_again else rung
        found = await self._read_missed(wanted, self._elsewhere.posted.head)
        # In this order: whoever loses access before an update is stored has lost it when that is told.
        self._elsewhere.is_held_up = not self._reader.announce(found.posted)
        if self._elsewhere.is_held_up:
            # Everything is looked at once more when the write is over that this waits for.
            self._is_poll = True
            return
        found.announce_updates()
        await self._reader.mark_gap()
        if self.hearing.hears_again:
            await self._recover(was_lost=was_lost)

    async def _recover(self, *, was_lost: bool) -> None:
        """Bring everybody into step before anything is delivered that was held back."""
        if was_lost:
            logger.warning("nothing was heard for %.0f s: all connections begin anew", self.hearing.longest)
            self._end_all()
        self._outdate()
        await self._re_examine()
        self.hearing.recovered()

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _nobody(count: Count) -> Count:
    return Count(count.kind, count.id, 0, has_kernel=False, has_page=False)
