"""REST of users, groups and credentials."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from teaching_nb.hub import clock
from teaching_nb.hub.people import sessions
from teaching_nb.hub.store.tables import sessions as sessions_table
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema import wire
from teaching_nb.tokens import mint_assertion, new_secret
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import SECRET, RunningHub


async def test_users_are_visible_to_those_who_share_a_group(
    a_cast: Cast, *, a_student: Caller, a_teacher: Caller
) -> None:
    """Students see their classes, elevated callers everybody; asking for one follows the list."""
    seen = {user["id"] for user in (await a_student.get("/users")).json()}

    assert seen == {a_cast.student1.id, a_cast.student2.id, a_cast.teacher.id}
    assert len((await a_teacher.get("/users")).json()) == 6
    assert (await a_student.get(f"/users/{a_cast.student3.id}")).json() is None
    assert (await a_student.get(f"/users/{a_cast.student2.id}")).json()["email"] == "student2@school.test"
    assert "authProviders" not in (await a_student.get("/user")).json()


async def test_names_are_changed_by_oneself_and_by_managers(
    a_cast: Cast, *, a_student: Caller, a_classmate: Caller, a_teacher: Caller, another_teacher: Caller
) -> None:
    """Everybody else is refused."""
    path, body = f"/users/{a_cast.student1.id}", {"data": {"firstName": "Ada"}}

    assert (await a_classmate.put(path, body)).status_code == 403
    assert (await another_teacher.put(path, body)).status_code == 403
    assert (await a_teacher.put(path, body)).json()["name"] == "Ada Adams"
    assert (await a_student.put(path, {"data": {"lastName": "Byron"}})).json()["name"] == "Ada Byron"
    assert (await a_student.put(path, {"data": {"firstName": "x" * 151}})).status_code == 400


async def test_roles_are_changed_from_above(
    a_cast: Cast, *, a_student: Caller, a_teacher: Caller, an_admin: Caller
) -> None:
    """Nobody raises themselves or an equal, teachers do not promote, admins do not lower themselves."""
    student, teacher, admin = (f"/users/{person.id}" for person in (a_cast.student1, a_cast.teacher, a_cast.admin))

    def role(name: str) -> dict[str, object]:
        return {"data": {"role": name}}

    assert (await a_student.put(student, role("teacher"))).status_code == 403
    assert (await a_teacher.put(student, role("teacher"))).status_code == 403
    assert (await a_teacher.put(teacher, role("admin"))).status_code == 403
    assert (await a_teacher.put(admin, role("student"))).status_code == 403
    assert (await an_admin.put(admin, role("teacher"))).status_code == 403
    assert (await an_admin.put(student, role("king"))).status_code == 403
    assert (await an_admin.put(student, role("teacher"))).json()["role"] == "teacher"
    assert (await a_student.get("/admin/allowedActions")).status_code == 200


async def test_group_lives_from_post_to_delete(a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller) -> None:
    """All that can be done with a group and its members, and what is refused."""
    group = (await a_teacher.post("/studentGroups", {"name": "team"})).json()
    path = f"/studentGroups/{group['id']}"
    me, other = a_cast.teacher.id, a_cast.student1.id
    assert (group["userIds"], group["adminIds"], group["description"]) == ([me], [me], "")

    assert (await another_teacher.get(path)).json() is None
    assert (await another_teacher.put(path, {"data": {"name": "x"}})).status_code == 404
    assert (await a_teacher.put(path, {"data": {"presentedDocument": {"id": 1}}})).status_code == 403
    shown = (await a_teacher.put(path, {"data": {"canPresent": True, "presentedDocument": {"id": 1}}})).json()
    assert shown["presentedDocument"] == {"id": 1}
    assert (await a_teacher.put(path, {"data": {"canPresent": False}})).json()["presentedDocument"] is None
    assert (await a_teacher.put(path, {"data": {"parentId": group["id"]}})).status_code == 403
    assert (await a_teacher.post(f"{path}/members/{wire.new_id()}")).status_code == 404
    assert (await a_teacher.post(f"{path}/admins/{other}", {"isAdmin": True})).status_code == 400
    assert other in (await a_teacher.post(f"{path}/members/{other}")).json()["userIds"]
    assert (await a_teacher.post(f"{path}/admins/{me}", {"isAdmin": False})).status_code == 403
    assert (await a_teacher.delete(f"{path}/members/{me}")).status_code == 403
    assert (await a_teacher.delete(f"{path}/members/{other}")).json()["userIds"] == [me]
    assert "userIds" not in (await a_teacher.delete(path)).json()
    assert (await a_teacher.get(path)).json() is None


async def test_presenting_ends_whatever_else_the_body_says(a_cast: Cast, *, a_teacher: Caller) -> None:
    """The existing website sends the whole group with `canPresent: false`, the presented document included."""
    path = f"/studentGroups/{a_cast.class_a}"
    shown = {"document": {"id": a_cast.class_b}}
    presenting = {"canPresent": True, "presentedDocument": shown}
    assert (await a_teacher.put(path, {"data": presenting})).json()["presentedDocument"] == shown

    for _ in range(2):  # the second time nobody presents any more
        group = (await a_teacher.get(path)).json()
        answer = await a_teacher.put(path, {"data": {**group, "canPresent": False, "presentedDocument": shown}})

        assert answer.status_code == 200
        assert answer.json()["presentedDocument"] is None
        assert (await a_teacher.get(path)).json()["canPresent"] is False
    assert (await a_teacher.put(path, {"data": {"presentedDocument": shown}})).status_code == 403


async def test_groups_are_listed_to_members(a_cast: Cast, *, a_student: Caller, an_admin: Caller) -> None:
    """One's own groups; admins see all."""
    (group,) = (await a_student.get("/studentGroups")).json()

    assert (group["id"], group["adminIds"]) == (a_cast.class_a, [a_cast.teacher.id])
    assert len((await an_admin.get("/studentGroups")).json()) == 2


