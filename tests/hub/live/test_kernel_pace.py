"""Kernels hear of a live text a moment later and at most so often, and all of it; pages hear everything at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest

from teaching_nb.hub.access.person_facts import PersonFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.delivery.room_changes import RoomChanges
from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.live import kernel_pace
from teaching_nb.hub.live.kernel_pace import KernelPace
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.schema.events import DocumentUpdate
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.harness.waiting import until
from tests.hub.live.documents import new_document

SOCKETS = ("ada's page", "bob's page", "ada's kernel", "bob's kernel", "eve's kernel")
PAGES, KERNELS = list(SOCKETS[:2]), SOCKETS[2:]


class Paced:
    """A pace, and what it has announced later."""

    def __init__(self) -> None:
        rooms = Rooms(RoomChanges())
        for sid in SOCKETS:
            name = sid.split("'")[0]
            actor = Actor(user_id=name, name=name, email="", role="student")
            rooms.connect(sid, PersonFacts(actor, frozenset(), frozenset()), is_page=sid.endswith("page"))
        self.later: list[tuple[set[str], bytes]] = []
        self.pace = KernelPace(rooms, self._announce)

    def of(self, update: bytes, *, by: str | None = None, document_id: str = "d") -> list[str]:
        """Return who is told now; the sender's own socket is none of the receivers."""
        sids = [sid for sid in SOCKETS if sid != by]
        return list(self.pace.of(DocumentUpdate(id=document_id, update=update), sids, by))

    def _announce(self, outcome: Outcome[None]) -> None:
        for notification in outcome.notifications:
            assert isinstance(notification.event, DocumentUpdate)
            assert notification.only is not None
            self.later.append((set(notification.only), notification.event.update))


@pytest.fixture
async def paced() -> Any:
    """Return a pace whose intervals the test ends."""
    paced = Paced()
    yield paced
    paced.pace.stop()


@pytest.fixture
def typed() -> Callable[[], bytes]:
    """Return a function that makes the next edit of one text."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text: pycrdt.Text = doc.get("text", type=pycrdt.Text)

    def edit() -> bytes:
        before = doc.get_state()
        text.insert(len(str(text)), "x")
        return doc.get_update(before)

    return edit


def read(*updates: bytes) -> str:
    """Return what somebody sees who has heard this."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get("text", type=pycrdt.Text))


async def test_kernels_hear_together_what_pages_hear_at_once(paced: Paced, typed: Callable[[], bytes]) -> None:
    """The page that draws an edit has the machine for itself; each document has a time of its own."""
    first, second, third = typed(), typed(), typed()
    assert paced.of(first) == paced.of(second) == PAGES
    other = Paced()
    assert other.of(third, document_id="another") == PAGES
    assert paced.of(third) == PAGES
    assert paced.later == []

    await until(lambda: paced.later and other.later)

    ((sids, update),) = paced.later
    assert sids == set(KERNELS)
    assert read(update) == "xxx"
    assert other.later == [(set(KERNELS), third)]
    other.pace.stop()


