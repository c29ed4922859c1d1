"""REST of documents: revisions, preconditions, main documents, lists, live documents."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from teaching_nb.hub.documents import update_log
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene


async def stored(caller: Caller, document_id: str) -> dict[str, Any]:
    """Return a document as REST shows it."""
    found = (await caller.get(f"/documents/{document_id}")).json()
    document: dict[str, Any] = found["document"]
    return document


@pytest.mark.on_both_databases
async def test_change_counts_the_revision_and_moves_the_time_on(
    a_scene: Scene, a_cast: Cast, a_student: Caller
) -> None:
    """Ten quick changes have ten revisions and ten different, rising times."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    times = [(await stored(a_student, document_id))["updatedAt"]]

    for number in range(10):
        answer = await a_student.put(f"/documents/{document_id}", {"data": {"code": str(number)}})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["x-document-revision"] == str(number + 2)
        times.append(answer.headers["x-document-updated-at"])

    assert times == sorted(set(times))
    document = await stored(a_student, document_id)
    assert (document["data"], document["revision"], document["updatedAt"]) == ({"code": "9"}, 11, times[-1])


async def test_equal_data_changes_nothing(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """The order of keys does not count; the kind of a number does."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(), type_name="x", data={"a": 1, "b": 2})
    before = await stored(a_student, document_id)

    assert (await a_student.put(f"/documents/{document_id}", {"data": {"b": 2, "a": 1}})).status_code == 204
    assert await stored(a_student, document_id) == before

    assert (await a_student.put(f"/documents/{document_id}", {"data": {"b": 2, "a": True}})).status_code == 204
    assert (await stored(a_student, document_id))["data"]["a"] is True


async def test_stale_precondition_is_refused_with_the_document(a_scene: Scene, a_cast: Cast, a_student: Caller) -> None:
    """Whoever edited from an older revision gets the present document and overwrites nothing."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    path = f"/documents/{document_id}"
    assert (await a_student.put(path, {"data": {"code": "a"}}, headers={"If-Match": '"1"'})).status_code == 204

    refused = await a_student.put(path, {"data": {"code": "b"}}, headers={"If-Match": '"1"'})

    error = refused.json()["errors"][0]
    assert refused.status_code == 412
    assert (error["document"]["data"], error["document"]["revision"]) == ({"code": "a"}, 2)
    assert (await a_student.put(path, {"data": 1}, headers={"If-Match": "2"})).status_code == 400
    assert (await a_student.put(path, {"data": {"code": "c"}}, headers={"If-Match": "*"})).status_code == 204


@pytest.mark.on_both_databases
async def test_simultaneous_changes_with_preconditions_let_one_through(
    a_scene: Scene, a_cast: Cast, a_student: Caller
) -> None:
    """Of ten changes from the same revision one is stored, nine are told."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())

    answers = await asyncio.gather(
        *(
            a_student.put(f"/documents/{document_id}", {"data": number}, headers={"If-Match": '"1"'})
            for number in range(10)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [204] + [412] * 9


@pytest.mark.on_both_databases
@pytest.mark.parametrize("data", [None, [], "text", 0, 12345678901234567890, 1.5, {"a": {"b": [None, "😀 e\u0301"]}}])
async def test_any_json_is_stored_untouched(a_scene: Scene, a_student: Caller, data: Any) -> None:
    """Data of types that nobody here understands comes back as it was sent."""
    body = {"type": "unheard-of", "documentRootId": await a_scene.root(), "data": data}

    created = (await a_student.post("/documents", body)).json()

    assert created["data"] == data
    assert (await stored(a_student, created["id"]))["data"] == data


@pytest.mark.on_both_databases
async def test_main_document_is_created_once_with_its_root(a_student: Caller, a_classmate: Caller) -> None:
    """Twenty simultaneous first visits make one root and one document; a second person gets their own."""
    body = {
        "documentRootId": wire.new_id(),
        "type": "code",
        "data": {"code": "init"},
        "root": {"access": "RW_DocumentRoot", "sharedAccess": "RO_DocumentRoot", "name": "fibonacci"},
    }

    answers = await asyncio.gather(*(a_student.post("/documents/main", body) for _ in range(20)))
    other = (await a_classmate.post("/documents/main", body)).json()

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert other["id"] != answers[0].json()["id"]
    assert answers[0].json()["data"] == {"code": "init"}
    root = (await a_student.get(f"/documentRoots/{body['documentRootId']}")).json()
    assert (root["name"], root["sharedAccess"], len(root["documents"])) == ("fibonacci", "RO_DocumentRoot", 2)


async def test_main_document_without_a_root_needs_settings(a_student: Caller) -> None:
    """Nothing is created when nobody says how."""
    body = {"documentRootId": wire.new_id(), "type": "code", "data": {}}

    assert (await a_student.post("/documents/main", body)).status_code == 404


async def test_shared_main_document_is_the_same_for_everybody(
    a_student: Caller, a_classmate: Caller, a_stranger: Caller
) -> None:
    """The first who opens a shared document creates it, all others meet in it."""
    body = {
        "documentRootId": wire.new_id(),
        "type": "code",
        "data": {"code": ""},
        "shared": True,
        "root": {"sharedAccess": "RW_DocumentRoot"},
    }

    answers = await asyncio.gather(
        *(caller.post("/documents/main", body) for caller in (a_student, a_classmate, a_stranger))
    )

    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_main_document_needs_the_right_to_write(a_scene: Scene, a_student: Caller) -> None:
    """Who may only read below a root creates nothing there."""
    root_id = await a_scene.root("RO")
    body = {"documentRootId": root_id, "type": "code", "data": {}}

    assert (await a_student.post("/documents/main", body)).status_code == 403
    assert await a_scene.documents_below(root_id) == []


async def test_managers_list_documents_of_their_people(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller, a_student: Caller
) -> None:
    """Listing by roots shows teachers their groups, admins everything, students nothing; `userId` narrows."""
    root_id = await a_scene.root()
    people = (a_cast.student1, a_cast.student2, a_cast.student3, a_cast.teacher)
    ids = {person.id: await a_scene.document(person, root_id) for person in people}
    body = {"documentRootIds": [root_id]}

    async def authors(caller: Caller, **more: str) -> set[str]:
        return {entry["authorId"] for entry in (await caller.post("/documents/multiple", {**body, **more})).json()}

    assert await authors(an_admin) == set(ids)
    assert await authors(a_teacher) == {a_cast.student1.id, a_cast.student2.id, a_cast.teacher.id}
    assert await authors(another_teacher) == {a_cast.student3.id}
    assert await authors(a_teacher, userId=a_cast.student2.id) == {a_cast.student2.id}
    refused = await a_teacher.post("/documents/multiple", {**body, "userId": a_cast.student3.id})
    assert refused.status_code == 403
    assert (await a_student.post("/documents/multiple", body)).status_code == 403
    assert (await a_student.get("/documents", params={"rids": root_id})).status_code == 403
    assert len((await a_teacher.get("/documents", params={"rids": root_id})).json()) == 3
    assert (await a_teacher.post("/documents/multiple", {"documentRootIds": []})).json() == []
    assert (await a_teacher.post("/documents/multiple", {})).status_code == 400


async def test_summaries_of_a_user(
    a_scene: Scene, a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, a_student: Caller
) -> None:
    """A teacher sees what there is of a managed student, without the data."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    path = f"/users/{a_cast.student1.id}/documents"

    for caller in (a_teacher, a_student):
        (summary,) = (await caller.get(path)).json()
        assert summary["id"] == document_id
        assert "data" not in summary
    assert (await another_teacher.get(path)).status_code == 403


async def make_live(hub: RunningHub, document_id: str) -> None:
    """Begin the update log of a document."""
    await hub.database.write(lambda tx: update_log.create(tx, document_id))


@pytest.mark.on_both_databases
async def test_change_of_a_live_document_goes_into_its_log(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_student: Caller
) -> None:
    """A PUT becomes an edit of the shared text in the same transaction."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(), data={"code": "one two"})
    await make_live(a_hub, document_id)

    answer = await a_student.put(f"/documents/{document_id}", {"data": {"code": "one three", "extra": 1}})

    assert (answer.status_code, answer.headers["x-document-revision"]) == (204, "2")
    assert (await stored(a_student, document_id))["data"] == {"code": "one three", "extra": 1}
    state = await a_hub.database.read(lambda tx: update_log.load(tx, document_id))
    assert state is not None
    assert (state.head, state.revision) == (1, 2)


@pytest.mark.parametrize("data", [None, [], {"code": 3}])
async def test_live_document_keeps_its_text(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_student: Caller, data: Any
) -> None:
    """What would take the text away from those who edit it is refused; of a document that is not live it is stored."""
    live, plain = [await a_scene.document(a_cast.student1, await a_scene.root()) for _ in range(2)]
    await make_live(a_hub, live)

    assert (await a_student.put(f"/documents/{live}", {"data": data})).status_code == 400
    assert (await a_student.put(f"/documents/{plain}", {"data": data})).status_code == 204
    assert (await stored(a_student, live))["data"] == {"code": "x"}


async def test_reading_shows_live_edits_that_were_not_written_back(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """Reading, the root load, listing by roots and the precondition all know the newest text."""
    from teaching_nb.hub.crdt.document import LiveDoc

    root_id = await a_scene.root()
    document_id = await a_scene.document(a_cast.student1, root_id)
    await make_live(a_hub, document_id)
    state = await a_hub.database.read(lambda tx: update_log.load(tx, document_id))
    assert state is not None
    edit = LiveDoc("code", state.updates).replace({"code": "typed"})

    async def type_live() -> None:
        await a_hub.database.write(lambda tx: update_log.append(tx, document_id, edit, a_cast.student1.id))

    await type_live()
    document = await stored(a_student, document_id)
    assert (document["data"], document["revision"]) == ({"code": "typed"}, 2)
    refused = await a_student.put(f"/documents/{document_id}", {"data": 1}, headers={"If-Match": '"1"'})
    assert refused.status_code == 412
    (root,) = (await a_student.get("/documentRoots", params={"ids": root_id})).json()
    assert root["documents"][0]["data"] == {"code": "typed"}
    (listed,) = (await a_teacher.post("/documents/multiple", {"documentRootIds": [root_id]})).json()
    assert listed["data"] == {"code": "typed"}


@pytest.mark.parametrize("is_live", [False, True])
async def test_line_ends_of_a_text_are_stored_as_line_feeds(
    a_scene: Scene, a_cast: Cast, a_student: Caller, a_hub: RunningHub, *, is_live: bool
) -> None:
    """Whatever line ends a program sends, a text has one kind; other keys and types stay as they are."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root())
    if is_live:
        await a_hub.database.write(lambda tx: update_log.create(tx, document_id))

    data = {"code": "a\r\nb\rc\n", "note": "\r\n"}
    answer = await a_student.put(f"/documents/{document_id}", {"data": data})
    again = await a_student.put(f"/documents/{document_id}", {"data": data})

    document = await stored(a_student, document_id)
    assert document["data"] == {"code": "a\nb\nc\n", "note": "\r\n"}
    assert (answer.headers["x-document-revision"], again.headers["x-document-revision"]) == ("2", "2")


async def test_line_ends_of_an_unknown_type_are_nobodys_business(
    a_scene: Scene, a_cast: Cast, a_student: Caller
) -> None:
    """The hub changes only what it knows to be a live text."""
    document_id = await a_scene.document(a_cast.student1, await a_scene.root(), type_name="x", data={})

    await a_student.put(f"/documents/{document_id}", {"data": {"code": "a\r\nb"}})

    assert (await stored(a_student, document_id))["data"] == {"code": "a\r\nb"}
