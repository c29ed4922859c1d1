"""Live text over real sockets: what is acknowledged is stored, what is stored reaches the others, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pycrdt
import pytest
from sqlalchemy import func, select

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.room import ALL, of_group, of_user
from teaching_nb.hub.store import tables
from teaching_nb.schema import limits
from teaching_nb.schema.awareness import decode
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.live.documents import log_of, new_document, record_of


@pytest.fixture
async def a_document(a_student: Caller) -> str:
    """Return student 1's own document, which is not shared."""
    return await new_document(a_student)


@pytest.fixture
async def a_shared_document(a_student: Caller) -> str:
    """Return a document of student 1 that everybody may edit."""
    return await new_document(a_student, sharing="RW")


async def test_sync_answers_with_the_content(a_cast: Cast, connect_as: Connect, a_document: str) -> None:
    """The first one to ask gets the JSON's content as a Y.Doc, with access and revision."""
    editor = Editor(await connect_as(a_cast.student1), a_document)

    answer = await editor.sync()

    assert (editor.text, answer["access"], answer["revision"]) == ("x = 1\n", "RW_DocumentRoot", 1)
    assert answer["stateVector"] == editor.doc.get_state()


@pytest.mark.on_both_databases
async def test_two_first_openers_get_the_same_history(
    a_cast: Cast, connect_as: Connect, a_shared_document: str
) -> None:
    """Opened by two at once, a document has one beginning, so that merging does not double it."""
    editors = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]

    first, second = await asyncio.gather(*(editor.sync() for editor in editors))

    assert first["update"] == second["update"]


async def test_update_reaches_the_others_and_not_its_sender(
    a_cast: Cast, connect_as: Connect, a_shared_document: str
) -> None:
    """An edit is acknowledged with the new revision, and broadcast to whoever else follows the document."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()

    answer = await ada.write("# hi 😀\n")
    await bob.receive()

    assert answer == {"ok": True, "revision": 2}
    assert bob.text == ada.text == "# hi 😀\nx = 1\n"
    assert await ada.listener.heard_so_far("DOCUMENT_UPDATE") == []


@pytest.mark.on_both_databases
async def test_concurrent_edits_converge(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_shared_document: str, a_student: Caller
) -> None:
    """Two people who write at the same time end with the same text, which REST answers too."""
    people = a_cast.student1, a_cast.student2
    ada, bob = [Editor(await connect_as(person, is_page=True), a_shared_document) for person in people]
    await ada.sync()
    await bob.sync()

    async def type_into(editor: Editor, letter: str) -> None:
        for _ in range(20):
            assert (await editor.write(letter))["ok"]

    await asyncio.gather(type_into(ada, "a"), type_into(bob, "b"))
    for _ in range(20):
        await ada.receive()
        await bob.receive()

    assert ada.text == bob.text
    assert sorted(ada.text) == sorted("a" * 20 + "b" * 20 + "x = 1\n")
    record = await record_of(a_student, a_shared_document)
    assert (record["data"]["code"], record["revision"]) == (ada.text, 41)


@pytest.mark.on_both_databases
async def test_update_sent_twice_is_stored_once(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """A client that is not sure whether its edit arrived sends it again; nothing is doubled."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    update = editor.edit("twice ")

    answers = [await editor.send(update), await editor.send(update)]

    assert answers == [{"ok": True, "revision": 2}] * 2
    assert len(await log_of(a_hub, a_document)) == 2


