"""How many writes a second the hub takes, and how soon somebody hears of them: beside a Node.js server.

    python bench/writes.py

Run it in the environment that teaching_nb is installed in; `make bench-writes` prepares it. README.md tells
how it measures and what it leaves out.
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
from write_load import Load, drive
from write_targets import Running, Target, targets

from tests.harness.postgresql import postgresql_server, postgresql_version

_HERE = Path(__file__).parent
DURABLE = {"fsync": "on", "synchronous_commit": "on", "max_connections": "100"}
"""PostgreSQL as it is installed: a commit is answered when it is on the disk."""
_OUR_PACKAGES = ("asyncpg", "httptools", "python-socketio", "sqlalchemy", "starlette", "uvicorn", "uvloop")
_WARM_UP_SECONDS = 2.0
"""Enough for Node.js to compile what it runs most."""


@dataclass(frozen=True)
class Setting:
    """One thing that is measured of every server."""

    writers: int
    with_listener: bool

    @property
    def name(self) -> str:
        """Return what the report calls it."""
        people = "1 writer" if self.writers == 1 else f"{self.writers} writers"
        return f"{people}, 1 listener" if self.with_listener else people


@dataclass(frozen=True)
class Measured:
    """One measurement; times in milliseconds."""

    setting: str
    target: str
    run: int
    per_second: float
    response: dict[str, float]
    event: dict[str, float] | None
    lost: int
    cpu: float
    """CPU time of the server, without its database's processes, for one write."""
    server_busy: float
    """The server's share of a core."""
    generator_busy: float
    generator_held_up: float
    is_bound_by_generator: bool


