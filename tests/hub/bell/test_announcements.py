"""What one process announces reaches the sockets of the other one, in order, and only those who may hear it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from teaching_nb.hub.bell import bell
from teaching_nb.hub.bell import posted as posted_outcomes
from teaching_nb.hub.bell.bell import Bell
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.room import of_user
from teaching_nb.hub.store import posted_announcements
from teaching_nb.hub.store.tables import posted_announcements as posted
from teaching_nb.schema import events
from teaching_nb.tokens import mint_assertion
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import SECRET, RunningHub
from tests.hub.bell.conftest import ConnectTo, ordered
from tests.hub.scenes import Scene

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]


async def test_changes_of_a_document_are_told_in_order_wherever_they_are_made(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str
) -> None:
    """Each process changes it in turn, and everybody hears the same revisions, none twice and none out of turn."""
    listeners = [await connect_to(hub, people.teacher) for hub in two_hubs]
    document = await Scene(two_hubs[0].database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )
    for number in range(1, 13):
        caller = call(two_hubs[number % 2], people.student1)
        answer = await caller.put(f"/documents/{document}", {"data": {"value": number}})
        assert answer.status_code == 204, answer.text

    for hub, listener in zip(two_hubs, listeners, strict=True):
        told = await ordered(listener, hub, events.CHANGED_DOCUMENT)
        assert [change["revision"] for change in told] == list(range(2, 14))


async def test_changes_at_the_same_time_are_told_in_one_order(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str
) -> None:
    """Two processes that change one document side by side tell their sockets the same revisions, in their order."""
    listeners = [await connect_to(hub, people.teacher) for hub in two_hubs]
    document = await Scene(two_hubs[0].database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )

    async def change(hub: RunningHub, begin: int) -> None:
        for number in range(15):
            answer = await call(hub, people.student1).put(f"/documents/{document}", {"data": {"value": begin + number}})
            assert answer.status_code == 204, answer.text

    async with asyncio.timeout(60):
        await asyncio.gather(change(two_hubs[0], 100), change(two_hubs[1], 200))

    heard = [await ordered(*pair, events.CHANGED_DOCUMENT) for pair in zip(listeners, two_hubs, strict=True)]
    assert [change["revision"] for change in heard[0]] == list(range(2, 32))
    assert heard[0] == heard[1]


async def test_new_and_removed_records_are_told_to_those_who_may_hear(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call
) -> None:
    """A document that is not shared is told at the other process to the author's teacher, and to no classmate."""
    root = await Scene(two_hubs[0].database).root(groups={people.class_a: "RW"})
    teacher, classmate = [await connect_to(two_hubs[1], who) for who in (people.teacher, people.student2)]
    author = call(two_hubs[0], people.student1)

    body = {"documentRootId": root, "type": "choice_answer", "data": {"value": 1}}
    created = await author.post("/documents", body)
    document = created.json()["id"]
    await author.delete(f"/documents/{document}")

    assert (await teacher.hears(events.NEW_RECORD))["record"]["id"] == document
    assert await teacher.hears(events.DELETED_RECORD) == {"type": "Document", "id": document}
    assert await classmate.heard_so_far(events.NEW_RECORD, events.DELETED_RECORD) == []


async def test_whoever_sends_is_not_told_though_the_socket_is_at_another_process(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str
) -> None:
    """A balancer may send the request to the one process and the socket to the other."""
    own, other = [await connect_to(two_hubs[1], people.student1) for _ in range(2)]
    document = await Scene(two_hubs[0].database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )

    caller = call(two_hubs[0], people.student1)
    await caller.put(f"/documents/{document}", {"data": {"value": 1}}, headers={events.SENDER_HEADER: own.sid})

    assert (await other.hears(events.CHANGED_DOCUMENT))["revision"] == 2
    assert await own.heard_so_far(events.CHANGED_DOCUMENT) == []


async def test_withdrawn_access_ends_a_live_document_at_the_other_process(
    two_hubs: Hubs, people: Cast, *, call: Call, editors: tuple[Editor, Editor]
) -> None:
    """Who loses it hears nothing that is written afterwards, and can write nothing."""
    ada, bob = editors
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    body = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "None_User"}
    answer = await call(two_hubs[0], people.admin).post("/permissions/user", body)
    assert answer.status_code == 200, answer.text

    await ada.write("secret ")

    assert (await bob.listener.hears(events.DOCUMENT_CLOSED))["reason"] == "access"
    assert bob.listener.tally[events.DOCUMENT_UPDATE] == 0
    assert (await bob.write("too late "))["error"]["status"] == 404


