"""The limits on the way through a Jupyter server: what fits arrives, what does not is refused in words, nobody is cut.

Every test ends on the connections that it began with: none of the clients here makes a new one by itself.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pycrdt
import pytest

from teaching_nb.client import Classroom, CodeModel, DocumentModel, connect
from teaching_nb.errors import Forbidden
from teaching_nb.schema import events
from teaching_nb.schema.awareness import ClientState, encode
from teaching_nb.schema.limits import (
    AWARENESS_BYTES,
    LIVE_TEXT_BYTES,
    LIVE_UPDATE_BYTES,
    REST_BODY_BYTES,
    SOCKET_MESSAGE_BYTES,
)
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.faults.test_limits_client import FRAME, stored
from tests.harness.classrooms import SECONDS, opened
from tests.harness.editors import Editor
from tests.harness.jupyter import BASE_URL, JUPYTER_TOKEN, jupyter_process
from tests.harness.jupyter_server import JupyterServer
from tests.harness.listeners import Listener
from tests.harness.raw_socket import raw_socket
from tests.harness.waiting import wait_until

SIGNED = {"Authorization": f"token {JUPYTER_TOKEN}"}


@pytest.fixture
def a_hub(new_hub: NewHub) -> MortalHub:
    """Run a hub."""
    hub = new_hub()
    hub.start()
    return hub


@pytest.fixture
def a_jupyter(tmp_path: Path, a_hub: MortalHub, a_school: School) -> Iterator[JupyterServer]:
    """Run a student's Jupyter server."""
    options = (f"--TeachingNB.hub_url={a_hub.url}", f"--TeachingNB.hub_token={a_school.cast.student1.token}")
    with jupyter_process(tmp_path / "jupyter", *options).launch() as jupyter:
        yield jupyter.wait_ready()


@pytest.fixture
async def connected(a_jupyter: JupyterServer, a_school: School) -> AsyncIterator[Callable[[], Any]]:
    """Return a function that connects a socket; at the end all must be on their first connection still."""
    listeners: list[tuple[Listener, str]] = []

    async def connect_one() -> Listener:
        server: Any = SimpleNamespace(url=a_jupyter.url.removesuffix(BASE_URL))
        listener = Listener(server, a_school.cast.student1)
        await listener.connect(headers=SIGNED, socketio_path=f"{BASE_URL}teaching/socket.io")
        listeners.append((listener, listener.sid))
        return listener

    yield connect_one
    for listener, sid in listeners:
        assert not listener.is_disconnected.is_set()
        assert listener.sid == sid
        await listener.disconnect()


@pytest.fixture
async def an_editor(connected: Callable[[], Any], a_school: School) -> Editor:
    """Return somebody who edits the school's live text."""
    editor = Editor(await connected(), a_school.text_id)
    assert (await editor.sync())["ok"]
    return editor


def update_of(editor: Editor, size: int) -> bytes:
    """Return an edit in exactly so many bytes, which the editor has made."""
    probe: pycrdt.Doc[Any] = pycrdt.Doc(client_id=editor.doc.client_id)
    probe.apply_update(editor.doc.get_update())
    before = probe.get_state()
    probe.get("data", type=pycrdt.Map)["code"].insert(0, "x" * (size - 100))
    around = len(probe.get_update(before)) - (size - 100)
    update = editor.edit("x" * (size - around))
    assert len(update) == size
    return update