async def ask(client: httpx.AsyncClient, token: str, scheme: str = "Bearer") -> httpx.Response:
    """Ask who the holder of a token is."""
    return await client.get("/api/v1/user", headers={"Authorization": f"{scheme} {token}"})


async def test_wrong_credentials_are_refused(a_client: httpx.AsyncClient, a_cast: Cast) -> None:
    """Unknown, misspelt or oversized tokens and other schemes are 401, all alike."""
    token = a_cast.student1.token

    for answer in (
        await ask(a_client, "tnb_unknown"),
        await ask(a_client, token.upper()),
        await ask(a_client, "x" * 5_000),
        await ask(a_client, token, "Basic"),
        await ask(a_client, "a.b.c"),
        await a_client.get("/api/v1/user", params={"token": token}),
    ):
        assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


async def test_expired_token_and_banned_user_are_refused(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast
) -> None:
    """Both take effect with the next request; a ban that has ended does not count."""
    student, other = a_cast.student1, a_cast.student2
    past = clock.now() - 1

    await a_hub.database.write(
        lambda tx: tx.execute(
            sessions_table.update()
            .where(sessions_table.c.token_hash == sessions.token_hash(student.token))
            .values(expires_at=past)
        )
    )
    assert (await ask(a_client, student.token)).status_code == 401

    async def ban(until: int | None) -> None:
        query = users_table.update().where(users_table.c.id == other.id).values(banned=True, ban_expires=until)
        await a_hub.database.write(lambda tx: tx.execute(query))

    await ban(None)
    assert (await ask(a_client, other.token)).status_code == 401
    await ban(past)
    assert (await ask(a_client, other.token)).status_code == 200


async def test_assertion_creates_and_updates_its_user(a_client: httpx.AsyncClient) -> None:
    """The account of the Jupyter server becomes a user; later assertions change name and role, not the id."""
    first = await ask(a_client, mint_assertion(SECRET, subject="jovyan", name="Jo Vyan", role="admin"))
    second = await ask(a_client, mint_assertion(SECRET, subject="jovyan", name="Jo V", role="student"))
    third = await ask(a_client, mint_assertion(SECRET, subject="JOVYAN", name="Jo", role="student"))

    user = first.json()
    assert (user["email"], user["firstName"], user["lastName"]) == ("jovyan@localhost", "Jo", "Vyan")
    assert (second.json()["id"], second.json()["role"], second.json()["name"]) == (user["id"], "student", "Jo V")
    assert third.json()["id"] != user["id"]


async def test_assertion_finds_a_loaded_person_by_their_email(a_client: httpx.AsyncClient, a_cast: Cast) -> None:
    """People who were loaded before they came get no second account."""
    token = mint_assertion(SECRET, subject="student1@school.test", name="S One", role="student")

    assert (await ask(a_client, token)).json()["id"] == a_cast.student1.id


async def test_assertion_is_accepted_once_and_from_its_signer_alone(a_client: httpx.AsyncClient) -> None:
    """A copied assertion opens nothing, nor one that somebody else has signed."""
    token = mint_assertion(SECRET, subject="a", name="A", role="student")
    answers = await asyncio.gather(*(ask(a_client, token) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]
    assert (await ask(a_client, mint_assertion(new_secret(), subject="a", name="A", role="admin"))).status_code == 401


async def test_one_time_token_lets_in_once(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """It belongs to its user, and is used up by the first who shows it."""
    from teaching_nb.errors import Unauthorized

    token = (await a_student.get("/api/auth/one-time-token/generate")).json()["token"]
    credentials = a_hub.context.credentials

    assert len(token) == 32
    assert (await credentials.authenticate(None, token=token)).user_id == a_cast.student1.id
    with pytest.raises(Unauthorized):
        await credentials.authenticate(None, token=token)


async def test_session_tells_who_is_calling(a_client: httpx.AsyncClient, a_cast: Cast, a_student: Caller) -> None:
    """Nobody is null, and the secret is not repeated."""
    nobody = await a_client.get("/api/auth/get-session")
    somebody = (await a_student.get("/api/auth/get-session")).json()

    assert (nobody.status_code, nobody.json()) == (200, None)
    assert somebody["user"]["id"] == somebody["session"]["userId"] == a_cast.student1.id
    assert a_cast.student1.token not in str(somebody)


async def test_allowed_actions_are_kept_by_admins(an_admin: Caller, a_teacher: Caller) -> None:
    """Listed, added and removed."""
    body = {"documentType": "code", "action": "update@parent_id"}

    assert (await a_teacher.post("/admin/allowedActions", body)).status_code == 403
    created = (await an_admin.post("/admin/allowedActions", body)).json()
    assert (await an_admin.post("/admin/allowedActions", body)).status_code == 409
    assert len((await a_teacher.get("/admin/allowedActions")).json()) == 3
    assert (await an_admin.delete(f"/admin/allowedActions/{created['id']}")).status_code == 204
    assert (await an_admin.delete(f"/admin/allowedActions/{created['id']}")).status_code == 404
