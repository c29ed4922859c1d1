"""All 144 combinations of access, for the author and for somebody else, through every operation of a running hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pycrdt
import pytest

from teaching_nb.hub.config import Settings
from teaching_nb.hub.documents import documents
from teaching_nb.schema import events
from teaching_nb.schema.access import is_readable, is_writable, kind
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.matrix import COMBINATIONS, Combination, answers, assert_same, cells

pytestmark = pytest.mark.also_on_two_processes(is_by_hand=True)

AsPerson = Callable[[Person], Caller]
STUDENTS = ("student1", "student2", "student3")
EVERYBODY = (*STUDENTS, "teacher", "teacher2", "admin")


@pytest.fixture
def settings(a_matrix: Settings) -> Settings:
    """Return the settings of a hub with a copy of the matrix."""
    return a_matrix


def seen(combination: Combination, person: str, author: str) -> str:
    """Return what a person sees of a document in a root load."""
    if is_readable(combination.effective(person, author)):
        return "data"
    return "null" if person == author else "absent"


async def test_root_load_shows_what_is_readable(a_cast: Cast, as_person: AsPerson, an_admin: Caller) -> None:
    """A root load of oneself, and one by an admin for somebody, show readable documents and own ones without data."""
    body = {"documentRootIds": [combination.root_id for combination in COMBINATIONS]}

    for person in EVERYBODY:
        expected = {(*cell, person): seen(cell[0], person, cell[1]) for cell in cells()}
        for caller in (as_person(a_cast.named(person)), an_admin):
            loads = (await caller.post(f"/users/{a_cast.named(person).id}/documentRoots", body)).json()
            found = {document["id"]: document["data"] for load in loads for document in load["documents"]}
            shown = {(*cell, person): _shown(found, cell[0].document_id(cell[1])) for cell in cells()}
            assert_same(expected, shown)


def _shown(found: dict[str, Any], document_id: str) -> str:
    if document_id not in found:
        return "absent"
    return "null" if found[document_id] is None else "data"


async def test_reading_one_document_follows_access(a_student: Caller) -> None:
    """A reader gets access and data, an author who is shut out the access alone, and everybody else null."""

    async def ask(cell: tuple[Combination, str]) -> tuple[str, str | None]:
        answer = (await a_student.get(f"/documents/{cell[0].document_id(cell[1])}")).json()
        if answer is None:
            return "absent", None
        return "null" if answer["document"]["data"] is None else "data", answer["highestPermission"]

    expected = {}
    for combination, author in cells():
        what = seen(combination, "student1", author)
        access = combination.effective("student1", author)
        expected[combination, author] = (what, None if what == "absent" else access)

    assert_same(expected, await answers(cells(), ask))


@pytest.mark.also_on_two_processes
async def test_changing_follows_access(a_hub: RunningHub, a_student: Caller) -> None:
    """What a writer sends is stored; readers and authors get 403, others 404, and no refusal stores anything."""

    async def ask(cell: tuple[Combination, str]) -> int:
        body = {"data": {"code": "changed"}}
        return (await a_student.put(f"/documents/{cell[0].document_id(cell[1])}", body)).status_code

    expected = {}
    for combination, author in cells():
        access = combination.effective("student1", author)
        hidden = 403 if author == "student1" else 404
        expected[combination, author] = {"RW": 204, "RO": 403, "None": hidden}[kind(access)]

    assert_same(expected, await answers(cells(), ask))
    await _assert_changed_where_writable(a_hub)


async def test_creating_follows_the_own_permission(a_hub: RunningHub, a_student: Caller) -> None:
    """Creating needs an own permission to write, whatever is shared, and a refused document does not exist."""

    async def ask(combination: Combination) -> int:
        body = {"type": "new", "documentRootId": combination.root_id, "data": {}}
        return (await a_student.post("/documents", body)).status_code

    expected = {combination: 200 if is_writable(combination.own("student1")) else 403 for combination in COMBINATIONS}

    assert_same(expected, await answers(COMBINATIONS, ask))
    for combination, status in expected.items():
        stored = await a_hub.database.read(
            lambda tx, root_id=combination.root_id: documents.candidates(tx, root_id=root_id, document_type="new")  # type: ignore[misc]  # the default binds the id
        )
        assert len(stored) == (status == 200), combination


async def test_deleting_is_for_authors_who_may_write(a_student: Caller) -> None:
    """Only an author who may write deletes; who merely sees the document gets 403, everybody else 404."""

    async def ask(cell: tuple[Combination, str]) -> int:
        return (await a_student.delete(f"/documents/{cell[0].document_id(cell[1], 'doomed')}")).status_code

    expected = {}
    for combination, author in cells():
        access = combination.effective("student1", author)
        if author == "student1":
            expected[combination, author] = 204 if is_writable(access) else 403
        else:
            expected[combination, author] = 403 if is_readable(access) else 404

    assert_same(expected, await answers(cells(), ask))


async def test_linking_needs_a_writable_document(a_student: Caller) -> None:
    """Linking puts a writable document below another, and does not tell an unwritable from an unknown one."""

    async def ask(cell: tuple[Combination, str]) -> int:
        combination, author = cell
        path = f"/documents/{combination.document_id(author)}/linkTo/{combination.document_id(author, 'folder')}"
        return (await a_student.put(path)).status_code

    expected = {
        (combination, author): 200 if is_writable(combination.effective("student1", author)) else 404
        for combination, author in cells()
    }

    assert_same(expected, await answers(cells(), ask))


@pytest.mark.parametrize("person", ["student1", "teacher"])
async def test_joining_a_root_follows_permission_and_sharing(a_cast: Cast, connect_as: Connect, person: str) -> None:
    """A room of a root is for those who see its shared documents, and for teachers who may write below it."""
    listener = await connect_as(a_cast.named(person))

    joined = {combination: await listener.call(events.JOIN_ROOM, combination.root_id) for combination in COMBINATIONS}

    expected = {}
    for combination in COMBINATIONS:
        own = combination.own(person)
        sees_shared = is_readable(own) and combination.shared != "None"
        expected[combination] = sees_shared or (person == "teacher" and is_writable(own))
    assert_same(expected, joined)


@pytest.mark.parametrize("person", ["student1", "teacher", "admin"])
async def test_following_live_follows_access(a_cast: Cast, connect_as: Connect, person: str) -> None:
    """SYNC_DOCUMENT answers with the access, with reading to those who look after the author, else with nothing."""
    listener = await connect_as(a_cast.named(person))

    async def ask(cell: tuple[Combination, str]) -> str | None:
        payload = {"id": cell[0].document_id(cell[1]), "stateVector": b""}
        answer = await listener.call(events.SYNC_DOCUMENT, payload)
        assert answer["ok"] or ("update" not in answer and answer["error"]["name"] == "NOT FOUND")
        access: str | None = answer.get("access")
        return access

    expected: dict[Any, str | None] = {}
    for combination, author in cells():
        access = combination.effective(person, author)
        looked_after = "RO_User" if combination.may_receive(person, author) else None
        expected[combination, author] = access if is_readable(access) else looked_after

    assert_same(expected, await answers(cells(), ask))


@pytest.mark.also_on_two_processes
async def test_editing_live_follows_access(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, an_admin: Caller
) -> None:
    """UPDATE_DOCUMENT stores a writer's edit, asked for after a sync or without one, and nothing of anybody else."""
    listener = await connect_as(a_cast.student1)
    stranger = pycrdt.Doc[Any]()
    no_edit = stranger.get_update()

    async def ask(cell: tuple[Combination, str]) -> tuple[bool, bool]:
        editor = Editor(listener, cell[0].document_id(cell[1]))
        before = await editor.send(no_edit)
        await editor.sync()
        is_known = "code" in editor.data
        update = editor.edit("changed", at=6) if is_known else editor.changed(_plant)
        after = await editor.send(update)
        return before["ok"], after["ok"]

    expected = {}
    for combination, author in cells():
        is_allowed = is_writable(combination.effective("student1", author))
        expected[combination, author] = (is_allowed, is_allowed)

    assert_same(expected, await answers(cells(), ask))
    await an_admin.post("/documents/multiple", {"documentRootIds": [each.root_id for each in COMBINATIONS]})
    await _assert_changed_where_writable(a_hub)


def _plant(data: pycrdt.Map[Any]) -> None:
    data["code"] = pycrdt.Text("changed")


async def _assert_changed_where_writable(a_hub: RunningHub) -> None:
    """Compare what is stored with what student 1 may write."""
    expected, stored = {}, {}
    for combination, author in cells():
        document_id = combination.document_id(author)
        row = await a_hub.database.read(lambda tx, id_=document_id: documents.find_row(tx, id_))  # type: ignore[misc]  # the default binds the id
        assert row is not None
        expected[combination, author] = is_writable(combination.effective("student1", author))
        stored[combination, author] = "changed" in row.data["code"]
    assert_same(expected, stored)
