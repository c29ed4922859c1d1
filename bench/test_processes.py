"""The benchmark of several processes: what it measures is what happened, and what it says follows from that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from fanout_load import Crowd, address_of, drive
from fanout_targets import Telling, hub
from hops import Hop, measure
from processes import Told, hop_report, hop_verdict, report, verdict
from socketio_listener import LivePage
from write_targets import Running

from tests.harness.postgresql import PostgresqlServer, postgresql_server

CLIENTS = 6
STILL_SECONDS = 0.3


@pytest.fixture(scope="module")
def a_postgresql() -> Iterator[PostgresqlServer]:
    """Run a server."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def two_processes(a_postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[tuple[Telling, list[Running]]]:
    """Run two hubs on one database."""
    url = a_postgresql.url(a_postgresql.create_database())
    target = hub("pair", tmp_path / "pair", authors=2, clients=CLIENTS, url=url)
    with ExitStack() as stack:
        yield (
            target,
            [stack.enter_context(target.running(tmp_path / f"{number}.log", core=None)) for number in range(2)],
        )


def read_answer(page: LivePage) -> None:
    """Read until everything is answered."""
    while not page.is_answered:
        page.read()


@contextmanager
def stopped_again_and_again(process: psutil.Process) -> Iterator[None]:
    """Let a process stand still for three tenths of a second, and run for three, until the block ends."""
    is_over = threading.Event()

    def take_turns() -> None:
        while not is_over.wait(STILL_SECONDS):
            process.suspend()
            is_over.wait(STILL_SECONDS)
            process.resume()

    with ThreadPoolExecutor(1) as pool:
        turns = pool.submit(take_turns)
        try:
            yield
        finally:
            is_over.set()
            turns.result()


def test_edits_are_timed_from_their_acknowledgement(two_processes: tuple[Telling, list[Running]]) -> None:
    """To somebody at the same process, and to somebody at the other one, which is slow here."""
    target, servers = two_processes

    with stopped_again_and_again(servers[1].process):
        found = measure("NOTIFY", [each.url for each in servers], target.authors[0], target.tokens[:2], edits=40)

    assert found.edits == 40
    assert 0 < found.acknowledged["least"] <= found.acknowledged["median"] <= found.acknowledged["most"]
    assert found.other["most"] > found.same["most"]


def test_refused_edit_ends_the_measurement(two_processes: tuple[Telling, list[Running]]) -> None:
    """What was not stored was not quick."""
    target, servers = two_processes
    reader = LivePage(address_of(servers[0].url), target.tokens[0], target.authors[0].document_id)
    reader.send(b"no edit at all")

    with reader.socket, pytest.raises(RuntimeError, match="an edit was refused"):
        read_answer(reader)


def test_clients_and_authors_use_all_processes(two_processes: tuple[Telling, list[Running]]) -> None:
    """Everybody hears of every change, wherever it was made."""
    target, servers = two_processes
    urls = [each.url for each in servers]
    crowd = Crowd(urls, target.tokens)
    ports = [listener.socket.getpeername()[1] for listener in crowd.listeners]

    told = drive(urls, target.authors, crowd, seconds=0.3, first=1)
    crowd.close()

    assert sorted(ports) == sorted([address_of(url)[1] for url in urls] * (CLIENTS // 2))
    assert (told.lost, len(told.delays)) == (0, CLIENTS * told.changes)
    assert told.changes > 2


def hop(bell: str, milliseconds: float) -> Hop:
    """Return a measurement in which everything took so long."""
    times = dict.fromkeys(("median", "p95", "least", "most"), milliseconds)
    return Hop(bell, 10, times, times, times)


def told(
    processes: int, run: int, per_second: float, cpu: list[float], *, lost: int = 0, is_bound: bool = False
) -> Told:
    """Return a measurement of a crowd."""
    return Told(processes, run, per_second, 1.0, cpu, 1.0, 0.5, is_bound, lost)


def test_median_of_the_runs_decides_about_hops() -> None:
    """Each bell for itself; one slow run of a busy machine changes nothing."""
    hops = [hop("NOTIFY", 1.0), hop("NOTIFY", 9.0), hop("NOTIFY", 1.5), hop("Redis", 2.1)]

    says = hop_verdict(hops).splitlines()

    assert says[0].startswith("NOTIFY: 1.50 ms")
    assert says[0].endswith(": reached")
    assert says[1].startswith("Redis: 2.10 ms")
    assert says[1].endswith(": NOT REACHED")
    assert "| NOTIFY   |    30 |" in hop_report(hops)
    assert "1.00…9.00" in hop_report(hops)


@pytest.mark.parametrize(
    ("per_second", "cores", "is_bound", "says"),
    [
        (170, 2, False, "reached"),
        (150, 3, False, "NOT REACHED"),
        (150, 3, True, "says nothing, for the clients were the limit"),
        (150, 2, False, "says nothing, for the processes had no core each: this machine has 2 cores"),
    ],
)
def test_ratio_says_nothing_where_cores_are_missing(
    per_second: float, cores: int, says: str, *, is_bound: bool
) -> None:
    """A machine without a core for each process and one for the clients shows no more than that."""
    measured = [told(1, 0, 100, [10.0]), told(2, 0, per_second, [5.0, 7.0], is_bound=is_bound)]

    first, second = verdict(measured, cores).splitlines()

    assert f"{per_second / 100:.2f} × what one does (wanted: at least 1.6 ×): {says}" in first
    # What the busier one of both computes for a delivery bounds what they can do.
    assert "by processor time: 1.43 ×" in second
    assert second.endswith("NOT REACHED")


def test_ratios_are_those_within_each_run() -> None:
    """A run in which everything was slow counts as much as any other."""
    measured = [
        *(told(1, run, speed, [10.0]) for run, speed in enumerate((100, 10, 200))),
        *(told(2, run, speed, [4.0, 5.0], lost=run) for run, speed in enumerate((170, 20, 300))),
    ]

    assert "1.70 ×" in verdict(measured, 3)
    assert "by processor time: 2.00 ×" in verdict(measured, 3)
    *_, two = report(300, 16, measured).splitlines()
    assert [cell.strip() for cell in two.split("|")[1:-1]] == ["2", "170", "1.0", "9.00", "5.00", "1.00", "50%", "3"]
