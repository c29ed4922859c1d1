"""What several hub processes on one PostgreSQL cost: how soon an edit is at the other one, and what two tell.

    python bench/processes.py

Run it in the environment that teaching_nb is installed in; `make bench-processes` prepares it, with PostgreSQL and
Redis. README.md tells how it measures and what it leaves out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import fanout
import figures
import results
from fanout_load import Crowd, drive
from fanout_targets import Telling, hub
from hops import Hop, measure
from scaling_meter import Meter
from write_targets import Running
from writes import DURABLE

from tests.harness.postgresql import PostgresqlServer, postgresql_server, postgresql_version
from tests.harness.redis import redis_server

_HERE = Path(__file__).parent
NOTIFY, REDIS = "NOTIFY", "Redis"
LONGEST_HOP = 2.0
"""Milliseconds from the acknowledgement to somebody at the other process that we want to keep below, at the median."""
LEAST_RATIO = 1.6
"""How many times what one process tells two are to tell, with a core each."""
_WARM_UP_SECONDS = 1.5
_MOST_PROCESSES = 2


@dataclass(frozen=True)
class Told:
    """One measurement of telling a crowd."""

    processes: int
    run: int
    per_second: float
    p95: float
    """Milliseconds from the request to the arrival at a client."""
    cpu: list[float]
    """Microseconds of each process for a delivery of all processes together."""
    database: float
    """Microseconds of PostgreSQL for a delivery."""
    generator_busy: float
    is_bound_by_generator: bool
    lost: int


def main() -> int:
    """Measure, print the tables and what they say, write the figures; returns 1 when something was lost."""
    options = _options()
    load_before, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tnb-bench-")))
        postgresql = stack.enter_context(postgresql_server(**DURABLE))
        hops = [] if options.without_hops else _hops(postgresql, folder, options)
        told = [] if options.without_crowd else _told(postgresql, folder, options)
    if hops:
        print(f"\n{hop_report(hops)}\n\n{hop_verdict(hops)}")
    if told:
        print(f"\n{report(options.clients, options.authors, told)}\n\n{verdict(told, cores)}")
    print(f"\nload average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after, {cores} cores")
    about = results.about(fanout.OUR_PACKAGES, postgresql=postgresql_version())
    content = {"about": about, "hops": [asdict(one) for one in hops], "told": [asdict(one) for one in told]}
    print(f"figures written to {results.write('processes', content, options.results)}")
    return 1 if any(one.lost for one in told) else 0


def hop_report(hops: Sequence[Hop]) -> str:
    """Return the table of edits: milliseconds, medians of the runs' medians."""
    rows = []
    for bell in dict.fromkeys(one.bell for one in hops):
        of_bell = [one for one in hops if one.bell == bell]

        def median(of: Callable[[Hop], float], found: Iterable[Hop] = of_bell) -> str:
            return f"{statistics.median(map(of, found)):.2f}"

        edits, medians = f"{sum(one.edits for one in of_bell)}", [one.other["median"] for one in of_bell]
        range_ = f"{min(medians):.2f}…{max(medians):.2f}"
        there = [median(lambda one: one.other["median"]), range_, median(lambda one: one.other["p95"])]
        rows.append(
            [
                bell,
                edits,
                median(lambda one: one.acknowledged["median"]),
                median(lambda one: one.same["median"]),
                *there,
            ]
        )
    head = ["the bell", "edits", "stored ms", "same process", "other process", "range", "p95"]
    return figures.table(head, rows)


def hop_verdict(hops: Sequence[Hop]) -> str:
    """Return in a sentence for each bell whether an edit is soon enough at the other process."""
    sentences = []
    for bell in dict.fromkeys(one.bell for one in hops):
        found = statistics.median(one.other["median"] for one in hops if one.bell == bell)
        reached = "reached" if found <= LONGEST_HOP else "NOT REACHED"
        sentences.append(
            f"{bell}: {found:.2f} ms from the acknowledgement to somebody at the other process"
            f" (wanted: at most {LONGEST_HOP:g}): {reached}"
        )
    return "\n".join(sentences)


def report(clients: int, authors: int, told: Sequence[Told]) -> str:
    """Return the table of the crowd: medians of the runs."""
    rows = []
    for processes in sorted({one.processes for one in told}):
        of_them = [one for one in told if one.processes == processes]
        least = "≥ " if any(one.is_bound_by_generator for one in of_them) else ""
        rows.append(
            [
                str(processes),
                f"{least}{statistics.median(one.per_second for one in of_them):.0f}",
                f"{statistics.median(one.p95 for one in of_them):.1f}",
                f"{statistics.median(sum(one.cpu) for one in of_them):.2f}",
                f"{statistics.median(max(one.cpu) for one in of_them):.2f}",
                f"{statistics.median(one.database for one in of_them):.2f}",
                f"{statistics.median(one.generator_busy for one in of_them):.0%}",
                str(sum(one.lost for one in of_them)),
            ]
        )
    head = [f"processes: {clients} clients, {authors} at once", "events/s", "p95 ms", "CPU µs", "of the busiest"]
    return figures.table([*head, "PostgreSQL", "generator", "lost"], rows)


def verdict(told: Sequence[Told], cores: int) -> str:
    """Return in sentences how many times what one process tells two have told, and what that is worth here."""
    ratio, by_cpu = (statistics.median(each) for each in zip(*_ratios(told), strict=True))
    wanted = f"(wanted: at least {LEAST_RATIO:g} ×)"
    needed = max(one.processes for one in told) + 1
    if ratio >= LEAST_RATIO:
        measured = "reached"
    elif cores < needed:
        measured = (
            f"says nothing, for the processes had no core each: this machine has {cores} cores, the clients need"
            f" one of them, and PostgreSQL its share; {needed} cores are needed"
        )
    elif any(one.is_bound_by_generator for one in told if one.processes > 1):
        measured = "says nothing, for the clients were the limit"
    else:
        measured = "NOT REACHED"
    says = "reached" if by_cpu >= LEAST_RATIO else "NOT REACHED"
    return (
        f"measured: two processes tell {ratio:.2f} × what one does {wanted}: {measured}\n"
        f"by processor time: {by_cpu:.2f} ×, if each has a core and nothing else is the limit {wanted}: {says}"
    )


