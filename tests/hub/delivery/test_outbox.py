"""What waits for one socket: messages to many are written at once where nothing waits, and their order stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from teaching_nb.hub.delivery import engineio_hooks
from teaching_nb.hub.delivery.outbox import DUE_BYTES, MAX_WAITING_BYTES, ROOM_BYTES, Message, Outbox, Waiter


class Connection:
    """Takes frames as long as it is free; a real one is congested only when the system is."""

    def __init__(self) -> None:
        self.is_free = True
        self.written: list[bytes] = []

    def write(self, frames: bytes) -> bool:
        """Take frames."""
        if self.is_free:
            self.written.append(frames)
        return self.is_free


@pytest.fixture
def a_connection() -> Connection:
    """Return a connection that takes everything."""
    return Connection()


@pytest.fixture
async def an_outbox(a_connection: Connection) -> Outbox:
    """Return the outbox of that connection."""
    outbox = Outbox()
    outbox.writer = a_connection
    return outbox


def message(text: str) -> Message:
    """Return a message of one text."""
    return engineio_hooks.message([text])


def queued(outbox: Outbox) -> list[str]:
    """Take everything out of the queue."""
    taken: list[Any] = []
    while not outbox.empty():
        taken.append(outbox.get_nowait())
    return [packet.data for packet in taken]


async def test_what_is_due_together_is_written_in_one_piece(an_outbox: Outbox, a_connection: Connection) -> None:
    """The first one says that somebody has to write; nothing is left over."""
    one, two = message("one"), message("two")

    assert [an_outbox.post(one), an_outbox.post(two)] == [True, False]
    an_outbox.write_due()
    an_outbox.write_due()

    assert a_connection.written == [one.frames + two.frames]
    assert (queued(an_outbox), an_outbox.waiting_packets) == ([], 0)
    assert an_outbox.post(one), "after that the next one is the first"


async def test_what_is_put_in_afterwards_comes_afterwards(an_outbox: Outbox, a_connection: Connection) -> None:
    """An acknowledgement never overtakes an event that was sent before it."""
    event, answer = message("event"), message("answer")
    an_outbox.post(event)

    an_outbox.put_nowait(answer.packets[0])

    assert a_connection.written == [event.frames]
    assert queued(an_outbox) == ["answer"]


async def test_nothing_overtakes_what_waits(an_outbox: Outbox, a_connection: Connection) -> None:
    """Neither what is in the queue nor what was taken out of it and is not written yet."""
    an_outbox.put_nowait(message("first").packets[0])
    assert not an_outbox.post(message("second"))
    assert an_outbox.get_nowait().data == "first"
    assert an_outbox.get_nowait().data == "second"

    assert not an_outbox.post(message("third"))
    for _ in range(2):
        an_outbox.written()
    assert queued(an_outbox) == ["third"]
    an_outbox.written()

    assert an_outbox.post(message("fourth"))
    assert a_connection.written == []


async def test_a_congested_connection_gets_it_through_the_queue(an_outbox: Outbox, a_connection: Connection) -> None:
    """There it is counted."""
    for text in ("one", "two"):
        an_outbox.post(message(text))
    a_connection.is_free = False

    an_outbox.write_due()

    assert an_outbox.waiting_bytes == len("onetwo")
    assert queued(an_outbox) == ["one", "two"]
    assert a_connection.written == []


async def test_more_than_is_written_at_once_waits(an_outbox: Outbox, a_connection: Connection) -> None:
    """A connection never gets more past the bound of the queue than that, and gets it in order."""
    half = message("x" * (DUE_BYTES // 2 + 1))

    assert [an_outbox.post(half), an_outbox.post(half), an_outbox.post(message("last"))] == [True, False, False]
    an_outbox.write_due()

    assert a_connection.written == [half.frames]
    assert queued(an_outbox) == [half.packets[0].data, "last"]


async def test_nothing_is_written_to_a_socket_that_is_given_up(an_outbox: Outbox, a_connection: Connection) -> None:
    """Nor kept for it."""
    an_outbox.post(message("event"))

    an_outbox.give_up()
    an_outbox.write_due()
    an_outbox.post(message("later"))

    assert a_connection.written == []
    assert an_outbox.waiting_bytes == 0


async def test_without_a_way_past_asgi_everything_takes_the_queue() -> None:
    """As in a web server that does not let frames be written."""
    outbox = Outbox()

    assert not outbox.post(message("event"))

    assert queued(outbox) == ["event"]


async def test_every_way_into_the_queue_and_out_of_it_is_counted() -> None:
    """What was taken out counts until it is written."""
    (packet,) = message("four").packets
    outbox = Outbox()

    await outbox.put(packet)
    outbox.put_nowait(packet)
    size = outbox.waiting_bytes
    taken = [outbox.get_nowait(), await outbox.get()]
    outbox.written()

    assert taken == [packet, packet]
    assert size == 8
    assert (outbox.waiting_bytes, outbox.waiting_packets) == (4, 1)
    with pytest.raises(asyncio.QueueEmpty):
        outbox.get_nowait()


async def test_who_waits_for_a_packet_gets_it() -> None:
    """Also after somebody else has given up waiting, and nothing is lost with them."""
    outbox = Outbox()
    impatient = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    outbox.put_nowait("first")
    impatient.cancel()
    await asyncio.wait([impatient])

    assert await outbox.get() == "first"
    patient = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    assert not patient.done()
    outbox.put_nowait("second")
    async with asyncio.timeout(20):
        assert await patient == "second"


async def test_two_cannot_wait_for_the_same() -> None:
    """They would take each other's place, and one would wait for ever."""
    waiter = Waiter()
    first = asyncio.create_task(waiter.wait())
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waits here already"):
        await waiter.wait()

    waiter.wake()
    async with asyncio.timeout(20):
        await first


async def test_the_end_is_waited_for_until_all_is_through() -> None:
    """As with a queue of asyncio: what was taken out has to be dealt with, too. Several may wait."""
    outbox = Outbox()
    await outbox.join()
    for packet in ("first", None):
        outbox.put_nowait(packet)
    waiting = [asyncio.create_task(outbox.join()) for _ in range(2)]

    while not outbox.empty():
        outbox.get_nowait()
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        outbox.task_done()

    async with asyncio.timeout(20):
        await asyncio.gather(*waiting)


async def test_nothing_is_read_from_who_does_not_read() -> None:
    """Until what waits is written, or the socket is given up."""
    outbox = Outbox()
    outbox.put_nowait(message("x" * (ROOM_BYTES + 1)).packets[0])
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    outbox.get_nowait()
    assert not waiting.done()

    outbox.written()
    async with asyncio.timeout(20):
        await waiting

    outbox.put_nowait(message("x" * (ROOM_BYTES + 1)).packets[0])
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    outbox.give_up()
    async with asyncio.timeout(20):
        await waiting


async def test_whoever_ends_the_connection_is_told_that_it_is_given_up() -> None:
    """Once, and also when they ask afterwards; the end is in the queue then, and nothing else."""
    outbox = Outbox()
    told: list[str] = []
    outbox.add_given_up_callback(lambda: told.append("before"))

    outbox.put_nowait(message("x" * (MAX_WAITING_BYTES + 1)).packets[0])
    await asyncio.sleep(0)
    outbox.give_up()
    outbox.add_given_up_callback(lambda: told.append("after"))

    assert told == ["before", "after"]
    assert outbox.get_nowait() is None
    assert outbox.empty()
