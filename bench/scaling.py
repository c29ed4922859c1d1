"""What a hub costs as it grows: for each delivery, each idle client, each document; as tables and as a picture.

    python bench/scaling.py

Run it in the environment that teaching_nb is installed in; `make bench-scaling` prepares it. README.md tells how it
measures, docs/scaling.md what follows.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import figures
import results
import scaling_clients
import scaling_requests
from scaling_clients import Clients, Empty
from scaling_picture import Chart, Line, picture
from scaling_requests import Documents

_HERE = Path(__file__).parent
CLIENTS = (30, 100, 300, 1_000, 3_000)
DOCUMENTS = (100, 1_000, 10_000, 100_000)
_QUICK_CLIENTS, _QUICK_DOCUMENTS = CLIENTS[:3], DOCUMENTS[:3]
IDLE_SECONDS = 30.0
"""As long as the hub takes from one look after all its connections to the next, and twice as long as to a heartbeat."""
_TELLING_SECONDS = 2.0
_ROUNDS = 300

DRAWN = {
    scaling_requests.REMOVE: "remove a person",
    scaling_requests.LIST: "list of 100 documents",
    scaling_requests.ADMIN_SLUGS: "all slugs, admin",
    scaling_requests.CATCH_UP: "catch up",
    scaling_requests.OPEN_LIVE: "open a live text",
    scaling_requests.OPEN: "open a document",
    scaling_requests.TYPE: "type a letter",
    scaling_requests.PUT: "PUT",
}
"""What of the requests is drawn, and what it is called there."""


def main() -> int:
    """Measure, print the tables, write figures and picture; returns 1 when a delivery was lost."""
    options = _options()
    began, load = time.monotonic(), os.getloadavg()[0]
    cores = sorted(os.sched_getaffinity(0))
    core = cores[0] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, {cores[-1]})
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as name:
        empty, crowds = _crowds(Path(name), options.clients, idle_seconds=options.idle_seconds, core=core)
        schools = _schools(Path(name), options.documents, rounds=options.rounds, core=core)
    report = [
        figures.table(["empty hub", ""], empty.rows()),
        scaling_clients.table(crowds),
        scaling_requests.sizes_table(schools),
        scaling_requests.table(schools),
    ]
    print("\n\n".join(report))
    seconds = time.monotonic() - began
    print(f"\nmeasured in {seconds:.0f} s; load average {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    content = {
        "about": results.about(("python-socketio", "sqlalchemy", "uvicorn", "uvloop", "websockets")),
        "empty": asdict(empty),
        "clients": [asdict(one) for one in crowds],
        "documents": [asdict(one) for one in schools],
    }
    print(f"figures written to {results.write('scaling', content, options.results)}")
    drawn = options.picture or options.results / "scaling.svg"
    drawn.write_text(draw(crowds, schools), encoding="utf-8")
    print(f"picture drawn in {drawn}")
    return 1 if any(one.lost for one in crowds) else 0


def draw(crowds: Sequence[Clients], schools: Sequence[Documents]) -> str:
    """Return the picture of all figures."""

    def of_clients(value: str) -> list[Line]:
        return [Line("", [(one.clients, getattr(one, value)) for one in crowds])]

    def of_request(what: str) -> list[tuple[float, float]]:
        found = [(school.documents, cost.cpu) for school in schools for cost in school.costs if cost.what == what]
        return [(documents, max(cpu, 0.01)) for documents, cpu in found]

    clients, documents = "connected clients", "documents in the database"
    requests = [Line(name, of_request(what)) for what, name in DRAWN.items()]
    sizes = [
        Line("with the logs", [(school.documents, school.file / 1e6) for school in schools]),
        Line("without", [(school.documents, school.without_logs / 1e6) for school in schools]),
    ]
    charts = [
        Chart("Telling one client of a change", "µs of the processor", clients, of_clients("delivery")),
        Chart("A change, told to everybody", "ms of the processor", clients, of_clients("change"), is_logarithmic=True),
        Chart("An idle client", "kB of memory", clients, of_clients("memory")),
        Chart(
            "A hub with idle clients",
            "ms of the processor in a minute",
            clients,
            of_clients("idle_hub"),
            is_logarithmic=True,
        ),
        Chart("A request, or a letter", "ms of the processor", documents, requests, is_logarithmic=True, right=156),
        Chart(
            "The database", "MB; a document in five was typed live", documents, sizes, is_logarithmic=True, right=110
        ),
    ]
    return picture(charts, description="What deliveries, idle clients, requests and documents cost as a hub grows")


def _crowds(
    folder: Path, sizes: Sequence[int], *, idle_seconds: float, core: int | None
) -> tuple[Empty, list[Clients]]:
    hub = scaling_clients.hub_of(folder, max(sizes))
    empty = scaling_clients.empty(hub, folder, seconds=idle_seconds, core=core)
    found = []
    for clients in sizes:
        found.append(
            scaling_clients.measured(
                hub,
                folder,
                clients,
                empty=empty,
                idle_seconds=idle_seconds,
                seconds=_TELLING_SECONDS,
                core=core,
            )
        )
        print(found[-1], file=sys.stderr)
    return empty, found


def _schools(folder: Path, sizes: Sequence[int], *, rounds: int, core: int | None) -> list[Documents]:
    found = []
    for number in sizes:
        found.append(scaling_requests.measured(folder / f"school-{number}", number, rounds=rounds, core=core))
        print(found[-1], file=sys.stderr)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller sizes and shorter times: two minutes")
    parser.add_argument("--clients", type=int, nargs="+", help="how many are connected (default: 30 to 3000)")
    parser.add_argument("--documents", type=int, nargs="+", help="how many there are (default: 100 to 100000)")
    parser.add_argument("--picture", type=Path, help="file for the picture (default: scaling.svg beside the figures)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    options.clients = options.clients or list(_QUICK_CLIENTS if options.quick else CLIENTS)
    options.documents = options.documents or list(_QUICK_DOCUMENTS if options.quick else DOCUMENTS)
    options.rounds = _ROUNDS // 3 if options.quick else _ROUNDS
    options.idle_seconds = IDLE_SECONDS / 3 if options.quick else IDLE_SECONDS
    if not all(1 <= clients <= 3_000 for clients in options.clients):
        parser.error("the number of clients must be from 1 to 3000")
    if not all(100 <= documents <= 200_000 for documents in options.documents):
        parser.error("the number of documents must be from 100 to 200000: 100 are the smallest class")
    return options


if __name__ == "__main__":
    sys.exit(main())
