"""How long a keystroke in one browser takes until it stands in another person's: ours beside jupyter-collaboration.

    python bench/latency.py --peer-python .venv-bench/bin/python

Run it in the environment that teaching_nb is installed in; `make bench` prepares both. README.md tells
how it measures and what it leaves out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import browser
import collaboration
import figures
import results
from classroom import Classroom, classroom
from pairs import Pair, Sample
from playwright.sync_api import sync_playwright

_HERE = Path(__file__).parent
PEER_PYTHON = _HERE.parent / ".venv-bench" / "bin" / "python"
"""Interpreter of the environment that `make bench` prepares for the peer."""
_OUR_PACKAGES = ("jupyterlab", "jupyter-server", "ipykernel", "python-socketio", "pycrdt", "anywidget")
_PAUSES_MILLISECONDS = (200, 270, 230, 310, 250)
"""Between two keystrokes; uneven, so that no timer of a system stays in step with them."""


@dataclass(frozen=True)
class Result:
    """What one run has measured; times in milliseconds."""

    series: dict[str, list[float | None]]
    """Name of the system → one time per keystroke, None for one that did not arrive."""
    hops: list[list[float] | None]
    """One list per keystroke of ours, in the order of `figures.HOPS`; None where a station saw nothing."""
    relay: list[float]
    """How long our relays, which the product does not have, held each event."""
    clock_offsets: dict[str, list[float]]
    load: tuple[float, float]
    """Load average of the machine before and after the samples."""

    def medians(self) -> dict[str, float]:
        """Return the median of what arrived, of each system."""
        return {
            name: statistics.median(time for time in series if time is not None) for name, series in self.series.items()
        }

    def report(self) -> str:
        """Return the tables."""
        arrived = {name: [time for time in series if time is not None] for name, series in self.series.items()}
        lost = {name: series.count(None) for name, series in self.series.items()}
        whole = [hops for hops in self.hops if hops is not None]
        parts = [
            figures.paths_table(arrived, lost=lost),
            f"{len(whole)} of our {len(self.hops)} keystrokes were seen at every station",
        ]
        if whole:
            parts.insert(1, figures.hops_table(whole))
        if self.relay:
            parts.append(f"our relays held an event for {figures.summary(self.relay)['median']:.2f} ms (median)")
        return "\n\n".join([*parts, f"load average {self.load[0]:.1f} before, {self.load[1]:.1f} after"])


def main() -> int:
    """Measure, print the tables, write the samples; returns 1 when a keystroke was lost."""
    options = _options()
    result, about = measured(
        options.peer_python, chromium=options.chromium, warm_up=options.warm_up, samples=options.samples
    )
    print(result.report())
    content = {"about": about, "hop_names": figures.HOPS, **asdict(result)}
    print(f"\nsamples written to {results.write('latency', content, options.results)}")
    return 1 if any(None in series for series in result.series.values()) else 0


def measured(
    peer_python: Path, *, warm_up: int, samples: int, chromium: str | None = None
) -> tuple[Result, dict[str, object]]:
    """Start everybody's browser and servers and measure; return that, and with which versions."""
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as folder, ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        started = browser.launch(playwright, executable=chromium)
        stack.callback(started.close)
        room = stack.enter_context(classroom(started, Path(folder) / "ours"))
        peer = stack.enter_context(collaboration.collaborating_pair(started, str(peer_python), Path(folder) / "peer"))
        result = measure(room, peer, warm_up=warm_up, samples=samples)
        versions = collaboration.versions(str(peer_python))
        return result, results.about(_OUR_PACKAGES, chromium=started.version, peer=versions)


def measure(room: Classroom, peer: Pair, *, warm_up: int, samples: int) -> Result:
    """Type alternately into both systems, and split our samples by what the stations noted."""
    pairs = (room.pair, room.cells, peer)
    clock_offsets = {pair.name: pair.align_clocks() for pair in pairs}
    for _ in range(warm_up):
        _type_into(pairs)
    load_before = os.getloadavg()[0]
    # Who goes first changes, so that neither always follows on the other's last work.
    rounds = [_type_into(pairs[number % 3 :] + pairs[: number % 3]) for number in range(samples)]
    stations = room.stations()
    ways = [stations.of(samples_of[room.pair.name]) for samples_of in rounds]
    return Result(
        series={pair.name: [samples_of[pair.name].milliseconds for samples_of in rounds] for pair in pairs},
        hops=[figures.split(way) if way else None for way in ways],
        relay=room.milliseconds_in_taps(),
        clock_offsets=clock_offsets,
        load=(load_before, os.getloadavg()[0]),
    )


def _type_into(pairs: Sequence[Pair]) -> dict[str, Sample]:
    samples = {}
    for pair in pairs:
        samples[pair.name] = pair.type_key()
        pair.writer.pause(_PAUSES_MILLISECONDS[len(pair.typed) % len(_PAUSES_MILLISECONDS)])
    return samples


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--samples", type=int, default=30, help="keystrokes per system (default: 30)")
    parser.add_argument("--warm-up", type=int, default=8, help="keystrokes before, not counted (default: 8)")
    parser.add_argument(
        "--peer-python",
        type=Path,
        default=PEER_PYTHON,
        help="interpreter of the environment with bench/requirements.txt (default: .venv-bench of the project)",
    )
    parser.add_argument("--chromium", help="browser to use (default: the first Chromium on the PATH)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the samples")
    options = parser.parse_args()
    if not 1 <= options.samples <= 1000:
        parser.error(f"--samples must be from 1 to 1000, not {options.samples}")
    if not options.peer_python.exists():
        parser.error(f"{options.peer_python} does not exist: run `make bench`, or name the peer's interpreter")
    # Resolving links would lead out of the virtual environment.
    options.peer_python = options.peer_python.absolute()
    return options


if __name__ == "__main__":
    sys.exit(main())
