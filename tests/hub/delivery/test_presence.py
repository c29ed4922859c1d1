"""Room counts: who is told which, and how seldom."""

from __future__ import annotations

import asyncio

import pytest

from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.delivery.presence import plan
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Member, Rooms
from teaching_nb.hub.room import ADMIN, ALL, Room, of_documents, of_group, of_root, of_user
from tests.harness.cast import Cast
from tests.harness.listeners import Connect, Listener


def facts_about(user_id: str, role: str, groups: set[str], managed: set[str] | None = None) -> PersonFacts:
    """Return the facts about a made-up user."""
    actor = Actor(user_id=user_id, name=user_id, email="", role=role)
    return PersonFacts(actor, frozenset(groups), frozenset(managed or ()))


async def counts(listener: Listener, wanted: dict[str, int]) -> dict[str, int]:
    """Collect counts until the wanted ones are among them; returns all that were heard."""
    known: dict[str, int] = {}
    async with asyncio.timeout(30):
        while any(known.get(room) != count for room, count in wanted.items()):
            message = await listener.hears("CONNECTED_CLIENTS")
            known |= dict(message["rooms"])
    return known


def test_plan_tells_each_what_they_may_know() -> None:
    """Students: own room and groups; teachers also `all` and managed users; admins everything."""
    rooms = Rooms(RoomChanges())
    rooms.connect("s", facts_about("student", "student", {"g"}))
    rooms.connect("t", facts_about("teacher", "teacher", {"g"}, {"student", "teacher"}))
    rooms.connect("x", facts_about("stranger", "student", {"h"}))
    rooms.connect("a", facts_about("boss", "admin", {"g", "h"}))

    groups = of_group("g"), of_group("h")
    messages = plan(rooms, [of_user("student"), *groups, ALL, ADMIN, of_user("stranger"), of_root("gone")], set())

    told = {sid: dict(pairs) for (_, pairs), sids in messages.items() for sid in sids}
    assert told == {
        "s": {"student": 1, "g": 3},
        "t": {"student": 1, "g": 3, "all": 4},
        "x": {"stranger": 1, "h": 2},
        "a": {"student": 1, "g": 3, "h": 2, "all": 4, "admin": 1, "stranger": 1, "gone": 0},
    }
    assert {kind for kind, _ in messages} == {"update"}


def test_plan_looks_at_what_has_changed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others there are: nobody's rooms are gone through because somebody else has come."""
    rooms = Rooms(RoomChanges())
    for number in range(500):
        rooms.connect(f"s{number}", facts_about(f"student{number}", "student", {f"g{number}"}))
    rooms.connect("new", facts_about("new", "student", {"g7"}))
    counted: list[Room] = []
    looked: list[str] = []
    count, rooms_of = Rooms.count, vars(Member)["rooms"].fget

    def counting(self: Rooms, room: Room) -> int:
        counted.append(room)
        return count(self, room)

    def looking(member: Member) -> frozenset[Room]:
        looked.append(member.sid)
        return frozenset(rooms_of(member))

    monkeypatch.setattr(Rooms, "count", counting)
    monkeypatch.setattr(Member, "rooms", property(looking))

    messages = plan(rooms, [of_user("new"), of_group("g7"), ALL], {"new"})

    assert sorted(sid for sids in messages.values() for sid in sids) == ["new", "s7"]
    assert set(looked) <= {"new"}
    assert len(counted) <= 6


def test_plan_gives_newcomers_everything_they_may_know() -> None:
    """An admin starts with a `full` table, a teacher with an `update` of what concerns them."""
    rooms = Rooms(RoomChanges())
    rooms.connect("s", facts_about("student", "student", {"g"}))
    rooms.connect("t", facts_about("teacher", "teacher", {"g"}, {"student", "teacher"}))
    rooms.connect("a", facts_about("boss", "admin", {"g"}))

    messages = plan(rooms, [], {"t", "a"})

    told = {sid: (kind, dict(pairs)) for (kind, pairs), sids in messages.items() for sid in sids}
    everything = {"student": 1, "g": 3, "all": 3, "teacher": 1, "boss": 1, "admin": 1}
    assert told["a"] == ("full", everything)
    assert told["t"] == ("update", {"student": 1, "g": 3, "all": 3, "teacher": 1})
    assert "s" not in told


async def test_teacher_sees_their_students_come_and_go(a_cast: Cast, connect_as: Connect) -> None:
    """A managed student's connection is counted for their teacher and not for other teachers."""
    teacher, foreign = await connect_as(a_cast.teacher), await connect_as(a_cast.teacher2)
    student = await connect_as(a_cast.student1)

    await counts(teacher, {a_cast.student1.id: 1, a_cast.class_a: 2, "all": 3})
    await student.disconnect()
    seen = await counts(teacher, {a_cast.student1.id: 0, a_cast.class_a: 1, "all": 2})
    seen_by_foreign = await counts(foreign, {"all": 2})

    assert student.sid not in seen
    assert a_cast.student1.id not in seen_by_foreign


async def test_admin_gets_the_full_table_once(a_cast: Cast, connect_as: Connect) -> None:
    """A connecting admin gets one `full`; others never get one."""
    student = await connect_as(a_cast.student1)
    admin = await connect_as(a_cast.admin)
    first = await admin.hears("CONNECTED_CLIENTS")
    late = await connect_as(a_cast.student2)
    await counts(admin, {a_cast.student2.id: 1})

    assert first["type"] == "full"
    assert dict(first["rooms"])[a_cast.student1.id] == 1
    for listener in (student, admin, late):
        heard = await listener.heard_so_far("CONNECTED_CLIENTS")
        assert all(message["type"] == "update" for message in heard)


