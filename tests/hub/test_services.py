"""Whom services tell: events, rooms and receivers of what they did, read from their outcomes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from teaching_nb.hub.access.decisions import audience_allows
from teaching_nb.hub.access.live import live_access
from teaching_nb.hub.documents import changes, update_log
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import groups, permissions, users
from teaching_nb.hub.people.permissions import OF_GROUPS
from teaching_nb.hub.room import ADMIN, ALL, of_group, of_root, of_user
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import wire
from teaching_nb.schema.events import DocumentUpdate, HubEvent, RecordEvent
from tests.harness.cast import Cast
from tests.hub.scenes import Scene

pytestmark = pytest.mark.on_both_databases


@pytest.fixture
async def a_school(a_seeded_database: tuple[str, Cast]) -> AsyncIterator[Database]:
    """Return a database with the cast in it."""
    database = await Database.open(a_seeded_database[0])
    yield database
    await database.close()


@pytest.fixture
def a_scene(a_school: Database) -> Scene:
    """Return what puts roots and documents into the database."""
    return Scene(a_school)


def receivers(notification: Notification, cast: Cast) -> set[str]:
    """Return the names of those who would get an event if they were in one of its rooms."""
    assert notification.audience is not None
    names = ("admin", "teacher", "teacher2", "student1", "student2", "student3")
    people = {name: cast.named(name) for name in names}
    return {name for name, who in people.items() if audience_allows(notification.audience, who.id, who.role)}


def told(outcome: Outcome[Any]) -> list[tuple[str, str]]:
    """Return event and id of each notification."""
    return [(entry.event.name, _id_of(entry.event)) for entry in outcome.notifications]


def _id_of(event: HubEvent) -> str:
    return str(event.record.id if isinstance(event, RecordEvent) else event.payload()["id"])


@pytest.mark.parametrize(
    ("access", "shared", "expected"),
    [
        ("RW", "None", {"admin", "teacher", "student1"}),
        ("RW", "RO", {"admin", "teacher", "teacher2", "student1", "student2", "student3"}),
        ("None", "RW", {"admin", "teacher"}),
        ("None", "None", {"admin", "teacher"}),
    ],
)
async def test_change_goes_to_readers_admins_and_managers(
    a_school: Database, a_scene: Scene, a_cast: Cast, access: str, shared: str, expected: set[str]
) -> None:
    """The author always has a room, whoever writes, and nobody receives what they may not read."""
    root_id = await a_scene.root(access, shared)
    document_id = await a_scene.document(a_cast.student1, root_id)

    outcome = await a_school.write(
        lambda tx: changes.change(tx, Change(a_cast.teacher.actor, document_id, {"code": "y"}, on_behalf_of=True))
    )

    (notification,) = outcome.notifications
    assert notification.event.name == "CHANGED_DOCUMENT"
    assert set(notification.event.payload()) == {"id", "data", "updatedAt", "revision"}
    people = {of_user(a_cast.student1.id), of_user(a_cast.teacher.id)}
    assert {ADMIN, *people, of_root(root_id)} <= set(notification.rooms)
    assert (ALL in notification.rooms) is (shared != "None")
    assert receivers(notification, a_cast) == expected


async def test_permission_that_denies_keeps_a_member_of_the_room_out(
    a_school: Database, a_scene: Scene, a_cast: Cast
) -> None:
    """A class that may read gets a room, the one whom a user permission shuts out gets nothing."""
    root_id = await a_scene.root("None", "RO", groups={a_cast.class_a: "RO"}, users={a_cast.student2.id: "None"})
    document_id = await a_scene.document(a_cast.student3, root_id)

    outcome = await a_school.write(
        lambda tx: changes.change(tx, Change(a_cast.admin.actor, document_id, 1, on_behalf_of=True))
    )

    (notification,) = outcome.notifications
    assert of_group(a_cast.class_a) in notification.rooms
    assert of_user(a_cast.student2.id) not in notification.rooms
    assert receivers(notification, a_cast) == {"admin", "teacher", "teacher2", "student1"}


async def test_equal_data_tells_nobody(a_school: Database, a_scene: Scene, a_cast: Cast) -> None:
    """Saving what is there already is no change."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())

    wanted = Change(a_cast.student1.actor, document_id, {"code": "x"})
    outcome = await a_school.write(lambda tx: changes.change(tx, wanted))

    assert outcome.notifications == ()


