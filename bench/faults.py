"""What a killed server costs: edits lost, edits doubled, time until everybody sees the same again; beside our peers.

    python bench/faults.py --peer-python .venv-bench/bin/python

Run it in the environment that teaching_nb is installed in; `make bench-faults` prepares it and the peers.
README.md tells how to read the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import collaboration
import fault_report
import fault_scenes
import fault_servers
import results
from fault_scenes import Outcome, Scene
from fault_servers import Server

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Act:
    """A scene that is played at every server, and its table."""

    name: str
    play: Scene
    times: int
    table: Callable[[Sequence[Outcome]], str]


def main() -> int:
    """Play everything at all servers; returns 1 when ours lost something confirmed, or showed something wrong."""
    options = _options()
    began, load_before = time.monotonic(), os.getloadavg()[0]
    chosen = {key: value for key, value in vars(options).items() if isinstance(value, int | float)}
    jupyter = collaboration.versions(options.peer_python)
    about = results.about(npm=fault_servers.npm_versions(), jupyter=jupyter, options=chosen)
    played = {}
    for act in _acts(options):
        if act.times:
            played[act.name] = _play(act, options)
            print("\n".join(["", act.table(played[act.name]), *fault_report.notes(played[act.name])]), flush=True)
    print(f"\n{time.monotonic() - began:.0f} s; load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    scenes = {name: [asdict(outcome) for outcome in outcomes] for name, outcomes in played.items()}
    print(f"figures written to {results.write('faults', {'about': about, 'scenes': scenes}, options.results)}")
    ours = [outcome for found in played.values() for outcome in found if outcome.server == fault_servers.Hub.name]
    return 1 if any(outcome.has_failed for outcome in ours) else 0


def _acts(options: argparse.Namespace) -> list[Act]:
    return [
        Act("kills", fault_scenes.kills, options.kills, fault_report.kills_table),
        Act("gone", fault_scenes.gone, options.gone, fault_report.gone_table),
        Act("set back", fault_scenes.set_back, options.set_back, fault_report.set_back_table),
    ]


def _play(act: Act, options: argparse.Namespace) -> list[Outcome]:
    """Play one scene at every server, on data of its own, with the same moments for all."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as folder:
        for server in _servers(Path(folder), options):
            chance = random.Random(options.seed)  # noqa: S311 - moments to kill at, no secret
            try:
                outcomes.append(act.play(server, act.times, chance))
            finally:
                server.stop()
            print(f"{act.name}, {json.dumps(asdict(outcomes[-1]))}", file=sys.stderr)
    return outcomes


def _servers(folder: Path, options: argparse.Namespace) -> list[Server]:
    found = fault_servers.servers(
        folder, writers=options.writers, per_second=options.per_second, peer_python=options.peer_python
    )
    return [server for server in found if not options.only or server.name in options.only]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--peer-python", type=Path, required=True, help="Python of the environment with jupyter-collaboration"
    )
    parser.add_argument("--writers", type=int, default=5, help="people who type at once (default: 5)")
    parser.add_argument("--per-second", type=float, default=10.0, help="edits of each of them a second (default: 10)")
    parser.add_argument("--kills", type=int, default=5, help="kills while all type (default: 5)")
    parser.add_argument("--gone", type=int, default=2, help="kills after which nobody comes back (default: 2)")
    parser.add_argument("--set-back", type=int, default=1, help="times that the backup is put back (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random moments (default: 1)")
    parser.add_argument("--only", nargs="+", help="names of servers, as in the tables (default: all)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if not (1 <= options.writers <= 20 and 0.1 <= options.per_second <= 50):
        parser.error("--writers must be from 1 to 20, --per-second from 0.1 to 50")
    if not all(0 <= times <= 100 for times in (options.kills, options.gone, options.set_back)):
        parser.error("--kills, --gone and --set-back must be from 0 to 100")
    if not options.peer_python.exists():
        parser.error(f"{options.peer_python} does not exist: run `make bench-faults`, or name the peer's interpreter")
    # JupyterLab runs in a folder of its own.
    options.peer_python = str(options.peer_python.absolute())
    return options


if __name__ == "__main__":
    sys.exit(main())
