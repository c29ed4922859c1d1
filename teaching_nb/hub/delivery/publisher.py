"""The only emitter: sends what services announced, after their commit, in the order of the commits.

Takes outcomes from the `Announcements`, in one task. Reads no database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection

import msgspec

from teaching_nb.hub.bell.hearing import Hearing
from teaching_nb.hub.delivery.announcements import Announcement, Announcements
from teaching_nb.hub.delivery.receivers import Receivers
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.delivery.transport import Send
from teaching_nb.hub.outcomes import CommittedUpdate, Notification
from teaching_nb.schema.events import DocumentUpdate

logger = logging.getLogger(__name__)

ApplyCommitted = Callable[[CommittedUpdate, Collection[str]], Collection[str]]
"""Given a committed update of a live document and its receivers; returns those to send it to."""

Pace = Callable[[DocumentUpdate, Collection[str], str | None], Collection[str]]
"""Given an update of a live document, its receivers and its sender; returns those to send it to at once."""

AT_ONCE = 32
"""Notifications that are sent before requests and sockets get their turn."""

MOST_HELD, MOST_HELD_BYTES = 2_000, 16_000_000
"""What a deaf process holds back; of more than that nothing is told."""


class Publisher:
    """Sends notifications to the sockets that they concern."""

    def __init__(
        self,
        announcements: Announcements,
        rooms: Rooms,
        send: Send,
        *,
        apply_committed: ApplyCommitted,
        pace: Pace,
        follow_access: Callable[[], Awaitable[None]],
        end_all: Callable[[], None],
        came: Callable[[str], None],
        hearing: Hearing | None = None,
    ) -> None:
        self._announcements = announcements
        self._receivers = Receivers(rooms)
        self._send = send
        self._apply_committed = apply_committed
        self._pace = pace
        self._follow_access = follow_access
        """Awaited after an outcome that changed who may do what, before anything later is sent."""
        self._end_all = end_all
        """Ends all connections: whoever comes back asks for what they have missed."""
        self._came = came
        """Told which process it is that has announced what was sent."""
        self._hearing = hearing
        """While it is deaf nothing is sent: access may have ended at another process."""
        self._held: deque[Announcement | None] = deque()
        """What was announced while this process was deaf."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="publisher")

    async def stop(self) -> None:
        """Send what is queued, unless nothing may be sent now, then end."""
        self._announcements.end()
        if self._task is not None and self._hearing is not None and self._hearing.is_deaf:
            # Whoever comes back to another process asks for what they have missed.
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._task is not None:
            await self._task
            self._task = None

    async def _run(self) -> None:
        sent = 0
        while (announcement := await self._next()) is not None:
            is_given_up = False
            for notification in announcement.outcome.notifications:
                if self._hearing is not None and self._hearing.is_deaf:
                    is_given_up = await self._hold_back(self._hearing) or is_given_up
                if is_given_up:
                    self._apply(notification)
                    continue
                try:
                    await self._emit(notification, announcement.sender_sid)
                except Exception:
                    logger.exception("sending %s failed", notification.event.name)
                sent += 1
                if sent % AT_ONCE == 0:
                    # What was sent lies in the outboxes until others get their turn.
                    await asyncio.sleep(0)
            if announcement.changes_access:
                await self._bring_into_step()
            if announcement.last_of is not None:
                self._came(announcement.last_of)

    async def _next(self) -> Announcement | None:
        return self._held.popleft() if self._held else await self._announcements.next()

    async def _hold_back(self, hearing: Hearing) -> bool:
        """Wait until this process hears; keep what is announced meanwhile, or give it up, and tell whether that was so.

        What is too much is given up for all connections: they end when this process hears, and come back.
        """
        size, is_given_up = sum(map(_size, self._held)), False
        hears = asyncio.create_task(hearing.wait())
        coming = asyncio.create_task(self._announcements.next())
        try:
            while not hears.done():
                await asyncio.wait({hears, coming}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    continue
                found = coming.result()
                if found is None or found.last_of is None:
                    self._held.append(found)
                size += _size(found)
                coming = asyncio.create_task(self._announcements.next())
                is_given_up = is_given_up or size > MOST_HELD_BYTES or len(self._held) > MOST_HELD
                if is_given_up:
                    self._give_up()
        finally:
            hears.cancel()
            if coming.done() and not coming.cancelled():
                self._held.append(coming.result())
            coming.cancel()
        if is_given_up:
            self._give_up()
            logger.warning("too much was held back while nothing was heard: all connections begin anew")
            self._end_all()
        return is_given_up

    def _give_up(self) -> None:
        """Tell nobody of what is held back; live documents in memory get it all the same."""
        held, self._held = self._held, deque()
        for announcement in held:
            if announcement is None:
                self._held.append(None)
                continue
            for notification in announcement.outcome.notifications:
                self._apply(notification)

    def _apply(self, notification: Notification) -> None:
        if isinstance(notification.event, DocumentUpdate):
            self._apply_committed(CommittedUpdate(notification.event, notification.position), ())

    async def _emit(self, notification: Notification, sender_sid: str | None) -> None:
        sids: Collection[str] = self._receivers.of(notification)
        if sender_sid is not None and not notification.to_self:
            sids = [sid for sid in sids if sid != sender_sid]
        if notification.only is not None:
            sids = [sid for sid in sids if sid in notification.only]
        if isinstance(notification.event, DocumentUpdate):
            sids = self._apply_committed(CommittedUpdate(notification.event, notification.position), sids)
            if notification.only is None:
                sids = self._pace(notification.event, sids, sender_sid)
        if sids:
            await self._send(notification.event, sids)

    async def _bring_into_step(self) -> None:
        try:
            await self._follow_access()
        except Exception:
            # What was read before counts as outdated all the same, so nobody keeps a right that they lost.
            logger.exception("re-examining the connected sockets failed")


def _size(announcement: Announcement | None) -> int:
    """Return about how many bytes there are to tell."""
    notifications = () if announcement is None else announcement.outcome.notifications
    attached = (each.event.attached for each in notifications)
    return sum(
        len(msgspec.json.encode(each.event)) if found is None else len(found)
        for each, found in zip(notifications, attached, strict=True)
    )
