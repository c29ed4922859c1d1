"""Catching up after a break: changes, deletions, access that was lost; and nothing of others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from teaching_nb.hub import clock
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import deleted_documents
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene


async def sync(caller: Caller, root_id: str, since: int | None = None, **more: Any) -> tuple[dict[str, Any], int]:
    """Return what somebody missed below one root, and the number to ask with the next time."""
    known = {"id": root_id} if since is None else {"id": root_id, "since": since}
    answer = await caller.post("/sync", {"roots": [known], **more})
    assert answer.status_code == 200, answer.text
    (root,) = answer.json()["roots"]
    return root, answer.json()["since"]


def ids(root: dict[str, Any]) -> list[str]:
    """Return the ids of the documents in an answer."""
    return [document["id"] for document in root["documents"]]


async def test_sync_begins_with_everything(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """Who knows nothing gets the root and all that they may see, of their own and of others if it is shared."""
    scene = Scene(a_hub.database)
    root_id = await scene.root(shared="RO")
    mine, theirs = await scene.document(a_cast.student1, root_id), await scene.document(a_cast.student2, root_id)

    root, since = await sync(a_student, root_id)

    assert (root["isComplete"], root["deleted"], since > 0) == (True, [], True)
    assert root["root"]["sharedAccess"] == "RO_DocumentRoot"
    assert sorted(ids(root)) == sorted([mine, theirs])


@pytest.mark.on_both_databases
async def test_sync_tells_what_changed_since(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """New, changed and relinked documents, nothing else; asking again with the new number tells nothing."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    kept, edited, moved = [await scene.document(a_cast.student1, root_id, type_name="file") for _ in range(3)]
    _, since = await sync(a_student, root_id)
    assert (await a_student.put(f"/documents/{edited}", {"data": {"code": "new"}})).status_code == 204
    assert (await a_student.put(f"/documents/{moved}/linkTo/{kept}")).status_code == 200
    added = await scene.document(a_cast.student1, root_id)

    root, later = await sync(a_student, root_id, since)

    assert root["isComplete"] is False
    assert sorted(ids(root)) == sorted([edited, moved, added])
    assert later > since
    again, last = await sync(a_student, root_id, later)
    assert (ids(again), again["deleted"], last) == ([], [], later)


