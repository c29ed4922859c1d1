"""Passwords, the export, the editor's settings, and roots that stay open for staff."""

from __future__ import annotations

from dataclasses import replace

import httpx
from sqlalchemy import Connection, update

from teaching_nb.hub.config import Settings
from teaching_nb.hub.store.tables import users
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub, serving
from tests.hub.browsers import PASSWORD, Browser, give_password
from tests.hub.scenes import Scene


async def test_password_is_linked_once(a_hub: RunningHub, a_teacher: Caller, a_cast: Cast) -> None:
    """Who has none gets one and can sign in; a second one is refused."""
    path = f"/admin/users/{a_cast.student1.id}/linkUserPassword"

    linked = await a_teacher.post(path, {"pw": PASSWORD})
    again = await a_teacher.post(path, {"pw": PASSWORD})

    assert (linked.status_code, linked.content) == (201, b"")
    assert again.json()["errors"][0]["message"] == "[403] user already has email-password account"
    async with Browser(a_hub) as browser:
        assert (await browser.sign_in(a_cast.student1)).status_code == 200


async def test_password_of_an_equal_or_superior_cannot_be_linked(a_teacher: Caller, a_cast: Cast) -> None:
    """The same goes for a stranger's student, for somebody unknown, and for a password that is too short."""
    for person in (a_cast.admin, a_cast.teacher2, a_cast.student3):
        answer = await a_teacher.post(f"/admin/users/{person.id}/linkUserPassword", {"pw": PASSWORD})
        assert answer.status_code == 403, person.name
    unknown = await a_teacher.post(f"/admin/users/{wire.new_id()}/linkUserPassword", {"pw": PASSWORD})
    short = await a_teacher.post(f"/admin/users/{a_cast.student1.id}/linkUserPassword", {"pw": "x"})
    missing = await a_teacher.post(f"/admin/users/{a_cast.student1.id}/linkUserPassword", {})

    assert unknown.json()["errors"][0]["message"] == "[403] unknown user"
    assert (short.status_code, missing.status_code) == (400, 400)


async def test_only_way_in_cannot_be_revoked(a_hub: RunningHub, a_teacher: Caller, a_cast: Cast) -> None:
    """With another way in the password goes, and the caller's own socket is told as well."""
    await give_password(a_hub, a_cast.student1)
    path = f"/admin/users/{a_cast.student1.id}/revokeUserPassword"
    refused = await a_teacher.post(path)
    assert refused.json()["errors"][0]["message"] == "[403] cannot revoke only login method of user"

    def adopt(tx: Connection) -> None:
        tx.execute(update(users).where(users.c.id == a_cast.student1.id).values(subject="sam"))

    await a_hub.database.write(adopt)
    listener = Listener(a_hub, a_cast.admin)
    await listener.connect()
    admin = Caller(a_teacher._client, a_cast.admin)

    revoked = await admin.post(path, headers={"x-metadata-sid": listener.sid})
    nothing = await admin.post(path)
    unknown = await admin.post(f"/admin/users/{wire.new_id()}/revokeUserPassword")

    assert [answer.status_code for answer in (revoked, nothing, unknown)] == [204] * 3
    assert (await listener.hears("CHANGED_RECORD"))["record"]["authProviders"] == []
    assert await listener.heard_so_far("CHANGED_RECORD") == []
    await listener.disconnect()


async def test_export_holds_what_managed_people_wrote(
    a_hub: RunningHub, a_cast: Cast, an_admin: Caller, a_teacher: Caller, a_student: Caller
) -> None:
    """Teachers get their own people, admins everybody; types can be left out."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    mine, skipped = [await scene.document(a_cast.student1, root_id, type_name=name) for name in ("note", "skipme")]
    theirs = await scene.document(a_cast.student3, root_id)
    wanted = {"userIds": [a_cast.student1.id, a_cast.student3.id, wire.new_id()]}

    of_teacher = (await a_teacher.post("/admin/export", wanted)).json()
    of_admin = (await an_admin.post("/admin/export", {**wanted, "ignoredDocumentTypes": ["skipme"]})).json()

    assert [entry["user"]["email"] for entry in of_teacher] == [a_cast.student1.email]
    assert set(of_teacher[0]["user"]) == {"id", "name", "firstName", "lastName", "email", "createdAt", "updatedAt"}
    assert [document["id"] for document in of_teacher[0]["documents"]] == [mine, skipped]
    assert [[document["id"] for document in entry["documents"]] for entry in of_admin] == [[mine], [theirs]]
    bodies: tuple[dict[str, list[str]], ...] = ({}, {"userIds": []})
    for body in bodies:
        refused = await an_admin.post("/admin/export", body)
        assert refused.json()["errors"][0]["message"] == "[403] no user ids provided"
    assert (await a_student.post("/admin/export", wanted)).json() == {
        "error": "User does not have the role, method or path"
    }


async def test_editor_settings_are_made_on_the_first_read(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """Branch and path are kept, nothing else; there is no GitHub token to be had."""
    assert (await a_student.post("/cms/logout")).status_code == 204
    made = (await a_student.get("/cms/settings")).json()
    body = {"activeBranch": "main", "activePath": "/docs", "token": "stolen", "userId": a_cast.admin.id}
    assert (await a_student.put("/cms/settings", body)).status_code == 204
    assert (await a_student.put("/cms/settings")).status_code == 204

    kept = (await a_student.get("/cms/settings")).json()

    assert (made["activeBranch"], made["token"], made["userId"]) == (None, None, a_cast.student1.id)
    assert kept == {**made, "activeBranch": "main", "activePath": "/docs", "updatedAt": kept["updatedAt"]}
    token = await a_student.get("/cms/github-token", params={"code": "x"})
    assert (token.status_code, "GitHub" in token.text) == (404, True)


async def test_restricted_roots_stay_open_for_staff(settings: Settings, a_cast: Cast) -> None:
    """The group of the setting gets RW where a root is not open to all and does not say otherwise itself."""
    staff = a_cast.class_b
    async with (
        serving(replace(settings, admin_group_id=staff)) as hub,
        httpx.AsyncClient(base_url=hub.url, headers=a_cast.teacher2.headers, timeout=30) as web,
    ):
        granted = {}
        for name, body in {
            "open": {"access": "RW_DocumentRoot"},
            "closed": {"access": "None_DocumentRoot"},
            "own": {"access": "RO_DocumentRoot", "groupPermissions": [{"groupId": staff, "access": "RO_StudentGroup"}]},
        }.items():
            root = (await web.post(f"/api/v1/documentRoots/{wire.new_id()}", json=body)).json()
            granted[name] = [(entry["groupId"], entry["access"]) for entry in root["groupPermissions"]]

    assert granted == {"open": [], "closed": [(staff, "RW_StudentGroup")], "own": [(staff, "RO_StudentGroup")]}
