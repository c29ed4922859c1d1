"""Room counts that have changed are told, whatever went wrong before."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.delivery import presence
from teaching_nb.hub.delivery.presence import Presence
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.room import ADMIN, ALL, of_user
from teaching_nb.schema.events import HubEvent


class Transport:
    """Takes in what is sent, and fails for some sockets."""

    def __init__(self, *failing: str) -> None:
        self._failing = set(failing)
        self.told: list[tuple[str, set[str]]] = []

    async def send(self, event: HubEvent, sids: Collection[str]) -> None:
        """Take in what would be sent."""
        if self._failing.intersection(sids):
            raise OSError("gone")
        self.told.append((event.name, set(sids)))


def facts_about(user_id: str, role: str = "admin") -> PersonFacts:
    """Return the facts about a made-up person."""
    return PersonFacts(Actor(user_id=user_id, name=user_id, email="", role=role), frozenset(), frozenset())


def test_changes_are_taken_once_and_told_when_nothing_is_left() -> None:
    """What changes while others are being told is told afterwards."""
    changes = RoomChanges()
    rooms = Rooms(changes)

    rooms.connect("first", facts_about("ada"))
    changes.has_come("first")
    taken = changes.take()
    rooms.connect("second", facts_about("ada"))
    changes.told()
    is_told_too_early = changes.is_told.is_set()
    taken_later = changes.take()
    changes.told()

    assert taken == ({ALL, ADMIN, of_user("ada")}, {"first"})
    assert taken_later == ({ALL, ADMIN, of_user("ada")}, set())
    assert (is_told_too_early, changes.is_told.is_set()) == (False, True)


async def test_counts_go_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither another message of the same time nor a later one is lost with one that cannot be sent."""
    monkeypatch.setattr(presence, "INTERVAL_SECONDS", 0.0)
    changes, transport = RoomChanges(), Transport("bob")
    rooms = Rooms(changes)
    telling = Presence(rooms, changes, transport.send)
    await telling.start()

    async with asyncio.timeout(20):
        for sid, role in (("bob", "student"), ("ada", "admin")):
            rooms.connect(sid, facts_about(sid, role))
            changes.has_come(sid)
        await changes.is_told.wait()
        rooms.disconnect("bob")
        await changes.is_told.wait()
    await telling.stop()

    assert [sids for _, sids in transport.told] == [{"ada"}, {"ada"}]
