"""A fault run sees what servers keep and lose: real servers, real clients, losses and duplicates made on purpose."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import fault_report
import pytest
from edits import Edit
from fault_scenes import EQUAL_SECONDS, Outcome, Recovery
from fault_servers import Hocuspocus, Hub, Server, YWebsocket
from fault_writers import Writers

WAIT_SECONDS = 60.0
ENOUGH = 5
"""Edits of everybody."""
QUIET_LOOKS = 20
"""Looks at the files of a server in which nothing must have changed."""


@pytest.fixture(params=[Hub, YWebsocket, Hocuspocus], ids=lambda kind: kind.name)
def a_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Run a server whose backup is from before anybody typed."""
    server: Server = request.param(tmp_path / "server", writers=2, per_second=20)
    server.save()
    server.start()
    yield server
    server.stop()


def typed_into(server: Server, document: str) -> tuple[Writers, list[Edit]]:
    """Have everybody type until all have the edits of all; they stay connected."""
    writers = server.writers(document)
    writers.type()
    deadline = time.monotonic() + WAIT_SECONDS
    while min(writers.typed().values()) < ENOUGH:
        assert time.monotonic() < deadline, "nobody types"
    writers.stop()
    assert writers.wait_settled(WAIT_SECONDS)
    return writers, writers.edits()


def counted(server: Server, text: str, edits: list[Edit]) -> Outcome:
    """Return what became of the edits of one round that ended now."""
    outcome = Outcome(server.name, server.confirms)
    outcome.count(text, edits, killed_at=time.time())
    return outcome


def wait_written(server: Server) -> None:
    """Wait until a server's files grow no more: y-websocket writes in its own time, tells nobody, and ends at once."""
    deadline, sizes = time.monotonic() + WAIT_SECONDS, [-1]
    while len(sizes) < QUIET_LOOKS or len(set(sizes[-QUIET_LOOKS:])) > 1:
        assert time.monotonic() < deadline, "the server writes and writes"
        time.sleep(0.05)
        sizes.append(_size_of(server.data))


def _size_of(folder: Path) -> int:
    size = 0
    for file in folder.rglob("*"):
        # A database may remove a file while we look.
        with contextlib.suppress(FileNotFoundError):
            size += file.stat().st_size
    return size


@pytest.mark.timeout(400)
def test_server_that_ends_cleanly_loses_nothing_and_one_that_is_set_back_everything(a_server: Server) -> None:
    """What is typed is there after a restart; where the data are set back, all of it counts as lost."""
    writers, edits = typed_into(a_server, "planted")
    with writers:
        wait_written(a_server)
        a_server.stop()
    a_server.start()
    kept = counted(a_server, a_server.read("planted"), edits)
    a_server.kill()
    a_server.set_back()
    a_server.start()
    emptied = counted(a_server, a_server.read("planted"), edits)

    assert len(edits) >= 2 * ENOUGH
    assert (kept.lost, kept.twice, kept.torn, kept.has_failed) == (0, 0, 0, False)
    assert (emptied.lost, emptied.lost_confirmed) == (len(edits), len(edits) if a_server.confirms else 0)
    assert len(emptied.oldest_lost) == 1


@pytest.mark.timeout(400)
def test_replica_that_knows_less_is_not_equal(tmp_path: Path) -> None:
    """People who type while the server is gone see different texts until it is back, and then the same."""
    server = YWebsocket(tmp_path / "server", writers=2, per_second=20)
    server.start()
    writers, _ = typed_into(server, "apart")
    with writers:
        before = writers.typed()
        server.kill()
        writers.type()
        deadline = time.monotonic() + WAIT_SECONDS
        while any(writers.typed()[number] == count for number, count in before.items()):
            assert time.monotonic() < deadline, "nobody types"
        writers.stop()
        is_equal_without = writers.wait_equal(writers.typed(), 0.0)
        server.start()
        is_equal_with = writers.wait_equal(writers.typed(), WAIT_SECONDS)
    server.stop()

    assert (is_equal_without, is_equal_with) == (False, True)


@pytest.mark.parametrize(
    "flaw",
    [{"lost_confirmed": 1}, {"twice": 1}, {"torn": 1}, {"differing": 1}, {"recoveries": [Recovery(1.0, None)]}],
    ids=lambda flaw: next(iter(flaw)),
)
def test_each_flaw_fails_the_run(flaw: dict[str, object]) -> None:
    """The run of ours fails for what was confirmed and is lost, and for what is doubled, torn or unequal."""
    assert not Outcome("ours", confirms=True, lost=3, recoveries=[Recovery(1.0, 2.0)]).has_failed
    assert Outcome("ours", confirms=True, **flaw).has_failed  # type: ignore[arg-type]


def test_table_of_kills_shows_every_count() -> None:
    """A peer that never confirms has dashes there, and replicas that never became equal are not given a time."""
    recoveries = [Recovery(0.5, 1.0), Recovery(0.7, 45.5), Recovery(0.6, None)]
    ours = Outcome("ours", True, 9, 8, 2, 1, 3, 4, 5, 0, recoveries=recoveries[:1])
    peer = Outcome("peer", False, 9, 0, 2, 0, 3, 4, 5, 1, recoveries=recoveries)

    first, second = cells(fault_report.kills_table([ours, peer]))

    assert first == ["ours", "9", "8", "2", "1", "3", "4", "0 of 5", "1", "0.5", "1.0", "1.0"]
    assert second == ["peer", "9", "–", "2", "–", "3", "4", "1 of 5", "3", "0.6", "45.5", f"> {EQUAL_SECONDS:g}"]


def test_table_of_the_gone_shows_the_oldest_loss() -> None:
    """Of several rounds the one in which most time was lost counts."""
    outcome = Outcome("peer", confirms=False, typed=4, lost=2, oldest_lost=[1.25, 3.5])

    [row] = cells(fault_report.gone_table([outcome]))

    assert row == ["peer", "4", "–", "2", "–", "0", "0", "3.5"]


def cells(table: str) -> list[list[str]]:
    """Return the cells of a table in Markdown, without its head."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
