"""The numbers of the log come from the database and travel with each update, so that a live room knows what it has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.documents import log_entries
from teaching_nb.hub.live.room import LiveRoom
from teaching_nb.hub.outcomes import LogPosition
from teaching_nb.hub.store.tables import documents, live_texts
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub


async def stored(hub: RunningHub, document_id: str) -> tuple[int, int, Any]:
    """Return the newest number of a log, the revision of the record and what it holds."""
    query = select(live_texts.c.head, documents.c.revision, documents.c.data).join(documents)
    row = await hub.database.read(lambda tx: tx.execute(query.where(documents.c.id == document_id)).one())
    return row.head, row.revision, row.data


@pytest.mark.on_both_databases
async def test_edit_is_applied_once(
    a_hub: RunningHub,
    *,
    a_document: str,
    an_author: Editor,
    a_guest: Editor,
    a_student: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether it was typed or comes over REST, by the hub for all who follow."""
    applied = []
    apply = LiveDoc.apply

    def counted(doc: LiveDoc, update: bytes, *others: Any) -> bool:
        if doc is a_hub.live.documents._open[a_document].doc:
            applied.append(update)
        return apply(doc, update, *others)

    monkeypatch.setattr(LiveDoc, "apply", counted)
    for number in range(4):
        assert (await an_author.write(f"{number} "))["ok"]
        await a_guest.receive()
    assert (await a_student.put(f"/documents/{a_document}", {"data": {"code": "new"}})).status_code == 204
    await a_guest.receive()

    assert a_guest.text == "new"
    assert len(applied) == len(set(applied)) == 5


@pytest.mark.on_both_databases
async def test_room_is_as_new_as_the_log_whoever_writes(
    a_hub: RunningHub,
    *,
    a_cast: Cast,
    connect_as: Connect,
    a_document: str,
    an_author: Editor,
    a_guest: Editor,
    a_student: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After edits and changes over REST at the same time it knows all numbers, and is written back without the log."""

    async def typing(editor: Editor) -> None:
        for number in range(15):
            assert (await editor.write(f"{number} "))["ok"]

    async def replacing() -> None:
        for number in range(10):
            answer = await a_student.put(f"/documents/{a_document}", {"data": {"code": f"{number} of REST"}})
            assert answer.status_code == 204

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(typing(an_author))
        tasks.create_task(typing(a_guest))
        tasks.create_task(replacing())
    assert (await an_author.write("last "))["ok"]
    while (room := a_hub.live.documents._open[a_document]).beyond:
        await asyncio.sleep(0)
    with monkeypatch.context() as patched:
        patched.setattr(log_entries, "updates", None)
        await a_hub.write_back()
    head, revision, data = await stored(a_hub, a_document)
    late = Editor(await connect_as(a_cast.student3), a_document)
    answer = await late.sync()

    assert (room.head, room.revision) == (head, revision) == (41, answer["revision"])
    assert data == {"code": late.text}
    assert "last " in late.text


def test_room_knows_what_it_lacks() -> None:
    """Numbers that come out of turn are had, but the room is as new as the first gap only."""
    room = LiveRoom("id", LiveDoc("code", ()), head=3, revision=7, log_bytes=0)
    second, first = LogPosition(5, 9), LogPosition(4, 8)

    room.note(second)

    assert (room.head, room.revision) == (3, 9)
    assert room.contains(second)
    assert not room.contains(first)
    room.note(first)
    assert (room.head, room.revision, room.beyond) == (5, 9, set())
    room.note(first)
    assert (room.head, room.beyond) == (5, set())