async def test_edit_waits_for_a_withdrawal_that_waits_for_a_commit(
    two_hubs: Hubs, people: Cast, *, call: Call, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was posted before an edit is told before it, also behind an own commit that is not heard of yet."""
    ada, bob = editors
    second = two_hubs[1]
    ours = second.hub._bell
    assert ours is not None
    monkeypatch.setattr(bell, "POLL_BEATS", 10**9)
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    body = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "None_User"}
    empty: Outcome[None] = Outcome(None)

    with ours._elsewhere.writing() as write:
        letter = posted_outcomes.encoded([(empty, None)])
        number = await second.database.write(lambda tx: posted_announcements.post(tx, ours._elsewhere.process, letter))
        write.numbers.append(number)
        await call(two_hubs[0], people.admin).post("/permissions/user", body)
        await ada.write("secret ")
        ours._is_poll = True
        await ours._read_once()
        ours._elsewhere.committed([(empty, None)], number)

    assert (await bob.listener.hears(events.DOCUMENT_CLOSED))["reason"] == "access"
    assert bob.listener.tally[events.DOCUMENT_UPDATE] == 0


async def test_unheard_withdrawal_is_noticed_within_three_seconds(
    two_hubs: Hubs, people: Cast, *, call: Call, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost ring leaves nobody with what was taken from them: the database is looked at all the time."""
    ada, bob = editors
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    body = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "None_User"}
    await call(two_hubs[0], people.admin).post("/permissions/user", body)

    closed = await bob.listener.hears(events.DOCUMENT_CLOSED, timeout=3)

    assert closed["reason"] == "access"