async def test_change_of_a_live_document_tells_followers_by_an_update(
    a_school: Database, a_scene: Scene, a_cast: Cast
) -> None:
    """Whoever follows live gets the edit, all others the record."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    await a_school.write(lambda tx: update_log.create(tx, document_id))

    wanted = Change(a_cast.student1.actor, document_id, {"code": "y"})
    outcome = await a_school.write(lambda tx: changes.change(tx, wanted))

    update, record = outcome.notifications
    assert isinstance(update.event, DocumentUpdate)
    assert isinstance(update.event.update, bytes)
    assert (record.event.name, record.not_subscribed_to) == ("CHANGED_DOCUMENT", document_id)


async def test_deleting_announces_children_first(a_school: Database, a_scene: Scene, a_cast: Cast) -> None:
    """One event per document, from the leaves to the top."""
    root_id = await a_scene.root()
    top = await a_scene.document(a_cast.student1, root_id)
    child = await a_scene.document(a_cast.student1, root_id, parent=top)
    leaf = await a_scene.document(a_cast.student1, root_id, parent=child)

    outcome = await a_school.write(lambda tx: document_trees.remove(tx, a_cast.student1.actor, top))

    assert told(outcome) == [("DELETED_RECORD", each) for each in (leaf, child, top)]


async def test_deleting_a_root_announces_its_documents_then_itself(
    a_school: Database, a_scene: Scene, a_cast: Cast
) -> None:
    """What disappears is announced before its root; also those with a None permission learn that the root is gone."""
    root_id = await a_scene.root(users={a_cast.student3.id: "None"})
    document_id = await a_scene.document(a_cast.student1, root_id)

    outcome = await a_school.write(lambda tx: document_roots.remove(tx, a_cast.admin.actor, root_id))

    assert told(outcome) == [("DELETED_RECORD", document_id), ("DELETED_RECORD", root_id)]
    assert of_user(a_cast.student3.id) in outcome.notifications[1].rooms
    assert receivers(outcome.notifications[0], a_cast) == {"admin", "teacher", "student1"}
    assert outcome.access_changed


async def test_permission_events_reach_their_subject_and_admins(
    a_school: Database, a_scene: Scene, a_cast: Cast
) -> None:
    """NEW, then CHANGED for the same row, nothing for no change, DELETED."""
    root_id = await a_scene.root()

    def grant(access: str) -> Any:
        return lambda tx: permissions.grant(
            tx, a_cast.teacher.actor, OF_GROUPS, root_id=root_id, subject_id=a_cast.class_a, access=access
        )

    first = await a_school.write(grant("RO_StudentGroup"))
    second = await a_school.write(grant("RW_StudentGroup"))
    third = await a_school.write(grant("RW_StudentGroup"))
    last = await a_school.write(lambda tx: permissions.revoke(tx, a_cast.teacher.actor, OF_GROUPS, first.record.id))

    permission_id = first.record.id
    assert told(first) == [("NEW_RECORD", permission_id)]
    assert told(second) == [("CHANGED_RECORD", permission_id)]
    assert (told(third), third.access_changed) == ([], False)
    assert told(last) == [("DELETED_RECORD", permission_id)]
    for outcome in (first, second, last):
        assert outcome.notifications[0].rooms == (of_group(a_cast.class_a), ADMIN)
        assert outcome.access_changed


async def test_membership_events_reach_group_and_person(a_school: Database, a_cast: Cast) -> None:
    """A new member gets the group as new, a former one as deleted."""
    group_id, person = a_cast.class_a, a_cast.student3

    added = await a_school.write(lambda tx: groups.add_member(tx, a_cast.teacher.actor, group_id, person.id))
    removed = await a_school.write(lambda tx: groups.remove_member(tx, a_cast.teacher.actor, group_id, person.id))
    again = await a_school.write(lambda tx: groups.remove_member(tx, a_cast.teacher.actor, group_id, person.id))

    assert [(entry.event.name, entry.rooms) for entry in added.notifications] == [
        ("CHANGED_RECORD", (of_group(group_id), ADMIN)),
        ("NEW_RECORD", (of_user(person.id),)),
    ]
    assert [(entry.event.name, entry.rooms) for entry in removed.notifications] == [
        ("CHANGED_RECORD", (of_user(person.id), of_group(group_id), ADMIN)),
        ("DELETED_RECORD", (of_user(person.id),)),
    ]
    assert again.notifications == ()


async def test_deleted_group_takes_its_permissions_along(a_school: Database, a_scene: Scene, a_cast: Cast) -> None:
    """The members are told of the permissions that they lose, then of the group."""
    root_id = await a_scene.root("RO", groups={a_cast.class_a: "RW", a_cast.class_b: "RW"})
    rows = await a_school.read(lambda tx: permissions.of_root(tx, OF_GROUPS, [root_id]))
    lost = next(row.id for row in rows if row.group_id == a_cast.class_a)

    outcome = await a_school.write(lambda tx: groups.remove(tx, a_cast.teacher.actor, a_cast.class_a))

    assert told(outcome) == [("DELETED_RECORD", lost), ("DELETED_RECORD", a_cast.class_a)]
    assert {entry.rooms for entry in outcome.notifications} == {(of_group(a_cast.class_a), ADMIN)}


async def test_change_of_a_user_is_told_to_them_and_admins(a_school: Database, a_cast: Cast) -> None:
    """Whoever changed it; only a new role makes sockets be looked at again."""
    wanted = users.UserChange(first_name="Ada")

    outcome = await a_school.write(
        lambda tx: users.change(tx, a_cast.student1.actor, a_cast.student1.id, wanted, teachers_may_promote=False)
    )

    (notification,) = outcome.notifications
    assert (notification.event.name, notification.rooms) == ("CHANGED_RECORD", (of_user(a_cast.student1.id), ADMIN))
    assert not outcome.access_changed


async def test_access_of_live_text_lets_managers_read(a_school: Database, a_scene: Scene, a_cast: Cast) -> None:
    """Whoever has access has that, managers read, others have nothing: an author who is shut out included."""
    from teaching_nb.errors import NotFound

    hidden = await a_scene.document(a_cast.student1, await a_scene.root("None"))
    own = await a_scene.document(a_cast.student1, await a_scene.root())

    def access(name: str, document_id: str) -> Any:
        def job(tx: Connection) -> str:
            try:
                return live_access(tx, a_cast.named(name).actor, document_id)
            except NotFound:
                return "hidden"

        return a_school.read(job)

    assert await access("student1", own) == "RW_DocumentRoot"
    assert await access("teacher", own) == await access("admin", hidden) == "RO_User"
    for name in ("student2", "teacher2"):
        assert await access(name, own) == "hidden"
    assert await access("student1", hidden) == "hidden"


async def test_revision_and_time_rise_when_the_clock_stands_still(
    a_school: Database, a_scene: Scene, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes in one millisecond have two times."""
    from teaching_nb.hub import clock

    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    monkeypatch.setattr(clock, "now", lambda: 1_700_000_000_000)
    times = []
    for number in range(3):
        wanted = Change(a_cast.student1.actor, document_id, number)
        outcome = await a_school.write(partial(changes.change, wanted=wanted))
        times.append(wire.parse_timestamp(outcome.record.updated_at))

    assert times[1:] == [times[0] + 1, times[0] + 2]
