"""How long a notebook with many live cells takes until all of them are live, beside the same notebook without.

    python bench/cells.py [--cells 30] [--rounds 5] [--chromium PATH]

Run it in the environment that teaching_nb is installed in, with the JupyterLab extension. README.md tells how it
measures. Exit code 1 when a page had more than one connection to the hub.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import browser
import figures
from classroom import a_hub_with_one_lab
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.harness.jupyter_server import JupyterLab

_COURSE = "bench"
_VIEWPORT: ViewportSize = {"width": 1200, "height": 4000}
"""So high that JupyterLab draws all cells: it makes no editor for one that is out of view."""
_WATCH = """async ([count, isLive]) => {
  const shown = () => document.querySelectorAll(".jp-Notebook .jp-Cell .cm-content .cm-line").length >= count;
  const live = () => document.querySelectorAll('.tnb-cell-state .tnb-status[data-tone="good"]').length >= count;
  const isDone = isLive ? live : shown;
  while (!isDone()) {
    if (performance.now() > 60_000) throw new Error("not after a minute");
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  const isOurs = ({ name }) => name.includes("/extensions/teaching-nb/");
  const files = performance.getEntriesByType("resource").filter(isOurs);
  return { ms: performance.now(), size: files.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0) };
}"""


@dataclass(frozen=True)
class Opening:
    """One page: milliseconds since the browser began to load it, connections to the hub, bytes of ours."""

    ms: float
    sockets: int
    size: int


def main() -> int:
    """Measure and print the table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as folder, ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        chromium = browser.launch(playwright, executable=options.chromium)
        stack.callback(chromium.close)
        lab = stack.enter_context(a_hub_with_one_lab(Path(folder)))
        _know_the_course(lab)
        # The first page of a server is slower, and makes the documents.
        for is_live in (True, False):
            open_page(chromium, lab, options.cells, is_live=is_live)
        found: dict[bool, list[Opening]] = {True: [], False: []}
        for _round in range(options.rounds):
            for is_live in (True, False):
                found[is_live].append(open_page(chromium, lab, options.cells, is_live=is_live))
    print(report(found, options.cells))
    print(f"\nload average {os.getloadavg()[0]:.1f}")
    return 1 if any(opening.sockets > 1 for openings in found.values() for opening in openings) else 0


def report(found: dict[bool, list[Opening]], count: int) -> str:
    """Return the table: medians, and the ratio to the notebook without live cells."""
    plain = statistics.median(opening.ms for opening in found[False])
    rows = []
    for is_live, openings in found.items():
        times = [opening.ms for opening in openings]
        median = statistics.median(times)
        name = "live: all are saved" if is_live else "ordinary: all are shown"
        last = openings[-1]
        figures_of = [f"{median:.0f}", f"{max(times):.0f}", f"{median / plain:.2f}"]
        rows.append([name, *figures_of, str(last.sockets), f"{last.size / 1024:.1f}"])
    return figures.table([f"{count} cells", "median ms", "slowest", "ratio", "connections", "kB"], rows)


def open_page(chromium: Browser, lab: JupyterLab, count: int, *, is_live: bool) -> Opening:
    """Open the notebook in a browser that has nothing in its cache."""
    path = _write_notebook(lab, count, is_live=is_live)
    context = chromium.new_context(viewport=_VIEWPORT)
    try:
        page = context.new_page()
        page.set_default_timeout(browser.OPEN_MILLISECONDS)
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.goto(lab.page_url(path), wait_until="commit")
        seen = page.evaluate(_WATCH, [count, is_live])
        return Opening(sockets=sum("/teaching/socket.io/" in url for url in sockets), **seen)
    finally:
        context.close()


def _write_notebook(lab: JupyterLab, count: int, *, is_live: bool) -> str:
    path = lab.write_notebook("live.ipynb" if is_live else "plain.ipynb", *[f"x = {n}" for n in range(count)])
    notebook = json.loads((lab.root / path).read_text())
    if is_live:
        notebook["metadata"]["teaching_nb"] = {"course": _COURSE}
        for number, cell in enumerate(notebook["cells"]):
            cell["metadata"]["teaching_nb"] = {"document": f"cell-{number}", "type": "code", "shared": True}
    (lab.root / path).write_text(json.dumps(notebook))
    return path


def _know_the_course(lab: JupyterLab) -> None:
    """Answer the question beforehand that a notebook of an unknown course asks."""
    lab.write_settings({"teaching-nb/cells": {"courses": [_COURSE]}})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=30, help="cells of the notebook (default: 30)")
    parser.add_argument("--rounds", type=int, default=5, help="pages of each kind (default: 5)")
    parser.add_argument("--chromium", help="browser to use (default: the first Chromium on the PATH)")
    options = parser.parse_args()
    for name, most in (("cells", 200), ("rounds", 50)):
        if not 1 <= getattr(options, name) <= most:
            parser.error(f"--{name} must be from 1 to {most}, not {getattr(options, name)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
