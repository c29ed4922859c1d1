"""Who hears a notification, also the second time: what is kept of the first time never outlives what it was made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.delivery.receivers import Receivers
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.outcomes import DocumentAudience, Notification
from teaching_nb.hub.room import of_group, of_root
from teaching_nb.schema.events import ChangedDocument, DocumentUpdate

GROUP = of_group("g")
AUDIENCE = DocumentAudience(
    document_id="d",
    author_id="ann",
    root_access="RO_DocumentRoot",
    shared_access="RO_DocumentRoot",
    user_accesses={},
    group_accesses={},
    managers=frozenset(),
)


def person(user_id: str, role: str = "student", groups: frozenset[str] = frozenset({"g"})) -> PersonFacts:
    """Return the facts about a made-up user."""
    return PersonFacts(Actor(user_id=user_id, name=user_id, email="", role=role), groups, frozenset())


@pytest.fixture
def some_rooms() -> Rooms:
    """Return rooms with a kernel and a page of two people."""
    rooms = Rooms(RoomChanges())
    for user_id in ("ann", "bob"):
        rooms.connect(f"{user_id}'s kernel", person(user_id))
        rooms.join(rooms.connect(f"{user_id}'s page", person(user_id), is_page=True), GROUP)
    return rooms


def change(**about: Any) -> Notification:
    """Return a notification of a change to everybody in the group."""
    event = ChangedDocument(id="d", data={}, updated_at="", revision=2)
    return Notification(event, (GROUP,), **{"audience": AUDIENCE, **about})


def test_pages_hear_first(some_rooms: Rooms) -> None:
    """People look at them."""
    sids = Receivers(some_rooms).of(change())

    assert len(sids) == 4
    assert {sid.split()[-1] for sid in sids[:2]} == {"page"}


def leave(rooms: Rooms) -> None:
    """Let Bob's kernel leave the group."""
    member = rooms.member("bob's kernel")
    assert member is not None
    rooms.leave(member, GROUP)


def come(rooms: Rooms) -> None:
    """Let somebody come."""
    rooms.connect("cem's kernel", person("cem"))


def follow(rooms: Rooms) -> None:
    """Let Bob's kernel follow the document live."""
    member = rooms.member("bob's kernel")
    assert member is not None
    rooms.subscribe(member, "d", "RO_DocumentRoot", 0)


def end_following(rooms: Rooms) -> None:
    """Let Ann's kernel follow it no more."""
    member = rooms.member("ann's kernel")
    assert member is not None
    rooms.unsubscribe(member, "d")


def lose_group(rooms: Rooms) -> None:
    """Let Bob be a member of the group no more, as the database says."""
    member = rooms.member("bob's kernel")
    assert member is not None
    rooms.follow_person(member, person("bob", groups=frozenset()), (), 1)


@pytest.mark.parametrize(
    ("happens", "gone", "come_in"),
    [
        (leave, {"bob's kernel"}, set()),
        (lambda rooms: rooms.disconnect("bob's page"), {"bob's page"}, set()),
        (come, set(), {"cem's kernel"}),
        (lose_group, {"bob's kernel"}, set()),
        (follow, {"bob's kernel"}, set()),
        (end_following, set(), {"ann's kernel"}),
    ],
)
def test_whoever_comes_or_goes_counts_at_once(
    some_rooms: Rooms, happens: Callable[[Rooms], object], gone: set[str], come_in: set[str]
) -> None:
    """Whatever was found before."""
    ann = some_rooms.member("ann's kernel")
    assert ann is not None
    some_rooms.subscribe(ann, "d", "RW_DocumentRoot", 0)
    receivers = Receivers(some_rooms)
    asked = change(not_subscribed_to="d")
    before = set(receivers.of(asked))

    happens(some_rooms)

    assert before == {"ann's page", "bob's kernel", "bob's page"}
    assert set(receivers.of(asked)) == (before - gone) | come_in


def test_a_changed_permission_counts_at_once(some_rooms: Rooms) -> None:
    """Nobody comes or goes, but the audience is another one."""
    receivers = Receivers(some_rooms)
    everybody = receivers.of(change())

    shut_out = msgspec.structs.replace(AUDIENCE, user_accesses={"bob": ("None_User",)})
    rest = receivers.of(change(audience=shut_out))

    assert {sid.split("'")[0] for sid in everybody} == {"ann", "bob"}
    assert {sid.split("'")[0] for sid in rest} == {"ann"}
    assert set(receivers.of(change())) == set(everybody)


def test_an_update_goes_to_who_follows_the_document(some_rooms: Rooms) -> None:
    """Rooms do not matter, and each document has its own followers."""
    for sid, document in (("ann's page", "d"), ("bob's page", "d"), ("bob's kernel", "other")):
        member = some_rooms.member(sid)
        assert member is not None
        some_rooms.subscribe(member, document, "RW_DocumentRoot", 0)
    receivers = Receivers(some_rooms)

    def heard(document: str) -> set[str]:
        event = DocumentUpdate(id=document, update=b"")
        return set(receivers.of(Notification(event, (of_root("r"),))))

    assert heard("d") == {"ann's page", "bob's page"}
    assert heard("other") == {"bob's kernel"}
