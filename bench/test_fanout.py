"""The load of the fan-out benchmark counts what clients have heard, no more and no less."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import fanout_load
import pytest
from fanout import Measured, Setting, report
from fanout_load import Crowd, drive
from write_load import Author

from tests.harness.processes import Process

AUTHORS = [Author("a", "x"), Author("b", "y")]
RAW = Path(__file__).parent / "peers" / "raw" / "server.py"


@pytest.fixture
def a_server(tmp_path: Path) -> Iterator[str]:
    """Run the server that tells everybody of everything; return its address."""
    with Process([sys.executable, str(RAW)], log=tmp_path / "log") as process:
        yield process.wait_for_line("listening on ")


@pytest.fixture
def a_crowd(a_server: str) -> Iterator[Crowd]:
    """Connect five clients."""
    crowd = Crowd([a_server], ["token"] * 5)
    yield crowd
    crowd.close()


@pytest.mark.parametrize("rate", [None, 50.0])
def test_every_client_hears_of_every_change_once(a_server: str, a_crowd: Crowd, rate: float | None) -> None:
    """With changes that follow each other and with some that come in time."""
    told = drive([a_server], AUTHORS, a_crowd, seconds=0.4, first=7, rate=rate)

    assert told.lost == 0
    assert len(told.delays) == 5 * told.changes > 5
    assert all(0 < delay < told.seconds for delay in told.delays)
    assert told.per_second == pytest.approx(len(told.delays) / told.seconds)
    assert rate is None or told.changes <= 0.5 * rate


def test_what_nobody_hears_is_lost(
    a_server: str, a_crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The changes are answered by a server that the clients are not connected to."""
    monkeypatch.setattr(fanout_load, "_LAST_SECONDS", 0.1)
    assert a_server
    with Process([sys.executable, str(RAW)], log=tmp_path / "other") as other:
        told = drive([other.wait_for_line("listening on ")], AUTHORS, a_crowd, seconds=0.2, first=1)

    assert (told.changes, told.lost, told.delays) == (2, 10, [])


def test_ratios_are_those_within_each_run() -> None:
    """A run in which everything was slow counts as much as any other."""
    setting = Setting(300, 1)

    def measured(target: str, run: int, per_second: float, *, is_bound: bool = False) -> Measured:
        delay = {"median": 1.0, "p95": 2.0, "p99": 1e5 / per_second}
        return Measured(setting.name, target, run, per_second, delay, 0.5, 50, 2, 1e5 / per_second, 0, 0.5, is_bound)

    first = [measured("hub", 0, 200), measured("Node", 0, 100)]
    table = report(setting, [*first, measured("Node", 1, 10), measured("hub", 1, 20, is_bound=True)])

    node, hub = table.splitlines()[2:]
    assert [cell.strip() for cell in hub.split("|")[-4:-1]] == ["≥ 2.00", "0.50", "0.50"]
    assert [cell.strip() for cell in node.split("|")[-4:-1]] == ["1.00", "1.00", "1.00"]


def test_crowd_that_stays_reads_what_comes(tmp_path: Path) -> None:
    """So it answers heartbeats, and notices when the server is gone."""
    with Process([sys.executable, str(RAW)], log=tmp_path / "log") as server:
        crowd = Crowd([server.wait_for_line("listening on ")], ["token"] * 2)
        crowd.stay(0.01)
        server.kill()

        with pytest.raises(ConnectionError):
            crowd.stay(20)

        crowd.close()
