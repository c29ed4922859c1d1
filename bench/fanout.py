"""How many clients a second a server tells of changes, how soon, and for how much processor time: beside Node.js.

    python bench/fanout.py

Run it in the environment that teaching_nb is installed in; `make bench-fanout` prepares it. README.md tells how it
measures and what it leaves out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import figures
import results
from fanout_load import Crowd, Told, drive
from fanout_targets import Telling, targets

_HERE = Path(__file__).parent
OUR_PACKAGES = ("python-socketio", "sqlalchemy", "uvicorn", "uvloop", "websockets")
_WARM_UP_SECONDS = 1.5
"""Enough for Node.js to compile what it runs most."""


@dataclass(frozen=True)
class Setting:
    """One thing that is measured of every server."""

    clients: int
    authors: int
    rate: float | None = None
    """Changes a second; None where each waits for the one before."""

    @property
    def name(self) -> str:
        """Return what the report calls it."""
        how = f"{self.authors} at once" if self.rate is None else f"{self.rate:g} a second"
        return f"{self.clients} clients, {how}"


@dataclass(frozen=True)
class Measured:
    """One measurement; times in milliseconds."""

    setting: str
    target: str
    run: int
    per_second: float
    delay: dict[str, float]
    connected: float
    """Seconds until all clients were let in, 32 at once."""
    memory: float
    """Kilobytes of the server for each client that is there."""
    presence: float
    """Messages about who is here, for each client."""
    cpu: float
    """Microseconds of the server for one event that arrived."""
    lost: int
    generator_busy: float
    is_bound_by_generator: bool


def main() -> int:
    """Measure, print the tables, write the figures; returns 1 when an event was lost."""
    options = _options()
    settings = [Setting(clients, authors) for clients in options.clients for authors in options.authors]
    settings += [Setting(clients, max(options.authors), options.rate) for clients in options.clients]
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as name:
        found = targets(Path(name), authors=max(options.authors), clients=max(options.clients))
        chosen = [target for target in found if not options.only or target.name in options.only]
        measured = measure(chosen, settings, Path(name), runs=options.runs, seconds=options.seconds)
    for setting in settings:
        print(f"\n{report(setting, [one for one in measured if one.setting == setting.name])}")
    print(f"\nload average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    about = results.about(OUR_PACKAGES, node=results.node_version())
    content = {"about": about, "measured": [asdict(one) for one in measured]}
    print(f"figures written to {results.write('fanout', content, options.results)}")
    return 1 if any(one.lost for one in measured) else 0


def measure(
    chosen: Sequence[Telling], settings: Sequence[Setting], folder: Path, *, runs: int, seconds: float
) -> list[Measured]:
    """Measure every setting, all servers one after the other in each run, each on a core of its own."""
    cores = sorted(os.sched_getaffinity(0))
    server_core = cores[0] if len(cores) > 1 else None
    if server_core is not None:
        os.sched_setaffinity(0, {cores[-1]})
    found = []
    for setting in settings:
        for run in range(runs):
            for target in chosen if run % 2 else chosen[::-1]:
                found.append(_measured(target, setting, run, folder, seconds=seconds, core=server_core))
                print(_line(found[-1]), file=sys.stderr)
    os.sched_setaffinity(0, cores)
    return found


def report(setting: Setting, measured: Sequence[Measured]) -> str:
    """Return the table of one setting; ratios are medians of those within each run, to the first server."""
    by_run = {(one.target, one.run): one for one in measured}
    names, runs = list(dict.fromkeys(one.target for one in measured)), sorted({one.run for one in measured})
    first = next((name for name in names if name.startswith("Node")), names[0])
    rows = []
    for name in sorted(names, key=lambda name: name != first):
        of_target = [by_run[name, run] for run in runs]
        beside = [(by_run[name, run], by_run[first, run]) for run in runs]
        least = "≥ " if any(one.is_bound_by_generator for one in of_target) else ""
        rows.append(
            [
                name,
                f"{statistics.median(one.per_second for one in of_target):.0f}",
                *(f"{statistics.median(one.delay[key] for one in of_target):.1f}" for key in ("median", "p95", "p99")),
                f"{statistics.median(one.cpu for one in of_target):.1f}",
                f"{statistics.median(one.connected for one in of_target):.2f}",
                f"{statistics.median(one.memory for one in of_target):.0f}",
                f"{sum(one.lost for one in of_target)}",
                f"{statistics.median(one.generator_busy for one in of_target):.0%}",
                f"{least}{statistics.median(one.per_second / peer.per_second for one, peer in beside):.2f}",
                f"{statistics.median(one.cpu / peer.cpu for one, peer in beside):.2f}",
                f"{statistics.median(one.delay['p99'] / peer.delay['p99'] for one, peer in beside):.2f}",
            ]
        )
    head = [setting.name, "events/s", "ms", "p95", "p99", "CPU µs", "all in s", "kB each", "lost", "generator"]
    return figures.table([*head, "ratio", "of CPU", "of p99"], rows)


def _measured(
    target: Telling, setting: Setting, run: int, folder: Path, *, seconds: float, core: int | None
) -> Measured:
    authors = target.authors[: setting.authors]
    with target.running(folder / "server.log", core=core) as server:
        empty = server.memory()
        crowd = Crowd([server.url], target.tokens[: setting.clients])
        memory = (server.memory() - empty) / setting.clients / 1000
        try:
            warm_up = drive([server.url], authors, crowd, seconds=_WARM_UP_SECONDS, first=1, rate=setting.rate)
            first, cpu = warm_up.changes + 1_000, server.cpu_seconds()
            told = drive([server.url], authors, crowd, seconds=seconds, first=first, rate=setting.rate)
            cpu = server.cpu_seconds() - cpu
        finally:
            crowd.close()
    return _figures(setting, target, run, told, crowd, cpu=cpu, memory=memory)


def _figures(
    setting: Setting, target: Telling, run: int, told: Told, crowd: Crowd, *, cpu: float, memory: float
) -> Measured:
    delays = [delay * 1000 for delay in told.delays]
    return Measured(
        setting=setting.name,
        target=target.name,
        run=run,
        per_second=told.per_second,
        delay={**figures.summary(delays), "p99": figures.percentile(delays, 99)},
        connected=crowd.connect_seconds,
        memory=memory,
        presence=crowd.presence,
        cpu=cpu * 1e6 / len(told.delays),
        lost=told.lost,
        generator_busy=told.busy,
        is_bound_by_generator=told.is_bound_by_generator,
    )


def _line(one: Measured) -> str:
    bound = ", the generator was the limit" if one.is_bound_by_generator else ""
    delay = f"{one.delay['median']:.1f} ms (p99 {one.delay['p99']:.1f})"
    return f"{one.setting}, {one.target}: {one.per_second:.0f}/s, {delay}, CPU {one.cpu:.1f} µs, lost {one.lost}{bound}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[300], help="who hears of it (default: 300)")
    parser.add_argument("--authors", type=int, nargs="+", default=[1, 4, 16], help="at once (default: 1 4 16)")
    parser.add_argument("--rate", type=float, default=40.0, help="changes a second in the last setting (default: 40)")
    parser.add_argument("--runs", type=int, default=3, help="runs of every server and setting (default: 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one measurement (default: 3)")
    parser.add_argument("--only", nargs="+", help="names of servers, as in the tables (default: all)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if not all(1 <= clients <= 3_000 for clients in options.clients):
        parser.error("the number of clients must be from 1 to 3000")
    if not all(1 <= authors <= 64 for authors in options.authors):
        parser.error("the number of authors must be from 1 to 64")
    if not (1 <= options.runs <= 100 and 0.1 <= options.seconds <= 600 and 0.1 <= options.rate <= 1_000):
        parser.error("--runs must be from 1 to 100, --seconds from 0.1 to 600, --rate from 0.1 to 1000")
    return options


if __name__ == "__main__":
    sys.exit(main())
