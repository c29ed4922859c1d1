"""When outboxes are written: what several processes announce to a crowd at the same time is written in one piece."""

from __future__ import annotations

import asyncio

import pytest

from teaching_nb.hub.delivery import engineio_hooks, gathering
from teaching_nb.hub.delivery.due import Due
from teaching_nb.hub.delivery.gathering import RECENT_SECONDS, Gathering
from teaching_nb.hub.delivery.outbox import Outbox


class Connection:
    """Takes all frames."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_written = asyncio.Event()

    def write(self, frames: bytes) -> bool:
        """Take frames."""
        self.written.append(frames)
        self.is_written.set()
        return True


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


class Crowd:
    """A socket of a crowd, and those who announce to it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gathering = Gathering(self.clock)
        self.due = Due(self.gathering)
        self.connection = Connection()
        self.outbox = Outbox()
        self.outbox.writer = self.connection

    def announce(self, process: str, *texts: str) -> bytes:
        """Post what a process has announced together."""
        messages = [engineio_hooks.message([text]) for text in texts]
        for message in messages:
            self.due.add_crowd([self.outbox] if self.outbox.post(message) else [])
        self.due.came(process)
        return b"".join(message.frames for message in messages)

    async def passes(self) -> None:
        """Let everything happen that is to happen at once."""
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
async def a_crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Return a crowd that has patience for an hour."""
    monkeypatch.setattr(gathering, "SECONDS_PER_SOCKET", 3_600.0)
    monkeypatch.setattr(gathering, "MOST_SECONDS", 3_600.0)
    return Crowd()


async def test_nobody_waits_for_processes_that_announce_nothing(a_crowd: Crowd) -> None:
    """What one announces is written in the same moment; so it is when the others have been silent for a while."""
    first = a_crowd.announce("ours", "first")
    await a_crowd.passes()
    assert a_crowd.connection.written == [first]
    theirs = a_crowd.announce("theirs", "theirs")
    a_crowd.announce("ours", "ours")
    await a_crowd.passes()
    a_crowd.clock.time += RECENT_SECONDS * 1.01

    last = a_crowd.announce("ours", "last")
    await a_crowd.passes()

    assert a_crowd.connection.written[-1] == last
    assert a_crowd.connection.written[-2].startswith(theirs)


async def test_crowd_waits_for_all_who_announce_at_the_moment(a_crowd: Crowd) -> None:
    """Their events are written in one piece, in their order, and once only."""
    for process in ("ours", "theirs"):
        a_crowd.announce(process, "before")
    await a_crowd.passes()
    a_crowd.connection.written.clear()
    a_crowd.clock.time += RECENT_SECONDS * 0.9

    ours = a_crowd.announce("ours", "one", "two")
    await a_crowd.passes()
    assert a_crowd.connection.written == []
    theirs = a_crowd.announce("theirs", "three")
    await a_crowd.passes()

    assert a_crowd.connection.written == [ours + theirs]


async def test_what_a_process_announces_together_is_not_taken_apart(a_crowd: Crowd) -> None:
    """Though others get their turn while it is sent: it counts as come when all of it is there."""
    for process in ("ours", "theirs"):
        a_crowd.announce(process, "before")
    await a_crowd.passes()
    a_crowd.connection.written.clear()
    theirs, first = a_crowd.announce("theirs", "theirs"), engineio_hooks.message(["one"])

    a_crowd.due.add_crowd([a_crowd.outbox] if a_crowd.outbox.post(first) else [])
    await a_crowd.passes()
    assert a_crowd.connection.written == []
    rest = a_crowd.announce("ours", "two")
    await a_crowd.passes()

    assert a_crowd.connection.written == [theirs + first.frames + rest]


async def test_patience_ends(a_crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever announces nothing more holds up nobody for long."""
    for process in ("ours", "theirs"):
        a_crowd.announce(process, "before")
    await a_crowd.passes()
    a_crowd.connection.written.clear()
    a_crowd.connection.is_written.clear()
    monkeypatch.setattr(gathering, "MOST_SECONDS", 0.01)

    ours = a_crowd.announce("ours", "one")
    async with asyncio.timeout(20):
        await a_crowd.connection.is_written.wait()

    assert a_crowd.connection.written == [ours]


async def test_edit_neither_waits_nor_overtakes(a_crowd: Crowd) -> None:
    """What is sent to a socket of the crowd takes along what waits for it."""
    for process in ("ours", "theirs"):
        a_crowd.announce(process, "before")
    await a_crowd.passes()
    a_crowd.connection.written.clear()

    change = a_crowd.announce("ours", "change")
    assert a_crowd.due.has_crowd
    edit = engineio_hooks.message(["edit"])
    a_crowd.outbox.post(edit)
    a_crowd.due.add([a_crowd.outbox])
    await a_crowd.passes()

    assert a_crowd.connection.written == [change + edit.frames]


async def test_nothing_is_left_when_the_hub_ends(a_crowd: Crowd) -> None:
    """What waits is written before."""
    for process in ("ours", "theirs"):
        a_crowd.announce(process, "before")
    await a_crowd.passes()
    a_crowd.connection.written.clear()
    change = a_crowd.announce("ours", "change")
    await a_crowd.passes()

    a_crowd.due.write_all()

    assert a_crowd.connection.written == [change]


def test_patience_grows_with_the_crowd() -> None:
    """Up to what nobody notices."""
    assert Gathering.patience(50) == 50 * gathering.SECONDS_PER_SOCKET
    assert Gathering.patience(100_000) == gathering.MOST_SECONDS
