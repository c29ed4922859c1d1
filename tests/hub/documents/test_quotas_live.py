"""What live edits store is counted, whatever they do; and where the text of a class counts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from sqlalchemy import select, update

from teaching_nb.hub.config import Settings
from teaching_nb.hub.documents.quotas import LIVE_STEP_BYTES
from teaching_nb.hub.live.rooms import HARMS_AT_ONCE
from teaching_nb.hub.store.tables import documents, live_updates
from teaching_nb.schema import events, wire
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.documents.test_quotas import filled
from tests.hub.scenes import Scene

pytestmark = [pytest.mark.on_both_databases]

USER_BYTES = 800_000


@pytest.fixture
def user_bytes() -> int:
    """Return how much a student may store."""
    return USER_BYTES


@pytest.fixture
def settings(settings: Settings, user_bytes: int) -> Settings:
    """Return the settings of a hub where a student may store little in many documents."""
    return dataclasses.replace(settings, user_documents=40, user_bytes=user_bytes, documents_per_hour=0)


async def stored(hub: RunningHub) -> int:
    """Return how many bytes all documents hold, with their logs, as they are before a database packs them."""

    def job(tx: Any) -> int:
        data = sum(len(json.dumps(row.data)) for row in tx.execute(select(documents.c.data)))
        return data + sum(len(row.update) for row in tx.execute(select(live_updates.c.update)))

    size: int = await hub.database.read(job)
    return size


GROWING: dict[str, Callable[[Editor, str], bytes]] = {
    "text": lambda editor, new: editor.edit(new),
    "another key": lambda editor, new: editor.changed(lambda data: data.__setitem__("other", new)),
    "a key within a key": lambda editor, new: editor.changed(lambda data: data.__setitem__("a", {"b": [new]})),
    "deleted at once": lambda editor, new: pycrdt.merge_updates(editor.edit(new), _deleting(editor, len(new))),
}
"""Ways to make a live document, or its log, hold more."""


def _deleting(editor: Editor, size: int) -> bytes:
    return editor.changed(lambda data: data["code"].__delitem__(slice(0, size)))


@pytest.mark.parametrize("size", [19_000, 60_000, 300_000])
@pytest.mark.parametrize("way", GROWING)
async def test_whatever_live_edits_store_is_counted(
    a_hub: RunningHub, *, a_cast: Cast, connect_as: Connect, way: str, size: int
) -> None:
    """Twelve documents below any step, keys beside the text, and what is written and deleted at once included."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    listener = await connect_as(a_cast.student1)
    answers: list[dict[str, Any]] = []

    for number in range(12):
        document_id = await scene.document(a_cast.student1, root_id)
        for time in range(300_000 // size):
            editor = Editor(listener, document_id)
            await editor.sync()
            new = filled(size, f"{number}-{time}-")["code"]
            answers.append(await editor.send(GROWING[way](editor, new)))
    await a_hub.write_back()

    # Logs of what does not grow may go up to twice the limit; and what is in a log is in the data too, a second later.
    assert await stored(a_hub) < 2 * USER_BYTES + 12 * LIVE_STEP_BYTES
    refused = [answer["error"]["message"] for answer in answers if not answer["ok"]]
    assert any("the documents of its author would have" in message for message in refused)


async def test_log_of_what_rest_changes_is_counted(
    a_hub: RunningHub, a_cast: Cast, *, a_student: Caller, connect_as: Connect
) -> None:
    """A document that is replaced again and again stays as small as it is, and its log does not."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    listener = await connect_as(a_cast.student1)
    answers = []

    for number in range(12):
        document_id = await scene.document(a_cast.student1, root_id)
        await Editor(listener, document_id).sync()
        for time in range(15):
            body = {"data": filled(19_000, f"{number}-{time}-")}
            answers.append(await a_student.put(f"/documents/{document_id}", body))

    assert await stored(a_hub) < 2 * USER_BYTES + 12 * LIVE_STEP_BYTES
    assert any("the documents of its author would have" in answer.text for answer in answers)


async def test_text_can_be_deleted_however_full_it_is(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """Also where more is stored than any change may lead to, as after limits were lowered."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    full = [await scene.document(a_cast.student1, root_id) for _ in range(3)]
    query = update(documents).where(documents.c.id.in_(full)).values(data=filled(900_000))
    await a_hub.database.write(lambda tx: tx.execute(query))
    editor = Editor(await connect_as(a_cast.student1), full[0])
    await editor.sync()

    grown = await editor.write("y" * 5_000)
    anew = Editor(editor.listener, full[0])
    await anew.sync()
    acks = [await anew.send(anew.changed(lambda data: _thin_out(data["code"]))) for _ in range(40)]

    assert grown["error"]["status"] == 413
    assert [ack["ok"] for ack in acks] == [True] * 40


@pytest.mark.parametrize("user_bytes", [40_000])
async def test_coming_back_for_each_edit_makes_none_free(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """A log is counted in steps, and what is left of a step is not forgotten with the document."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.student1, await scene.root())
    listener = await connect_as(a_cast.student1)
    acks = []
    for number in range(20):
        editor = Editor(listener, document_id)
        await editor.sync()
        acks.append(await editor.write(filled(LIVE_STEP_BYTES - 200, f"{number}")["code"]))
        await listener.call(events.LEAVE_DOCUMENT, {"id": document_id})
        await a_hub.write_back()
        a_hub.forget_unfollowed()

    refused = [ack["error"] for ack in acks if not ack["ok"]]
    assert 4 <= len(acks) - len(refused) <= 8
    assert "the limit is 40000" in refused[0]["message"]
    assert refused[-1]["status"] == 429, "each has the document read anew, and goes on"


@pytest.mark.parametrize("user_bytes", [40_000])
async def test_edits_that_do_not_grow_go_on_to_twice_the_limit(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """Who is full can still correct what is there, but not without end, for the log grows with it."""
    scene = Scene(a_hub.database)
    document_id = await scene.document(a_cast.student1, await scene.root())
    editor = Editor(await connect_as(a_cast.student1), document_id)
    await editor.sync()
    assert (await editor.write(filled(30_000)["code"]))["ok"]
    await a_hub.write_back()

    other = Editor(editor.listener, document_id)
    await other.sync()
    growing = await other.write(filled(12_000, "y")["code"])
    correcting = [await _corrected(editor, number) for number in range(6)]

    assert growing["error"]["status"] == 413
    assert "the limit is 40000" in growing["error"]["message"]
    first_refused = next(ack for ack in correcting if not ack["ok"])
    assert correcting.index(first_refused) >= 2
    assert "the limit is 80000" in first_refused["error"]["message"]


async def _corrected(editor: Editor, number: int) -> dict[str, Any]:
    new = filled(5_000, f"{number}")["code"]

    def change(data: Any) -> None:
        del data["code"][0 : len(new)]
        data["code"].insert(0, new)

    return await editor.send(editor.changed(change))


def _thin_out(text: Any) -> None:
    for at in range(100):
        del text[at : at + 1]


async def test_text_of_a_class_counts_for_its_root_alone(
    a_hub: RunningHub,
    a_cast: Cast,
    *,
    a_student: Caller,
    a_teacher: Caller,
    connect_as: Connect,
) -> None:
    """Who of the class has opened it first neither pays for what the others write, nor stands in their way."""
    body = {
        "documentRootId": wire.new_id(),
        "type": "code",
        "data": {"code": ""},
        "shared": True,
        "root": {"sharedAccess": "RW_DocumentRoot"},
    }
    document_id = (await a_student.post("/documents/main", body)).json()["id"]
    classmate = Editor(await connect_as(a_cast.student2), document_id)
    assert (await a_teacher.post("/documents/main", body)).json()["id"] == document_id
    scene = Scene(a_hub.database)
    own, more = [await scene.document(a_cast.student1, await scene.root(), type_name="quiz") for _ in range(2)]
    assert (await a_student.put(f"/documents/{own}", {"data": filled(740_000)})).status_code == 204

    await classmate.sync()
    acks = [await classmate.write(filled(90_000, f"{number}")["code"]) for number in range(6)]
    await a_hub.write_back()

    assert [ack["ok"] for ack in acks] == [True] * 6
    assert (await a_student.put(f"/documents/{more}", {"data": filled(50_000)})).status_code == 204
    assert (await a_student.put(f"/documents/{more}", {"data": filled(160_000)})).status_code == 413


async def test_text_that_no_teacher_has_opened_counts_for_who_has_made_it(a_student: Caller) -> None:
    """Else whoever makes names enough could store what they like."""
    answers = []
    for number in range(3):
        body = {
            "documentRootId": wire.new_id(),
            "type": "code",
            "data": filled(350_000, f"{number}"),
            "shared": True,
            "root": {"sharedAccess": "RW_DocumentRoot"},
        }
        answers.append((await a_student.post("/documents/main", body)).status_code)

    assert answers == [200, 200, 413]


async def test_refused_edits_do_not_keep_the_hub_busy(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """A document that a refused edit has touched is read anew; nobody has that done without end."""
    scene = Scene(a_hub.database)
    document_id, other_id = [await scene.document(a_cast.student1, await scene.root("RW", "RW")) for _ in range(2)]
    harmful, classmate = (
        Editor(await connect_as(a_cast.student1), document_id),
        Editor(await connect_as(a_cast.student2), document_id),
    )
    await harmful.sync()
    await classmate.sync()
    harm = harmful.changed(lambda data: data.__delitem__("code"))

    refused = [await harmful.send(harm) for _ in range(30)]
    elsewhere = Editor(harmful.listener, other_id)
    await elsewhere.sync()
    waiting = await elsewhere.write("a")
    others = await classmate.write("b")

    assert {answer["error"]["status"] for answer in refused[:HARMS_AT_ONCE]} == {400}
    assert sum(answer["error"]["status"] == 429 for answer in refused) > 15
    assert waiting["error"]["message"] == "too many of your last edits had to be refused; try again in a second"
    assert others["ok"]
