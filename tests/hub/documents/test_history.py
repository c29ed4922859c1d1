"""The history of live documents over real sockets and REST: what becomes a version, and bringing one back."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, func, select

from teaching_nb.hub.administration import accounts, class_file
from teaching_nb.hub.administration import dump as class_dump
from teaching_nb.hub.documents.version_ends import AUTHOR_SPACING, LONGEST, PAUSE
from teaching_nb.hub.store import tables
from tests.harness.cast import Caller, Cast
from tests.harness.clocks import WallClock
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub

SECOND = 1_000
WAITING = 600 * SECOND
"""More than any rule about versions waits for."""


async def listed(caller: Caller, document_id: str, **query: int) -> list[dict[str, Any]]:
    """Return the versions of a document, newest first."""
    answer = await caller.get(f"/documents/{document_id}/versions", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["versions"]
    return found


async def texts(caller: Caller, document_id: str) -> list[tuple[str, str, list[str]]]:
    """Return kind, text and authors of all versions, oldest first."""
    found = []
    for version in reversed(await listed(caller, document_id)):
        whole = (await caller.get(f"/documents/{document_id}/versions/{version['number']}")).json()
        assert {key: whole[key] for key in version} == version
        authors = [author["name"].split()[0] for author in version["authors"]]
        found.append((version["kind"], whole["data"]["code"], authors))
    return found


async def restore(caller: Caller, document_id: str, number: int, **options: Any) -> Any:
    """Bring a version back and return the answer."""
    return await caller.post(f"/documents/{document_id}/versions/{number}/restore", **options)


async def test_typing_without_a_pause_is_one_version(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub
) -> None:
    """The text before anybody edited is kept, and what is typed in a row is one version, the present one."""
    for letter in "abc":
        await an_author.write(letter)
        await a_hub.write_back()

    assert await texts(a_student, a_document) == [
        ("start", "x", ["Alice"]),
        ("edit", "cbax", ["Alice"]),
    ]


async def test_version_says_revision_size_and_time(a_student: Caller, a_document: str, an_author: Editor) -> None:
    """A list entry agrees with the record of the document."""
    await an_author.write("a")

    newest, start = await listed(a_student, a_document)
    record = (await a_student.get(f"/documents/{a_document}")).json()["document"]

    assert (newest["revision"], start["revision"]) == (record["revision"], 1) == (2, 1)
    assert (newest["size"], start["size"]) == (len('{"code":"ax"}'), len('{"code":"x"}'))
    assert start["createdAt"] == record["createdAt"] <= newest["createdAt"] <= record["updatedAt"]


async def test_pause_ends_a_version(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """After half a minute without an edit the next one begins a version."""
    await an_author.write("a")
    await a_hub.write_back()
    a_clock.advance(PAUSE + SECOND)
    await an_author.write("b")

    assert [text for _, text, _ in await texts(a_student, a_document)] == ["x", "ax", "bax"]


async def test_long_typing_is_cut(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """Whoever types without a pause leaves a version every minute."""
    for _ in range(10):
        await an_author.write("a")
        await a_hub.write_back()
        a_clock.advance(LONGEST // 5)

    assert [len(text) for _, text, _ in await texts(a_student, a_document)] == [1, 6, 11]


async def test_somebody_else_begins_a_version(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """What one person wrote is kept when another one goes on, however fast."""
    a_clock.advance(WAITING)
    await an_author.write("a")
    await a_hub.write_back()
    await a_guest.receive()
    await a_guest.write("b")

    assert await texts(a_student, a_document) == [
        ("start", "x", ["Alice"]),
        ("edit", "ax", ["Alice"]),
        ("edit", "bax", ["Bob"]),
    ]


async def test_writing_together_shares_versions(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """Two who write at the same time do not leave a version for every turn."""
    a_clock.advance(WAITING)
    turns = 12
    for _ in range(turns):
        for editor in (an_author, a_guest):
            await editor.write("a")
            await a_hub.write_back()
            a_clock.advance(AUTHOR_SPACING // 10)

    found = await texts(a_student, a_document)

    assert 3 <= len(found) <= 5
    assert found[-1][1] == "a" * 2 * turns + "x"
    assert ["Alice", "Bob"] in [authors for *_, authors in found]


async def test_put_is_part_of_the_history(
    a_student: Caller, a_classmate: Caller, a_document: str, an_author: Editor, a_clock: WallClock
) -> None:
    """What a client without live text stores is a version of its author."""
    a_clock.advance(WAITING)
    await an_author.write("a")
    await a_classmate.put(f"/documents/{a_document}", {"data": {"code": "put"}})

    assert await texts(a_student, a_document) == [
        ("start", "x", ["Alice"]),
        ("edit", "ax", ["Alice"]),
        ("edit", "put", ["Bob"]),
    ]


async def test_document_that_nobody_edited_live_has_no_versions(a_student: Caller, a_document: str) -> None:
    """History begins with live text."""
    await a_student.put(f"/documents/{a_document}", {"data": {"code": "put"}})

    assert await listed(a_student, a_document) == []
    assert (await restore(a_student, a_document, 1)).status_code == 404


async def test_restoring_is_a_new_version_and_can_be_undone(
    a_student: Caller, a_classmate: Caller, a_document: str, an_author: Editor
) -> None:
    """Nothing is overwritten: the text before a restore is a version, and can be brought back itself."""
    await an_author.write("new ")

    answer = await restore(a_classmate, a_document, 1)
    await an_author.receive()
    undone = await restore(a_student, a_document, 2)
    await an_author.receive()

    assert (answer.json()["data"], answer.headers["x-document-revision"]) == ({"code": "x"}, "3")
    assert undone.json()["data"] == {"code": "new x"}
    assert an_author.text == "new x"
    assert await texts(a_student, a_document) == [
        ("start", "x", ["Alice"]),
        ("edit", "new x", ["Alice"]),
        ("restore", "x", ["Bob"]),
        ("restore", "new x", ["Alice"]),
    ]


async def test_restoring_keeps_what_is_typed_meanwhile(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub
) -> None:
    """A restore is a live change like any other: it merges with an edit that was on its way."""
    await an_author.write("new ")
    await a_hub.write_back()
    on_its_way = an_author.edit("typed", at=5)

    await restore(a_student, a_document, 1)
    await an_author.receive()
    await an_author.send(on_its_way)

    record = (await a_student.get(f"/documents/{a_document}")).json()["document"]
    assert record["data"]["code"] == an_author.text == "xtyped"


async def test_restoring_from_an_old_revision_is_refused(a_student: Caller, a_document: str, an_author: Editor) -> None:
    """With If-Match nothing is restored over an edit that the caller has not seen."""
    await an_author.write("new ")

    refused = await restore(a_student, a_document, 1, headers={"If-Match": '"1"'})
    done = await restore(a_student, a_document, 1, headers={"If-Match": '"2"'})

    assert (refused.status_code, refused.json()["errors"][0]["document"]["revision"]) == (412, 2)
    assert (done.status_code, done.json()["revision"]) == (200, 3)


async def test_restoring_the_present_changes_nothing(a_student: Caller, a_document: str, an_author: Editor) -> None:
    """The present version can be asked for, edits of this second included, and no version is made of it."""
    await an_author.write("a")
    await listed(a_student, a_document)
    await an_author.write("b")

    answer = await restore(a_student, a_document, 2)

    assert answer.json()["data"] == {"code": "bax"}
    assert [text for _, text, _ in await texts(a_student, a_document)] == ["x", "bax"]
    assert await an_author.listener.heard_so_far("DOCUMENT_UPDATE") == []


async def test_list_comes_in_pages(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """`before` and `limit` walk through all versions once."""
    for _ in range(4):
        a_clock.advance(PAUSE)
        await an_author.write("a")
        await a_hub.write_back()
    path = f"/documents/{a_document}/versions"

    first = (await a_student.get(path, params={"limit": 2})).json()
    second = (await a_student.get(path, params={"limit": 3, "before": first["next"]})).json()

    assert [[version["number"] for version in page["versions"]] for page in (first, second)] == [[5, 4], [3, 2, 1]]
    assert (first["next"], second["next"]) == (4, None)
    assert (await a_student.get(path, params={"limit": 0})).status_code == 400
    assert (await a_student.get(f"{path}/9")).status_code == 404


async def test_deleting_a_document_removes_its_history(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub
) -> None:
    """Nothing of it stays in the database."""
    await an_author.write("a")
    assert len(await listed(a_student, a_document)) == 2

    assert (await a_student.delete(f"/documents/{a_document}")).status_code == 204

    for table in (tables.document_versions, tables.version_authors, tables.live_updates):
        assert await a_hub.database.read(partial(_count, table=table)) == 0
    assert (await a_student.get(f"/documents/{a_document}/versions")).status_code == 404


def _count(tx: Connection, table: Table) -> int:
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


async def test_deleting_a_person_removes_the_name(
    a_student: Caller, a_document: str, a_guest: Editor, a_hub: RunningHub, a_cast: Cast
) -> None:
    """What somebody wrote into another's document stays, and nothing says any more who it was."""
    await a_guest.write("a")
    await listed(a_student, a_document)

    await a_hub.database.write(lambda tx: accounts.remove(tx, a_cast.admin.actor, a_cast.student2.id))

    assert await texts(a_student, a_document) == [("start", "x", ["Alice"]), ("edit", "ax", [])]


