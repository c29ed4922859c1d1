"""Accounts of others: who may do what with them, what is announced, and what ends at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.administration.class_file import Content, UserEntry
from teaching_nb.hub.room import ADMIN
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast, Person
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub
from tests.hub.browsers import PASSWORD, Browser, give_password
from tests.hub.scenes import Scene

NEW_PASSWORD = "another pass phrase"


async def ask(caller: Caller, call: str, **body: Any) -> Any:
    """Send an account call."""
    return await caller.post(f"/api/auth/admin/{call}", body)


async def connected(hub: RunningHub, person: Person) -> Listener:
    """Return a socket of a person."""
    listener = Listener(hub, person)
    await listener.connect()
    return listener


async def test_ban_tells_and_ends_everything_at_once(a_hub: RunningHub, an_admin: Caller, a_cast: Cast) -> None:
    """The page is told to reload, admins see the record, the socket ends, tokens and passwords open nothing."""
    await give_password(a_hub, a_cast.student1)
    banned, admin = await connected(a_hub, a_cast.student1), await connected(a_hub, a_cast.admin)

    answer = await ask(an_admin, "ban-user", userId=a_cast.student1.id, banReason="why")

    assert answer.status_code == 200
    assert (answer.json()["user"]["banned"], answer.json()["user"]["banReason"]) == (True, "why")
    assert "authProviders" not in answer.json()["user"]
    assert await banned.hears("ACTION") == "nav-reload"
    await banned.ended()
    told = await admin.hears("CHANGED_RECORD")
    assert (told["type"], told["record"]["banned"]) == ("User", True)
    await admin.disconnect()
    assert (await Caller(an_admin._client, a_cast.student1).get("/user")).status_code == 401
    async with Browser(a_hub) as browser:
        refused = await browser.sign_in(a_cast.student1)
        assert (refused.status_code, refused.json()["code"]) == (403, "BANNED_USER")


async def test_ban_for_a_time_and_unban(a_hub: RunningHub, an_admin: Caller, a_cast: Cast) -> None:
    """A ban may end by itself; lifting it lets the person sign in again."""
    await give_password(a_hub, a_cast.student1)
    banned = (await ask(an_admin, "ban-user", userId=a_cast.student1.id, banExpiresIn=3600)).json()["user"]
    assert banned["banExpires"] > banned["updatedAt"]

    lifted = (await ask(an_admin, "unban-user", userId=a_cast.student1.id)).json()["user"]

    assert (lifted["banned"], lifted["banReason"], lifted["banExpires"]) == (False, None, None)
    async with Browser(a_hub) as browser:
        assert (await browser.sign_in(a_cast.student1)).status_code == 200


@pytest.mark.parametrize(
    ("who", "call", "target", "more", "code"),
    [
        ("student1", "ban-user", "student2", {}, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"),
        ("teacher", "ban-user", "student1", {}, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"),
        ("teacher", "unban-user", "student1", {}, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"),
        ("teacher", "remove-user", "student1", {}, "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS"),
        ("student1", "update-user", "student1", {"data": {"lastName": "x"}}, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"),
        ("teacher", "update-user", "admin", {"data": {"email": "a@b.test"}}, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"),
        ("teacher", "update-user", "teacher2", {"data": {"name": "x"}}, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"),
        ("teacher", "update-user", "student3", {"data": {"name": "x"}}, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"),
        ("teacher", "update-user", "teacher", {"data": {"role": "admin"}}, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"),
        ("teacher", "set-role", "student1", {"role": "teacher"}, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"),
        ("admin", "set-role", "admin", {"role": "student"}, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE"),
        ("teacher", "set-user-password", "admin", {"newPassword": NEW_PASSWORD}, None),
        ("teacher", "set-user-password", "teacher2", {"newPassword": NEW_PASSWORD}, None),
        ("teacher", "set-user-password", "student3", {"newPassword": NEW_PASSWORD}, None),
        ("student1", "set-user-password", "student1", {"newPassword": NEW_PASSWORD}, None),
        ("student1", "revoke-user-sessions", "student1", {}, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS"),
    ],
)
async def test_account_call_is_refused_without_a_trace(
    a_hub: RunningHub, an_admin: Caller, a_cast: Cast, who: str, call: str, target: str, more: Any, code: str | None
) -> None:
    """Nobody governs an equal, a superior, or a stranger; nothing is announced."""
    listener = await connected(a_hub, a_cast.admin)
    before = (await an_admin.get(f"/users/{a_cast.named(target).id}")).json()

    answer = await ask(Caller(an_admin._client, a_cast.named(who)), call, userId=a_cast.named(target).id, **more)

    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == (code or "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD")
    assert (await an_admin.get(f"/users/{a_cast.named(target).id}")).json() == before
    assert await listener.heard_so_far("CHANGED_RECORD", "DELETED_RECORD") == []
    await listener.disconnect()


async def test_account_call_without_a_session_is_401(a_hub: RunningHub, a_cast: Cast) -> None:
    """A program without a credential gets nowhere."""
    async with Browser(a_hub) as browser:
        for call in ("ban-user", "update-user", "remove-user", "set-user-password", "create-user"):
            body = {"userId": a_cast.teacher.id, "data": {}, "newPassword": NEW_PASSWORD, "email": "x@y.z", "name": "x"}
            answer = await browser.post(f"/api/auth/admin/{call}", body)
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), call


async def test_teacher_updates_and_resets_a_student(a_hub: RunningHub, a_teacher: Caller, a_cast: Cast) -> None:
    """Teachers look after the members of their groups; these and the admins are told."""
    student, admin = await connected(a_hub, a_cast.student1), await connected(a_hub, a_cast.admin)

    updated = await ask(a_teacher, "update-user", userId=a_cast.student1.id, data={"lastName": "One"})
    password = await ask(a_teacher, "set-user-password", userId=a_cast.student1.id, newPassword=NEW_PASSWORD)

    assert (updated.status_code, updated.json()["lastName"]) == (200, "One")
    assert (password.status_code, password.json()) == (200, {"status": True})
    for listener in (student, admin):
        assert (await listener.hears("CHANGED_RECORD"))["record"]["lastName"] == "One"
        assert (await listener.hears("CHANGED_RECORD"))["record"]["authProviders"] == ["credential"]
        await listener.disconnect()
    async with Browser(a_hub) as browser:
        assert (await browser.sign_in(a_cast.student1, NEW_PASSWORD)).status_code == 200


async def cookie_socket(hub: RunningHub, browser: Browser, person: Person) -> Listener:
    """Return a socket that came in with the session of a browser."""
    token = (await browser.get("/api/auth/one-time-token/generate")).json()["token"]
    listener = Listener(hub, person)
    await listener.connect(auth={"token": token})
    return listener


async def test_new_password_puts_out_whoever_came_in_with_the_old_one(
    a_hub: RunningHub, a_teacher: Caller, a_cast: Cast
) -> None:
    """Sessions of browsers and their sockets end at once; tokens of programs, and other people, go on."""
    await give_password(a_hub, a_cast.student1, a_cast.student2)
    async with Browser(a_hub) as one, Browser(a_hub) as two, Browser(a_hub) as other:
        for browser, person in ((one, a_cast.student1), (two, a_cast.student1), (other, a_cast.student2)):
            assert (await browser.sign_in(person)).status_code == 200
        doomed = [await cookie_socket(a_hub, browser, a_cast.student1) for browser in (one, two)]
        program, neighbour = await connected(a_hub, a_cast.student1), await cookie_socket(a_hub, other, a_cast.student2)

        answer = await ask(a_teacher, "set-user-password", userId=a_cast.student1.id, newPassword=NEW_PASSWORD)

        assert answer.status_code == 200
        for listener in doomed:
            await listener.ended()
        assert [(await browser.get("/api/v1/user")).status_code for browser in (one, two, other)] == [401, 401, 200]
        for listener in (program, neighbour):
            assert await listener.call("JOIN_ROOM", a_cast.class_a) is True
            await listener.disconnect()
        assert (await one.sign_in(a_cast.student1, NEW_PASSWORD)).status_code == 200


async def test_own_new_password_keeps_the_session_that_set_it(a_hub: RunningHub, a_cast: Cast) -> None:
    """Whoever changes their own password stays where they are, and is out everywhere else."""
    await give_password(a_hub, a_cast.teacher)
    async with Browser(a_hub) as here, Browser(a_hub) as elsewhere:
        for browser in (here, elsewhere):
            assert (await browser.sign_in(a_cast.teacher)).status_code == 200

        body = {"userId": a_cast.teacher.id, "newPassword": NEW_PASSWORD}
        assert (await here.post("/api/auth/admin/set-user-password", body)).status_code == 200

        assert [(await browser.get("/api/v1/user")).status_code for browser in (here, elsewhere)] == [200, 401]


async def test_loaded_password_ends_sessions(a_hub: RunningHub, a_cast: Cast) -> None:
    """A file with a new password for somebody has the same effect, and one with the present password has none."""
    await give_password(a_hub, a_cast.student1)
    async with Browser(a_hub) as browser:
        statuses = []
        for password in (PASSWORD, NEW_PASSWORD):
            assert (await browser.sign_in(a_cast.student1)).status_code == 200
            person = a_cast.student1
            entry = UserEntry(email=person.email, first_name="Alice", last_name="Adams", password=password)
            content = Content(users=[entry])
            known = await a_hub.database.read(partial(class_load.known_password_hashes, content=content))
            hashes = class_load.new_password_hashes(content, known)
            await a_hub.database.write(partial(class_load.load, content=content, password_hashes=hashes))
            statuses.append((await browser.get("/api/v1/user")).status_code)

        assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [(7, 400, "PASSWORD_TOO_SHORT"), (8, 200, None), (128, 200, None), (129, 400, "PASSWORD_TOO_LONG")],
)
async def test_password_has_8_to_128_characters(
    an_admin: Caller, a_cast: Cast, length: int, status: int, code: str | None
) -> None:
    """Both ends count, wherever a password is set, and the code is the existing system's; the words have the number."""
    new = {"email": "new@school.test", "name": "New", "password": "x" * length}
    for answer in (
        await ask(an_admin, "set-user-password", userId=a_cast.student1.id, newPassword="x" * length),
        await ask(an_admin, "create-user", **new),
    ):
        assert (answer.status_code, answer.json().get("code")) == (status, code)
        assert code is None or f"{length} characters" in answer.json()["message"]


