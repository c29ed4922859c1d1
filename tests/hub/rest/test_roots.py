"""REST of document roots and their permissions."""

from __future__ import annotations

from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene


async def test_root_of_a_student_is_provisional(a_cast: Cast, a_student: Caller, a_teacher: Caller) -> None:
    """Permissions in a student's body are ignored, and the first teacher decides; the second is refused."""
    root_id = wire.new_id()
    wanted = {
        "access": "RW_DocumentRoot",
        "sharedAccess": "RW_DocumentRoot",
        "userPermissions": [{"userId": a_cast.student1.id, "access": "RW_User"}],
    }

    created = await a_student.post(f"/documentRoots/{root_id}", wanted)
    assert (created.status_code, created.json()["userPermissions"]) == (200, [])
    assert (await a_student.post(f"/documentRoots/{root_id}")).status_code == 409

    taken = await a_teacher.post(f"/documentRoots/{root_id}", {"access": "RO_DocumentRoot"})
    assert (taken.status_code, taken.json()["access"], taken.json()["sharedAccess"]) == (
        200,
        "RO_DocumentRoot",
        "None_DocumentRoot",
    )
    assert (await a_teacher.post(f"/documentRoots/{root_id}", {})).status_code == 409


async def test_root_of_a_teacher_takes_permissions_for_their_people(a_cast: Cast, a_teacher: Caller) -> None:
    """Tiers are coerced; permissions for others than managed people are refused and leave no root behind."""
    good, bad = wire.new_id(), wire.new_id()
    wanted = {
        "access": "None_User",
        "userPermissions": [{"userId": a_cast.student1.id, "access": "RW_DocumentRoot"}],
        "groupPermissions": [{"groupId": a_cast.class_a, "access": "RO_User"}],
    }

    created = (await a_teacher.post(f"/documentRoots/{good}", wanted)).json()
    foreign = {"groupPermissions": [{"groupId": a_cast.class_b, "access": "RO_User"}]}
    refused = await a_teacher.post(f"/documentRoots/{bad}", foreign)

    assert created["access"] == "None_DocumentRoot"
    assert [entry["access"] for entry in created["userPermissions"]] == ["RW_User"]
    assert [entry["access"] for entry in created["groupPermissions"]] == ["RO_StudentGroup"]
    assert refused.status_code == 403
    assert (await a_teacher.get(f"/documentRoots/{bad}")).json() is None


async def test_changing_a_root_keeps_what_is_not_named(a_scene: Scene, a_teacher: Caller) -> None:
    """Omitted keys stay, unknown words are refused; whoever closed an open root may open it again."""
    root_id = await a_scene.root()

    assert (await a_teacher.put(f"/documentRoots/{root_id}", {"sharedAccess": "RO_User"})).status_code == 204
    assert (await a_teacher.put(f"/documentRoots/{root_id}", {"access": "none"})).status_code == 400

    root = (await a_teacher.get(f"/documentRoots/{root_id}")).json()
    assert (root["access"], root["sharedAccess"]) == ("RW_DocumentRoot", "RO_DocumentRoot")