@pytest.mark.on_both_databases
async def test_sync_tells_what_was_deleted(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """A document and what hung below it; of others only where the reader could see them."""
    scene = Scene(a_hub.database)
    own, shared = await scene.root(), await scene.root(shared="RW")
    parent = await scene.document(a_cast.student1, own)
    child = await scene.document(a_cast.student1, own, parent=parent)
    hidden = await scene.document(a_cast.student2, own)
    seen = await scene.document(a_cast.student2, shared)
    _, since = await sync(a_student, own)
    for author, document_id in (("student1", parent), ("student2", hidden), ("student2", seen)):
        deleted = await Caller(a_student._client, a_cast.named(author)).delete(f"/documents/{document_id}")
        assert deleted.status_code == 204

    assert sorted((await sync(a_student, own, since))[0]["deleted"]) == sorted([parent, child])
    assert (await sync(a_student, shared, since))[0]["deleted"] == [seen]


async def test_lost_access_makes_the_answer_complete(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, an_admin: Caller
) -> None:
    """When sharing, a permission or a membership ends, what is left is told as everything there is."""
    scene = Scene(a_hub.database)
    root_id = await scene.root("None", "RW", groups={a_cast.class_a: "RW"})
    theirs = await scene.document(a_cast.student2, root_id)
    before, since = await sync(a_student, root_id)
    assert ids(before) == [theirs]

    assert (await an_admin.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")).status_code == 200

    root, _ = await sync(a_student, root_id, since)
    assert (root["isComplete"], ids(root)) == (True, [])


@pytest.mark.on_both_databases
@pytest.mark.parametrize("change", ["sharing", "permission", "membership", "group"])
async def test_every_change_of_access_is_noticed(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, an_admin: Caller, change: str
) -> None:
    """Whatever opened the documents of others, closing it is noticed by who was away."""
    scene = Scene(a_hub.database)
    access = "RW" if change in {"sharing", "permission"} else "None"
    root_id = await scene.root(access, "RO", groups={} if access == "RW" else {a_cast.class_a: "RW"})
    await scene.document(a_cast.student2, root_id)
    before, since = await sync(a_student, root_id)
    assert len(before["documents"]) == 1

    if change == "sharing":
        done = await an_admin.put(f"/documentRoots/{root_id}", {"sharedAccess": "None_DocumentRoot"})
    elif change == "permission":
        body = {"documentRootId": root_id, "userId": a_cast.student1.id, "access": "None_User"}
        done = await an_admin.post("/permissions/user", body)
    elif change == "membership":
        done = await an_admin.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")
    else:
        done = await an_admin.delete(f"/studentGroups/{a_cast.class_a}")
    assert done.status_code in {200, 204}

    root, _ = await sync(a_student, root_id, since)
    assert (root["isComplete"], ids(root)) == (True, [])


async def test_removed_root_is_null(a_hub: RunningHub, a_student: Caller, an_admin: Caller) -> None:
    """Everything below it is gone with it; a new root with the old id begins anew."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    _, since = await sync(a_student, root_id)
    await an_admin.delete(f"/documentRoots/{root_id}")

    gone, _ = await sync(a_student, root_id, since)
    assert (gone["root"], gone["isComplete"]) == (None, True)
    await a_student.post(f"/documentRoots/{root_id}")
    assert (await sync(a_student, root_id, since))[0]["isComplete"] is True


async def test_number_of_another_history_gets_everything(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """A number that the hub has not reached comes from a database that was replaced."""
    root_id = await Scene(a_hub.database).root()
    _, since = await sync(a_student, root_id)

    assert (await sync(a_student, root_id, since))[0]["isComplete"] is False
    assert (await sync(a_student, root_id, since + 1_000))[0]["isComplete"] is True


@pytest.mark.on_both_databases
async def test_forgotten_deletions_make_the_answer_complete(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """Deletions are kept for a while; who was away for longer gets everything."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    document_id = await scene.document(a_cast.student1, root_id)
    _, since = await sync(a_student, root_id)
    await a_student.delete(f"/documents/{document_id}")

    def age(tx: Connection) -> None:
        old = clock.now() - (change_numbers.KEPT_DAYS + 1) * clock.DAY
        tx.execute(update(deleted_documents).values(deleted_at=old))
        change_numbers.forget_old(tx)

    await a_hub.database.write(age)

    assert await a_hub.database.read(lambda tx: tx.execute(select(deleted_documents)).all()) == []
    root, later = await sync(a_student, root_id, since)
    assert root["isComplete"] is True
    assert (await sync(a_student, root_id, later))[0]["isComplete"] is False


async def test_sync_of_another_user_is_for_elevated_callers(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """They get what that user sees; students are refused."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    document_id = await scene.document(a_cast.student1, root_id)

    seen, _ = await sync(a_teacher, root_id, userId=a_cast.student1.id)
    refused = await a_student.post("/sync", {"roots": [{"id": root_id}], "userId": a_cast.student2.id})

    assert ids(seen) == [document_id]
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"roots": [{"id": "x"}]}, {"roots": [{"id": wire.new_id(), "since": "yesterday"}]}]
)
async def test_malformed_sync_is_400(a_student: Caller, body: Any) -> None:
    """So that nobody takes an empty answer for the truth."""
    assert (await a_student.post("/sync", body)).status_code == 400


@pytest.mark.on_both_databases
async def test_numbers_only_grow(a_database: Database) -> None:
    """Also over many writes that share commits."""
    given = [await a_database.write(change_numbers.next_number) for _ in range(20)]
    high_water_mark = await a_database.read(change_numbers.high_water_mark)

    assert given == sorted(set(given))
    assert high_water_mark.number >= given[-1]