async def test_teacher_creates_students_alone(a_hub: RunningHub, a_teacher: Caller, an_admin: Caller) -> None:
    """Other roles are for admins to give; a taken e-mail is told."""
    new = {"email": "Made@school.test", "password": NEW_PASSWORD, "name": "Made", "data": {"firstName": "M"}}

    refused = await ask(a_teacher, "create-user", **new, role="admin")
    made = await ask(a_teacher, "create-user", **new)
    again = await ask(an_admin, "create-user", **new)

    assert (refused.status_code, refused.json()["code"]) == (403, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE")
    user = made.json()["user"]
    assert (user["email"], user["role"], user["name"], user["firstName"]) == (
        "made@school.test",
        "student",
        "Made",
        "M",
    )
    assert (again.status_code, again.json()["code"]) == (400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")


async def test_unknown_user_is_404(an_admin: Caller) -> None:
    """Ids that nobody has are 404; what is no id is 400."""
    for call in ("ban-user", "unban-user", "remove-user", "revoke-user-sessions"):
        assert (await ask(an_admin, call, userId=wire.new_id())).status_code == 404, call
        assert (await ask(an_admin, call, userId="me")).status_code == 400, call


async def test_role_change_moves_the_socket(a_hub: RunningHub, an_admin: Caller, a_cast: Cast) -> None:
    """Who becomes admin hears admins' events without a new connection, and stops when they are none any more."""
    listener = await connected(a_hub, a_cast.student1)

    await ask(an_admin, "set-role", userId=a_cast.student1.id, role="admin")
    await listener.hears("CHANGED_RECORD")
    await listener.heard_so_far()
    assert listener.sid in a_hub.context.rooms.sids_in([ADMIN])
    await ask(an_admin, "set-role", userId=a_cast.student1.id, role="student")
    await listener.hears("CHANGED_RECORD")
    await listener.heard_so_far()

    assert listener.sid not in a_hub.context.rooms.sids_in([ADMIN])
    await listener.disconnect()


async def test_removed_user_takes_everything_along(a_hub: RunningHub, an_admin: Caller, a_cast: Cast) -> None:
    """Their documents and what hangs below these go, children first; the socket ends, the groups shrink."""
    scene = Scene(a_hub.database)
    root = await scene.root(shared="RW", users={a_cast.student1.id: "RW"})
    parent = await scene.document(a_cast.student1, root)
    child = await scene.document(a_cast.student2, root, parent=parent)
    removed, mate = await connected(a_hub, a_cast.student1), await connected(a_hub, a_cast.student2)

    answer = await ask(an_admin, "remove-user", userId=a_cast.student1.id)

    assert answer.json() == {"success": True}
    await removed.ended()
    gone = [payload["id"] for payload in await mate.heard_so_far("DELETED_RECORD")]
    assert gone == [child, parent, a_cast.student1.id]
    group = await mate.hears("CHANGED_RECORD")
    assert (group["type"], a_cast.student1.id in group["record"]["userIds"]) == ("StudentGroup", False)
    assert (await an_admin.get(f"/users/{a_cast.student1.id}")).json() is None
    assert (await an_admin.get(f"/documents/{child}")).json() is None
    await mate.disconnect()


async def test_nobody_bans_or_removes_themselves_or_an_equal(an_admin: Caller, a_cast: Cast) -> None:
    """The last admin cannot lock themselves out."""
    for call in ("ban-user", "remove-user"):
        assert (await ask(an_admin, call, userId=a_cast.admin.id)).status_code == 400
    await ask(an_admin, "set-role", userId=a_cast.teacher.id, role="admin")
    for call in ("ban-user", "remove-user"):
        assert (await ask(an_admin, call, userId=a_cast.teacher.id)).status_code == 403