async def test_two_tabs_sending_the_same_edit_store_it_once(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """The second copy is acknowledged only when the first one is stored."""
    tabs = [Editor(await connect_as(a_cast.student1), a_document) for _ in range(2)]
    for tab in tabs:
        await tab.sync()
    update = tabs[0].edit("once ")

    answers = await asyncio.gather(*(tab.send(update) for tab in tabs))

    assert [answer["ok"] for answer in answers] == [True, True]
    assert len(await log_of(a_hub, a_document)) == 2


async def test_sync_after_a_gap_brings_what_was_missed(
    a_cast: Cast, connect_as: Connect, a_shared_document: str
) -> None:
    """Somebody who was away gets the others' edits, and the hub gets theirs."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()
    await bob.listener.disconnect()
    await ada.write("ada ")
    bob.edit("bob ")

    bob.listener = await connect_as(a_cast.student2)
    answer = await bob.sync()
    await bob.send(bob.doc.get_update(answer["stateVector"]))
    await ada.receive()

    assert ada.text == bob.text
    assert set(ada.text.split(" ")) >= {"ada", "bob"}


@pytest.mark.on_both_databases
async def test_bad_updates_are_refused_and_leave_no_trace(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """Undecodable, foreign root, missing text, missing predecessor, too large: refused, and the next edit works."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    other_root: pycrdt.Doc[Any] = pycrdt.Doc()
    other_root.get("other", type=pycrdt.Map)["a"] = 1
    lost = Editor(editor.listener, a_document)
    await lost.sync()
    thief = Editor(editor.listener, a_document)
    await thief.sync()
    big = Editor(editor.listener, a_document)
    await big.sync()
    lost.edit("never sent ")
    bad = {
        "undecodable": b"\x01\x02\x03",
        "other root": other_root.get_update(),
        "missing predecessor": lost.edit("sent "),
        "no text": thief.changed(lambda data: data.pop("code")),
        "no text any more": thief.changed(lambda data: data.update({"code": 5})),
        "not JSON": big.changed(lambda data: data.update({"blob": b"bytes"})),
    }

    for name, update in bad.items():
        answer = await editor.send(update)
        assert (answer["ok"], answer["error"]["status"]) == (False, 400), name
    too_large = await editor.write("x" * (limits.LIVE_UPDATE_BYTES - 20))
    assert too_large["ok"] is True
    answer = await editor.write("y" * 100_000)
    assert (answer["ok"], answer["error"]["status"]) == (False, 413)
    assert str(limits.LIVE_TEXT_BYTES) in answer["error"]["message"]

    fresh = Editor(editor.listener, a_document)
    await fresh.sync()
    assert (await fresh.write("ok "))["ok"]
    assert fresh.text.startswith("ok xxx")
    assert len(await log_of(a_hub, a_document)) == 3


@pytest.mark.parametrize(("type_name", "data"), [("task_state", {"state": "unset"}), ("mystery", {"code": "x"})])
async def test_types_without_live_text_are_refused(
    a_cast: Cast, a_student: Caller, connect_as: Connect, type_name: str, data: Any
) -> None:
    """A tick box or an unknown type cannot be followed live; the answer says so."""
    document_id = await new_document(a_student, type_name=type_name, data=data)

    answer = await Editor(await connect_as(a_cast.student1), document_id).sync()

    assert answer["error"]["status"] == 400
    assert "no live text" in answer["error"]["message"]


async def test_other_keys_survive_and_are_shared(a_cast: Cast, a_student: Caller, connect_as: Connect) -> None:
    """Keys that the type does not know travel with the text, in both directions."""
    document_id = await new_document(a_student, data={"code": "a", "n": 3, "deep": {"list": [1, 2.5, None, True]}})
    editor = Editor(await connect_as(a_cast.student1), document_id)
    await editor.sync()

    await editor.send(editor.changed(lambda data: data.update({"more": {"b": [1]}})))

    record = await record_of(a_student, document_id)
    assert record["data"] == {"code": "a", "n": 3, "deep": {"list": [1, 2.5, None, True]}, "more": {"b": [1]}}


async def test_live_edits_are_announced_to_those_who_do_not_follow(
    a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """Within about a second CHANGED_DOCUMENT goes to the author's other tab and to admins, not to followers."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    other_tab, admin = await connect_as(a_cast.student1), await connect_as(a_cast.admin)
    stranger = await connect_as(a_cast.student2)
    await editor.sync()

    for letter in "abc":
        await editor.write(letter)
    told = await other_tab.hears("CHANGED_DOCUMENT")
    while told["revision"] < 4:
        told = await other_tab.hears("CHANGED_DOCUMENT")

    assert (told["id"], told["data"], told["revision"]) == (a_document, {"code": "cbax = 1\n"}, 4)
    assert (await admin.heard_so_far("CHANGED_DOCUMENT"))[-1] == told
    assert await editor.listener.heard_so_far("CHANGED_DOCUMENT", "DOCUMENT_UPDATE") == []
    assert await stranger.heard_so_far("CHANGED_DOCUMENT", "DOCUMENT_UPDATE") == []


@pytest.mark.on_both_databases
async def test_rest_reads_see_every_acknowledged_edit(
    a_cast: Cast, connect_as: Connect, a_document: str, a_student: Caller
) -> None:
    """Whoever reads right after an acknowledgement reads the edit, in each way of reading."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()

    for number in range(3):
        answer = await editor.write(str(number))
        record = await record_of(a_student, a_document)
        root = (await a_student.get(f"/documentRoots/{record['documentRootId']}")).json()
        assert record["revision"] == answer["revision"]
        assert record["data"]["code"] == root["documents"][0]["data"]["code"] == editor.text


async def test_rest_put_becomes_a_small_edit_for_followers(
    a_cast: Cast, connect_as: Connect, a_shared_document: str, a_student: Caller, a_hub: RunningHub
) -> None:
    """New data by PUT merges with what others are writing, instead of replacing their text."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()
    bob.edit("# bob\n")
    sid = {"x-metadata-sid": ada.listener.sid}

    answer = await a_student.put(
        f"/documents/{a_shared_document}", {"data": {"code": "x = 1\ny = 2 😀\n"}}, headers=sid
    )
    await ada.receive()
    await bob.receive()
    answer_to_bob = await bob.send(bob.doc.get_update())
    await ada.receive()

    assert (answer.status_code, answer.headers["x-document-revision"]) == (204, "2")
    assert answer_to_bob == {"ok": True, "revision": 3}
    assert ada.text == bob.text == "# bob\nx = 1\ny = 2 😀\n"
    record = await record_of(a_student, a_shared_document)
    assert (record["data"]["code"], record["revision"]) == (ada.text, 3)
    assert await ada.listener.heard_so_far("CHANGED_DOCUMENT", "DOCUMENT_UPDATE") == []


@pytest.mark.on_both_databases
async def test_log_is_compacted(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long log becomes one entry with the same content; who opens it later can go on."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    for _ in range(12):
        await editor.write("z")
    # Only now: the hub writes back by itself too, on a slow machine in the middle of the edits.
    monkeypatch.setattr(update_log, "MAX_LOG_ENTRIES", 10)
    other_tab = await connect_as(a_cast.student1)

    await a_hub.database.write(lambda tx: update_log.materialize(tx, [a_document]))
    entries = await log_of(a_hub, a_document)
    late = Editor(other_tab, a_document)
    await late.sync()
    answer = await editor.write("!")
    await late.receive()

    assert len(entries) == 1
    assert late.text == editor.text == "!" + "z" * 12 + "x = 1\n"
    assert answer["revision"] == 14


async def test_many_edits_stay_small(a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str) -> None:
    """3 000 edits of a text that stays short leave a log far below a megabyte."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    updates: list[bytes] = []
    subscription = editor.doc.observe(lambda event: updates.append(event.update))
    text = editor.data["code"]
    for number in range(1_500):
        text.insert(number % 6, "abc")
        del text[number % 6 : number % 6 + 3]
    editor.doc.unobserve(subscription)
    author = a_cast.student1.id

    def store(tx: Any, part: list[bytes]) -> None:
        for update in part:
            update_log.append(tx, a_document, update, author)
        update_log.materialize(tx, [a_document])

    for start in range(0, len(updates), 1_000):
        part = updates[start : start + 1_000]
        await a_hub.database.write(lambda tx, part=part: store(tx, part))  # type: ignore[misc]  # bound by value

    entries = await log_of(a_hub, a_document)
    assert len(updates) == 3_000
    assert sum(map(len, entries)) < 200_000


async def test_failed_commit_is_not_acknowledged_and_not_shown(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_shared_document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database cannot store an edit, nobody sees it; sent again later it is stored once."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    await bob.sync()
    update = ada.edit("kept ")

    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise Unavailable("disk full")

        patched.setattr(update_log, "append", full)
        refused = await ada.send(update)
    newcomer = Editor(await connect_as(a_cast.student3), a_shared_document)
    await newcomer.sync()
    accepted = await ada.send(update)
    await bob.receive()

    assert (refused["ok"], refused["error"]["status"]) == (False, 503)
    assert newcomer.text == "x = 1\n"
    assert accepted == {"ok": True, "revision": 2}
    assert bob.text == "kept x = 1\n"


async def test_sync_waits_for_commits_under_way_and_misses_nothing(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_shared_document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks while an edit is being stored gets it when it is, with everything that was stored meanwhile."""
    people = (a_cast.student1, a_cast.student2, a_cast.student3)
    ada, bob, eve = [Editor(await connect_as(person), a_shared_document) for person in people]
    await ada.sync()
    await eve.sync()
    is_first_held, may_go_on, write = asyncio.Event(), asyncio.Event(), a_hub.database.write

    async def hold_the_first(job: Any, **options: Any) -> Any:
        if not is_first_held.is_set():
            is_first_held.set()
            await may_go_on.wait()
        return await write(job, **options)

    monkeypatch.setattr(a_hub.database, "write", hold_the_first)
    live = a_hub.live
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(ada.write("ada "))
        await is_first_held.wait()
        syncing = tasks.create_task(bob.sync())
        while not live.documents._open[a_shared_document].joining:
            await asyncio.sleep(0)
        assert (await eve.write("eve "))["ok"]
        is_early = syncing.done()
        may_go_on.set()

    assert (is_early, writing.result()["ok"], syncing.result()["ok"]) == (False, True, True)
    assert sorted(bob.text.split()) == sorted(["ada", "eve", "x", "=", "1"])


async def test_document_is_forgotten_when_nobody_follows_it(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """After the last one has left, the Doc leaves the memory, and its content is in the record."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    await editor.write("last words ")

    assert await editor.listener.call("LEAVE_DOCUMENT", {"id": a_document}) == {"ok": True}
    await a_hub.write_back()
    a_hub.forget_unfollowed()

    assert a_hub.live.documents._open == {}
    query = select(tables.documents.c.data).where(tables.documents.c.id == a_document)
    data = await a_hub.database.read(lambda tx: tx.execute(query).scalar_one())
    assert data == {"code": "last words x = 1\n"}


async def test_connections_leave_nothing_behind(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """Sockets that come, follow and vanish are forgotten with all they had."""
    for _ in range(20):
        listener = await connect_as(a_cast.student1)
        await Editor(listener, a_document).sync()
        await listener.emit("AWARENESS", {"id": a_document, "state": b"\x01\x05\x01\x02{}"})
        await listener.call("JOIN_ROOM", a_cast.class_a)
        await listener.disconnect()
    last = await connect_as(a_cast.student1)
    hub = a_hub.hub
    async with asyncio.timeout(30):
        while len(hub.context.rooms.members()) > 1:
            await last.call("JOIN_ROOM", a_cast.class_a)

    rooms = hub.context.rooms
    assert rooms.all_counts() == {of_user(a_cast.student1.id): 1, ALL: 1, of_group(a_cast.class_a): 1}
    assert rooms.live_documents() == []
    assert hub._live.cursors._awareness._states == {}
    assert hub._handlers._awareness._buckets == {}


async def test_awareness_carries_the_true_name(a_cast: Cast, connect_as: Connect, a_shared_document: str) -> None:
    """Others see a cursor under its owner's name; a newcomer sees it at once; it goes when its owner goes."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await ada.sync()
    state = b'{"cursor":1,"user":{"name":"The Head"}}'
    await ada.listener.emit(
        "AWARENESS", {"id": a_shared_document, "state": b"\x01\x07\x01" + bytes([len(state)]) + state}
    )

    await bob.sync()
    shown = decode((await bob.listener.hears("DOCUMENT_AWARENESS"))["state"])
    await ada.listener.disconnect()
    gone = decode((await bob.listener.hears("DOCUMENT_AWARENESS"))["state"])

    assert shown[7].state is not None
    assert shown[7].state["cursor"] == 1
    assert shown[7].state["user"]["name"] == a_cast.student1.name
    assert shown[7].state["user"]["id"] == a_cast.student1.id
    assert (gone[7].clock, gone[7].state) == (2, None)


async def test_awareness_is_limited_and_for_followers_only(
    a_cast: Cast, connect_as: Connect, a_shared_document: str
) -> None:
    """A flood is thinned out, a large state and one from somebody who does not follow are dropped."""
    ada, bob = [Editor(await connect_as(p), a_shared_document) for p in (a_cast.student1, a_cast.student2)]
    await bob.sync()
    await ada.listener.emit("AWARENESS", {"id": a_shared_document, "state": b"\x01\x07\x01\x02{}"})
    await ada.sync()
    await ada.listener.emit("AWARENESS", {"id": a_shared_document, "state": b"\x01\x07\x01\x02{}" + b" " * 4_000})
    for clock in range(2, 80):
        await ada.listener.emit("AWARENESS", {"id": a_shared_document, "state": bytes([1, 7, clock, 2]) + b"{}"})
    await ada.listener.call("JOIN_ROOM", a_cast.class_a)

    heard = await bob.listener.heard_so_far("DOCUMENT_AWARENESS")

    assert 0 < len(heard) <= limits.AWARENESS_PER_SECOND + 5
    assert decode(heard[0]["state"])[7].clock == 2


async def test_stranger_is_refused_everywhere_and_hears_nothing(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str, a_student: Caller, a_stranger: Caller
) -> None:
    """Without access there is no way to a document: not by socket, not by REST, not by listening."""
    stranger = await connect_as(a_cast.student3)
    author = Editor(await connect_as(a_cast.student1), a_document)
    await author.sync()
    root_id = (await record_of(a_student, a_document))["documentRootId"]
    spy = Editor(stranger, a_document)

    assert (await spy.sync())["error"]["status"] == 404
    assert (await spy.send(author.edit("forged ")))["error"]["status"] == 404
    await stranger.emit("AWARENESS", {"id": a_document, "state": b"\x01\x07\x01\x02{}"})
    for room in (root_id, a_cast.student1.id, a_cast.class_a):
        assert await stranger.call("JOIN_ROOM", room) is False
    assert (await a_stranger.get(f"/documents/{a_document}")).json() is None
    assert (await a_stranger.put(f"/documents/{a_document}", {"data": {"code": "mine"}})).status_code in {403, 404}
    assert (await a_stranger.delete(f"/documents/{a_document}")).status_code in {403, 404}
    assert (await a_stranger.get(f"/documentRoots/{root_id}")).json()["documents"] == []

    author = Editor(author.listener, a_document)
    await author.sync()
    await author.write("real ")
    await a_student.put(f"/documents/{a_document}", {"data": {"code": "new"}})
    await a_student.delete(f"/documents/{a_document}")
    told = {name for name, _ in stranger.heard} - {"CONNECTED_CLIENTS"}
    assert await stranger.heard_so_far("CHANGED_DOCUMENT", "DOCUMENT_UPDATE", "NEW_RECORD", "DELETED_RECORD") == []
    assert told == set()


async def test_reader_may_follow_but_not_write(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_student: Caller
) -> None:
    """Shared for reading, the text is live for the class and only its author changes it; a teacher reads anyway."""
    shared = await new_document(a_student, sharing="RO")
    private = await new_document(a_student)
    writer = Editor(await connect_as(a_cast.student1), shared)
    await writer.sync()

    for person, document_id, access in (
        (a_cast.student2, shared, "RO_DocumentRoot"),
        (a_cast.teacher, private, "RO_User"),
        (a_cast.admin, private, "RO_User"),
    ):
        reader = Editor(await connect_as(person), document_id)
        assert (await reader.sync())["access"] == access
        refused = await reader.write("not mine ")
        assert (refused["ok"], refused["error"]["status"]) == (False, 403)
        assert len(await log_of(a_hub, document_id)) == 1


@pytest.mark.on_both_databases
async def test_numbers_of_the_log_have_no_gaps(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """Every acknowledged edit has its number; refused ones have none."""
    editor = Editor(await connect_as(a_cast.student1), a_document)
    await editor.sync()
    for number in range(5):
        await editor.send(b"bad")
        await editor.write(str(number))

    query = select(func.count(), func.max(tables.live_updates.c.number)).select_from(tables.live_updates)
    count, highest = await a_hub.database.read(lambda tx: tx.execute(query).one())
    assert (count, highest) == (6, 5)