async def test_request_up_to_the_limit_is_stored_and_above_it_refused(
    a_jupyter: JupyterServer, a_hub: MortalHub, a_school: School
) -> None:
    """One byte more is answered with both numbers, and the same connection serves the next request."""
    path = f"{BASE_URL}teaching/api/v1/documents/{a_school.record_id}"
    around = len('{"data":""}')

    def put(connection: http.client.HTTPConnection, size: int, letter: str) -> tuple[int, bytes]:
        body = f'{{"data":"{letter * (size - around)}"}}'
        connection.request("PUT", path, body, {**SIGNED, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def talk() -> None:
        host = a_jupyter.url.removeprefix("http://").partition("/")[0]
        connection = http.client.HTTPConnection(host, timeout=SECONDS)
        for size, letter in ((REST_BODY_BYTES - 1, "a"), (REST_BODY_BYTES, "b")):
            assert put(connection, size, letter)[0] == 204
            assert stored(a_hub, a_school, a_school.record_id) == letter * (size - around)
        first = connection.sock

        status, answer = put(connection, REST_BODY_BYTES + 1, "c")

        message = f"the request has {REST_BODY_BYTES + 1} bytes, the limit is {REST_BODY_BYTES}"
        assert (status, message in json.loads(answer)["errors"][0]["message"]) == (413, True)
        assert stored(a_hub, a_school, a_school.record_id) == "b" * (REST_BODY_BYTES - around)
        assert put(connection, around + 1, "d")[0] == 204
        assert connection.sock is first
        assert stored(a_hub, a_school, a_school.record_id) == "d"
        connection.close()

    await asyncio.to_thread(talk)


async def test_edit_up_to_the_limit_is_stored_and_above_it_refused(
    a_hub: MortalHub, a_school: School, an_editor: Editor
) -> None:
    """A page's edit of one byte too many is answered with both numbers; what it does instead is stored."""
    for size in (LIVE_UPDATE_BYTES - 1, LIVE_UPDATE_BYTES):
        update = update_of(an_editor, size)
        assert (await an_editor.send(update))["ok"], size
        assert stored(a_hub, a_school, a_school.text_id) == {"code": an_editor.text}
        assert (await an_editor.send(an_editor.changed(lambda data: data["code"].clear())))["ok"]
    before = stored(a_hub, a_school, a_school.text_id)

    refusal = await an_editor.send(update_of(an_editor, LIVE_UPDATE_BYTES + 1))

    assert refusal["error"]["status"] == 413
    assert refusal["error"]["message"] == f"update has {LIVE_UPDATE_BYTES + 1} bytes, the limit is {LIVE_UPDATE_BYTES}"
    assert stored(a_hub, a_school, a_school.text_id) == before
    again = Editor(an_editor.listener, a_school.text_id)
    await again.sync()
    assert (await again.write("shorter"))["ok"]
    assert stored(a_hub, a_school, a_school.text_id) == {"code": "shorter"}


async def test_text_up_to_the_limit_is_stored_and_above_it_refused(
    a_hub: MortalHub, a_school: School, an_editor: Editor, connected: Callable[[], Any]
) -> None:
    """The last character that fits is stored and told to others, the one after it refused with both numbers."""
    reader = Editor(await connected(), a_school.text_id)
    await reader.sync()
    fitting = "y" * (LIVE_TEXT_BYTES - FRAME)
    for piece in (fitting[:500_000], fitting[500_001:], "y"):
        assert (await an_editor.write(piece))["ok"]
        await reader.receive()
    assert reader.text == fitting

    refusal = await an_editor.write("z")

    assert refusal["error"]["status"] == 413
    assert f"{LIVE_TEXT_BYTES + 1} bytes, the limit is {LIVE_TEXT_BYTES}" in refusal["error"]["message"]
    assert stored(a_hub, a_school, a_school.text_id) == {"code": fitting}
    again = Editor(an_editor.listener, a_school.text_id)
    await again.sync()
    assert (await again.send(again.changed(lambda data: data["code"].clear())))["ok"]
    await reader.receive()
    assert reader.text == ""


def awareness_of(size: int, clock: int) -> bytes:
    """Return an awareness state in exactly so many bytes."""
    around = len(encode({7: ClientState(clock, {"pad": "x" * 3_000})})) - 3_000
    state = encode({7: ClientState(clock, {"pad": "x" * (size - around)})})
    assert len(state) == size
    return state


async def test_awareness_up_to_the_limit_is_passed_on_and_above_it_left_out(
    a_school: School, an_editor: Editor, connected: Callable[[], Any]
) -> None:
    """It is worth no answer: others see the cursor where it was, and then where it is next."""
    reader = Editor(await connected(), a_school.text_id)
    await reader.sync()

    for clock, size in enumerate((AWARENESS_BYTES - 1, AWARENESS_BYTES, AWARENESS_BYTES + 1, 100), start=1):
        state = awareness_of(size, clock) if size > 100 else encode({7: ClientState(clock, {"pad": ""})})
        await an_editor.listener.emit(events.AWARENESS, {"id": a_school.text_id, "state": state})

    heard = [len((await reader.listener.hears(events.DOCUMENT_AWARENESS))["state"]) for _ in range(3)]
    assert min(heard[:2]) > AWARENESS_BYTES
    assert heard[2] < 500


@pytest.mark.parametrize("is_binary", [False, True], ids=["text", "binary"])
async def test_message_above_the_limit_ends_its_connection_with_both_numbers(
    a_jupyter: JupyterServer,
    connected: Callable[[], Any],
    a_school: School,
    is_binary: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Clients look before they send. One that does not is told why its connection ends, and it alone."""
    bystander = await connected()

    async with raw_socket(f"{a_jupyter.url}teaching", SIGNED) as socket:
        for size in (SOCKET_MESSAGE_BYTES - 1, SOCKET_MESSAGE_BYTES):
            assert await ask_in(socket, size, is_binary=is_binary), size
        await socket.send(*frames_of(SOCKET_MESSAGE_BYTES + 1, is_binary=is_binary))
        closing = await asyncio.wait_for(socket._socket.receive(), SECONDS)

    reason = f"the message has {SOCKET_MESSAGE_BYTES + 1} bytes, the limit is {SOCKET_MESSAGE_BYTES}"
    assert (closing.data, closing.extra) == (1009, reason)
    assert await bystander.call(events.JOIN_ROOM, a_school.root_id) is True
    assert (await asyncio.to_thread(lambda: a_jupyter.get("teaching/status").json()))["hub"]["reachable"] is True


def frames_of(size: int, *, is_binary: bool) -> list[str | bytes]:
    """Return an event that asks for an acknowledgement, with one frame of exactly so many bytes."""
    if is_binary:
        return ['451-99["UPDATE_DOCUMENT",{"_placeholder":true,"num":0}]', bytes(size)]
    head, tail = '4299["JOIN_ROOM","', '"]'
    return [head + "x" * (size - len(head) - len(tail)) + tail]


async def ask_in(socket: Any, size: int, *, is_binary: bool) -> bool:
    """Send an event of so many bytes; tell whether it was answered."""
    await socket.send(*frames_of(size, is_binary=is_binary))
    while not str(frame := await socket._frame()).startswith(("4399", "461-99")):
        assert not str(frame).startswith("41"), frame
    return True


async def test_kernels_save_and_hear_what_fits(a_jupyter: JupyterServer, a_hub: MortalHub, a_school: School) -> None:
    """Two kernels behind one Jupyter server: text and record up to the limit, and one more, on one connection each."""

    def work() -> None:
        rooms = [connect(f"{a_jupyter.url}teaching", JUPYTER_TOKEN) for _ in range(2)]
        try:
            for room in rooms:
                room.wait_live(SECONDS)
            sids = [room._connection.sid for room in rooms]
            for limit_of in (_text_limit, _record_limit):
                limit_of(a_hub, a_school, *rooms)
                assert [room._connection.sid for room in rooms] == sids
        finally:
            for room in rooms:
                room.close(1)

    await asyncio.to_thread(work)


def _text_limit(hub: MortalHub, school: School, writer: Classroom, reader: Classroom) -> None:
    text, seen = (opened(room, school.text_id, CodeModel) for room in (writer, reader))
    for spare, letter in ((1, "a"), (0, "b")):
        text.code = letter * (LIVE_TEXT_BYTES - FRAME - spare)
        text.wait_saved(SECONDS)
        wait_until(lambda: seen.code == text.code, "the other kernel has it", SECONDS)

    text.code += "c"
    with pytest.raises(Forbidden, match=f"{LIVE_TEXT_BYTES + 1} bytes, the limit is {LIVE_TEXT_BYTES}"):
        text.wait_saved(SECONDS)

    assert stored(hub, school, text.id) == {"code": "b" * (LIVE_TEXT_BYTES - FRAME)}
    text.code = "short"
    text.wait_saved(SECONDS)
    wait_until(lambda: seen.code == "short", "the other kernel goes on", SECONDS)


def _record_limit(hub: MortalHub, school: School, writer: Classroom, reader: Classroom) -> None:
    record, seen = (opened(room, school.record_id, DocumentModel) for room in (writer, reader))
    around = len('{"data":""}')
    for spare, letter in ((1, "a"), (0, "b")):
        record.data = letter * (REST_BODY_BYTES - around - spare)
        record.wait_saved(SECONDS)
        wait_until(lambda: seen.data == record.data, "the other kernel has it", SECONDS)

    record.data = "c" * (REST_BODY_BYTES - around + 1)
    with pytest.raises(Forbidden, match=f"{REST_BODY_BYTES + 1} bytes, the limit is {REST_BODY_BYTES}"):
        record.wait_saved(SECONDS)

    assert stored(hub, school, record.id) == "b" * (REST_BODY_BYTES - around)
    record.data = "short"
    record.wait_saved(SECONDS)
    wait_until(lambda: seen.data == "short", "the other kernel goes on", SECONDS)


async def test_record_that_grows_on_its_way_ends_nobodys_connection(
    a_jupyter: JupyterServer, a_hub: MortalHub, a_school: School
) -> None:
    """What is short in a request can be long in what everybody is told: then it is refused, with the limit."""
    url, headers = f"{a_hub.url}/api/v1/documents/{a_school.record_id}", a_school.cast.teacher.headers
    short, long = "1e15", "1000000000000000.0"
    fitting = (REST_BODY_BYTES - 1) // (len(long) + 1)

    async with (
        raw_socket(f"{a_jupyter.url}teaching", SIGNED) as listener,
        httpx.AsyncClient(timeout=SECONDS, headers={**headers, "Content-Type": "application/json"}) as writer,
    ):
        assert await listener.ask(f'"JOIN_ROOM","{a_school.root_id}"') == "[true]"
        refused = await writer.put(url, content=f'{{"data":[{",".join([short] * (fitting + 1))}]}}')
        taken = await writer.put(url, content=f'{{"data":[{",".join([short] * fitting)}]}}')
        while not str(told := await listener._frame()).startswith('42["CHANGED_DOCUMENT"'):
            pass

    assert (refused.status_code, taken.status_code) == (413, 204)
    assert f"the limit is {REST_BODY_BYTES}" in refused.json()["errors"][0]["message"]
    assert str(told).count(long) == fitting
