"""Hearing what happens to the documents of one person: each kind of hub is asked for it in another way."""

from __future__ import annotations

import logging
from typing import Protocol

from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.room_subscriptions import Rooms
from teaching_nb.errors import NotConnected, TimedOut
from teaching_nb.schema import events, wire

FOLLOW_SECONDS = 2.0

_logger = logging.getLogger(__name__)


class Following(Protocol):
    """Asks a hub to tell us of people, or no longer. Nothing is raised: a hub that refuses tells us nothing."""

    has_to_ask_again: bool
    """Whether each person has to be asked for anew on a new connection."""

    async def follow(self, user_id: str, *, on: bool) -> bool:
        """Return when everything is heard from now on, or nothing any more; tell whether the hub says all there is."""


class FollowedDocuments:
    """At a hub of ours, which decides itself who may hear of whom."""

    has_to_ask_again = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def follow(self, user_id: str, *, on: bool) -> bool:
        """Ask for the person's documents."""
        payload = wire.to_plain(events.FollowDocuments(user_id=user_id, on=on))
        try:
            return await self._connection.call(events.FOLLOW_DOCUMENTS, payload, FOLLOW_SECONDS) is True and on
        except (NotConnected, TimedOut) as error:
            _logger.info("%s was not answered: %s", events.FOLLOW_DOCUMENTS, error)
            return False


class FollowedRooms:
    """At the existing backend: staff hear what a person does in that person's room."""

    has_to_ask_again = False

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def follow(self, user_id: str, *, on: bool) -> bool:
        """Join the person's room, or leave it; it is joined anew with all others on a new connection.

        What others write below the person's documents is not told there.
        """
        await (self._rooms.join(user_id) if on else self._rooms.leave(user_id))
        return False
