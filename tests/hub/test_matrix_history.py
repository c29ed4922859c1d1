"""All 144 combinations of access and the history: what was deleted is seen by nobody who may only read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from teaching_nb.hub import clock
from teaching_nb.hub.config import Settings
from teaching_nb.hub.documents import documents, update_log
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.access import is_readable, is_writable, kind
from tests.harness.cast import Caller, Cast, Person
from tests.harness.running_hub import RunningHub
from tests.hub.matrix import MANAGED_BY, Combination, answers, assert_same, cells

pytestmark = pytest.mark.also_on_two_processes(is_by_hand=True)

AsPerson = Callable[[Person], Caller]


@pytest.fixture
def settings(a_matrix: Settings) -> Settings:
    """Return the settings of a hub with a copy of the matrix."""
    return a_matrix


@pytest.fixture
async def a_hub_with_versions(a_hub: RunningHub) -> RunningHub:
    """Return the hub, in which every document has a version of the text `secret` and holds another one by now."""

    def job(tx: Connection) -> None:
        for combination, author in cells():
            document_id = combination.document_id(author)
            row = documents.find_row(tx, document_id)
            assert row is not None
            update_log.create(tx, document_id)
            now = clock.after(row.updated_at)
            update_log.replace_data(tx, document_id, {"code": "present"}, author_id=row.author_id, now=now)
            tx.execute(
                documents_table.update()
                .where(documents_table.c.id == document_id)
                .values(data={"code": "present"}, revision=2)
            )

    await a_hub.database.write(job)
    return a_hub


def expected_reading(combination: Combination, person: str, author: str) -> int:
    """Return how the history is answered: to writers, authors who may read, and who looks after them."""
    access = combination.effective(person, author)
    if person == "admin" or MANAGED_BY.get(author) == person or is_writable(access):
        return 200
    if is_readable(access):
        return 200 if person == author else 403
    return 403 if person == author else 404


@pytest.mark.parametrize("person", ["student1", "teacher"])
async def test_reading_the_history_follows_the_right_to_write(
    a_hub_with_versions: RunningHub, a_cast: Cast, as_person: AsPerson, person: str
) -> None:
    """List and content go to the same people, and a refusal holds nothing of the text."""
    caller = as_person(a_cast.named(person))

    async def ask(cell: tuple[Combination, str]) -> tuple[int, int]:
        path = f"/documents/{cell[0].document_id(cell[1])}/versions"
        whole, one = await caller.get(path), await caller.get(f"{path}/1")
        assert ("secret" in one.text) == (one.status_code == 200)
        assert ("versions" in whole.text) == (whole.status_code == 200)
        return whole.status_code, one.status_code

    expected = {}
    for combination, author in cells():
        status = expected_reading(combination, person, author)
        expected[combination, author] = (status, status)

    assert_same(expected, await answers(cells(), ask))


async def test_restoring_follows_the_right_to_write(a_hub_with_versions: RunningHub, a_student: Caller) -> None:
    """Who may write brings a version back; a refusal tells no more than one of a change, and stores nothing."""

    async def ask(cell: tuple[Combination, str]) -> int:
        answer = await a_student.post(f"/documents/{cell[0].document_id(cell[1])}/versions/1/restore")
        assert ("secret" in answer.text) == (answer.status_code == 200)
        return answer.status_code

    expected, texts = {}, {}
    for combination, author in cells():
        access = kind(combination.effective("student1", author))
        hidden = 403 if author == "student1" else 404
        expected[combination, author] = {"RW": 200, "RO": 403, "None": hidden}[access]
        texts[combination, author] = "secret" if access == "RW" else "present"

    assert_same(expected, await answers(cells(), ask))

    async def stored(cell: tuple[Combination, str]) -> str:
        row = await a_hub_with_versions.database.read(lambda tx: documents.find_row(tx, cell[0].document_id(cell[1])))
        assert row is not None
        text: str = row.data["code"]
        return text

    assert_same(texts, await answers(cells(), stored))


async def test_teacher_restores_on_behalf_of_whom_they_manage(
    a_hub_with_versions: RunningHub, a_cast: Cast, as_person: AsPerson
) -> None:
    """With `onBehalfOf` the author's teacher may do it whatever their own access is, and no other teacher."""
    cell = next(
        cell
        for cell in cells()
        if cell[1] == "student1" and cell[0].effective("teacher", "student1").startswith("None")
    )
    path = f"/documents/{cell[0].document_id(cell[1])}/versions/1/restore"
    teacher, other = as_person(a_cast.teacher), as_person(a_cast.teacher2)

    refused = [
        (await teacher.post(path)).status_code,
        (await other.post(path, params={"onBehalfOf": "true"})).status_code,
    ]
    done = await teacher.post(path, params={"onBehalfOf": "true"})

    assert refused == [404, 404]
    assert (done.status_code, done.json()["data"]) == (200, {"code": "secret"})