async def test_a_storm_of_connections_is_told_in_few_messages(a_cast: Cast, connect_as: Connect) -> None:
    """N sockets of one user cause at most 10 N deliveries, instead of the square."""
    number = 30
    listeners = [await connect_as(a_cast.student1) for _ in range(number)]
    for listener in listeners:
        await counts(listener, {a_cast.student1.id: number, a_cast.class_a: number})

    deliveries = sum(listener.tally["CONNECTED_CLIENTS"] for listener in listeners)
    observer = await connect_as(a_cast.admin)
    table = dict((await observer.hears("CONNECTED_CLIENTS"))["rooms"])

    assert number <= deliveries <= 10 * number
    assert table[a_cast.student1.id] == number
    assert len(table) == len({a_cast.student1.id, a_cast.class_a, a_cast.class_b, a_cast.admin.id, "all", "admin"})


def test_a_page_beside_its_kernel_is_not_counted_and_not_told() -> None:
    """A browser page is in no room, and who has a kernel there is counted already."""
    rooms = Rooms(RoomChanges())
    rooms.connect("kernel", facts_about("boss", "admin", {"g"}))
    rooms.connect("page", facts_about("boss", "admin", {"g"}), is_page=True)

    assert rooms.count(of_group("g")) == rooms.count(of_user("boss")) == 1
    assert all(
        "page" not in sids for sids in plan(rooms, [of_group("g"), of_user("boss")], ["kernel", "page"]).values()
    )


def test_somebody_with_pages_alone_is_here_once() -> None:
    """Live cells need no kernel: their person is seen all the same, also beside a teacher who joined their room."""
    changes = RoomChanges()
    rooms = Rooms(changes)
    teacher = rooms.connect("t", facts_about("teacher", "teacher", set(), {"ada"}))
    rooms.join(teacher, of_user("ada"))
    changes.take()
    for page in ("page 1", "page 2"):
        rooms.connect(page, facts_about("ada", "student", {"g"}), is_page=True)

    assert changes.take()[0] == {of_user("ada")}
    assert (rooms.count(of_user("ada")), rooms.count(of_group("g"))) == (2, 0)
    assert rooms.all_counts()[of_user("ada")] == 2
    rooms.leave(teacher, of_user("ada"))
    assert rooms.all_counts()[of_user("ada")] == 1

    rooms.disconnect("page 1")
    changes.take()
    rooms.disconnect("page 2")
    assert changes.take()[0] == {of_user("ada")}
    assert rooms.count(of_user("ada")) == 0
    assert of_user("ada") not in rooms.all_counts()


def test_nobody_counts_as_being_where_they_follow_documents() -> None:
    """Whoever looks at what a student has does not make them look present, and nobody is told of it."""
    changes = RoomChanges()
    rooms = Rooms(changes)
    teacher = rooms.connect("page", facts_about("boss", "teacher", set(), {"ada"}), is_page=True)
    rooms.connect("kernel", facts_about("chief", "admin", set()))
    changes.take()

    rooms.join(teacher, of_documents("ada"))

    assert changes.take()[0] == set()
    assert of_documents("ada") not in rooms.all_counts()
    assert plan(rooms, (), {"page", "kernel"}).keys() == {
        ("full", (("admin", 1), ("all", 1), ("boss", 1), ("chief", 1))),
    }
    rooms.leave(teacher, of_documents("ada"))
    assert changes.take()[0] == set()


async def test_a_page_hears_presence_when_it_wants_to(a_cast: Cast, connect_as: Connect) -> None:
    """Of its own people, from the moment that it asks until it asks for no more."""
    page = await connect_as(a_cast.teacher, is_page=True)
    student = await connect_as(a_cast.student1, is_page=True)
    stranger = await connect_as(a_cast.student2, is_page=True)
    assert [await listener.call("FOLLOW_PRESENCE", {"on": True}) for listener in (page, stranger)] == [True, True]

    first = await counts(page, {a_cast.student1.id: 1})
    await student.disconnect()
    await counts(page, {a_cast.student1.id: 0})
    assert await page.call("FOLLOW_PRESENCE", {"on": False}) is True
    heard_before = page.tally["CONNECTED_CLIENTS"]
    observer = await connect_as(a_cast.teacher)
    student = await connect_as(a_cast.student1)
    await counts(observer, {a_cast.student1.id: 1})
    # When this has been told, all that belongs to the coming has been sent.
    await student.disconnect()
    await counts(observer, {a_cast.student1.id: 0})
    await page.call("FOLLOW_PRESENCE", {"on": False})

    assert a_cast.class_a not in first
    assert page.tally["CONNECTED_CLIENTS"] == heard_before
    assert stranger.tally["CONNECTED_CLIENTS"] == 0


@pytest.mark.parametrize("payload", [None, {}, {"on": "yes"}, [True]])
async def test_a_page_that_asks_for_presence_in_other_words_is_refused(
    a_cast: Cast, connect_as: Connect, payload: object
) -> None:
    """The answer is False, as for rooms."""
    page = await connect_as(a_cast.teacher, is_page=True)

    assert await page.call("FOLLOW_PRESENCE", payload) is False


def test_a_page_stays_out_of_rooms_when_what_is_known_of_its_person_changes() -> None:
    """A new group of the user takes in the kernel's socket alone."""
    rooms = Rooms(RoomChanges())
    page = rooms.connect("page", facts_about("ada", "student", set()), is_page=True)

    rooms.follow_person(page, facts_about("ada", "student", {"g"}), (), rooms.generation)

    assert rooms.count(of_group("g")) == 0
    assert page.rooms == frozenset()
