"""Names of edits (client id and clock): nobody writes under another's, and acknowledged means in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pycrdt
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from teaching_nb.errors import Conflict
from teaching_nb.hub.config import Settings
from teaching_nb.hub.crdt.client_ids import ClientIds, Writer
from teaching_nb.hub.crdt.document import Damaged, LiveDoc, initial_update
from teaching_nb.schema import events
from teaching_nb.schema.awareness import ClientState, encode
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect, Listener
from tests.harness.running_hub import RunningHub, serving
from tests.hub.crdt.test_fuzz_updates import do_edit, edits
from tests.hub.live.documents import log_of, new_document


async def opened(listener: Listener, document_id: str, client_id: int | None = None) -> Editor:
    """Return somebody who follows a document, under a client id of their choice."""
    editor = Editor(listener, document_id)
    if client_id is not None:
        editor.doc = pycrdt.Doc(client_id=client_id)
    await editor.sync()
    return editor


async def stored_text(hub: RunningHub, document_id: str) -> str:
    """Return the text that the log of a document says."""
    text = LiveDoc("code", await log_of(hub, document_id)).data()["code"]
    assert isinstance(text, str)
    return text


@pytest.fixture
async def a_document(a_student: Caller) -> str:
    """Return a document of student 1 that everybody may edit."""
    return await new_document(a_student, sharing="RW", data={"code": ""})


@pytest.mark.on_both_databases
async def test_nobody_writes_under_the_id_of_another(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """Neither before that person's next edit nor after it; their edits are stored as if nothing had been tried."""
    author = await opened(await connect_as(a_cast.student1), a_document)
    await author.write("a1 ")
    forger = await opened(await connect_as(a_cast.student2), a_document, author.doc.client_id)
    answer = await forger.write("forged ", 3)

    assert (answer["ok"], answer["error"]["status"]) == (False, 409)
    assert str(author.doc.client_id) in answer["error"]["message"]
    assert (await author.write("a2 ", 3))["ok"] is True
    assert await stored_text(a_hub, a_document) == "a1 a2 "


