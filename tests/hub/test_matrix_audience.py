"""All 144 combinations of access: who is told of what happens to a document, socket by socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from teaching_nb.hub.config import Settings
from teaching_nb.schema import events
from teaching_nb.schema.access import is_writable
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Connect, Listener
from tests.hub.matrix import COMBINATIONS, Combination, answers, assert_same, cells

pytestmark = pytest.mark.also_on_two_processes

AsPerson = Callable[[Person], Caller]
Happened = tuple[str, str]
"""A document and what happened to it, as in `changed`."""

CLASS_A = {"student1", "student2", "teacher", "admin"}
"""Who is in the room of the class: its members, and admins, who are in every group's."""

SOCKETS = {
    "student1": "student1",
    "student1, acting": "student1",
    "student2": "student2",
    "student3": "student3",
    "teacher": "teacher",
    "teacher, watching": "teacher",
    "teacher2": "teacher2",
    "admin": "admin",
    "admin, acting": "admin",
}
"""Socket → its person. One teacher's socket is in the room of student 1."""


@pytest.fixture
def settings(a_matrix: Settings) -> Settings:
    """Return the settings of a hub with a copy of the matrix."""
    return a_matrix


@pytest.fixture
async def the_sockets(a_cast: Cast, connect_as: Connect) -> dict[str, Listener]:
    """Return one connected socket for each entry of `SOCKETS`."""
    found = {name: await connect_as(a_cast.named(person)) for name, person in SOCKETS.items()}
    assert await found["teacher, watching"].call(events.JOIN_ROOM, a_cast.student1.id) is True
    return found


@dataclass(frozen=True)
class Deed:
    """What is done to every document, by whom, and as what it is heard."""

    event: str
    actor: str

    def hearers(self, combination: Combination, author: str) -> set[str]:
        """Return the sockets that must hear of it: exactly once, and no others."""
        return {
            socket
            for socket, person in SOCKETS.items()
            if combination.may_receive(person, author)
            and self._is_addressed(combination, author, socket, person)
            and socket != f"{self.actor}, acting"
        }

    def _is_addressed(self, combination: Combination, author: str, socket: str, person: str) -> bool:
        """Tell whether the socket is in a room that document events go to."""
        is_told_of_student1 = author == "student1" or combination.user in {"RO", "RW"}
        return (
            person in {"admin", author, self.actor}
            or combination.shared != "None"
            or (combination.group in {"RO", "RW"} and person in CLASS_A)
            or (is_told_of_student1 and (person == "student1" or socket == "teacher, watching"))
        )


async def heard_by(sockets: dict[str, Listener]) -> dict[str, list[tuple[str, Any]]]:
    """Return everything that each socket was told so far, and forget it."""
    await asyncio.gather(*(socket.heard_so_far() for socket in sockets.values()))
    found = {name: list(socket.heard) for name, socket in sockets.items()}
    for socket in sockets.values():
        socket.heard.clear()
    return found


def told(heard: dict[str, list[tuple[str, Any]]], event: str) -> Counter[tuple[str, str]]:
    """Count the events of a kind by document and socket; a new document counts by its root and author."""
    counted: Counter[tuple[str, str]] = Counter()
    for socket, notices in heard.items():
        for name, payload in notices:
            if name == event and isinstance(payload, dict):
                counted[_subject(payload), socket] += 1
    return counted


def _subject(payload: dict[str, Any]) -> str:
    if payload.get("type") == "Document" and "record" in payload and payload["record"]["type"] == "new":
        return f"{payload['record']['documentRootId']} {payload['record']['authorId']}"
    return str(payload["record"]["id"] if "record" in payload else payload["id"])


def assert_heard(
    deed: Deed, heard: dict[str, list[tuple[str, Any]]], subjects: dict[tuple[Combination, str], str]
) -> None:
    """Compare who was told of each deed, and how often, with who had to be."""
    counted = told(heard, deed.event)
    expected, actual = {}, {}
    for (combination, author), subject in subjects.items():
        hearers = deed.hearers(combination, author)
        expected[combination, author] = {socket: 1 for socket in SOCKETS if socket in hearers}
        actual[combination, author] = {
            socket: counted[subject, socket] for socket in SOCKETS if counted[subject, socket]
        }
    assert_same(expected, actual)
    assert counted.total() == sum(map(len, expected.values()))


async def test_new_documents_are_announced_to_who_may_see_them(
    a_cast: Cast, an_admin: Caller, the_sockets: dict[str, Listener]
) -> None:
    """NEW_RECORD of a document made on somebody's behalf reaches them and their readers, and not its sender."""
    headers = {events.SENDER_HEADER: the_sockets["admin, acting"].sid}
    await heard_by(the_sockets)

    async def create(cell: tuple[Combination, str]) -> int:
        body = {"type": "new", "documentRootId": cell[0].root_id, "data": 1, "authorId": a_cast.named(cell[1]).id}
        answer = await an_admin.post("/documents", body, params={"onBehalfOf": "true"}, headers=headers)
        return answer.status_code

    assert set((await answers(cells(), create)).values()) == {200}
    subjects = {cell: f"{cell[0].root_id} {a_cast.named(cell[1]).id}" for cell in cells()}
    assert_heard(Deed(events.NEW_RECORD, "admin"), await heard_by(the_sockets), subjects)