async def test_only_responsible_teachers_change_a_root(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """The creator, holders of a writing permission, admins; and anybody elevated while it has default values."""
    created = await a_scene.root("RO", creator=a_cast.teacher)
    granted = await a_scene.root("RO", groups={a_cast.class_b: "RW"})
    body = {"access": "None_DocumentRoot"}

    assert (await another_teacher.put(f"/documentRoots/{created}", body)).status_code == 403
    assert (await a_teacher.put(f"/documentRoots/{created}", body)).status_code == 204
    assert (await a_teacher.put(f"/documentRoots/{granted}", body)).status_code == 403
    assert (await another_teacher.put(f"/documentRoots/{granted}", body)).status_code == 204
    assert (await an_admin.put(f"/documentRoots/{created}", {"access": "RO_DocumentRoot"})).status_code == 204
    assert (await a_teacher.put(f"/documentRoots/{await a_scene.root()}", body)).status_code == 204


async def test_deleting_a_root_is_for_admins(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, an_admin: Caller
) -> None:
    """Everything below it goes with it."""
    root_id = await a_scene.root(users={a_cast.student1.id: "RO"})
    await a_scene.document(a_cast.student1, root_id)

    assert (await a_teacher.delete(f"/documentRoots/{root_id}")).status_code == 403
    assert (await an_admin.delete(f"/documentRoots/{root_id}")).json()["id"] == root_id
    assert (await an_admin.get(f"/documentRoots/{root_id}")).json() is None
    assert await a_scene.documents_below(root_id) == []


async def test_root_load_leaves_out_what_was_not_asked_for(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """Unknown ids are left out, the type narrows documents, missing ones may be ignored."""
    full, empty = await a_scene.root(), await a_scene.root()
    await a_scene.document(a_cast.student1, full)
    path = f"/users/{a_cast.student1.id}/documentRoots"
    ids = {"documentRootIds": [full, empty, wire.new_id()]}

    every = (await a_student.post(path, ids)).json()
    only = (await a_student.post(path, {**ids, "ignoreMissingRoots": True})).json()
    typed = (await a_student.post(path, {**ids, "type": "string"})).json()

    assert {root["id"]: len(root["documents"]) for root in every} == {full: 1, empty: 0}
    assert [root["id"] for root in only] == [full]
    assert {root["id"]: len(root["documents"]) for root in typed} == {full: 0, empty: 0}
    assert (await a_student.post(path, {"documentRootIds": []})).json() == []
    listed = await a_student.get(path, params={"ids": [full, empty], "ignoreMissingRoots": "false"})
    assert len(listed.json()) == 2


async def test_root_load_needs_few_statements(a_hub: RunningHub, a_scene: Scene, a_cast: Cast) -> None:
    """Fifty roots cost as many statements as one."""
    from sqlalchemy import Connection, event

    from teaching_nb.hub.documents.root_loads import load_roots

    roots = [await a_scene.root("RW", "RO") for _ in range(50)]
    for root_id in roots:
        await a_scene.document(a_cast.student2, root_id)

    def counted(tx: Connection) -> tuple[int, int]:
        statements: list[str] = []
        event.listen(tx, "before_cursor_execute", lambda _c, _cu, sql, *_: statements.append(sql))
        found = load_roots(tx, a_cast.student1.id, roots)
        return len(statements), sum(len(root.documents) for root in found)

    assert await a_hub.database.read(counted) == (4, 50)


async def test_permissions_are_shown_to_those_who_govern_them(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """Of one root or several, teachers see their own people and groups alone."""
    root_id = await a_scene.root(
        users={a_cast.student1.id: "RO", a_cast.student3.id: "RO"}, groups={a_cast.class_a: "RW"}
    )

    async def counts(caller: Caller) -> tuple[int, int]:
        (root,) = (await caller.post("/documentRoots/permissions", {"documentRootIds": [root_id]})).json()
        return len(root["userPermissions"]), len(root["groupPermissions"])

    assert await counts(an_admin) == (2, 1)
    assert await counts(a_teacher) == (1, 1)
    assert await counts(another_teacher) == (1, 0)
    unknown = (await an_admin.get(f"/documentRoots/{wire.new_id()}/permissions")).json()
    assert (unknown["access"], unknown["userPermissions"]) == ("None_DocumentRoot", [])


async def test_permission_of_a_group_lives_from_post_to_delete(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller
) -> None:
    """Set, changed and deleted; a teacher sets permissions of their own groups alone."""
    root_id = await a_scene.root("None")
    wanted = {"documentRootId": root_id, "groupId": a_cast.class_a, "access": "RO_User"}

    assert (await another_teacher.post("/permissions/group", wanted)).status_code == 403
    created = (await a_teacher.post("/permissions/group", wanted)).json()
    path = f"/permissions/group/{created['id']}"
    assert created["access"] == "RO_StudentGroup"
    assert (await another_teacher.put(path, {"access": "RW_User"})).status_code == 403
    assert (await a_teacher.put(path, {"access": "nothing"})).status_code == 400
    assert (await a_teacher.put(path, {"access": "RW_User"})).json()["access"] == "RW_StudentGroup"
    assert (await a_teacher.put(path, {})).json()["access"] == "RW_StudentGroup"
    assert (await another_teacher.delete(path)).status_code == 403
    assert (await a_teacher.delete(path)).json()["id"] == created["id"]
    assert (await a_teacher.delete(path)).status_code == 404


async def test_permission_of_a_stranger_is_not_a_teachers_business(
    a_scene: Scene, a_cast: Cast, a_teacher: Caller
) -> None:
    """A teacher gives permissions to those whom they manage."""
    wanted = {"documentRootId": await a_scene.root(), "userId": a_cast.student3.id, "access": "RW_User"}

    assert (await a_teacher.post("/permissions/user", wanted)).status_code == 403
