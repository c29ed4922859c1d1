"""Who hears a notification: found once, and kept as long as nobody comes, goes, or changes what they may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from teaching_nb.hub.access.decisions import audience_allows
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.outcomes import DocumentAudience, Notification
from teaching_nb.schema.events import DocumentUpdate

MOST_KEPT = 256
"""Answers that are kept; a school writes into fewer documents at once."""


class Question(NamedTuple):
    """What decides about the receivers, but for the audience."""

    rooms: tuple[object, ...]
    followers_of: str | None
    """Document whose live followers are meant, instead of rooms."""
    not_subscribed_to: str | None
    document_id: str | None


class Answer(NamedTuple):
    """Receivers, and for whom they were found."""

    audience: DocumentAudience | None
    sids: tuple[str, ...]
    """Pages first: people look at them, and kernels on the same machine would compete with them for its processors."""


class Receivers:
    """Finds the sockets that a notification concerns."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._version = -1
        self._known: dict[Question, Answer] = {}

    def of(self, notification: Notification) -> tuple[str, ...]:
        """Return the sockets that hear it, pages first, its sender among them."""
        if self._version != self._rooms.version:
            self._version = self._rooms.version
            self._known.clear()
        audience = notification.audience
        question = _question(notification)
        answer = self._known.get(question)
        # Permissions change without anybody coming or going.
        if answer is None or answer.audience != audience:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            answer = self._known[question] = Answer(audience, self._pages_first(self._find(notification)))
        return answer.sids

    def _find(self, notification: Notification) -> Iterable[str]:
        if isinstance(notification.event, DocumentUpdate):
            return self._rooms.subscribers(notification.event.id)
        sids = self._rooms.sids_in(notification.rooms)
        if notification.not_subscribed_to is not None:
            sids -= self._rooms.subscribers(notification.not_subscribed_to)
        if notification.audience is None:
            return sids
        return [sid for sid in sids if self._is_allowed(sid, notification.audience)]

    def _is_allowed(self, sid: str, audience: DocumentAudience) -> bool:
        member = self._rooms.member(sid)
        return member is not None and audience_allows(audience, member.actor.user_id, member.actor.role)

    def _pages_first(self, sids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(sids, key=lambda sid: not self._is_page(sid)))

    def _is_page(self, sid: str) -> bool:
        member = self._rooms.member(sid)
        return member is not None and member.is_page


def _question(notification: Notification) -> Question:
    event, audience = notification.event, notification.audience
    followed = event.id if isinstance(event, DocumentUpdate) else None
    about = audience.document_id if audience is not None else None
    return Question(notification.rooms, followed, notification.not_subscribed_to, about)
