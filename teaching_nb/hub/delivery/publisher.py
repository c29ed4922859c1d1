"""The only emitter: sends what services announced, after their commit, in the order of the commits.

REST handlers and live rooms hand outcomes in with `publish`; one task sends them. Reads no database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from teaching_nb.hub.access.audience import audience_allows
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.outcomes import DocumentAudience, Notification, Outcome
from teaching_nb.schema import events

logger = logging.getLogger(__name__)

Send = Callable[[str, object, Collection[str]], Awaitable[None]]

AT_ONCE = 32
"""Notifications that are sent before requests and sockets get their turn."""

_VANISHING = frozenset({"Document", "DocumentRoot", "User", "StudentGroup"})
"""Records whose deletion may end a live document or a membership."""


@dataclass(frozen=True, slots=True)
class _Entry:
    outcome: Outcome[Any]
    sender_sid: str | None


class Publisher:
    """Sends notifications to the sockets that they concern."""

    def __init__(self, rooms: Rooms, send: Send) -> None:
        self._rooms = rooms
        self._send = send
        self._queue: asyncio.Queue[_Entry | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.on_access_changed: Callable[[], Awaitable[None]] = _nothing
        """Awaited after an outcome that changed who may do what, before anything later is sent."""
        self.on_live_update: Callable[[Notification, Collection[str]], Collection[str]] = _everybody
        """Given a committed update of a live document and its receivers; returns those to send it to."""

    def publish(self, outcome: Outcome[Any], *, sender_sid: str | None = None) -> None:
        """Queue the notifications of a committed outcome.

        `sender_sid` names the caller's own live socket, which is not told what it did itself.
        """
        if _changes_access(outcome):
            self._rooms.outdate()
        if outcome.notifications or outcome.access_changed:
            self._queue.put_nowait(_Entry(outcome, sender_sid))

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="publisher")

    async def stop(self) -> None:
        """Send what is queued, then end."""
        self._queue.put_nowait(None)
        if self._task is not None:
            await self._task
            self._task = None

    async def _run(self) -> None:
        sent = 0
        while (entry := await self._queue.get()) is not None:
            for notification in entry.outcome.notifications:
                try:
                    await self._emit(notification, entry.sender_sid)
                except Exception:
                    logger.exception("sending %s failed", notification.event)
                sent += 1
                if sent % AT_ONCE == 0:
                    # What was sent lies in the outboxes until others get their turn.
                    await asyncio.sleep(0)
            if _changes_access(entry.outcome):
                await self._follow_access()

    async def _emit(self, notification: Notification, sender_sid: str | None) -> None:
        sids = self._receivers(notification)
        if sender_sid is not None and not notification.to_self:
            sids.discard(sender_sid)
        if notification.event == events.DOCUMENT_UPDATE:
            sids = set(self.on_live_update(notification, sids))
        # People look at pages, and kernels on the same machine would compete with them for its processors.
        pages = {sid for sid in sids if self._is_page(sid)}
        for receivers in (pages, sids - pages):
            if receivers:
                await self._send(notification.event, notification.payload, receivers)

    def _is_page(self, sid: str) -> bool:
        member = self._rooms.member(sid)
        return member is not None and member.is_page

    def _receivers(self, notification: Notification) -> set[str]:
        if notification.event == events.DOCUMENT_UPDATE:
            return set(self._rooms.subscribers(notification.payload["id"]))
        sids = self._rooms.sids_in(notification.rooms)
        if notification.not_subscribed_to is not None:
            sids -= self._rooms.subscribers(notification.not_subscribed_to)
        if notification.audience is not None:
            sids = self._allowed(sids, notification.audience)
        return sids

    def _allowed(self, sids: set[str], audience: DocumentAudience) -> set[str]:
        allowed = set()
        for sid in sids:
            member = self._rooms.member(sid)
            if member is not None and audience_allows(audience, member.actor.user_id, member.actor.role):
                allowed.add(sid)
        return allowed

    async def _follow_access(self) -> None:
        try:
            await self.on_access_changed()
        except Exception:
            # What was read before counts as outdated all the same, so nobody keeps a right that he lost.
            logger.exception("re-examining the connected sockets failed")


def _changes_access(outcome: Outcome[Any]) -> bool:
    return outcome.access_changed or any(
        notification.event == events.DELETED_RECORD and notification.payload.get("type") in _VANISHING
        for notification in outcome.notifications
    )


async def _nothing() -> None:
    pass


def _everybody(_notification: Notification, sids: Collection[str]) -> Collection[str]:
    return sids
