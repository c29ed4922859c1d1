"""One live document in two processes: numbers from the database, rings as hints, the log as the truth."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import select, text

from teaching_nb.hub.bell import bell
from teaching_nb.hub.bell.bell import Bell
from teaching_nb.hub.bell.rings import Ring
from teaching_nb.hub.documents import log_entries, update_log
from teaching_nb.hub.numbers import Numbers
from teaching_nb.hub.store.tables import documents, live_texts
from teaching_nb.schema import events
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo

Hubs = tuple[RunningHub, RunningHub]
SECONDS = 20


async def look_once_more(hub: RunningHub) -> None:
    """Have a hub read everything that it lacks, as it does every two seconds."""
    found = hub.hub._bell
    assert found is not None
    found._is_poll = True
    await found._read_once()


async def take_in(editor: Editor, text_of_others: str) -> None:
    """Take in edits until a text is among what they brought."""
    async with asyncio.timeout(SECONDS):
        while text_of_others not in editor.text:
            await editor.receive()


async def type_words(editor: Editor, name: str, count: int) -> None:
    """Write words one after the other, each acknowledged."""
    for number in range(count):
        assert (await editor.write(f"{name}{number};"))["ok"]


async def told_in_all(hubs: Hubs, editors: tuple[Editor, Editor]) -> list[int]:
    """Return how many updates each editor was told, after each hub has looked at the logs once more."""
    for hub, editor in zip(hubs, editors, strict=True):
        await look_once_more(hub)
        await editor.sync()
    return [editor.listener.tally[events.DOCUMENT_UPDATE] for editor in editors]


@pytest.fixture
def no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody look into the database unasked: what is heard was rung."""
    monkeypatch.setattr(bell, "POLL_BEATS", 10**9)


@pytest.mark.usefixtures("no_polls")
async def test_edit_reaches_the_other_process_once_and_its_sender_never(
    two_hubs: Hubs, editors: tuple[Editor, Editor]
) -> None:
    """It is applied there, told to those who follow the document there, and not told back."""
    ada, bob = editors

    answer = await ada.write("hello ")
    await take_in(bob, "hello ")
    back = await bob.write("you ")
    await take_in(ada, "you ")

    assert (answer["revision"], back["revision"]) == (2, 3)
    assert ada.text == bob.text == "you hello x"
    assert await told_in_all(two_hubs, editors) == [1, 1]
    assert [hub.live.documents._open[ada.document_id].head for hub in two_hubs] == [2, 2]


