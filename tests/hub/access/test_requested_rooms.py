"""Which rooms people may be in by request is asked for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from teaching_nb.hub.access.person_facts import PersonFacts, person_facts
from teaching_nb.hub.access.requested_rooms import RoomFacts, room_named
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.room import Room, of_group, of_root, of_user
from teaching_nb.schema import wire
from tests.harness.cast import Cast, Person
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

MANY = 20

pytestmark = pytest.mark.on_both_databases


@contextmanager
def all_statements() -> Iterator[list[str]]:
    """Collect the statements of every database that is asked meanwhile, but those that begin transactions."""
    run: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2] != "BEGIN":
            run.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def facts_of(hub: RunningHub, person: Person) -> PersonFacts:
    """Return what the database says of somebody."""
    found = await hub.database.read(lambda tx: person_facts(tx, [person.actor]))
    return found[person.actor]


async def test_a_change_of_access_costs_as_many_statements_with_many_rooms_as_with_one(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """Else whatever touches a permission would ask the database for every room that every socket has joined."""
    scene = Scene(a_hub.database)
    tabs = [await connect_as(person) for person in (a_cast.admin, a_cast.teacher, a_cast.student1, a_cast.student2)]

    async def join() -> None:
        root_id = await scene.root("RW", "RO")
        for tab in tabs:
            assert await tab.call("JOIN_ROOM", root_id) is True

    async def statements() -> int:
        with all_statements() as run:
            a_hub.context.commits.announce(Outcome(None, access_changed=True))
            await tabs[0].heard_so_far()
        return len(run)

    await join()
    one = await statements()
    for _ in range(MANY):
        await join()
    many = await statements()

    assert one == many > 0
    assert all(len(member.requested) == MANY + 1 for member in a_hub.context.rooms.members())


async def test_rooms_are_allowed_together_as_they_are_alone(a_hub: RunningHub, a_cast: Cast) -> None:
    """For everybody and every kind of room, and only as the rules say."""
    scene = Scene(a_hub.database)
    roots = {
        "own": await scene.root("RW", "None"),
        "shared": await scene.root("RO", "RO"),
        "closed": await scene.root("None", "RW"),
        "for class A": await scene.root("None", "RW", groups={a_cast.class_a: "RW"}),
    }
    rooms = [
        *(of_user(a_cast.named(name).id) for name in ("teacher", "student1", "student3")),
        *map(of_group, (a_cast.class_a, a_cast.class_b)),
        *map(of_root, roots.values()),
        *(make(wire.new_id()) for make in (of_user, of_group, of_root)),
    ]
    people = (a_cast.admin, a_cast.teacher, a_cast.student1)
    asked = [(await facts_of(a_hub, person), rooms) for person in people]

    def together(tx: Any) -> list[frozenset[Room]]:
        found = RoomFacts.read(tx, asked)
        return [found.allowed(person, wanted) for person, wanted in asked]

    def alone(tx: Any) -> list[frozenset[Room]]:
        return [
            frozenset(room for room in wanted if RoomFacts.read(tx, [(person, [room])]).allowed(person, [room]))
            for person, wanted in asked
        ]

    of_admin, of_teacher, of_student = await a_hub.database.read(together)

    assert await a_hub.database.read(alone) == [of_admin, of_teacher, of_student]
    students = {of_user(a_cast.student1.id), of_group(a_cast.class_a), of_root(roots["shared"])}
    assert of_student == students | {of_root(roots["for class A"])}
    assert of_teacher == of_student | {of_user(a_cast.teacher.id), of_root(roots["own"])}
    assert of_admin == {*rooms[:-3], rooms[-1]}


async def test_a_group_that_somebody_has_left_by_request_may_be_joined_again(a_hub: RunningHub, a_cast: Cast) -> None:
    """What the socket knows of its person gives it no more, the membership does."""
    person = await facts_of(a_hub, a_cast.student1)
    left = person._replace(group_ids=frozenset())

    meant = await a_hub.database.read(lambda tx: room_named(tx, left, a_cast.class_a))
    foreign = await a_hub.database.read(lambda tx: room_named(tx, left, a_cast.class_b))

    assert (meant, foreign) == (of_group(a_cast.class_a), None)