async def test_kernels_hear_at_most_once_in_an_interval(
    paced: Paced, typed: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while somebody writes all the time."""
    monkeypatch.setattr(kernel_pace, "INTERVAL_SECONDS", 0.02)
    loop, updates = asyncio.get_running_loop(), []
    began = loop.time()
    while len(paced.later) < 5:
        updates.append(typed())
        assert paced.of(updates[-1]) == PAGES
        await asyncio.sleep(0)
    assert loop.time() - began > 5 * 0.02 - 0.001
    sent = len(updates)

    await until(lambda: not paced.pace._intervals)
    assert read(*(each for _, each in paced.later)) == "x" * sent


async def test_own_kernel_waits_for_nothing(paced: Paced, typed: Callable[[], bytes]) -> None:
    """Whoever types in a page and goes on in Python finds it there, in order; others' kernels still wait."""
    of_bob, of_ada = typed(), typed()
    assert paced.of(of_bob, by="bob's page") == ["ada's page"]
    assert paced.later == [({"bob's kernel"}, of_bob)]

    assert paced.of(of_ada, by="ada's page") == ["bob's page"]
    sids, update = paced.later[1]
    assert (sids, read(update)) == ({"ada's kernel"}, "xx")


async def test_whoever_has_just_heard_waits_for_the_next_interval(
    paced: Paced, typed: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their own edits are told at once, those of others not the moment after."""
    monkeypatch.setattr(kernel_pace, "INTERVAL_SECONDS", 3_600.0)
    paced.of(typed())
    paced.of(typed(), by="bob's page")
    paced.of(typed(), by="ada's page")
    del paced.later[:]

    for expected in ({"eve's kernel"}, {"bob's kernel"}):
        paced.pace._end("d")
        assert [sids for sids, _ in paced.later] == [expected]
        del paced.later[:]
    for _ in range(3):
        paced.of(typed(), by="ada's page")
        paced.pace._end("d")
    assert [sids for sids, _ in paced.later] == [{"ada's kernel"}, {"bob's kernel", "eve's kernel"}] * 3


async def test_an_interval_in_which_somebody_heard_is_followed_by_another(
    paced: Paced, typed: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told in the middle of it is told no sooner than an interval later; after a quiet one all is over."""
    monkeypatch.setattr(kernel_pace, "INTERVAL_SECONDS", 3_600.0)
    sids = ["bob's page", "ada's kernel"]
    event = DocumentUpdate(id="d", update=typed())
    paced.pace.of(event, sids, "ada's page")
    paced.pace.of(event, sids, None)
    assert len(paced.later) == 1

    paced.pace._end("d")
    assert len(paced.later) == 1
    paced.pace._end("d")
    assert len(paced.later) == 2
    assert paced.pace._intervals, "what comes now has to wait as long"
    for _ in range(2):
        paced.pace._end("d")
        if not paced.pace._intervals:
            break
    assert not paced.pace._intervals


async def test_a_kernel_is_not_told_what_it_has_sent(paced: Paced, typed: Callable[[], bytes]) -> None:
    """What is kept for each is what it lacks; who lacks the same is told together."""
    first, of_ada, of_bob = typed(), typed(), typed()
    paced.of(first)
    paced.of(of_ada, by="ada's kernel")
    paced.of(of_bob, by="bob's kernel")
    paced.pace.tell_all()

    told = {tuple(sorted(sids)): read(update) for sids, update in paced.later}
    assert told == {("eve's kernel",): "xxx", ("bob's kernel",): "xx", ("ada's kernel",): "x"}


async def test_what_is_kept_is_bounded(
    paced: Paced, typed: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Much in one moment is sent before its time."""
    monkeypatch.setattr(kernel_pace, "MOST_BYTES", 30)
    for _ in range(5):
        paced.of(typed())

    assert paced.later[0][0] == set(KERNELS)
    assert len(paced.later[0][1]) < 100


async def test_a_kernel_ends_with_the_same_text(
    a_cast: Cast, connect_as: Connect, a_student: Caller, a_hub: RunningHub
) -> None:
    """Over real sockets: a page hears each edit, another person's kernel fewer updates, and both have all of it."""
    document_id = await new_document(a_student, sharing="RW")
    writer, page, kernel = [
        Editor(await connect_as(person, is_page=is_page), document_id)
        for person, is_page in ((a_cast.student1, True), (a_cast.student2, True), (a_cast.student3, False))
    ]
    for editor in (writer, page, kernel):
        await editor.sync()
    for _ in range(30):
        assert (await writer.write("x"))["ok"]

    for _ in range(30):
        await page.receive()
    while kernel.text != writer.text:
        await kernel.receive()
    assert page.text == writer.text
    assert kernel.listener.tally["DOCUMENT_UPDATE"] < page.listener.tally["DOCUMENT_UPDATE"] == 30


async def test_what_is_kept_is_not_told_when_access_has_ended(
    a_cast: Cast,
    connect_as: Connect,
    a_student: Caller,
    an_admin: Caller,
    a_hub: RunningHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made before, but not told before: a kernel that is shut out does not hear it any more; another one does."""
    monkeypatch.setattr(kernel_pace, "INTERVAL_SECONDS", 3_600.0)
    document_id = await new_document(a_student, sharing="RW")
    root_id = (await a_student.get(f"/documents/{document_id}")).json()["document"]["documentRootId"]
    writer, shut_out, other = [
        Editor(await connect_as(person), document_id) for person in (a_cast.student1, a_cast.student2, a_cast.student3)
    ]
    for editor in (writer, shut_out, other):
        await editor.sync()
    await writer.write("first ")
    await writer.write("second ")
    body = {"documentRootId": root_id, "userId": a_cast.student2.id, "access": "None_User"}
    await an_admin.post("/permissions/user", body)
    assert (await shut_out.listener.hears("DOCUMENT_CLOSED"))["reason"] == "access"

    assert len(await shut_out.listener.heard_so_far("DOCUMENT_UPDATE")) == 0
    assert len(await other.listener.heard_so_far("DOCUMENT_UPDATE")) == 1
