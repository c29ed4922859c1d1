"""Events of REST writes: after the commit, in order, to exactly those whom they concern."""

from __future__ import annotations

import asyncio
import itertools
import json

from teaching_nb.hub.delivery.transport import MAX_WAITING_PACKETS
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import of_user
from teaching_nb.schema import events, wire
from tests.harness.cast import Caller, Cast
from tests.harness.deaf_reader import DeafReader
from tests.harness.listeners import Connect, Listener
from tests.harness.running_hub import RunningHub
from tests.hub.live.documents import new_document

EVERYBODY = ("admin", "teacher", "teacher2", "student1", "student2", "student3")


async def hearers(listeners: dict[str, Listener], event: str) -> set[str]:
    """Return who heard such an event exactly once; twice would raise."""
    found = set()
    for name, listener in listeners.items():
        heard = await listener.heard_so_far(event)
        assert len(heard) <= 1, (name, heard)
        if heard:
            found.add(name)
    return found


async def test_change_reaches_readers_only(
    a_cast: Cast, connect_as: Connect, a_student: Caller, an_admin: Caller
) -> None:
    """Private: author's tabs and admins. Shared: everybody but those whom a permission shuts out."""
    private, shared = await new_document(a_student), await new_document(a_student, sharing="RO")
    root_id = (await a_student.get(f"/documents/{shared}")).json()["document"]["documentRootId"]
    await an_admin.post(
        "/permissions/user", {"documentRootId": root_id, "userId": a_cast.student2.id, "access": "None_User"}
    )
    for document_id, expected in (
        (private, {"admin", "student1"}),
        (shared, {"admin", "teacher", "teacher2", "student1", "student3"}),
    ):
        listeners = {name: await connect_as(a_cast.named(name)) for name in EVERYBODY}

        answer = await a_student.put(f"/documents/{document_id}", {"data": {"code": "new"}})

        assert answer.status_code == 204
        assert await hearers(listeners, "CHANGED_DOCUMENT") == expected


async def test_observing_teacher_hears_a_private_change(a_cast: Cast, connect_as: Connect, a_student: Caller) -> None:
    """A teacher who has joined a managed student's room hears their changes; one of another class cannot."""
    document_id = await new_document(a_student)
    teacher, foreign = await connect_as(a_cast.teacher), await connect_as(a_cast.teacher2)
    await teacher.call("JOIN_ROOM", a_cast.student1.id)
    await foreign.call("JOIN_ROOM", a_cast.student1.id)

    await a_student.put(f"/documents/{document_id}", {"data": {"code": "new"}})

    assert (await teacher.hears("CHANGED_DOCUMENT"))["data"] == {"code": "new"}
    assert await foreign.heard_so_far("CHANGED_DOCUMENT") == []


async def test_sender_is_excluded_by_their_own_live_socket_only(
    a_cast: Cast, connect_as: Connect, a_student: Caller
) -> None:
    """The header silences the sender's own tab; a room or somebody else's socket in it silences nobody."""
    document_id = await new_document(a_student)
    tab, other_tab, admin = [await connect_as(p) for p in (a_cast.student1, a_cast.student1, a_cast.admin)]
    cases = {
        ("x-metadata-sid", tab.sid): {"other_tab", "admin"},
        ("x-metadata-socketid", tab.sid): {"other_tab", "admin"},
        ("x-metadata-sid", admin.sid): {"tab", "other_tab", "admin"},
        ("x-metadata-sid", "all"): {"tab", "other_tab", "admin"},
        ("x-metadata-sid", a_cast.student1.id): {"tab", "other_tab", "admin"},
        ("x-metadata-sid", "gone"): {"tab", "other_tab", "admin"},
    }
    listeners = {"tab": tab, "other_tab": other_tab, "admin": admin}

    for number, ((header, value), expected) in enumerate(cases.items()):
        body = {"data": {"code": str(number)}}
        answer = await a_student.put(f"/documents/{document_id}", body, headers={header: value})

        assert answer.status_code == 204
        assert await hearers(listeners, "CHANGED_DOCUMENT") == expected, (header, value)
        for listener in listeners.values():
            listener.heard.clear()


async def test_refused_and_empty_writes_are_not_announced(
    a_cast: Cast, connect_as: Connect, a_student: Caller, a_stranger: Caller
) -> None:
    """No event without a change that was stored."""
    document_id = await new_document(a_student)
    tab, admin = await connect_as(a_cast.student1), await connect_as(a_cast.admin)

    assert (await a_stranger.put(f"/documents/{document_id}", {"data": {"code": "x"}})).status_code in {403, 404}
    assert (await a_student.put(f"/documents/{document_id}", {"data": {"code": "x = 1\n"}})).status_code == 204
    stale = await a_student.put(f"/documents/{document_id}", {"data": {"code": "y"}}, headers={"If-Match": '"7"'})

    assert stale.status_code == 412
    assert await tab.heard_so_far("CHANGED_DOCUMENT") == []
    assert await admin.heard_so_far("CHANGED_DOCUMENT") == []


