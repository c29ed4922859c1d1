"""Pages get small edits and cursors within their events, and may send them so; everybody else gets attachments."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from teaching_nb.schema import events, limits
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect, Listener
from tests.harness.running_hub import RunningHub
from tests.harness.waiting import until
from tests.hub.live.documents import new_document, record_of


@pytest.fixture
async def an_inline_page(a_hub: RunningHub, a_cast: Cast) -> AsyncIterator[Listener]:
    """Return a page that asks for small edits within their events."""
    page = Listener(a_hub, a_cast.student2)
    await page.connect(auth={"token": a_cast.student2.token, "only": "documents", "inline": True})
    yield page
    await page.disconnect()


async def test_small_edits_travel_within_their_events_for_those_who_ask(
    a_cast: Cast, connect_as: Connect, a_student: Caller, an_inline_page: Listener
) -> None:
    """In both directions; long ones are attached, and whoever does not ask gets attachments always."""
    document_id = await new_document(a_student, sharing="RW")
    writer = Editor(await connect_as(a_cast.student1, is_page=True), document_id)
    other = Editor(await connect_as(a_cast.student3, is_page=True), document_id)
    page = Editor(an_inline_page, document_id)
    for editor in (writer, other, page):
        await editor.sync()

    for text, form in (("short", str), ("long" * limits.INLINE_BYTES, bytes)):
        update = writer.edit(text)
        assert (await writer.send(update))["ok"]
        heard = (await page.listener.hears(events.DOCUMENT_UPDATE))["update"]
        assert isinstance(heard, form)
        assert (base64.b64decode(heard) if isinstance(heard, str) else heard) == update
        page.doc.apply_update(update)
        await other.receive()

    update = page.edit("mine ")
    answer = await an_inline_page.call(
        events.UPDATE_DOCUMENT, {"id": document_id, "update": base64.b64encode(update).decode()}
    )
    assert answer["ok"]
    await other.receive()
    assert other.text == page.text
    assert (await record_of(a_student, document_id))["data"]["code"].startswith("mine long")


async def test_cursors_travel_within_their_events(
    a_cast: Cast, connect_as: Connect, a_student: Caller, an_inline_page: Listener
) -> None:
    """As edits do."""
    document_id = await new_document(a_student, sharing="RW")
    writer = Editor(await connect_as(a_cast.student1, is_page=True), document_id)
    page = Editor(an_inline_page, document_id)
    for editor in (writer, page):
        await editor.sync()
    state = b"\x01\x07\x01\x02{}"

    await writer.listener.emit(events.AWARENESS, {"id": document_id, "state": state})

    heard = (await an_inline_page.hears(events.DOCUMENT_AWARENESS))["state"]
    assert isinstance(heard, str)
    assert b"\x07" in base64.b64decode(heard)


async def test_what_is_no_base64_is_refused(
    a_cast: Cast, connect_as: Connect, a_student: Caller, an_inline_page: Listener
) -> None:
    """With a word why; the connection stays."""
    document_id = await new_document(a_student, sharing="RW")
    await Editor(an_inline_page, document_id).sync()

    answer = await an_inline_page.call(events.UPDATE_DOCUMENT, {"id": document_id, "update": "no base64!"})

    assert answer["ok"] is False
    assert "base64" in answer["error"]["message"]
    assert (await an_inline_page.call(events.LEAVE_DOCUMENT, {"id": document_id}))["ok"]


async def test_a_socket_that_has_ended_is_forgotten(a_hub: RunningHub, an_inline_page: Listener) -> None:
    """Nothing is kept of it."""
    assert a_hub.hub._transport._inline == {an_inline_page.sid}

    await an_inline_page.disconnect()

    await until(lambda: not a_hub.hub._transport._inline)