def _ratios(told: Sequence[Told]) -> list[tuple[float, float]]:
    """Return for each run what two processes tell beside one: measured, and by what the busiest computes."""
    by_run = {(one.processes, one.run): one for one in told}
    pairs = [(by_run[1, run], by_run[2, run]) for run in sorted({one.run for one in told})]
    return [(two.per_second / one.per_second, max(one.cpu) / max(two.cpu)) for one, two in pairs]


def _hops(postgresql: PostgresqlServer, folder: Path, options: argparse.Namespace) -> list[Hop]:
    """Measure edits through each bell in turn; all processes run all the time."""
    found = []
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        pairs = {}
        for bell, more in ((NOTIFY, []), (REDIS, ["--redis", redis.url])):
            target = _target(postgresql, folder / bell, authors=1, clients=2, options=more)
            pairs[bell] = target, _start(stack, target, folder, processes=2, cores=[])
        for run in range(options.runs):
            for bell, (target, servers) in list(pairs.items())[:: 1 if run % 2 else -1]:
                urls = [server.url for server in servers]
                found.append(measure(bell, urls, target.authors[0], target.tokens, edits=options.edits))
                print(f"run {run}, {bell}: {found[-1].other}", file=sys.stderr)
    return found


def _told(postgresql: PostgresqlServer, folder: Path, options: argparse.Namespace) -> list[Told]:
    """Measure one process and two in turn, each started anew."""
    cores = sorted(os.sched_getaffinity(0))
    target = _target(postgresql, folder / "crowd", authors=options.authors, clients=options.clients)
    # Whoever has a core of their own computes less for the same: one process must not have what two cannot.
    has_enough = len(cores) > _MOST_PROCESSES
    found = []
    for run in range(options.runs):
        for processes in (1, _MOST_PROCESSES) if run % 2 else (_MOST_PROCESSES, 1):
            pinned = cores[:processes] if has_enough else []
            os.sched_setaffinity(0, {cores[-1]} if pinned else cores)
            with ExitStack() as stack:
                servers = _start(stack, target, folder, processes=processes, cores=pinned)
                found.append(_crowd(target, servers, postgresql, run, seconds=options.seconds))
            os.sched_setaffinity(0, cores)
            print(f"run {run}: {found[-1]}", file=sys.stderr)
    return found


def _crowd(
    target: Telling, servers: Sequence[Running], postgresql: PostgresqlServer, run: int, *, seconds: float
) -> Told:
    urls, meters = [server.url for server in servers], [Meter(server.process.pid) for server in servers]
    crowd = Crowd(urls, target.tokens)
    try:
        warm_up = drive(urls, target.authors, crowd, seconds=_WARM_UP_SECONDS, first=1)
        before, database = [meter.cpu_seconds() for meter in meters], postgresql.cpu_seconds()
        told = drive(urls, target.authors, crowd, seconds=seconds, first=warm_up.changes + 1_000)
        used = [meter.cpu_seconds() - begun for meter, begun in zip(meters, before, strict=True)]
        database = postgresql.cpu_seconds() - database
    finally:
        crowd.close()
    arrived = len(told.delays)
    return Told(
        processes=len(servers),
        run=run,
        per_second=told.per_second,
        p95=figures.percentile(told.delays, 95) * 1_000,
        cpu=[each * 1e6 / arrived for each in used],
        database=database * 1e6 / arrived,
        generator_busy=told.busy,
        is_bound_by_generator=told.is_bound_by_generator,
        lost=told.lost,
    )


def _target(
    postgresql: PostgresqlServer, folder: Path, *, authors: int, clients: int, options: Sequence[str] = ()
) -> Telling:
    url = postgresql.url(postgresql.create_database())
    return hub(folder.name, folder, authors=authors, clients=clients, options=options, url=url)


def _start(stack: ExitStack, target: Telling, folder: Path, *, processes: int, cores: Sequence[int]) -> list[Running]:
    """Start so many processes, each on a core of its own if there are some."""
    logs = [folder / f"{target.name}-{number}.log" for number in range(processes)]
    chosen = cores or [None] * processes
    return [stack.enter_context(target.running(log, core=core)) for log, core in zip(logs, chosen, strict=True)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edits", type=int, default=150, help="edits of one measurement (default: 150)")
    parser.add_argument("--clients", type=int, default=300, help="who hears of changes (default: 300)")
    parser.add_argument("--authors", type=int, default=16, help="changes at once (default: 16)")
    parser.add_argument("--runs", type=int, default=5, help="runs of everything (default: 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one measurement (default: 3)")
    parser.add_argument("--without-hops", action="store_true", help="leave out the edits")
    parser.add_argument("--without-crowd", action="store_true", help="leave out the crowd")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if not (2 <= options.clients <= 3_000 and 2 <= options.authors <= 64):
        parser.error("--clients must be from 2 to 3000, --authors from 2 to 64")
    if not (1 <= options.runs <= 100 and 0.1 <= options.seconds <= 600 and 10 <= options.edits <= 10_000):
        parser.error("--runs must be from 1 to 100, --seconds from 0.1 to 600, --edits from 10 to 10000")
    return options


if __name__ == "__main__":
    sys.exit(main())
