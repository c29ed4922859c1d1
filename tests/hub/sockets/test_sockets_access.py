"""Living sockets follow the database: what somebody may no longer know, they no longer hear."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.room import ADMIN, ALL, Room, of_group, of_user
from teaching_nb.hub.store import tables
from teaching_nb.schema import wire
from teaching_nb.tokens import mint_assertion
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import SECRET, RunningHub
from tests.hub.live.documents import log_of, new_document, record_of


@pytest.fixture
async def a_shared_document(a_student: Caller) -> str:
    """Return a document of student 1 that everybody may edit."""
    return await new_document(a_student, sharing="RW")


async def forbid(admin: Caller, root_id: str, person: Person, access: str = "None_User") -> str:
    """Give a person a permission on a root; returns its id."""
    body = {"documentRootId": root_id, "userId": person.id, "access": access}
    answer = await admin.post("/permissions/user", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


@pytest.mark.on_both_databases
async def test_withdrawn_access_ends_a_live_document_at_once(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_shared_document: str, an_admin: Caller, a_student: Caller
) -> None:
    """After the answer to the withdrawal no edit is accepted, and none is heard."""
    root_id = (await record_of(a_student, a_shared_document))["documentRootId"]
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()

    await forbid(an_admin, root_id, a_cast.student2)
    refused = await bob.write("too late ")
    await ada.write("secret ")

    assert (refused["ok"], refused["error"]["status"]) == (False, 404)
    assert await bob.listener.hears("DOCUMENT_CLOSED") == {"id": a_shared_document, "reason": "access"}
    assert await bob.listener.heard_so_far("DOCUMENT_UPDATE", "CHANGED_DOCUMENT") == []
    assert (await bob.sync())["error"]["status"] == 404
    assert len(await log_of(a_hub, a_shared_document)) == 2


async def test_lowered_access_is_announced_as_read_only_and_raised_access_as_resync(
    a_cast: Cast, connect_as: Connect, a_shared_document: str, an_admin: Caller, a_student: Caller
) -> None:
    """Somebody who may only read goes on hearing; given the right to write they are asked to sync again."""
    root_id = (await record_of(a_student, a_shared_document))["documentRootId"]
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()

    permission = await forbid(an_admin, root_id, a_cast.student2, "RO_User")
    lowered = await bob.listener.hears("DOCUMENT_CLOSED")
    refused = await bob.write("no ")
    await ada.write("still heard ")
    await bob.receive()
    assert (await an_admin.delete(f"/permissions/user/{permission}")).is_success
    raised = await bob.listener.hears("DOCUMENT_CLOSED")
    answer = await bob.sync()

    assert (lowered["reason"], raised["reason"]) == ("read-only", "resync")
    assert refused["error"]["status"] == 403
    assert answer["access"] == "RW_DocumentRoot"
    assert (await bob.send(bob.doc.get_update(answer["stateVector"])))["ok"] is True


@pytest.mark.on_both_databases
@pytest.mark.parametrize("has_seen", [True, False], ids=["seen before", "refused at first"])
async def test_page_is_told_when_it_may_see_a_document_again(
    a_cast: Cast,
    connect_as: Connect,
    a_shared_document: str,
    an_admin: Caller,
    a_student: Caller,
    *,
    has_seen: bool,
) -> None:
    """It is in no room, and would find out with its next attempt only; kernels hear of the permission itself."""
    root_id = (await record_of(a_student, a_shared_document))["documentRootId"]
    page = Editor(await connect_as(a_cast.student2, is_page=True), a_shared_document)
    kernel = Editor(await connect_as(a_cast.student2), a_shared_document)
    editors = [page, kernel]
    if has_seen:
        assert [(await editor.sync())["ok"] for editor in editors] == [True, True]
    permission = await forbid(an_admin, root_id, a_cast.student2)
    if has_seen:
        assert [(await editor.listener.hears("DOCUMENT_CLOSED"))["reason"] for editor in editors] == ["access"] * 2
    assert [(await editor.sync())["error"]["status"] for editor in editors] == [404, 404]

    async def closings() -> list[Any]:
        """Return what both have heard of what is published by now."""
        of_kernel = await kernel.listener.heard_so_far("DOCUMENT_CLOSED")
        await page.sync()
        return [payload for name, payload in page.listener.heard if name == "DOCUMENT_CLOSED"] + of_kernel

    other = await forbid(an_admin, root_id, a_cast.student3)
    assert await closings() == []
    assert (await an_admin.delete(f"/permissions/user/{permission}")).is_success

    assert await page.listener.hears("DOCUMENT_CLOSED") == {"id": a_shared_document, "reason": "resync"}
    assert (await page.sync())["access"] == "RW_DocumentRoot"
    assert (await an_admin.delete(f"/permissions/user/{other}")).is_success
    assert await closings() == [], "once, and not for every change"


async def test_deleted_document_is_closed(
    a_cast: Cast, connect_as: Connect, a_shared_document: str, a_student: Caller
) -> None:
    """Whoever follows a document hears that it is gone, and cannot edit it any more."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()

    assert (await a_student.delete(f"/documents/{a_shared_document}")).status_code == 204

    assert await bob.listener.hears("DOCUMENT_CLOSED") == {"id": a_shared_document, "reason": "deleted"}
    assert await ada.listener.hears("DOCUMENT_CLOSED") == {"id": a_shared_document, "reason": "deleted"}
    assert (await bob.write("late "))["error"]["status"] == 404


