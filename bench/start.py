"""How much a kernel computes until the first live document is there, beside what it needs anyway.

    python bench/start.py [--samples 15]

Every sample is a process of its own: CPU time of all its threads (user and system), from just before the imports. What
a kernel has loaded anyway (ipykernel, IPython) is loaded before. README.md tells how to read it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import figures

_BEFORE = "import IPython, ipykernel.ipkernel, ipykernel.kernelapp, time; start = time.process_time()\n"
_AFTER = "\nprint(time.process_time() - start)"

NOBODY = "http://127.0.0.1:9"
"""Where no hub listens: what is measured ends with a document that can be edited, and needs no hub."""

WAYS = {
    "teaching_nb: import, connect, first tnb.code": f"import teaching_nb; teaching_nb.connect({NOBODY!r}, 't')"
    "; teaching_nb.code('x')",
    "what it stands on: socketio, aiohttp, anywidget, pycrdt": "import socketio, aiohttp, anywidget, pycrdt",
    "any widget of Jupyter: anywidget": "import anywidget",
}


def sample(way: str) -> float:
    """Return the seconds of CPU that one process needs."""
    code = _BEFORE + WAYS[way] + _AFTER
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return float(ran.stdout.split()[-1])


def measure(samples: int) -> dict[str, list[float]]:
    """Return milliseconds of each way; the ways take turns, so that a busy minute meets all of them."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(samples):
        for way, values in found.items():
            values.append(sample(way) * 1000)
    return found


def report(found: dict[str, list[float]]) -> str:
    """Return the table, with the ratio of the medians to the second row."""
    second = figures.summary(list(found.values())[1])["median"]
    rows = []
    for way, values in found.items():
        known = figures.summary(values)
        rows.append(
            [way, *(f"{known[name]:.0f}" for name in ("median", "least", "most")), f"{known['median'] / second:.2f}"]
        )
    return figures.table(["CPU until it is there", "median ms", "least", "most", "ratio"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=15, help="processes for each way")
    print(report(measure(parser.parse_args().samples)))


if __name__ == "__main__":
    main()
