"""Rooms are whose they were checked to be: a chosen id opens nobody else's; streams go to those who may read."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, insert

from teaching_nb.errors import InvalidInput
from teaching_nb.hub import clock
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.administration.class_file import Content
from teaching_nb.hub.room import of_group, of_root, of_user
from teaching_nb.hub.store.tables import document_roots
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

OPEN = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}


async def ids_of_others(hub: RunningHub, cast: Cast) -> dict[str, str]:
    """Return an id of each kind of thing that is not a student's."""
    scene = Scene(hub.database)
    return {
        "a teacher": cast.teacher2.id,
        "a group": cast.class_b,
        "a document": await scene.document(cast.student3, await scene.root()),
    }


@pytest.mark.on_both_databases
async def test_id_that_belongs_to_something_else_is_refused(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """For a new root on every way to one, with a sentence that names it, and without a trace."""
    for what, taken in (await ids_of_others(a_hub, a_cast)).items():
        main = {"documentRootId": taken, "type": "code", "data": {"code": ""}, "root": OPEN}
        for answer in (
            await a_student.post(f"/documentRoots/{taken}", OPEN),
            await a_student.post("/documents/main", main),
        ):
            assert answer.status_code == 409, what
            assert taken in answer.json()["errors"][0]["message"]
        assert (await a_student.get(f"/documentRoots?ids={taken}")).json() == []


@pytest.mark.on_both_databases
async def test_two_who_choose_one_id_do_not_both_get_it(a_hub: RunningHub, a_student: Caller) -> None:
    """A root and a group of a file, at the same moment: one of them is refused."""
    for _ in range(5):
        chosen = wire.new_id()
        content = wire.convert({"groups": [{"id": chosen, "name": f"g {chosen}"}]}, Content)
        loading = a_hub.database.write(partial(class_load.load, content=content, password_hashes={}))

        answer, loaded = await asyncio.gather(
            a_student.post(f"/documentRoots/{chosen}", OPEN), loading, return_exceptions=True
        )

        assert isinstance(answer, httpx.Response)
        assert sorted((answer.status_code < 300, not isinstance(loaded, Exception))) == [False, True]


@pytest.mark.parametrize("kind", ["users", "groups", "documentRoots", "documents"])
async def test_file_with_an_id_that_belongs_to_something_else_is_refused(
    a_hub: RunningHub, a_cast: Cast, *, kind: str
) -> None:
    """Whatever it gives the id to, and whatever has it."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    others = await ids_of_others(a_hub, a_cast)
    taken = {"users": others["a teacher"], "groups": others["a group"], "documents": others["a document"]}
    taken["documentRoots"] = root_id
    entries: dict[str, Any] = {
        "users": {"email": "new@school.test", "firstName": "N", "lastName": "N", "role": "student"},
        "groups": {"name": "new"},
        "documentRoots": OPEN,
        "documents": {"author": a_cast.student1.email, "type": "x", "documentRootId": root_id, "data": {}},
    }
    for other, id_ in taken.items():
        if other == kind:
            continue
        content = wire.convert({kind: [{**entries[kind], "id": id_}]}, Content)
        with pytest.raises(InvalidInput, match=id_):
            await a_hub.database.write(partial(class_load.load, content=content, password_hashes={}))


async def test_root_opens_no_room_but_its_own(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, *, an_admin: Caller, another_teacher: Caller
) -> None:
    """Also one that an older version let have the id of a group or a person: nothing of them is heard there."""
    taken = a_cast.class_b, a_cast.teacher2.id

    def insert_roots(tx: Connection) -> None:
        for id_ in taken:
            _insert_root(tx, id_)

    await a_hub.database.write(insert_roots)
    spy = await connect_as(a_cast.student1)
    for id_ in taken:
        assert await spy.call("JOIN_ROOM", id_) is True
    member = a_hub.context.rooms.member(spy.sid)
    assert member is not None
    assert member.requested == {of_root(id_) for id_ in taken}

    assert (await another_teacher.put(f"/studentGroups/{taken[0]}", {"data": {"description": "x"}})).status_code == 200
    assert (await another_teacher.put(f"/users/{taken[1]}", {"data": {"firstName": "Y"}})).status_code == 200
    teacher = await connect_as(a_cast.teacher2)
    await teacher.call("ACTION", {"action": {"type": "nav-reload"}, "roomIds": [taken[0]], "userIds": [taken[1]]})
    told = await spy.heard_so_far("CHANGED_RECORD", "ACTION")

    assert [payload for payload in told if "marker" not in payload] == []
    for id_ in taken:
        assert await spy.call("LEAVE_ROOM", id_) is True
    assert member.requested == set()


async def test_teacher_who_looks_at_a_student_is_in_that_persons_room(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """A name means what was checked first: a person, then a group, then a root."""
    teacher, admin = await connect_as(a_cast.teacher), await connect_as(a_cast.admin)
    root_id = await Scene(a_hub.database).root()
    for listener, name, room in (
        (teacher, a_cast.student1.id, of_user(a_cast.student1.id)),
        (admin, a_cast.student3.id, of_user(a_cast.student3.id)),
        (admin, a_cast.class_b, of_group(a_cast.class_b)),
        (admin, root_id, of_root(root_id)),
    ):
        assert await listener.call("JOIN_ROOM", name) is True
        member = a_hub.context.rooms.member(listener.sid)
        assert member is not None
        assert [present for present in member.rooms if present.name == name] == [room]


async def test_stream_reaches_those_who_may_read_its_document(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_teacher: Caller
) -> None:
    """In a presenting group too; a document that others may not read is shown to its author's teachers alone."""
    scene = Scene(a_hub.database)
    shared = await scene.document(a_cast.student1, await scene.root(shared="RO"))
    private = await scene.document(a_cast.student1, await scene.root())
    await a_teacher.put(f"/studentGroups/{a_cast.class_a}", {"data": {"canPresent": True}})
    author, classmate, teacher = [
        await connect_as(person) for person in (a_cast.student1, a_cast.student2, a_cast.teacher)
    ]

    for document_id in (shared, private):
        await author.emit("STREAM_UPDATE", {"roomId": a_cast.class_a, "id": document_id, "data": {"code": "live"}})
        assert (await teacher.hears("CHANGED_DOCUMENT"))["id"] == document_id

    assert [told["id"] for told in await classmate.heard_so_far("CHANGED_DOCUMENT")] == [shared]
    await classmate.emit("STREAM_UPDATE", {"roomId": a_cast.class_a, "id": shared, "data": {"code": "forged"}})
    assert await teacher.heard_so_far("CHANGED_DOCUMENT") == []


async def test_stream_runs_code_for_group_admins_alone(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_teacher: Caller
) -> None:
    """What makes the existing website run or stop code is left out of what anybody else streams."""
    await a_teacher.put(f"/studentGroups/{a_cast.class_a}", {"data": {"canPresent": True}})
    student, classmate, teacher = [
        await connect_as(person) for person in (a_cast.student1, a_cast.student2, a_cast.teacher)
    ]
    meta = {"runCode": True, "stopExecution": True, "cursor": 3}
    state = {"roomId": a_cast.class_a, "id": "unknown", "data": {}, "meta": meta}

    await student.emit("STREAM_UPDATE", state)
    assert (await classmate.hears("CHANGED_DOCUMENT"))["meta"] == {"cursor": 3}
    await student.emit("STREAM_UPDATE", {**state, "meta": {"runCode": True}})
    assert "meta" not in await classmate.hears("CHANGED_DOCUMENT")
    await teacher.emit("STREAM_UPDATE", state)
    assert (await classmate.hears("CHANGED_DOCUMENT"))["meta"] == meta


def _insert_root(tx: Connection, root_id: str) -> None:
    """Insert a root as hubs did that did not look whose the id was."""
    access = {"access": "RW_DocumentRoot", "shared_access": "RW_DocumentRoot"}
    tx.execute(
        insert(document_roots),
        {"id": root_id, **access, "provisional": False, "created_at": clock.now(), "access_changed": 0},
    )