@pytest.mark.on_both_databases
async def test_new_member_hears_their_group_and_a_removed_one_no_longer(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_teacher: Caller, an_admin: Caller
) -> None:
    """Group rooms follow memberships without the client doing anything."""
    stranger = await connect_as(a_cast.student3)
    rooms = a_hub.context.rooms

    added = await an_admin.post(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student3.id}")
    await stranger.hears("NEW_RECORD")
    await stranger.heard_so_far()
    is_in_after_joining = stranger.sid in rooms.sids_in([of_group(a_cast.class_a)])
    removed = await an_admin.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student3.id}")
    await stranger.hears("DELETED_RECORD")
    await stranger.heard_so_far()
    is_in_after_leaving = stranger.sid in rooms.sids_in([of_group(a_cast.class_a)])
    stranger.heard.clear()
    await a_teacher.put(f"/studentGroups/{a_cast.class_a}", {"data": {"description": "news"}})

    assert (added.status_code < 300, removed.status_code < 300) == (True, True)
    assert (is_in_after_joining, is_in_after_leaving) == (True, False)
    assert await stranger.heard_so_far("CHANGED_RECORD") == []
    assert await stranger.call("JOIN_ROOM", a_cast.class_a) is False


async def test_observer_leaves_the_room_of_a_student_they_no_longer_manage(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, an_admin: Caller
) -> None:
    """A teacher's look at a student ends with the student's membership."""
    teacher = await connect_as(a_cast.teacher)
    assert await teacher.call("JOIN_ROOM", a_cast.student1.id) is True

    await an_admin.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")
    await teacher.heard_so_far()

    assert a_hub.context.rooms.sids_in([of_user(a_cast.student1.id)]) == set()


async def test_observing_teacher_is_shut_out_with_the_membership(
    a_cast: Cast, connect_as: Connect, a_student: Caller, an_admin: Caller
) -> None:
    """The live view of a student's private document ends when the teacher no longer manages them."""
    document_id = await new_document(a_student)
    teacher = Editor(await connect_as(a_cast.teacher), document_id)
    await teacher.sync()

    await an_admin.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")

    assert (await teacher.listener.hears("DOCUMENT_CLOSED"))["reason"] == "access"


@pytest.mark.on_both_databases
async def test_demoted_admin_loses_the_admin_room(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_student: Caller
) -> None:
    """A role is read again when it changes; what only admins hear is not heard any more."""
    admin = await connect_as(a_cast.admin)
    demotion = update(tables.users).where(tables.users.c.id == a_cast.admin.id).values(role="student")

    await a_hub.database.write(lambda tx: tx.execute(demotion).rowcount)
    a_hub.context.commits.announce(Outcome(None, access_changed=True))
    await admin.heard_so_far()
    await new_document(a_student)

    assert a_hub.context.rooms.sids_in([ADMIN]) == set()
    assert await admin.heard_so_far("NEW_RECORD") == []
    assert await admin.call("JOIN_ROOM", wire.new_id()) is False