async def test_export_holds_the_history_when_asked(
    an_admin: Caller, a_document: str, an_author: Editor, a_cast: Cast
) -> None:
    """The history of one's documents belongs to one's data; without being asked the answer is the old one."""
    await an_author.write("a")
    body = {"userIds": [a_cast.student1.id]}

    (whole,) = (await an_admin.post("/admin/export", {**body, "history": True})).json()
    (plain,) = (await an_admin.post("/admin/export", body)).json()

    exported = [(version["documentId"], version["data"]["code"]) for version in whole["versions"]]
    assert exported == [(a_document, "ax"), (a_document, "x")]
    assert set(plain) == {"user", "documents"}


async def test_dump_holds_the_present_only(an_author: Editor, a_hub: RunningHub) -> None:
    """What was deleted from a text does not leave the hub with a dump."""
    await an_author.write("deleted ")
    await a_hub.write_back()
    await an_author.send(an_author.changed(lambda data: data["code"].clear()))

    dumped = class_file.encode(await a_hub.database.write(class_dump.dump))

    assert b'"code": ""' in dumped
    assert b"deleted" not in dumped


async def test_health_tells_of_the_history(a_student: Caller) -> None:
    """Clients can ask whether there is a history."""
    assert "history" in (await a_student.get("/health")).json()["features"]