async def test_changes_are_announced_to_who_may_see_them(an_admin: Caller, the_sockets: dict[str, Listener]) -> None:
    """CHANGED_DOCUMENT of a change on somebody's behalf reaches them and their readers, and not its sender."""
    headers = {events.SENDER_HEADER_OLD: the_sockets["admin, acting"].sid}
    await heard_by(the_sockets)

    async def change(cell: tuple[Combination, str]) -> int:
        path = f"/documents/{cell[0].document_id(cell[1])}"
        answer = await an_admin.put(path, {"data": "new"}, params={"onBehalfOf": "true"}, headers=headers)
        return answer.status_code

    assert set((await answers(cells(), change)).values()) == {204}
    subjects = {cell: cell[0].document_id(cell[1]) for cell in cells()}
    assert_heard(Deed(events.CHANGED_DOCUMENT, "admin"), await heard_by(the_sockets), subjects)


async def test_deletions_are_announced_to_who_may_see_them(an_admin: Caller, the_sockets: dict[str, Listener]) -> None:
    """DELETED_RECORD reaches those who saw the document, and nobody who must not know of it."""
    headers = {events.SENDER_HEADER: the_sockets["admin, acting"].sid}
    await heard_by(the_sockets)

    async def remove(cell: tuple[Combination, str]) -> int:
        return (
            await an_admin.delete(f"/documents/{cell[0].document_id(cell[1], 'doomed')}", headers=headers)
        ).status_code

    assert set((await answers(cells(), remove)).values()) == {204}
    subjects = {cell: cell[0].document_id(cell[1], "doomed") for cell in cells()}
    assert_heard(Deed(events.DELETED_RECORD, "admin"), await heard_by(the_sockets), subjects)


async def test_changes_by_authors_are_announced_to_who_may_see_them(
    a_student: Caller, the_sockets: dict[str, Listener]
) -> None:
    """What an author stores and links reaches their other sockets and their readers; a refusal reaches nobody."""
    headers = {events.SENDER_HEADER: the_sockets["student1, acting"].sid}
    await heard_by(the_sockets)

    async def act(combination: Combination) -> bool:
        path = f"/documents/{combination.document_id('student1')}"
        changed = await a_student.put(path, {"data": "new"}, headers=headers)
        linked = await a_student.put(f"{path}/linkTo/{combination.document_id('student1', 'folder')}", headers=headers)
        return (changed.status_code, linked.status_code) == (204, 200)

    expected = {combination: is_writable(combination.own("student1")) for combination in COMBINATIONS}
    assert_same(expected, await answers(COMBINATIONS, act))
    heard = await heard_by(the_sockets)
    subjects = {(each, "student1"): each.document_id("student1") for each, may_write in expected.items() if may_write}
    assert_heard(Deed(events.CHANGED_DOCUMENT, "student1"), heard, subjects)
    assert_heard(Deed(events.CHANGED_RECORD, "student1"), heard, subjects)


async def test_live_edits_reach_who_may_see_them(
    a_student: Caller, an_admin: Caller, the_sockets: dict[str, Listener]
) -> None:
    """An edit reaches exactly the other sockets that follow the document, and as a stored change the others."""
    followers = {"student2", "student3", "teacher", "teacher2", "admin"}
    writable = [each for each in COMBINATIONS if is_writable(each.own("student1"))]
    subjects = {(each, "student1"): each.document_id("student1") for each in writable}

    async def follow(combination: Combination) -> None:
        payload = {"id": combination.document_id("student1"), "stateVector": b""}
        for name in sorted(followers):
            answer = await the_sockets[name].call(events.SYNC_DOCUMENT, payload)
            assert answer["ok"] is combination.may_receive(SOCKETS[name], "student1"), (str(combination), name)

    async def edit(combination: Combination) -> bool:
        editor = Editor(the_sockets["student1, acting"], combination.document_id("student1"))
        await editor.sync()
        return bool((await editor.write("live "))["ok"])

    await answers(writable, follow)
    await heard_by(the_sockets)
    assert set((await answers(writable, edit)).values()) == {True}
    await an_admin.post("/documents/multiple", {"documentRootIds": [each.root_id for each in writable]})
    heard = await heard_by(the_sockets)

    updates, changes = told(heard, events.DOCUMENT_UPDATE), told(heard, events.CHANGED_DOCUMENT)
    expected, actual = {}, {}
    for (combination, author), subject in subjects.items():
        told_as_change = Deed(events.CHANGED_DOCUMENT, "student1").hearers(combination, author) - followers
        following = {name for name in followers if combination.may_receive(SOCKETS[name], author)}
        expected[combination, author] = ({*following}, {*told_as_change})
        actual[combination, author] = (
            {name for name in SOCKETS if updates[subject, name] == 1},
            {name for name in SOCKETS if changes[subject, name] == 1},
        )
    assert_same(expected, actual)
    assert updates.total() == sum(len(following) for following, _ in expected.values())
    assert changes.total() == sum(len(others) for _, others in expected.values())
