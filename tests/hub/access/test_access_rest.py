"""The worked access examples over real HTTP, in the strict column; rows are those of the protocol, section 8."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from teaching_nb.schema.access import as_root, is_readable, is_writable, kind
from tests.harness.cast import Caller, Cast, Person
from tests.harness.worked_examples import EXAMPLES, Example
from tests.hub.scenes import Scene

DATA = {"code": "secret"}


def body(root_id: str, type_name: str = "code", **more: object) -> dict[str, object]:
    """Return the body of a new document."""
    return {"type": type_name, "documentRootId": root_id, "data": DATA, **more}


@pytest.mark.on_both_databases
async def test_worked_examples_hold_over_rest(
    a_scene: Scene, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """Root load, reading, changing, creating and deleting answer as the strict column says, in each of the 44 rows."""
    for example in EXAMPLES:
        author = a_cast.student1 if example.caller == "author" else a_cast.student3
        root_id = await a_scene.root(
            example.access,
            example.shared,
            groups={a_cast.class_a: example.group} if example.group else None,
            users={a_cast.student1.id: example.user} if example.user else None,
        )
        document_id = await a_scene.document(author, root_id, data=DATA)

        await check_example(example, a_student, root_id, document_id)


async def check_example(example: Example, caller: Caller, root_id: str, document_id: str) -> None:
    """Assert one row; the document is changed and perhaps deleted."""
    is_author = example.caller == "author"
    is_visible = is_readable(example.effective) or is_author
    shown = DATA if is_readable(example.effective) else None

    root = (await caller.get(f"/documentRoots/{root_id}")).json()
    listed = [(entry["id"], entry["data"]) for entry in root["documents"]]
    assert listed == ([(document_id, shown)] if is_visible else []), f"{example}: root load"
    assert root["access"] == as_root(f"{example.access}_DocumentRoot"), f"{example}: root load"

    found = (await caller.get(f"/documents/{document_id}")).json()
    if is_visible:
        assert found["highestPermission"] == example.effective, f"{example}: reading"
        assert found["document"]["data"] == shown, f"{example}: reading"
    else:
        assert found is None, f"{example}: reading"

    changed = await caller.put(f"/documents/{document_id}", {"data": {"code": "new"}})
    expected = 204 if is_writable(example.effective) else 403 if is_visible else 404
    assert changed.status_code == expected, f"{example}: changing"

    created = await caller.post("/documents", body(root_id))
    assert created.status_code == example.create_status, f"{example}: creating"

    deleted = await caller.delete(f"/documents/{document_id}")
    may_delete = is_author and is_writable(example.effective)
    assert deleted.status_code == (204 if may_delete else 403 if is_visible else 404), f"{example}: deleting"
    assert kind(example.effective) in {"None", "RO", "RW"}


@pytest.mark.parametrize(
    ("of_a", "of_second", "status"), [("RW", "None", 403), ("RO", "RW", 204)], ids=["row 45", "row 46"]
)
async def test_highest_group_permission_counts(
    a_scene: Scene, a_cast: Cast, a_student: Caller, another_teacher: Caller, *, of_a: str, of_second: str, status: int
) -> None:
    """With several groups the highest rank wins: a denial beats writing, writing beats reading."""
    path = f"/studentGroups/{a_cast.class_b}/members/{a_cast.student1.id}"
    assert (await another_teacher.post(path)).status_code == 200
    root_id = await a_scene.root(groups={a_cast.class_a: of_a, a_cast.class_b: of_second})
    document_id = await a_scene.document(a_cast.student1, root_id)

    answer = await a_student.put(f"/documents/{document_id}", {"data": 1})

    assert answer.status_code == status


@pytest.mark.on_both_databases
async def test_second_permission_of_a_user_changes_the_first(a_scene: Scene, a_cast: Cast, a_teacher: Caller) -> None:
    """Duplicates (row 47) cannot arise: a second POST changes the row and answers with its id."""
    root_id = await a_scene.root()
    wanted = {"documentRootId": root_id, "userId": a_cast.student1.id, "access": "RO_User"}

    first = (await a_teacher.post("/permissions/user", wanted)).json()
    second = (await a_teacher.post("/permissions/user", {**wanted, "access": "RW_DocumentRoot"})).json()

    assert second == {**first, "access": "RW_User"}


async def test_permission_of_a_parent_group_does_not_reach_subgroups(
    a_scene: Scene, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """Only membership of the very group counts (row 48)."""
    parent = (await a_teacher.post("/studentGroups", {"name": "parent", "description": ""})).json()
    answer = await a_teacher.put(f"/studentGroups/{a_cast.class_a}", {"data": {"parentId": parent["id"]}})
    assert answer.status_code == 200
    root_id = await a_scene.root("None", groups={parent["id"]: "RW"})

    assert (await a_student.post("/documents", body(root_id))).status_code == 403


async def test_leaving_a_group_takes_its_permission_at_once(
    a_scene: Scene, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """The next request after the removal is refused (row 49)."""
    root_id = await a_scene.root("None", groups={a_cast.class_a: "RW"})
    document_id = await a_scene.document(a_cast.student1, root_id)
    assert (await a_student.put(f"/documents/{document_id}", {"data": 1})).status_code == 204

    await a_teacher.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")

    assert (await a_student.put(f"/documents/{document_id}", {"data": 2})).status_code == 403
    assert (await a_student.get(f"/documents/{document_id}")).json()["highestPermission"] == "None_DocumentRoot"


async def test_managers_read_what_their_students_wrote(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """Managers get the document with the access of its author, others null (rows 50 and 51)."""
    root_id = await a_scene.root()
    document_id = await a_scene.document(a_cast.student1, root_id, data=DATA)

    for caller in (a_teacher, an_admin):
        found = (await caller.get(f"/documents/{document_id}")).json()
        assert (found["document"]["data"], found["highestPermission"]) == (DATA, "RW_DocumentRoot")
    assert (await another_teacher.get(f"/documents/{document_id}")).json() is None


async def test_elevated_callers_change_on_behalf_only(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller, a_classmate: Caller
) -> None:
    """Neither role nor group is enough: the request has to say so, and who manages the author may (rows 52 to 56)."""
    root_id = await a_scene.root("None")
    path = f"/documents/{await a_scene.document(a_cast.student1, root_id)}"
    flag = {"onBehalfOf": "true"}

    assert (await an_admin.put(path, {"data": 1})).status_code == 404, "row 52"
    assert (await an_admin.put(path, {"data": 2}, params=flag)).status_code == 204, "row 53"
    assert (await a_teacher.put(path, {"data": 3}, params=flag)).status_code == 204, "row 54"
    assert (await another_teacher.put(path, {"data": 4}, params=flag)).status_code == 404, "row 55"
    assert (await a_classmate.put(path, {"data": 5}, params=flag)).status_code == 404, "row 56"
    assert (await a_teacher.put(path, {"data": 6}, params={"onBehalfOf": "1"})).status_code == 404, "flag"


async def test_creating_on_behalf_of_somebody(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, a_student: Caller
) -> None:
    """The named author counts when an elevated caller who manages them says for whom it is (rows 57 to 60)."""
    root_id = await a_scene.root("None")
    open_root = await a_scene.root()
    flag = {"onBehalfOf": "true"}

    async def author(caller: Caller, root: str, wanted: Person, params: dict[str, str] | None) -> object:
        answer = await caller.post("/documents", body(root, authorId=wanted.id), params=params)
        return answer.json()["authorId"] if answer.status_code == 200 else answer.status_code

    assert await author(a_teacher, root_id, a_cast.student1, flag) == a_cast.student1.id, "row 57"
    assert await author(a_teacher, root_id, a_cast.student3, flag) == 404, "row 58"
    assert await author(a_teacher, open_root, a_cast.student1, None) == a_cast.teacher.id, "row 59"
    assert await author(a_student, open_root, a_cast.student2, flag) == a_cast.student1.id, "row 60"


async def test_document_created_on_behalf_is_answered_as_its_author_sees_it(
    a_scene: Scene, a_cast: Cast, a_teacher: Caller
) -> None:
    """The author is shut out: the answer has no data, and they are stored all the same."""
    root_id = await a_scene.root("None")

    created = await a_teacher.post(
        "/documents", body(root_id, authorId=a_cast.student1.id), params={"onBehalfOf": "true"}
    )

    assert created.json()["data"] is None
    stored = await a_teacher.post("/documents/multiple", {"documentRootIds": [root_id]})
    assert [entry["data"] for entry in stored.json()] == [DATA]


async def test_unique_main_compares_root_author_and_type(
    a_scene: Scene, a_student: Caller, a_classmate: Caller
) -> None:
    """Only the same three together are refused, and the refusal shows the document that exists (rows 61 to 64)."""
    root_id = await a_scene.root()
    unique = {"uniqueMain": "true"}
    first = await a_student.post("/documents", body(root_id), params=unique)
    assert first.status_code == 200

    refused = await a_student.post("/documents", body(root_id), params=unique)

    error = refused.json()["errors"][0]
    assert refused.status_code == 403, "row 61"
    assert error["message"] == "[403] [not unique] Main document already exists for this user"
    assert error["document"] == first.json()
    assert (await a_student.post("/documents", body(root_id, "string"), params=unique)).status_code == 200, "row 62"
    assert (await a_classmate.post("/documents", body(root_id), params=unique)).status_code == 200, "row 63"
    assert (await a_student.post("/documents", body(root_id))).status_code == 200, "row 64"


@pytest.mark.on_both_databases
async def test_unique_main_is_atomic(a_scene: Scene, a_student: Caller) -> None:
    """Of 20 simultaneous requests one succeeds (row 65)."""
    root_id = await a_scene.root()

    answers = await asyncio.gather(
        *(a_student.post("/documents", body(root_id), params={"uniqueMain": "true"}) for _ in range(20))
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 403: 19}
    assert len(await a_scene.documents_below(root_id)) == 1


async def test_parent_must_be_open_to_the_author(
    a_scene: Scene, a_cast: Cast, *, a_student: Caller, a_teacher: Caller, an_admin: Caller
) -> None:
    """Whoever may not write to the parent gets no document below it, and it leaves no trace (rows 66 to 68)."""
    shared_rw = await a_scene.root("RW", "RW")
    shared_ro = await a_scene.root("RW", "RO")
    hidden = await a_scene.root("RW", "None")
    parents = {root: await a_scene.document(a_cast.student2, root) for root in (shared_rw, shared_ro, hidden)}

    async def status(caller: Caller, root: str) -> int:
        return (await caller.post("/documents", body(root, parentId=parents[root]))).status_code

    assert await status(a_student, shared_rw) == 200, "row 66"
    assert await status(a_student, shared_ro) == 403, "row 67"
    assert await status(a_teacher, shared_ro) == 200, "row 67"
    assert await status(an_admin, hidden) == 404, "row 68"
    assert len(await a_scene.documents_below(hidden)) == 1
    assert len(await a_scene.documents_below(shared_ro)) == 2


async def test_parent_of_another_root_is_refused(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """A document and its parent are below the same root."""
    here, there = await a_scene.root(), await a_scene.root()
    parent = await a_scene.document(a_cast.student1, there)

    assert (await a_student.post("/documents", body(here, parentId=parent))).status_code == 400


@pytest.mark.on_both_databases
async def test_refused_creation_stores_nothing(a_scene: Scene, a_student: Caller) -> None:
    """The check comes before the write (row 69)."""
    root_id = await a_scene.root("RO")

    assert (await a_student.post("/documents", body(root_id))).status_code == 403

    assert await a_scene.documents_below(root_id) == []


async def test_linking_follows_the_file_tree(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """No circles, only types that allow it (rows 70 to 72), and nothing that may not be written or does not exist."""
    root_id, elsewhere = await a_scene.root(), await a_scene.root()
    me = a_cast.student1
    top = await a_scene.document(me, root_id, type_name="dir")
    child = await a_scene.document(me, root_id, type_name="dir", parent=top)
    grandchild = await a_scene.document(me, root_id, type_name="dir", parent=child)
    file = await a_scene.document(me, root_id, type_name="file")
    code = await a_scene.document(me, root_id)
    foreign = await a_scene.document(a_cast.student2, root_id, type_name="dir")
    far = await a_scene.document(me, elsewhere, type_name="dir")

    async def status(document: str, parent: str) -> int:
        return (await a_student.put(f"/documents/{document}/linkTo/{parent}")).status_code

    assert await status(top, grandchild) == 403, "row 70"
    linked = await a_student.put(f"/documents/{file}/linkTo/{grandchild}")
    assert (linked.status_code, linked.json()["parentId"]) == (200, grandchild), "row 71"
    assert await status(code, top) == 403, "row 72"
    assert await status(top, top) == 403
    assert await status(foreign, top) == 404
    assert await status(file, foreign) == 404
    assert await status(file, far) == 403


@pytest.mark.on_both_databases
async def test_deleting_takes_all_descendants(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """Two levels are gone with their top (row 73)."""
    root_id = await a_scene.root()
    top = await a_scene.document(a_cast.student1, root_id)
    child = await a_scene.document(a_cast.student1, root_id, parent=top)
    await a_scene.document(a_cast.student1, root_id, parent=child)

    assert (await a_student.delete(f"/documents/{top}")).status_code == 204

    assert await a_scene.documents_below(root_id) == []


@pytest.mark.on_both_databases
async def test_deleting_what_has_got_more_is_refused(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """Whoever says how many documents they know to be below it loses none that they do not know."""
    root_id = await a_scene.root()
    top = await a_scene.document(a_cast.student1, root_id)
    child = await a_scene.document(a_cast.student1, root_id, parent=top)
    await a_scene.document(a_cast.student1, root_id, parent=child)

    for wrong in (0, 1, 3):
        refused = await a_student.delete(f"/documents/{top}", params={"below": str(wrong)})
        assert refused.status_code == 409
        assert f"2 documents are below this one by now, and not {wrong}" in refused.text
    assert (await a_student.delete(f"/documents/{top}", params={"below": "x"})).status_code == 400
    assert len(await a_scene.documents_below(root_id)) == 3
    assert (await a_student.delete(f"/documents/{top}", params={"below": "2"})).status_code == 204
    assert await a_scene.documents_below(root_id) == []


async def test_deleting_for_somebody(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """Admins may delete; teachers on behalf of those whom they manage."""
    root_id = await a_scene.root()
    paths = [f"/documents/{await a_scene.document(a_cast.student1, root_id)}" for _ in range(2)]
    flag = {"onBehalfOf": "true"}

    assert (await a_teacher.delete(paths[0])).status_code == 404
    assert (await another_teacher.delete(paths[0], params=flag)).status_code == 404
    assert (await a_teacher.delete(paths[0], params=flag)).status_code == 204
    assert (await an_admin.delete(paths[1])).status_code == 204


@pytest.mark.on_both_databases
async def test_root_load_for_somebody_else(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, a_classmate: Caller
) -> None:
    """A teacher sees what the student sees; a student may not ask (rows 74 and 75)."""
    root_id = await a_scene.root("None", groups={a_cast.class_a: "RO"})
    mine = await a_scene.document(a_cast.student1, root_id, data=DATA)
    await a_scene.document(a_cast.student2, root_id)
    path = f"/users/{a_cast.student1.id}/documentRoots"

    for answer in (
        await a_teacher.post(path, {"documentRootIds": [root_id]}),
        await a_teacher.get(path, params={"ids": root_id}),
    ):
        assert answer.status_code == 200, "row 74"
        (root,) = answer.json()
        assert [entry["id"] for entry in root["documents"]] == [mine]
        assert [entry["access"] for entry in root["groupPermissions"]] == ["RO_StudentGroup"]
    assert (await a_classmate.get(path, params={"ids": root_id})).status_code == 403, "row 75"