def main() -> int:
    """Measure, print the tables, write the figures; returns 1 when an event was lost."""
    options = _options()
    settings = [
        *(Setting(writers, with_listener=False) for writers in options.writers),
        *(Setting(writers, with_listener=True) for writers in (1, options.listened)),
    ]
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as name:
        folder = Path(name)
        with postgresql_server(**DURABLE) as postgresql:
            found = targets(folder, postgresql, writers=max(setting.writers for setting in settings))
            chosen = [target for target in found if not options.only or target.name in options.only]
            measured = measure(chosen, settings, folder, runs=options.runs, seconds=options.seconds, pin=options.pin)
        about = results.about(_OUR_PACKAGES, node=results.node_version(), postgresql=postgresql_version())
    for setting in settings:
        print(f"\n{report(setting, [one for one in measured if one.setting == setting.name])}")
    print(f"\nload average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    content = {"about": about, "measured": [asdict(one) for one in measured]}
    print(f"figures written to {results.write('writes', content, options.results)}")
    return 1 if any(one.lost for one in measured) else 0


def measure(
    chosen: Sequence[Target], settings: Sequence[Setting], folder: Path, *, runs: int, seconds: float, pin: bool
) -> list[Measured]:
    """Measure every setting, all servers one after the other in each run; who begins changes."""
    cores = sorted(os.sched_getaffinity(0))
    server_core = cores[0] if pin and len(cores) > 1 else None
    if server_core is not None:
        # PostgreSQL was started before and may use every core, as the server's threads may not.
        os.sched_setaffinity(0, {cores[-1]})
    found = []
    for setting in settings:
        for run in range(runs):
            for target in chosen if run % 2 else chosen[::-1]:
                with target.running(folder / "server.log", core=server_core) as server:
                    load, cpu = _measured(target, server, setting, seconds)
                found.append(_figures(setting, target, run, load, cpu))
                print(_line(found[-1]), file=sys.stderr)
    os.sched_setaffinity(0, cores)
    return found


def report(setting: Setting, measured: Sequence[Measured]) -> str:
    """Return the table of one setting; ratios are medians of those within each run, to the first server."""
    names = list(dict.fromkeys(one.target for one in sorted(measured, key=lambda one: (one.run % 2 == 0, one.run))))
    by_run = {(one.target, one.run): one for one in measured}
    runs = sorted({one.run for one in measured})
    first = next((name for name in names if name.startswith("Node")), names[0])
    rows = []
    for name in sorted(names, key=lambda name: name != first):
        of_target = [by_run[name, run] for run in runs]
        ratios = [by_run[name, run].per_second / by_run[first, run].per_second for run in runs]
        rates = [one.per_second for one in of_target]
        row = [name, f"{statistics.median(rates):.0f}", f"{min(rates):.0f}…{max(rates):.0f}"]
        for kind in ("response", "event") if setting.with_listener else ("response",):
            row += [_median_of(of_target, kind, key) for key in ("median", "p95", "p99")]
        cpu, lost = statistics.median(one.cpu for one in of_target), sum(one.lost for one in of_target)
        busy = (statistics.median(share) for share in _shares(of_target))
        rows.append([*row, f"{cpu:.2f}", *(f"{share:.0%}" for share in busy), str(lost), _ratio(ratios, of_target)])
    head = [setting.name, "PUT/s", "range", "answer ms", "p95", "p99"]
    if setting.with_listener:
        head += ["heard ms", "p95", "p99"]
    return figures.table([*head, "CPU ms", "server", "generator", "lost", "ratio"], rows) + _warning(measured)


def _shares(measured: Sequence[Measured]) -> tuple[list[float], list[float]]:
    return [one.server_busy for one in measured], [one.generator_busy for one in measured]


def _ratio(ratios: Sequence[float], measured: Sequence[Measured]) -> str:
    """Return the ratio; a server that waited for the generator has done at least so much."""
    least = "≥ " if any(one.is_bound_by_generator for one in measured) else ""
    return f"{least}{statistics.median(ratios):.2f}"


def _warning(measured: Sequence[Measured]) -> str:
    bound = [one for one in measured if one.is_bound_by_generator]
    if not bound:
        return ""
    names = ", ".join(f"{one.target} in run {one.run + 1}" for one in bound)
    return f"\nthe generator was the limit, so the server could have done more: {names}"


def _measured(target: Target, server: Running, setting: Setting, seconds: float) -> tuple[Load, float]:
    authors = target.authors[: setting.writers]
    token = target.listener_token if setting.with_listener else None
    warm_up = drive(server.url, authors, seconds=_WARM_UP_SECONDS, first=1, listener_token=token)
    # Numbers are never used twice, so that every write changes something.
    first = len(warm_up.responses) + 1_000
    cpu = server.cpu_seconds()
    load = drive(server.url, authors, seconds=seconds, first=first, listener_token=token)
    return load, server.cpu_seconds() - cpu


def _figures(setting: Setting, target: Target, run: int, load: Load, cpu: float) -> Measured:
    return Measured(
        setting=setting.name,
        target=target.name,
        run=run,
        per_second=load.rate,
        response=_milliseconds(load.responses),
        event=_milliseconds(load.events) if setting.with_listener else None,
        lost=load.lost,
        cpu=cpu * 1000 / len(load.responses),
        server_busy=cpu / load.seconds,
        generator_busy=load.busy,
        generator_held_up=load.held_up,
        is_bound_by_generator=load.is_bound_by_generator,
    )


def _milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    values = [value * 1000 for value in seconds]
    return {**figures.summary(values), "p99": figures.percentile(values, 99)}


def _median_of(measured: Sequence[Measured], kind: str, key: str) -> str:
    return f"{statistics.median(getattr(one, kind)[key] for one in measured):.1f}"


def _line(one: Measured) -> str:
    heard = f", heard {one.event['median']:.1f} ms" if one.event else ""
    response = f"answer {one.response['median']:.1f} ms (p99 {one.response['p99']:.1f})"
    limit = ", the generator was the limit" if one.is_bound_by_generator else ""
    busy = f"CPU {one.cpu:.2f} ms, server {one.server_busy:.0%}, generator {one.generator_busy:.0%}{limit}"
    return f"{one.setting}, {one.target}: {one.per_second:.0f}/s, {response}{heard}, {busy}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--writers", type=int, nargs="+", default=[16, 30, 64], help="at once (default: 16 30 64)")
    parser.add_argument("--listened", type=int, default=30, help="writers while one listens (default: 30)")
    parser.add_argument("--runs", type=int, default=3, help="runs of every server and setting (default: 3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement (default: 4)")
    parser.add_argument("--only", nargs="+", help="names of servers, as in the tables (default: all)")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="let the servers use every core")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if not all(1 <= writers <= 1000 for writers in [*options.writers, options.listened]):
        parser.error("the number of writers must be from 1 to 1000")
    if not (1 <= options.runs <= 100 and 0.1 <= options.seconds <= 600):
        parser.error("--runs must be from 1 to 100, --seconds from 0.1 to 600")
    return options


if __name__ == "__main__":
    sys.exit(main())