@pytest.mark.usefixtures("no_polls")
async def test_an_edit_that_was_rung_asks_the_database_once(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody waits for the answer: one statement finds the edit, and what was posted before it."""
    ada, bob = editors
    await ada.write("first ")
    await take_in(bob, "first ")
    database = two_hubs[1].database
    assert database.reading_statements is not None
    jobs, looks = AsyncMock(wraps=database.read), AsyncMock(wraps=database.reading_statements.read)
    monkeypatch.setattr(database, "read", jobs)
    monkeypatch.setattr(database.reading_statements, "read", looks)

    await ada.write("second ")
    await take_in(bob, "second ")

    assert (looks.await_count, jobs.await_count) == (1, 0)


async def test_concurrent_edits_are_stored_and_told_exactly_once(
    two_hubs: Hubs, editors: tuple[Editor, Editor]
) -> None:
    """Whoever writes where: nothing is lost, doubled or told twice, and both rooms know all numbers."""
    ada, bob = editors
    count = 30

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(type_words(ada, "a", count))
        tasks.create_task(type_words(bob, "b", count))
    await take_in(ada, f"b{count - 1};")
    await take_in(bob, f"a{count - 1};")

    assert ada.text == bob.text
    for name in "ab":
        assert all(ada.text.count(f"{name}{number};") == 1 for number in range(count))
    assert await told_in_all(two_hubs, editors) == [count, count]
    rooms = [hub.live.documents._open[ada.document_id] for hub in two_hubs]
    assert [(room.head, room.revision, room.beyond) for room in rooms] == [(2 * count, 2 * count + 1, set())] * 2


async def test_write_back_of_either_process_stores_the_newest(two_hubs: Hubs, editors: tuple[Editor, Editor]) -> None:
    """A process that has not heard of the last edits does not store its older text as if it were the newest one."""
    ada, bob = editors
    await ada.write("one ")
    await take_in(bob, "one ")
    deaf = two_hubs[1].live.documents._open[ada.document_id]
    await asyncio.gather(type_words(ada, "a", 10), type_words(bob, "b", 10))
    await asyncio.gather(*(hub.write_back() for hub in two_hubs))
    await take_in(bob, "a9;")

    query = select(documents.c.data, documents.c.revision, live_texts.c.materialized, live_texts.c.head).join(
        live_texts
    )
    row = await two_hubs[0].database.read(lambda tx: tx.execute(query.where(documents.c.id == ada.document_id)).one())
    assert (row.data, row.revision) == ({"code": bob.text}, 22)
    assert row.head == row.materialized == deaf.head == 21


async def test_write_back_of_a_process_that_lacks_edits_stores_them_all_the_same(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its document in memory is not the newest one, and it knows that by the number that its own edit got."""
    ada, bob = editors
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    monkeypatch.setattr(bell, "POLL_BEATS", 10**9)
    monkeypatch.setattr(two_hubs[0].live.write_back, "note", lambda _document: None)
    await ada.write("first ")
    await bob.write("second ")
    await two_hubs[1].write_back()

    query = select(documents.c.data).where(documents.c.id == ada.document_id)
    data = await two_hubs[1].database.read(lambda tx: tx.execute(query).scalar_one())
    assert "first " in data["code"]
    assert "second " in data["code"]


async def test_lost_ring_is_made_good_from_the_log(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rings are hints: who has heard none finds the edit by its number within seconds."""
    ada, bob = editors
    hear = Bell._hear_other

    def hard_of_hearing(hearer: Bell, ring: Ring, *, is_new: bool) -> None:
        if ring.kind != "changed":
            hear(hearer, ring, is_new=is_new)

    monkeypatch.setattr(Bell, "_hear_other", hard_of_hearing)
    await ada.write("unheard ")
    async with asyncio.timeout(5):
        await take_in(bob, "unheard ")


async def test_cut_line_loses_nothing(two_hubs: Hubs, editors: tuple[Editor, Editor]) -> None:
    """Whose connection to the bell is cut under writes connects anew, and reads what it has missed."""
    ada, bob = editors
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'teaching-nb %'")

    async def cutting() -> None:
        for _ in range(3):
            ended = await two_hubs[0].database.read(lambda tx: tx.execute(cut).scalars().all())
            assert len(ended) == 2
            await asyncio.sleep(1.2)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(cutting())
        for editor, name in zip(editors, "ab", strict=True):
            tasks.create_task(type_words(editor, name, 60))
    async with asyncio.timeout(5):
        await take_in(ada, "b59;")
        await take_in(bob, "a59;")

    assert ada.text == bob.text
    assert all(ada.text.count(f"{name}{number};") == 1 for name in "ab" for number in range(60))


@pytest.mark.parametrize("is_newest", [True, False], ids=["the newest edit", "an older edit"])
async def test_whoever_changes_the_process_finds_all_that_was_stored(
    two_hubs: Hubs,
    people: Cast,
    connect_to: ConnectTo,
    editors: tuple[Editor, Editor],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_newest: bool,
) -> None:
    """A page that comes from the other process gets what it has seen there, though no ring has arrived yet."""
    ada, bob = editors
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    await ada.write("seen ")
    if not is_newest:
        await bob.write("later ")

    moved = Editor(await connect_to(two_hubs[1], people.student1, is_page=True), ada.document_id)
    answer = await moved.sync()

    assert sorted(moved.text.split()) == (["seen", "x"] if is_newest else ["later", "seen", "x"])
    assert answer["revision"] == (2 if is_newest else 3)


async def test_log_that_was_merged_meanwhile_is_caught_up_with(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One entry that stands for all is applied and told as well as those that it stands for."""
    ada, bob = editors
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    monkeypatch.setattr(bell, "POLL_BEATS", 10**9)
    monkeypatch.setattr(update_log, "MAX_LOG_ENTRIES", 5)
    await type_words(ada, "a", 10)
    await two_hubs[0].write_back()
    entries = await two_hubs[0].database.read(lambda tx: log_entries.entries(tx, ada.document_id))
    # On a slow machine the first second is over before all is written, and what came then stands by itself.
    assert (entries[0].is_merged, entries[-1].number) == (True, 10)
    assert entries[0].number > update_log.MAX_LOG_ENTRIES
    assert two_hubs[1].live.documents._open[ada.document_id].head == 0

    monkeypatch.undo()
    await take_in(bob, "a9;")
    assert (await bob.write("b "))["ok"]
    await take_in(ada, "b ")

    assert ada.text == bob.text
    assert all(ada.text.count(f"a{number};") == 1 for number in range(10))


async def test_client_id_of_somebody_at_another_process_is_refused(
    two_hubs: Hubs, editors: tuple[Editor, Editor]
) -> None:
    """An id belongs to whoever was heard to write under it, wherever that was."""
    ada, bob = editors
    await ada.write("mine ")
    await take_in(bob, "mine ")
    forged: Any = Editor(bob.listener, ada.document_id)
    forged.doc.apply_update(ada.doc.get_update())
    forged.doc = type(ada.doc)(client_id=ada.doc.client_id)
    forged.doc.apply_update(bob.doc.get_update())

    answer = await forged.write("not mine ")

    assert answer["error"]["status"] == 409


async def test_own_edit_whose_commit_is_not_heard_of_yet_is_not_told_to_its_author(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log may show it before the answer to its commit has come: what is under way is waited for."""
    ada, _ = editors
    found = two_hubs[0].hub._bell
    assert found is not None
    told = found._elsewhere.told
    await ada.write("own ")
    told._numbers[ada.document_id] = Numbers(0)

    async def written(_documents: object) -> None:
        told._numbers[ada.document_id].note(1)

    monkeypatch.setattr(two_hubs[0].live.documents, "written", written)
    await look_once_more(two_hubs[0])
    await ada.sync()

    assert ada.listener.tally[events.DOCUMENT_UPDATE] == 0