async def test_unheard_withdrawal_ends_writing_at_once(
    two_hubs: Hubs, people: Cast, *, call: Call, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored asks the database, whatever this process believes."""
    ada, bob = editors
    monkeypatch.setattr(Bell, "_hear_other", lambda *_, **__: None)
    monkeypatch.setattr(bell, "POLL_BEATS", 10**9)
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    body = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "RO_User"}
    await call(two_hubs[0], people.admin).post("/permissions/user", body)

    assert (await bob.write("too late "))["error"]["status"] == 403


async def test_banned_person_is_put_out_of_both_processes(
    two_hubs: Hubs, people: Cast, connect_to: ConnectTo, call: Call
) -> None:
    """Their sockets end wherever they are, and their token opens nothing there."""
    listeners = [await connect_to(hub, people.student1) for hub in two_hubs]
    assert (await call(two_hubs[1], people.student1).get("/user")).status_code == 200

    answer = await call(two_hubs[0], people.admin).post("/api/auth/admin/ban-user", {"userId": people.student1.id})

    assert answer.status_code == 200, answer.text
    for listener in listeners:
        await listener.ended()
    assert (await call(two_hubs[1], people.student1).get("/user")).status_code == 401


async def test_role_that_an_assertion_gives_counts_at_the_other_process(two_hubs: Hubs, connect_to: ConnectTo) -> None:
    """What a Jupyter server says of somebody reaches their sockets elsewhere, which are moved into other rooms."""
    headers = {"Authorization": f"Bearer {mint_assertion(SECRET, subject='jo', name='Jo', role='student')}"}
    listener = Listener(two_hubs[1], Person(id="", name="Jo", email="", role="student", token=""))
    await listener.connect(headers=headers)
    (member,) = two_hubs[1].context.rooms.members()
    try:
        raised = mint_assertion(SECRET, subject="jo", name="Jo", role="admin")
        await two_hubs[0].context.credentials.authenticate(f"Bearer {raised}")
        async with asyncio.timeout(5):
            while not member.actor.is_admin:
                await asyncio.sleep(0.01)
    finally:
        await listener.disconnect()


async def test_streams_and_remote_control_reach_the_other_process(
    two_hubs: Hubs, people: Cast, connect_to: ConnectTo
) -> None:
    """What is stored nowhere is told there as well, and not to its sender."""
    admin = await connect_to(two_hubs[0], people.admin)
    student = await connect_to(two_hubs[1], people.student1)
    asked = {"action": {"type": "nav-reload"}, "roomIds": [], "userIds": [people.student1.id]}

    assert await admin.call(events.ACTION, asked) is True

    assert await student.hears(events.ACTION) == {"type": "nav-reload"}
    assert await admin.heard_so_far(events.ACTION) != [{"type": "nav-reload"}]


async def test_presence_is_the_sum_of_the_processes(two_hubs: Hubs, people: Cast, connect_to: ConnectTo) -> None:
    """A teacher sees a student at another process come and go; pages beside a kernel count nowhere."""
    teacher = await connect_to(two_hubs[0], people.teacher)
    student = people.student1
    page = await connect_to(two_hubs[0], student, is_page=True)
    rooms = two_hubs[0].context.rooms

    async def until(count: int) -> None:
        async with asyncio.timeout(10):
            while rooms.count(of_user(student.id)) != count or not told(count):
                await asyncio.sleep(0.01)

    def told(count: int) -> bool:
        """Tell whether the newest count that the teacher has heard is this one."""
        pairs = [pair for name, heard in teacher.heard if name == events.CONNECTED_CLIENTS for pair in heard["rooms"]]
        newest = [number for room, number in map(tuple, pairs) if room == student.id]
        return newest[-1:] == [count]

    await until(1)
    kernels = [await connect_to(two_hubs[1], student) for _ in range(2)]
    await until(2)
    for kernel in kernels:
        await kernel.disconnect()
    await until(1)
    await page.disconnect()
    await until(0)


async def test_newcomer_learns_who_is_at_the_other_process(two_hubs: Hubs, people: Cast, connect_to: ConnectTo) -> None:
    """An admin is told the whole school when they come."""
    await connect_to(two_hubs[1], people.student1)
    async with asyncio.timeout(10):
        while two_hubs[0].context.rooms.count(of_user(people.student1.id)) != 1:
            await asyncio.sleep(0.01)

    admin = await connect_to(two_hubs[0], people.admin)
    heard = await admin.hears(events.CONNECTED_CLIENTS)

    assert [people.student1.id, 1] in [list(pair) for pair in heard["rooms"]]


async def test_announcement_whose_transaction_was_undone_holds_nobody_up(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, call: Call, a_root: str
) -> None:
    """A number that nobody posts under is given up, and one that comes late is announced all the same."""
    first, second = two_hubs
    listener = await connect_to(second, people.teacher)
    document = await Scene(first.database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )
    with pytest.raises(ZeroDivisionError):
        await first.database.write(lambda tx: posted_announcements.post(tx, "x", b"{}") / 0)
    await call(first, people.student1).put(f"/documents/{document}", {"data": {"value": 1}})
    await call(second, people.student1).put(f"/documents/{document}", {"data": {"value": 2}})
    told = await ordered(listener, second, events.CHANGED_DOCUMENT)
    found = second.hub._bell
    assert found is not None
    for _ in range(3):
        await found._read_once()

    assert [change["revision"] for change in told] == [2, 3]
    newest = await first.database.read(posted_announcements.newest)
    assert found._elsewhere.posted.head == newest
    assert found._elsewhere.posted.beyond == set()


async def test_announcement_that_is_posted_late_is_told_all_the_same(
    two_hubs: Hubs, people: Cast, connect_to: ConnectTo, a_shared_url: str
) -> None:
    """Its number is lower than one that was seen, and its transaction higher than all that are over."""
    second = two_hubs[1]
    listener = await connect_to(second, people.student1)
    ours = second.hub._bell
    assert ours is not None
    insert = (
        "INSERT INTO posted_announcements (process, body, created_at)"
        " VALUES ('other', $1, extract(epoch FROM now()) * 1000) RETURNING number"
    )

    def action(word: str) -> bytes:
        told = Notification(events.ForwardedAction(action=word), (of_user(people.student1.id),))
        return posted_outcomes.encoded([(Outcome(None, (told,)), None)])

    early, late = [await asyncpg.connect(a_shared_url) for _ in range(2)]
    for connection in (early, late):
        await connection.execute("BEGIN; SELECT pg_current_xact_id()")
    numbers = [await late.fetchval(insert, action("late")), await early.fetchval(insert, action("early"))]
    await early.execute("COMMIT")
    for _ in range(4):
        await ours._read_once()
    await late.execute("COMMIT")
    for connection in (early, late):
        await connection.close()
    await ours._read_once()

    assert numbers[0] < numbers[1]
    assert await listener.hears(events.ACTION) == "early"
    assert await listener.hears(events.ACTION) == "late"
    assert ours._elsewhere.posted.beyond == set()


async def test_nothing_is_posted_by_a_process_that_is_alone(
    two_hubs: Hubs, people: Cast, call: Call, a_root: str
) -> None:
    """When the other process has ended, writes are what they are with one process."""
    first, second = two_hubs
    document = await Scene(first.database).document(
        people.student1, a_root, type_name="choice_answer", data={"value": 0}
    )
    found = second.hub._bell
    assert found is not None
    await found.stop()
    ours = first.hub._bell
    assert ours is not None
    async with asyncio.timeout(5):
        while ours._elsewhere.neighbours:
            await asyncio.sleep(0.01)

    author = call(first, people.student1)
    await author.put(f"/documents/{document}", {"data": {"value": 1}})
    created = await author.post("/documents", {"documentRootId": a_root, "type": "choice_answer", "data": {"value": 1}})

    assert created.status_code == 200, created.text
    assert await first.database.read(lambda tx: tx.execute(posted.select()).all()) == []
