"""How long a page with many live widgets takes until all of them can be used, and what it loads and connects for that.

    python bench/opening.py [--widgets 20] [--rounds 5] [--chromium PATH]

Run it in the environment that teaching_nb is installed in, after the browser half was built. README.md tells how it
measures. Exit code 1 when the widgets of a page had more than one connection to the hub.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import browser
import figures
import results
from classroom import a_hub_with_one_lab
from playwright.sync_api import Browser, sync_playwright

from tests.harness.jupyter_server import JupyterLab

_HERE = Path(__file__).parent
_WATCH = _HERE / "opening.js"

KINDS = {
    "code": "tnb.code(slug, init=f'x = {number}')",
    "task": "tnb.task(slug)",
}
"""What is opened → how a notebook shows one."""

_CONNECT = (
    "import teaching_nb as tnb\nfrom IPython.display import display\nroom = tnb.connect()\nroom.wait_live(timeout=30)"
)
_SHOW = """
for number in range({count}):
    slug = f"{name}-{{number}}"
    display({call})
"""
_SHOW_CELL = 1


@dataclass(frozen=True)
class Opening:
    """One page; times in milliseconds since its cell was started, sizes in bytes."""

    cell: float
    """The cell has run."""
    shown: float
    """All widgets show what they hold."""
    ready: float
    """All say that it is saved, and edits of all editors take the lane."""
    sockets: int
    files: int
    size: int


def main() -> int:
    """Measure, print the table, write the figures."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="tnb-bench-") as folder, ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        chromium = browser.launch(playwright, executable=options.chromium)
        stack.callback(chromium.close)
        lab = stack.enter_context(a_hub_with_one_lab(Path(folder)))
        found: dict[str, list[Opening]] = {kind: [] for kind in KINDS}
        for number in range(options.rounds):
            for kind in KINDS:
                found[kind].append(open_page(chromium, lab, kind, count=options.widgets, number=number))
    print(report(found, options.widgets))
    pages = {kind: [asdict(opening) for opening in openings] for kind, openings in found.items()}
    content = {"about": results.about(), "widgets": options.widgets, "pages": pages}
    written = results.write("opening", content, options.results)
    print(f"\nload average {os.getloadavg()[0]:.1f}; written to {written}")
    return 1 if any(opening.sockets > 1 for openings in found.values() for opening in openings) else 0


def report(found: dict[str, list[Opening]], count: int) -> str:
    """Return the table: medians, and the slowest page."""
    head = [f"{count} widgets", "cell ms", "shown ms", "ready ms", "slowest", "connections", "files", "kB"]
    rows = []
    for kind, openings in found.items():
        times = [
            f"{statistics.median(getattr(opening, name) for opening in openings):.0f}"
            for name in ("cell", "shown", "ready")
        ]
        slowest = f"{max(opening.ready for opening in openings):.0f}"
        last = openings[-1]
        rows.append([kind, *times, slowest, str(last.sockets), str(last.files), f"{last.size / 1024:.1f}"])
    return figures.table(head, rows)


def open_page(chromium: Browser, lab: JupyterLab, kind: str, *, count: int, number: int) -> Opening:
    """Open a notebook in a browser that has nothing in its cache, and show new documents in one cell."""
    show = _SHOW.format(count=count, name=f"{kind}-{number}", call=KINDS[kind])
    path = lab.write_notebook(f"{kind}-{number}.ipynb", _CONNECT, show)
    with _a_page(chromium, f"{kind} {number}") as person:
        sockets: list[str] = []
        person.page.on("websocket", lambda socket: sockets.append(socket.url))
        person.open(lab.page_url(path))
        person.run_cell(0)
        person.page.evaluate(_WATCH.read_text())
        seen = person.page.evaluate("([cell, count]) => openingWatch.show(cell, count)", [_SHOW_CELL, count])
        ours = [url for url in sockets if "/teaching/socket.io/" in url]
        return Opening(sockets=len(ours), **seen)


@contextmanager
def _a_page(chromium: Browser, name: str) -> Iterator[browser.Person]:
    person = browser.Person(chromium, name)
    try:
        yield person
    finally:
        person.page.context.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--widgets", type=int, default=20, help="widgets of a page (default: 20)")
    parser.add_argument("--rounds", type=int, default=5, help="pages of each kind (default: 5)")
    parser.add_argument("--chromium", help="browser to use (default: the first Chromium on the PATH)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    for name, most in (("widgets", 100), ("rounds", 50)):
        if not 1 <= getattr(options, name) <= most:
            parser.error(f"--{name} must be from 1 to {most}, not {getattr(options, name)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
