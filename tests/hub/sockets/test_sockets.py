"""The socket's door and its events: who is let in, which rooms they may enter, what happens to nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import socketio

from teaching_nb import tokens
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import of_group, of_user
from teaching_nb.schema import limits, wire
from teaching_nb.schema.events import ForwardedAction
from tests.harness.cast import Caller, Cast, Person
from tests.harness.listeners import Connect, Listener
from tests.harness.running_hub import SECRET, RunningHub

AsPerson = Callable[[Person], Caller]

NONSENSE: tuple[Any, ...] = (
    None, 1, 2.5, True, "x", "all", "admin", "", [], [1], {}, {"id": 1}, {"id": None}, {"id": "x"},
    {"id": "x" * 99_999}, {"id": wire.new_id(), "update": "text"}, {"id": wire.new_id(), "update": b"\xff" * 50},
    {"id": [], "stateVector": {}}, {"id": wire.new_id(), "stateVector": b"\xff"},
    {"id": wire.new_id(), "state": b"\xff\xff"}, b"bytes", {"roomId": 3},
    {"roomId": "all", "id": "x", "data": None}, {"action": 1, "roomIds": "all", "userIds": None},
)  # fmt: skip


@pytest.fixture
def a_newcomer(a_hub: RunningHub, a_cast: Cast) -> Listener:
    """Return a student whose socket is not connected yet."""
    return Listener(a_hub, a_cast.student1)


async def test_socket_is_let_in_with_a_bearer_token_as_payload(a_newcomer: Listener) -> None:
    """A program connects with the token that `hub token` printed."""
    await a_newcomer.connect(auth={"token": a_newcomer.person.token})

    assert a_newcomer.sid
    await a_newcomer.disconnect()


async def test_socket_is_let_in_with_a_bearer_token_as_header(a_newcomer: Listener, a_cast: Cast) -> None:
    """A kernel connects with a header alone."""
    await a_newcomer.connect(headers=a_newcomer.person.headers)

    assert await a_newcomer.call("JOIN_ROOM", a_cast.class_a) is True
    await a_newcomer.disconnect()


async def test_socket_is_let_in_with_an_assertion(a_newcomer: Listener) -> None:
    """The Jupyter server vouches for its user."""
    assertion = tokens.mint_assertion(SECRET, subject="ada", name="Ada Lovelace", role="student")

    await a_newcomer.connect(headers={"Authorization": f"Bearer {assertion}"})

    assert a_newcomer.sid
    await a_newcomer.disconnect()


async def test_socket_is_let_in_with_a_one_time_token_once(a_newcomer: Listener, a_student: Caller) -> None:
    """The existing system's handshake works, and its token does not work twice."""
    token = (await a_student.get("/api/auth/one-time-token/generate")).json()["token"]

    await a_newcomer.connect(auth={"token": token})
    await a_newcomer.disconnect()

    with pytest.raises(socketio.exceptions.ConnectionError, match="One or more"):
        await a_newcomer.connect(auth={"token": token})


@pytest.mark.parametrize(
    "options",
    [
        {"auth": None},
        {"auth": {}},
        {"auth": {"token": None}},
        {"auth": {"token": 5}},
        {"auth": {"token": "wrong"}},
        {"auth": ["token"]},
        {"auth": "token"},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"headers": {"Authorization": "Basic YTpi"}},
        {"headers": {"Cookie": "tdev.session_token=wrong"}},
    ],
)
async def test_socket_without_a_valid_credential_is_refused(
    a_hub: RunningHub, a_newcomer: Listener, options: dict[str, Any]
) -> None:
    """The refusal comes in the handshake, says `unauthorized`, and nothing is left behind."""
    refusals: list[Any] = []
    a_newcomer._client.on("connect_error", refusals.append)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await a_newcomer.connect(**options)

    assert refusals == [{"message": "unauthorized"}]
    assert a_hub.context.rooms.members() == []


async def test_only_websockets_are_offered(a_hub: RunningHub) -> None:
    """Long polling is refused like in the existing system."""
    async with aiohttp.ClientSession() as session:
        url = f"{a_hub.url}/socket.io/?EIO=4&transport=polling"
        async with session.get(url) as answer:
            assert answer.status == 400


