"""The figures that we want to be judged by, in one table, within three minutes: each beside a peer in the same run.

    python bench/quick.py

Run it in the environment that teaching_nb is installed in; `make bench-quick` prepares it. Every figure is measured
once and for a short time: for one that matters, run the benchmark that the table names.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import fanout
import fanout_targets
import figures
import latency
import results
import write_targets
import writes

from tests.harness.postgresql import postgresql_server

_HERE = Path(__file__).parent
_SECONDS = 1.0
"""Length of one measurement."""
_RATE = 40.0
"""Changes a second of the measurement in which they come in time."""
_KEYS = 12

FANOUT = [
    (fanout.Setting(300, 1), 1.3),
    (fanout.Setting(300, 4), 2.5),
    (fanout.Setting(300, 16), 4.0),
    (fanout.Setting(30, 1), 1.0),
    (fanout.Setting(30, 16), 2.0),
    (fanout.Setting(1_000, 4), 3.0),
    (fanout.Setting(3_000, 4), 3.0),
]
"""What is measured, and how many times as fast as Node.js we want to be."""
STEADY = fanout.Setting(300, 16, _RATE)
PUTS = [(writes.Setting(16, with_listener=False), 2.5, 1.5), (writes.Setting(64, with_listener=False), 2.5, 1.5)]
"""The same for writes: with SQLite, and with PostgreSQL."""

Row = list[str]
M = TypeVar("M", fanout.Measured, writes.Measured)


def main() -> int:
    """Measure, print the table, write the figures; returns 1 when anything was lost."""
    options = _options()
    began, load = time.monotonic(), os.getloadavg()[0]
    told = _fanout(options.clients)
    written = _writes()
    rows = [*_told_rows(told), *_written_rows(written)]
    keys = None if options.without_browser else _keys(options.peer_python)
    if keys is not None:
        rows += _key_rows(keys)
    print(figures.table(["figure", "hub", "peer", "ratio", "wanted", "benchmark"], rows))
    seconds = time.monotonic() - began
    print(f"\nmeasured in {seconds:.0f} s; load average {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    content = {
        "about": results.about(fanout.OUR_PACKAGES, node=results.node_version()),
        "fanout": [asdict(one) for one in told],
        "writes": [asdict(one) for one in written],
        "keys": None if keys is None else asdict(keys),
    }
    print(f"figures written to {results.write('quick', content, options.results)}")
    return 1 if any(one.lost for one in (*told, *written)) else 0


def _fanout(most: int) -> list[fanout.Measured]:
    settings = [setting for setting, _ in FANOUT if setting.clients <= most] + [STEADY]
    clients, authors = max(one.clients for one in settings), max(one.authors for one in settings)
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as name:
        found = fanout_targets.targets(Path(name), authors=authors, clients=clients)
        chosen = [target for target in found if target.name != fanout_targets.RAW]
        return fanout.measure(chosen, settings, Path(name), runs=1, seconds=_SECONDS)


def _writes() -> list[writes.Measured]:
    settings = [setting for setting, *_ in PUTS]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tnb-bench-")))
        postgresql = stack.enter_context(postgresql_server(**writes.DURABLE))
        found = write_targets.targets(folder, postgresql, writers=max(one.writers for one in settings))
        return writes.measure(found, settings, folder, runs=1, seconds=_SECONDS, pin=True)


def _keys(peer_python: Path) -> latency.Result:
    result, _ = latency.measured(peer_python, warm_up=4, samples=_KEYS)
    return result


def _told_rows(told: Sequence[fanout.Measured]) -> list[Row]:
    def row(
        setting: fanout.Setting, figure: str, of: Callable[[fanout.Measured], float], wanted: str, digits: int = 0
    ) -> Row:
        hub, node = (_of(told, setting.name, name) for name in (fanout_targets.HUB_SQLITE, fanout_targets.NODE))
        least = "≥ " if hub.is_bound_by_generator else ""
        return [
            f"{setting.name}: {figure}",
            f"{of(hub):.{digits}f}",
            f"{of(node):.{digits}f}",
            f"{least}{of(hub) / of(node):.2f}" if of(node) > 0 else "–",
            wanted,
            "bench-fanout",
        ]

    names = {one.setting for one in told}
    chosen = [(setting, wanted) for setting, wanted in FANOUT if setting.name in names]
    rows = [row(each, "events a second", lambda one: one.per_second, f"≥ {wanted:g} ×") for each, wanted in chosen]
    rows.append(row(FANOUT[0][0], "µs of the processor for an event", lambda one: one.cpu, "≤ 8 µs", 1))
    rows.append(row(STEADY, "ms, p99", lambda one: one.delay["p99"], "≤ 0.75 ×", 1))
    large = next((each for each, _ in reversed(chosen) if each.clients <= 1_000), STEADY)
    rows.append(row(large, "seconds until all are in", lambda one: one.connected, "≤ 0.25 ×", 2))
    rows.append(row(large, "messages about who is here, each", lambda one: one.presence, "≤ 5", 1))
    rows.append(row(large, "kB of memory, each", lambda one: one.memory, "≤ 45 kB"))
    return rows


def _written_rows(written: Sequence[writes.Measured]) -> list[Row]:
    rows = []
    for setting, sqlite, postgresql in PUTS:
        peer = _of(written, setting.name, write_targets.PEER)
        for name, wanted in ((write_targets.HUB_SQLITE, sqlite), (write_targets.HUB_POSTGRESQL, postgresql)):
            hub = _of(written, setting.name, name)
            least = "≥ " if hub.is_bound_by_generator else ""
            ratio = f"{least}{hub.per_second / peer.per_second:.2f}"
            speeds = [f"{one.per_second:.0f}" for one in (hub, peer)]
            rows.append([f"{setting.name}, {name}: PUT/s", *speeds, ratio, f"≥ {wanted:g} ×", "bench-writes"])
    return rows


def _key_rows(keys: latency.Result) -> list[Row]:
    medians = keys.medians()
    *ours, peer = medians
    return [
        [
            f"key → other page, {name}: ms",
            f"{medians[name]:.1f}",
            f"{medians[peer]:.1f}",
            f"{medians[name] / medians[peer]:.2f}",
            "≤ 1.3 ×",
            "bench",
        ]
        for name in ours
    ]


def _of(measured: Sequence[M], setting: str, target: str) -> M:
    return next(one for one in measured if (one.setting, one.target) == (setting, target))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=3_000, help="leave out what takes more clients (default: 3000)")
    parser.add_argument("--without-browser", action="store_true", help="leave out the keys")
    parser.add_argument(
        "--peer-python",
        type=Path,
        default=latency.PEER_PYTHON,
        help="interpreter of the environment with bench/requirements.txt (default: .venv-bench of the project)",
    )
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if options.clients < 300:
        parser.error("--clients must be 300 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