async def test_events_arrive_in_the_order_of_the_writes(a_cast: Cast, connect_as: Connect, a_student: Caller) -> None:
    """Revisions only grow, on every receiver."""
    document_id = await new_document(a_student)
    listeners = [await connect_as(a_cast.student1), await connect_as(a_cast.admin)]

    for number in range(30):
        await a_student.put(f"/documents/{document_id}", {"data": {"code": str(number)}})

    for listener in listeners:
        heard = await listener.heard_so_far("CHANGED_DOCUMENT")
        assert [event["data"]["code"] for event in heard] == [str(number) for number in range(30)]
        assert [event["revision"] for event in heard] == list(range(2, 32))


async def test_new_and_deleted_documents_are_announced(a_cast: Cast, connect_as: Connect, a_student: Caller) -> None:
    """The author's other tab and admins hear of both; nobody else does."""
    listeners = {name: await connect_as(a_cast.named(name)) for name in EVERYBODY}
    document_id = await new_document(a_student)
    await a_student.delete(f"/documents/{document_id}")

    for name, listener in listeners.items():
        new = [event for event in await listener.heard_so_far("NEW_RECORD") if event["type"] == "Document"]
        gone = await listener.heard_so_far("DELETED_RECORD")
        if name in {"admin", "student1"}:
            assert [event["record"]["id"] for event in new] == [document_id]
            assert gone == [{"type": "Document", "id": document_id}]
        else:
            assert (new, gone) == ([], [])


async def test_root_room_serves_everybody_once(a_cast: Cast, connect_as: Connect, a_student: Caller) -> None:
    """Somebody who is in several addressed rooms hears an event once."""
    document_id = await new_document(a_student, sharing="RW")
    root_id = (await a_student.get(f"/documents/{document_id}")).json()["document"]["documentRootId"]
    admin = await connect_as(a_cast.admin)
    assert await admin.call("JOIN_ROOM", root_id) is True
    assert await admin.call("JOIN_ROOM", wire.new_id()) is True

    await a_student.put(f"/documents/{document_id}", {"data": {"code": "once"}})

    assert len(await admin.heard_so_far("CHANGED_DOCUMENT")) == 1


async def test_more_at_once_than_may_wait_reaches_who_reads(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect
) -> None:
    """Sockets are written to in between, so that nobody is taken for one who does not read."""
    listener = await connect_as(a_cast.student1)
    numbers = range(MAX_WAITING_PACKETS + 500)
    actions = [events.ForwardedAction(action={"number": number}) for number in numbers]
    told = tuple(Notification(action, (of_user(a_cast.student1.id),)) for action in actions)

    a_hub.context.commits.announce(Outcome(None, told))

    heard = await listener.heard_so_far(events.ACTION)
    assert [payload["number"] for payload in heard[:-1]] == list(numbers)


async def test_order_stays_while_a_reader_falls_behind_and_catches_up(a_hub: RunningHub, a_cast: Cast) -> None:
    """What is written at once and what had to wait comes as it was sent, once each."""
    person = a_cast.student1
    numbers = itertools.count()

    def tell(count: int) -> None:
        for _ in range(count):
            action = events.ForwardedAction(action={"number": next(numbers), "padding": "x" * 8_000})
            a_hub.context.commits.announce(Outcome(None, (Notification(action, (of_user(person.id),)),)))

    def read(reader: DeafReader, last: int) -> list[int]:
        found: list[int] = []
        reader.wake()
        while found[-1:] != [last]:
            frame = reader.read_until(b'42["ACTION"')
            found.append(json.loads(frame[2:])[1]["number"])
        return found

    reader = await asyncio.to_thread(DeafReader, a_hub.url, f"Bearer {person.token}")
    with reader:
        async with asyncio.timeout(20):
            while not waiting_packets(a_hub):
                # The system takes some megabytes.
                tell(8)
                await asyncio.sleep(0.001)
        told = next(numbers)
        tell(99)
        reading = asyncio.create_task(asyncio.to_thread(read, reader, told + 199))
        for _ in range(20):
            tell(5)
            await asyncio.sleep(0.01)
        async with asyncio.timeout(30):
            heard = await reading
        behind = waiting_packets(a_hub)
        tell(1)
        async with asyncio.timeout(20):
            last = await asyncio.to_thread(read, reader, told + 200)

    assert heard == [*range(told), *range(told + 1, told + 200)]
    assert (behind, last) == (0, [told + 200])


def waiting_packets(hub: RunningHub) -> int:
    """Return how many packets the hub could not write yet, for all sockets."""
    return sum(outbox.waiting_packets for _, outbox in hub.hub._transport._connections.values())


async def test_what_is_known_of_a_socket_ends_with_it(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """The way to a connection is kept while there is one, and no longer."""
    known = a_hub.hub._transport._connections
    listeners = [await connect_as(a_cast.student1) for _ in range(3)]
    for listener in listeners:
        await listener.heard_so_far(events.ACTION)
    sids = {listener.sid for listener in listeners}
    assert sids <= known.keys()

    for listener in listeners:
        await listener.disconnect()

    async with asyncio.timeout(20):
        while sids & known.keys():
            await asyncio.sleep(0.01)