@pytest.mark.parametrize("way", ["PUT /users", "set-role", "update-user"])
async def test_new_role_holds_for_living_sockets(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, an_admin: Caller, way: str
) -> None:
    """Whichever request changes a role: open sockets come into the rooms of the new one, and out of them again."""
    user_id = a_cast.teacher2.id
    set_role = ("POST", "/api/auth/admin/set-role")
    promotions: dict[str, tuple[str, str, dict[str, object]]] = {
        "PUT /users": ("PUT", f"/users/{user_id}", {"data": {"role": "admin"}}),
        "set-role": (*set_role, {"userId": user_id, "role": "admin"}),
        "update-user": ("POST", "/api/auth/admin/update-user", {"userId": user_id, "data": {"role": "admin"}}),
    }
    promotion = promotions[way]
    demotion = (*set_role, {"userId": user_id, "role": "teacher"})
    somebody = await connect_as(a_cast.teacher2)

    for request, role, rooms in (
        (promotion, "admin", {ADMIN, of_group(a_cast.class_a)}),
        (demotion, "teacher", set[Room]()),
    ):
        answer = await an_admin.send(*request)
        assert answer.status_code == 200, answer.text
        await somebody.heard_so_far()

        member = a_hub.context.rooms.member(somebody.sid)
        assert member is not None
        assert member.actor.role == role
        assert member.rooms - {ALL, of_user(user_id), of_group(a_cast.class_b)} == rooms
        assert await somebody.call("JOIN_ROOM", a_cast.student1.id) is (role == "admin")
        assert await somebody.call("LEAVE_ROOM", a_cast.student1.id) is True


async def test_role_that_the_jupyter_server_gives_holds_for_living_sockets(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_client: httpx.AsyncClient
) -> None:
    """An assertion with another role changes the account, and its open sockets with it."""
    somebody = await connect_as(a_cast.teacher2)

    for role in ("admin", "student"):
        assertion = mint_assertion(SECRET, subject=a_cast.teacher2.email, name=a_cast.teacher2.name, role=role)
        answer = await a_client.get("/api/v1/user", headers={"Authorization": f"Bearer {assertion}"})
        assert (answer.status_code, answer.json()["role"]) == (200, role)
        await somebody.heard_so_far()

        member = a_hub.context.rooms.member(somebody.sid)
        assert member is not None
        assert member.actor.role == role
        assert (ADMIN in member.rooms) is (role == "admin")


@pytest.mark.parametrize("ending", ["banned", "deleted", "signed out", "expired"])
async def test_socket_ends_with_its_account_or_session(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, ending: str
) -> None:
    """A ban, a deletion, a sign-out and an expiry end living sockets, and only those of that user."""
    student, other = await connect_as(a_cast.student1), await connect_as(a_cast.student2)
    user_id = a_cast.student1.id
    is_user = tables.users.c.id == user_id
    of_session = tables.sessions.c.user_id == user_id
    statement = {
        "banned": update(tables.users).where(is_user).values(banned=True),
        "deleted": delete(tables.users).where(is_user),
        "signed out": delete(tables.sessions).where(of_session),
        "expired": update(tables.sessions).where(of_session).values(expires_at=1),
    }[ending]

    await a_hub.database.write(lambda tx: tx.execute(statement).rowcount)
    a_hub.context.commits.announce(Outcome(None, access_changed=True))
    async with asyncio.timeout(30):
        await student.is_disconnected.wait()

    assert a_hub.context.rooms.sids_in([of_user(user_id)]) == set()
    assert await other.call("JOIN_ROOM", a_cast.class_a) is True


async def test_sweep_notices_what_no_request_announces(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """An expired session ends its sockets at the next look, and a socket that vanished is forgotten."""
    student, other = await connect_as(a_cast.student1), await connect_as(a_cast.student2)
    hub = a_hub.hub
    expire = update(tables.sessions).where(tables.sessions.c.user_id == a_cast.student1.id).values(expires_at=1)
    await a_hub.database.write(lambda tx: tx.execute(expire).rowcount)
    ghost = hub.context.rooms.connect("ghost", hub.context.rooms.member(other.sid).person)  # type: ignore[union-attr]

    await hub._sweep_once()
    async with asyncio.timeout(30):
        await student.is_disconnected.wait()

    assert hub.context.rooms.member(ghost.sid) is None
    assert [member.sid for member in hub.context.rooms.members()] == [other.sid]