async def test_nobody_writes_under_an_id_that_another_shows(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """A cursor tells the id before its owner has written anything."""
    author = await opened(await connect_as(a_cast.student1), a_document)
    state = encode({author.doc.client_id: ClientState(1, {"cursor": None})})
    await author.listener.emit(events.AWARENESS, {"id": a_document, "state": state})
    forger = await opened(await connect_as(a_cast.student2), a_document, author.doc.client_id)
    await forger.listener.hears(events.DOCUMENT_AWARENESS)

    assert (await forger.write("forged"))["error"]["status"] == 409
    assert (await author.write("mine"))["ok"] is True
    assert await stored_text(a_hub, a_document) == "mine"


@pytest.mark.parametrize("is_deleted", [False, True], ids=["left there", "deleted at once"])
async def test_edit_whose_name_was_taken_is_not_acknowledged(
    settings: Settings, a_cast: Cast, *, is_deleted: bool
) -> None:
    """Whoever was away while the hub started anew finds their next edit's name used: told so, and not lost."""
    async with serving(settings) as hub, people(hub, a_cast) as (one, _other):
        async with httpx.AsyncClient(base_url=hub.url, timeout=20) as client:
            document_id = await new_document(Caller(client, a_cast.student1), sharing="RW", data={"code": ""})
        author = await opened(one, document_id)
        await author.write("a1 ")
    mine = author.edit("a2 ", 3)
    async with serving(settings) as hub, people(hub, a_cast) as (one, other):
        forger = await opened(other, document_id, author.doc.client_id)
        assert (await forger.write("forged", 3))["ok"] is True
        if is_deleted:
            gone = forger.changed(lambda data: data["code"].__delitem__(slice(3, 9)))
            assert (await forger.send(gone))["ok"] is True
        author.listener = one

        answer = await author.send(mine)

        assert (answer["ok"], answer["error"]["status"]) == (False, 409)
        again = await opened(one, document_id)
        assert (await again.write("a2 ", 3))["ok"] is True
        assert "a2 " in await stored_text(hub, document_id)


@asynccontextmanager
async def people(hub: RunningHub, cast: Cast) -> AsyncIterator[tuple[Listener, Listener]]:
    """Connect the two students of class A."""
    listeners = Listener(hub, cast.student1), Listener(hub, cast.student2)
    for listener in listeners:
        await listener.connect()
    yield listeners
    for listener in listeners:
        await listener.disconnect()


async def test_hub_that_was_set_back_is_given_what_it_lost_by_anybody(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """The edits of those who are away are relayed by those who have them."""
    away: pycrdt.Doc[Any] = pycrdt.Doc()
    relay = await opened(await connect_as(a_cast.student2), a_document)
    away.apply_update(relay.doc.get_update())
    away.get("data", type=pycrdt.Map)["code"].insert(0, "of somebody who is away")
    relay.doc.apply_update(away.get_update())

    assert (await relay.send(relay.doc.get_update()))["ok"] is True
    assert await stored_text(a_hub, a_document) == "of somebody who is away"


async def test_edits_that_are_sent_again_are_acknowledged_again(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str
) -> None:
    """In one or in pieces, also when others have deleted them meanwhile; the revision stays."""
    author = await opened(await connect_as(a_cast.student1), a_document)
    sent = [author.edit(word, at) for at, word in ((0, "one "), (4, "zwö 🙂 "), (1, "three"))]
    revisions = [(await author.send(update))["revision"] for update in sent]
    other = await opened(await connect_as(a_cast.student2), a_document)
    await other.send(other.changed(lambda data: data["code"].__delitem__(slice(0, 6))))
    size = len(await log_of(a_hub, a_document))

    for update in (*sent, pycrdt.merge_updates(*sent), pycrdt.merge_updates(sent[2], sent[1])):
        assert (await author.send(update))["revision"] == revisions[-1] + 1
    assert len(await log_of(a_hub, a_document)) == size


async def test_nobody_writes_under_the_hubs_own_id(a_cast: Cast, connect_as: Connect, a_document: str) -> None:
    """Every document begins under it."""
    forger = await opened(await connect_as(a_cast.student1), a_document, 1)

    assert (await forger.write("forged"))["error"]["status"] == 409


def writer(user_id: str) -> Writer:
    """Return somebody who writes into a document of which nobody else is known."""
    return ClientIds(lambda _document, _client: None).of("document", user_id)


@effort(max_examples=80, derandomize=True, database=None, deadline=None)
@given(script=edits, cut=st.data())
def test_whatever_was_written_can_be_sent_again(script: list[tuple[str, Any]], cut: st.DataObject) -> None:
    """By the writer, in any pieces, also what was deleted since: nothing of it counts as unlike, nothing changes."""
    first = initial_update("code", {"code": "x"})
    ours = LiveDoc("code", [first])
    ids = ClientIds(lambda _document, _client: None)
    updates = [update for update in played(first, script) if is_taken(ours, update, ids.of("document", "me"))]

    for _ in range(4):
        some = cut.draw(st.lists(st.sampled_from(updates), min_size=1, max_size=4)) if updates else []
        if some:
            assert ours.apply(pycrdt.merge_updates(*some), ids.of("document", "me")) is False


def played(first: bytes, script: list[tuple[str, Any]]) -> list[bytes]:
    """Return the updates of one client that does what the script says."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(first)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for number, (what, value) in enumerate(script):
        do_edit(doc.get("data", type=pycrdt.Map), what, value, number)
    doc.unobserve(subscription)
    return updates


def is_taken(ours: LiveDoc, update: bytes, writer: Writer) -> bool:
    """Apply an update; tell whether it was one that a document of this type can take."""
    try:
        ours.apply(update, writer)
    except Damaged:
        return False
    return True


@effort(max_examples=80, derandomize=True, database=None, deadline=None)
@given(said=st.text("ab", min_size=1, max_size=6), instead=st.text("ab", min_size=1, max_size=6))
def test_other_items_under_a_known_name_are_refused(said: str, instead: str) -> None:
    """What begins like the known ones continues them; all else is in conflict."""
    first = initial_update("code", {"code": ""})
    ours = LiveDoc("code", [first])
    ours.apply(typed(first, said), writer("one"))

    other = typed(first, instead)
    if said.startswith(instead) or instead.startswith(said):
        assert ours.apply(other, writer("two")) is (len(instead) > len(said))
        assert ours.data()["code"] == max(said, instead, key=len)
    else:
        with pytest.raises(Conflict):
            ours.apply(other, writer("two"))


def typed(first: bytes, text: str) -> bytes:
    """Return an update of client 7 that writes a text into an empty document."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(first)
    before = doc.get_state()
    doc.get("data", type=pycrdt.Map)["code"].insert(0, text)
    return doc.get_update(before)
