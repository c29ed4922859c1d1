"""How much people may store: refused with value and limit, without harm to what exists, and never for teachers."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from teaching_nb.hub.config import Settings
from teaching_nb.hub.store.tables import document_roots, documents
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

pytestmark = [pytest.mark.on_both_databases]

FEW: dict[str, Any] = {
    "user_documents": 8,
    "user_bytes": 800_000,
    "user_roots": 6,
    "documents_per_hour": 5,
    "roots_per_hour": 3,
    "root_documents": 12,
    "root_bytes": 1_500_000,
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return the settings of a hub with small limits."""
    return dataclasses.replace(settings, **FEW)


def mistake(answer: httpx.Response) -> str:
    """Return what is said, after checking the shape."""
    (error,) = answer.json()["errors"]
    assert (error["status"], error["isOperational"]) == (answer.status_code, True)
    return str(error["message"])


def filled(size: int, seed: str = "x") -> dict[str, str]:
    """Return data of about so many bytes that no database can pack."""
    words = (f"{seed}{number * 2_654_435_761 % 2**32:08x}" for number in range(size // (8 + len(seed)) + 1))
    return {"code": "".join(words)[:size]}


async def created(caller: Caller, root_id: str, data: Any = None) -> httpx.Response:
    """Create a document."""
    body = {"documentRootId": root_id, "type": "quiz", "data": {} if data is None else data}
    return await caller.post("/documents", body)


async def count(hub: RunningHub, person: Person) -> int:
    """Return how many documents somebody has."""
    query = select(func.count()).select_from(documents).where(documents.c.author_id == person.id)
    number: int = await hub.database.read(lambda tx: tx.execute(query).scalar_one())
    return number


async def age(hub: RunningHub, *, hours: int) -> None:
    """Let everything be older than it is."""

    def job(tx: Any) -> None:
        for table in (documents, document_roots):
            tx.execute(update(table).values(created_at=table.c.created_at - hours * 3_600_000))

    await hub.database.write(job)


async def test_new_documents_of_an_hour_are_limited(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """429 with value, limit and the time to wait, on every way to make one; an hour later there are more."""
    root_id = await Scene(a_hub.database).root()
    for _ in range(5):
        assert (await created(a_student, root_id)).status_code == 200
    body = {"documentRootId": root_id, "type": "code", "data": {"code": ""}}

    for refused in (await created(a_student, root_id), await a_student.post("/documents/main", body)):
        assert refused.status_code == 429, refused.text
        assert "you have made 5 documents within an hour, the limit is 5" in mistake(refused)
        assert 3_500 < int(refused.headers["retry-after"]) <= 3_600
    assert await count(a_hub, a_cast.student1) == 5
    await age(a_hub, hours=1)
    assert (await created(a_student, root_id)).status_code == 200


async def test_documents_of_a_student_are_limited(
    a_hub: RunningHub, a_cast: Cast, *, a_student: Caller, a_teacher: Caller
) -> None:
    """413 with value and limit; what exists can be read, changed and deleted, and then there is room for another."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    ids = [await scene.document(a_cast.student1, await scene.root()) for _ in range(3)]
    await age(a_hub, hours=2)
    ids += [await scene.document(a_cast.student1, root_id) for _ in range(5)]
    await age(a_hub, hours=2)

    refused = await created(a_student, root_id)

    assert refused.status_code == 413
    assert "you have 8 documents, the limit is 8: delete some" in mistake(refused)
    assert (await a_student.get(f"/documents/{ids[0]}")).status_code == 200
    assert (await a_student.put(f"/documents/{ids[0]}", {"data": {"code": "longer than before"}})).status_code == 204
    assert (await a_student.delete(f"/documents/{ids[0]}")).status_code == 204
    assert (await created(a_student, root_id)).status_code == 200
    # Everything that is not limited.
    for _ in range(10):
        assert (await created(a_teacher, await scene.root())).status_code == 200


async def test_new_roots_are_limited(
    a_hub: RunningHub, *, a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """Per hour with the time to wait, in all with the number; of students alone, and of each on their own."""

    async def make(caller: Caller) -> httpx.Response:
        return await caller.post(f"/documentRoots/{wire.new_id()}", {})

    for number in range(3):
        assert (await make(a_student)).status_code == 200, number
    hourly = await make(a_student)
    await age(a_hub, hours=2)
    for number in range(3):
        assert (await make(a_student)).status_code == 200, number
    await age(a_hub, hours=2)
    whole = await make(a_student)

    assert hourly.status_code == 429
    assert "you have made 3 document roots within an hour, the limit is 3" in mistake(hourly)
    assert int(hourly.headers["retry-after"]) > 3_500
    assert whole.status_code == 413
    assert "you have 6 document roots, the limit is 6" in mistake(whole)
    assert (await make(a_classmate)).status_code == 200
    for _ in range(8):
        assert (await make(a_teacher)).status_code == 200


async def test_bytes_of_a_student_are_limited(
    a_hub: RunningHub, a_cast: Cast, *, a_student: Caller, a_classmate: Caller
) -> None:
    """A change that makes more is refused with value and limit, whatever the way; shrinking and small ones are not."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    large = [await scene.document(a_cast.student1, root_id, type_name="quiz") for _ in range(3)]
    small = await scene.document(a_cast.student1, root_id, type_name="quiz")
    for number, document_id in enumerate(large[:2]):
        answer = await a_student.put(f"/documents/{document_id}", {"data": filled(350_000, f"{number}")})
        assert answer.status_code == 204, answer.text

    for refused in (
        await a_student.put(f"/documents/{large[2]}", {"data": filled(350_000, "c")}),
        await created(a_student, root_id, filled(350_000, "d")),
    ):
        assert refused.status_code == 413, refused.text
        assert "would have" in mistake(refused)
        assert "the limit is 800000: shorten or delete something" in mistake(refused)
    assert (await a_student.get(f"/documents/{large[2]}")).json()["document"]["data"] == {"code": "x"}
    assert (await a_student.put(f"/documents/{large[0]}", {"data": filled(349_000, "0")})).status_code == 204
    assert (await a_student.put(f"/documents/{small}", {"data": filled(90_000, "s")})).status_code == 204
    other = await scene.document(a_cast.student2, root_id, type_name="quiz")
    assert (await a_classmate.put(f"/documents/{other}", {"data": filled(350_000, "o")})).status_code == 204


async def test_room_comes_back_with_what_is_shortened(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal is repeated for two seconds without adding up; then it is looked again."""
    monkeypatch.setattr("teaching_nb.hub.documents.quotas._FULL_SECONDS", 0)
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    ids = [await scene.document(a_cast.student1, root_id, type_name="quiz") for _ in range(2)]
    path, other = (f"/documents/{document_id}" for document_id in ids)
    assert (await a_student.put(path, {"data": filled(600_000)})).status_code == 204
    assert (await a_student.put(other, {"data": filled(400_000)})).status_code == 413

    assert (await a_student.put(path, {"data": filled(200_000)})).status_code == 204

    assert (await a_student.put(other, {"data": filled(400_000)})).status_code == 204


async def test_bytes_below_a_root_are_limited(a_hub: RunningHub, a_cast: Cast) -> None:
    """Many students together cannot fill a root without end; the teacher is not limited."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    answers = []
    async with httpx.AsyncClient(base_url=a_hub.url, timeout=20) as client:
        for person in (a_cast.student1, a_cast.student2, a_cast.student3, a_cast.teacher):
            document_id = await scene.document(person, root_id, type_name="quiz")
            answer = await Caller(client, person).put(
                f"/documents/{document_id}", {"data": filled(700_000, person.name[-6])}
            )
            answers.append(answer)

    assert [answer.status_code for answer in answers] == [204, 204, 413, 204]
    assert "the documents of its document root would have" in mistake(answers[2])
    assert "the limit is 1500000" in mistake(answers[2])


async def test_documents_below_a_root_are_limited(a_hub: RunningHub, a_cast: Cast, a_classmate: Caller) -> None:
    """Whoever made them; the refusal names number and limit."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    for _ in range(12):
        await scene.document(a_cast.teacher, root_id)

    refused = await created(a_classmate, root_id)

    assert refused.status_code == 413
    assert "the document root has 12 documents, the limit is 12" in mistake(refused)


async def test_live_text_counts(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """What is typed is refused in the acknowledgement; deleting goes on, and others of the document too."""
    scene = Scene(a_hub.database)
    root_id = await scene.root("RW", "RW")
    ids = [await scene.document(a_cast.student1, root_id) for _ in range(3)]
    listener = await connect_as(a_cast.student1)
    acks = []
    for number, document_id in enumerate(ids):
        editor = Editor(listener, document_id)
        await editor.sync()
        acks.append(await editor.write(filled(300_000, f"{number}")["code"]))
        await a_hub.write_back()
    refused = Editor(listener, ids[-1])
    await refused.sync()

    assert [ack["ok"] for ack in acks] == [True, True, False]
    assert acks[2]["error"]["status"] == 413
    assert "the limit is 800000" in acks[2]["error"]["message"]
    assert refused.text == "x"
    shrinking = Editor(listener, ids[0])
    await shrinking.sync()
    update_ = shrinking.changed(lambda data: data["code"].__delitem__(slice(0, 200_000)))
    assert (await shrinking.send(update_))["ok"]


async def test_refusal_is_about_the_change_that_is_refused(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """Not about one of the seconds before, and what there is room for is taken at once."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    ids = [await scene.document(a_cast.student1, root_id, type_name="quiz") for _ in range(2)]
    path, other = (f"/documents/{document_id}" for document_id in ids)
    assert (await a_student.put(path, {"data": filled(400_000)})).status_code == 204

    sizes = [
        int(mistake(await a_student.put(other, {"data": filled(size)})).split(" would have ")[1].split(" ")[0])
        for size in (700_000, 500_000)
    ]
    small = await a_student.put(other, {"data": filled(300_000)})

    assert sizes[0] - sizes[1] == 200_000
    assert small.status_code == 204


async def test_text_of_a_teacher_does_not_count_for_students(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """A class may fill the teacher's document up to the limit of one document."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.teacher, await scene.root("RW", "RW"))
    editor = Editor(await connect_as(a_cast.student1), document_id)
    await editor.sync()

    acks = [await editor.write(filled(400_000, f"{number}")["code"]) for number in range(2)]

    assert [ack["ok"] for ack in acks] == [True, True]