async def test_sockets_of_one_user_are_limited(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One connection too many is refused with the limit, others keep theirs."""
    monkeypatch.setattr(limits, "SOCKETS_PER_USER", 2)
    first, _second = await connect_as(a_cast.student1), await connect_as(a_cast.student1)
    refusals: list[Any] = []
    third = Listener(a_hub, a_cast.student1)
    third._client.on("connect_error", refusals.append)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await third.connect()

    assert "too many connections: 3, the limit is 2" in refusals[0]["message"]
    assert await first.call("JOIN_ROOM", a_cast.class_a) is True


async def test_join_room_decides_by_role_and_room(
    a_cast: Cast, connect_as: Connect, as_person: AsPerson, an_admin: Caller
) -> None:
    """Every cell of the protocol's table, for roots that are closed, shared, and opened by a permission."""
    closed, shared, mine = wire.new_id(), wire.new_id(), wire.new_id()
    for root, sharing in ((closed, "None"), (shared, "RO"), (mine, "None")):
        body = {"access": "RO_DocumentRoot", "sharedAccess": f"{sharing}_DocumentRoot"}
        assert (await an_admin.post(f"/documentRoots/{root}", body)).status_code == 200
    permission = {"documentRootId": mine, "userId": a_cast.teacher.id, "access": "RW_User"}
    assert (await an_admin.post("/permissions/user", permission)).status_code == 200
    everything = {
        "own group": a_cast.class_a, "foreign group": a_cast.class_b, "own id": a_cast.student1.id,
        "managed": a_cast.student2.id, "foreign": a_cast.student3.id, "closed root": closed,
        "shared root": shared, "writable root": mine, "unknown": wire.new_id(), "word": "all", "admin": "admin",
    }  # fmt: skip
    expected = {
        a_cast.student1: {"own group", "shared root"},
        a_cast.teacher: {"own group", "own id", "managed", "shared root", "writable root"},
        a_cast.admin: everything.keys() - {"word", "admin"},
    }

    for person, rooms in expected.items():
        listener = await connect_as(person)
        joined = {name for name, room in everything.items() if await listener.call("JOIN_ROOM", room) is True}
        again = {name for name, room in everything.items() if await listener.call("JOIN_ROOM", room) is True}

        assert joined == again == rooms, person.name


async def test_leave_room_keeps_people_in_the_rooms_they_need(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """Nobody leaves their own room, `all` or `admin`; a student does not leave their group."""
    teacher, student = await connect_as(a_cast.teacher), await connect_as(a_cast.student1)
    await teacher.call("JOIN_ROOM", a_cast.student1.id)

    assert [await teacher.call("LEAVE_ROOM", room) for room in (a_cast.teacher.id, "all", "admin")] == [False] * 3
    assert await teacher.call("LEAVE_ROOM", a_cast.student1.id) is True
    assert await student.call("LEAVE_ROOM", a_cast.class_a) is False
    assert await student.call("LEAVE_ROOM", a_cast.class_b) is True
    assert await student.call("LEAVE_ROOM", wire.new_id()) is False
    assert a_hub.context.rooms.sids_in([of_user(a_cast.student1.id)]) == {student.sid}
    assert student.sid in a_hub.context.rooms.sids_in([of_group(a_cast.class_a)])


async def test_rooms_per_socket_are_limited(a_cast: Cast, connect_as: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket cannot fill the memory with rooms."""
    monkeypatch.setattr(limits, "ROOMS_PER_SOCKET", 3)
    admin = await connect_as(a_cast.admin)

    answers = [await admin.call("JOIN_ROOM", wire.new_id()) for _ in range(5)]

    assert answers == [True, True, True, False, False]


async def test_nonsense_is_answered_and_changes_nothing(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is sent to whichever event, with or without callback, is refused; the process lives on."""
    for person in (a_cast.student1, a_cast.teacher, a_cast.admin):
        listener = await connect_as(person)
        before = a_hub.context.rooms.member(listener.sid).rooms  # type: ignore[union-attr]  # it is connected
        for payload in NONSENSE:
            for event in ("JOIN_ROOM", "ACTION"):
                assert await listener.call(event, payload) is False, (event, payload)
            # Elevated people are told that they have left a room in which nobody is.
            is_left = person is not a_cast.student1 and payload not in ("all", "admin")
            assert await listener.call("LEAVE_ROOM", payload) is is_left, payload
            for event in ("SYNC_DOCUMENT", "UPDATE_DOCUMENT", "LEAVE_DOCUMENT"):
                answer = await listener.call(event, payload)
                has_id = isinstance(payload, dict) and wire.is_uuid(payload.get("id"))
                assert answer["ok"] is (event == "LEAVE_DOCUMENT" and has_id), (event, payload)
            for event in ("STREAM_UPDATE", "AWARENESS", "JOIN_ROOM", "UPDATE_DOCUMENT", "NO_SUCH_EVENT"):
                await listener.emit(event, payload)
        assert await listener.call("JOIN_ROOM") is False
        assert await listener.call("JOIN_ROOM", a_cast.class_a, "more", "arguments") is True
        assert a_hub.context.rooms.member(listener.sid).rooms == before  # type: ignore[union-attr]
    assert "failed" not in caplog.text


@pytest.mark.parametrize(
    "frame",
    ['42["JOIN_ROOM"', "4", "49", "42{}", "42[]", '451-["UPDATE_DOCUMENT",{"_placeholder":true,"num":7}]',
     '4599999999-["UPDATE_DOCUMENT"]', "42" + "[" * 50_000, "42[NaN]", '42["__class__",1]', "43[1]", "40{",
     b"\x00\x01"],
)  # fmt: skip
async def test_broken_frames_do_no_harm(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, frame: str | bytes
) -> None:
    """A frame that is no packet ends at most the connection it came on."""
    other = await connect_as(a_cast.student2)
    async with aiohttp.ClientSession() as session:
        url = f"{a_hub.url}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(url, headers=a_cast.student1.headers) as socket:
            await socket.receive_str()
            await socket.send_str("40")
            await socket.receive_str()
            await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))

    assert await other.call("JOIN_ROOM", a_cast.class_a) is True


async def test_action_reaches_what_its_sender_may_address(a_cast: Cast, connect_as: Connect) -> None:
    """A teacher reaches their groups and managed users, an admin all, a student nobody; the sender hears nothing."""
    teacher, student, stranger = [await connect_as(p) for p in (a_cast.teacher, a_cast.student1, a_cast.student3)]
    reload = {"type": "nav-reload"}
    both = {"roomIds": [a_cast.class_a, a_cast.class_b], "userIds": [a_cast.student1.id, a_cast.student3.id]}

    assert await teacher.call("ACTION", {"action": reload, **both}) is True
    assert await student.call("ACTION", {"action": "mine", **both}) is False
    assert await teacher.call("ACTION", {"action": "nobody", "roomIds": [], "userIds": []}) is True

    assert (await student.heard_so_far("ACTION"))[:-1] == [reload]
    assert (await stranger.heard_so_far("ACTION"))[:-1] == []
    assert (await teacher.heard_so_far("ACTION"))[:-1] == []


async def test_stream_update_reaches_a_presenting_group_once(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_teacher: Caller
) -> None:
    """With canPresent the others see the state, the sender and other classes do not; without it nobody does."""
    teacher, student, stranger = [await connect_as(p) for p in (a_cast.teacher, a_cast.student1, a_cast.student3)]
    state = {"roomId": a_cast.class_a, "id": "any-id", "data": {"code": "live"}}

    await teacher.emit("STREAM_UPDATE", state)
    assert await teacher.call("JOIN_ROOM", a_cast.class_a) is True
    assert await student.heard_so_far("CHANGED_DOCUMENT") == []

    answer = await a_teacher.put(f"/studentGroups/{a_cast.class_a}", {"data": {"canPresent": True}})
    assert answer.status_code < 300, answer.text
    await teacher.emit("STREAM_UPDATE", {**state, "meta": {"cursor": 3}})
    heard = await student.hears("CHANGED_DOCUMENT")

    assert {key: heard[key] for key in ("id", "data", "meta")} == {
        "id": "any-id", "data": {"code": "live"}, "meta": {"cursor": 3}
    }  # fmt: skip
    assert await student.heard_so_far("CHANGED_DOCUMENT") == []
    assert await stranger.heard_so_far("CHANGED_DOCUMENT") == []
    assert await teacher.heard_so_far("CHANGED_DOCUMENT") == []


async def test_a_receiver_that_does_not_read_stops_nobody(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are served at once while one socket's packets pile up, until that one is ended."""
    monkeypatch.setattr("teaching_nb.hub.delivery.transport.MAX_WAITING_PACKETS", 20)
    other = await connect_as(a_cast.student2)
    notification = Notification(ForwardedAction(action="x" * 200_000), (of_group(a_cast.class_a),))
    async with aiohttp.ClientSession() as session:
        url = f"{a_hub.url}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(url, headers=a_cast.student1.headers, max_msg_size=0) as silent:
            await silent.receive_str()
            await silent.send_str("40")
            await silent.receive_str()
            sid = next(iter(a_hub.context.rooms.sids_in([of_user(a_cast.student1.id)])))
            sent = 0
            async with asyncio.timeout(20):
                while a_hub.context.rooms.member(sid) is not None:
                    a_hub.context.commits.announce(Outcome(None, (notification,)))
                    sent += 1
                    await other.hears("ACTION")

    assert sent > 20
    assert other.is_disconnected.is_set() is False


async def test_a_page_follows_documents_and_nothing_else(
    a_hub: RunningHub, a_newcomer: Listener, a_student: Caller
) -> None:
    """A socket that asks for documents only is in no room of its user."""
    await a_newcomer.connect(auth={"token": a_newcomer.person.token, "only": "documents"})

    assert a_hub.context.rooms.sids_in([of_user(a_newcomer.person.id)]) == set()
    assert a_hub.context.rooms.sockets_of(a_newcomer.person.id) == 1
    synced = await a_newcomer.call("SYNC_DOCUMENT", {"id": wire.new_id()})
    assert synced["error"]["status"] == 404
    await a_newcomer.disconnect()
