"""Page object: one notebook that is open in one browser page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, expect

from tests.harness.jupyter_server import JupyterLab

OPEN_MS = 60_000
RUN_MS = 60_000
OURS = re.compile("teaching|tnb|anywidget|Yjs|pageerror", re.IGNORECASE)
# JupyterLab's own, with or without us: a kernel was shut down while JupyterLab still waited for its subshell; a busy
# machine starts plugins slowly; undo managers of cells get texts that are in no document yet; Notebook 7.6 looks for
# the settings of its shortcuts before they are loaded; the manager of widgets takes it that each notebook has a kernel;
# a notebook that is closed is still drawn once more, and its toolbar laid out.
JUPYTERLABS = re.compile(
    r"Canceled future for create_subshell_request|^warning: Plugin .+ took .+ms to activate"
    r"|\[yjs#509\] Not same Y\.Doc|reading 'schema'\)\n\s+at \S+/static/notebook/notebook_core"
    r"|reading 'id'\)\n\s+at \S+/static/(lab/jlab|notebook/notebook)_core"
    r"|reading 'promise'\)\n\s+at \S+ \(\S+/static/(lab/jlab|notebook/notebook)_core"
    r"|reading 'kernel'\)\n\s+at \S+ \(\S+/@jupyter-widgets/jupyterlab-manager/"
)
"""What tells that a complaint in the console is about our code; uncaught errors are always counted."""

_SCRIPTS = (Path(__file__).parent / "notebook.js").read_text()


class Cell:
    """One code cell of the notebook with what it shows."""

    def __init__(self, page: Page, cell_id: str) -> None:
        self.page = page
        self.id = cell_id
        self.node: Locator = page.locator(f'[data-test-cell="{cell_id}"]')

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs as they stand in the notebook's model."""
        return list(self.page.evaluate("id => teachingTests.outputs(id)", self.id))

    def wait_done(self, *, timeout: float = RUN_MS) -> Cell:
        """Wait until the run has ended; fail with the traceback when it ended with an error."""
        self.page.wait_for_function("id => teachingTests.isDone(id)", arg=self.id, timeout=timeout)
        for output in self.outputs:
            if output["output_type"] == "error":
                raise AssertionError(f"the cell raised\n{_plain(output['traceback'])}")
        return self

    @property
    def is_running(self) -> bool:
        """Tell whether the run has not ended yet."""
        return not self.page.evaluate("id => teachingTests.isDone(id)", self.id)


class Notebook:
    """A notebook in a page; cells run through the application's own commands."""

    def __init__(self, page: Page, lab: JupyterLab, path: str) -> None:
        self.page = page
        self.lab = lab
        self.path = path
        self.console: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.add_init_script(_SCRIPTS)

    def open(self) -> Notebook:
        """Open the notebook and wait until its kernel can run a cell."""
        self.page.goto(self.lab.page_url(self.path), timeout=OPEN_MS)
        return self._wait_ready()

    def reload(self) -> Notebook:
        """Load the page again, as F5 does; the kernel lives on."""
        self.page.reload(timeout=OPEN_MS)
        return self._wait_ready()

    def save(self) -> None:
        """Save the notebook through the application's command."""
        self.page.evaluate("() => teachingTests.save()")

    def start(self, source: str) -> Cell:
        """Append a code cell and start it."""
        cell = Cell(self.page, self.page.evaluate("source => teachingTests.start(source)", source))
        expect(cell.node).to_be_attached()
        return cell

    def run(self, source: str, *, timeout: float = RUN_MS) -> Cell:
        """Append a code cell, run it and wait for its end."""
        return self.start(source).wait_done(timeout=timeout)

    def run_all(self) -> list[Cell]:
        """Run all cells with the application's command, and return them."""
        return [Cell(self.page, cell_id) for cell_id in self.page.evaluate("() => teachingTests.runAll()")]

    def last_cell(self) -> Cell:
        """Return the cell at the end."""
        return Cell(self.page, self.page.evaluate("() => teachingTests.lastCell()"))

    def value(self, expression: str) -> Any:
        """Return the value of an expression in the kernel's namespace; it must be plain data."""
        return self.page.evaluate("text => teachingTests.value(text)", expression)

    def start_kernel(self) -> None:
        """Start a kernel where the notebook was opened without one, and wait until it answers."""
        self.page.evaluate("() => teachingTests.startKernel()")

    def restart_kernel(self) -> None:
        """Restart the kernel and wait until it answers."""
        self.page.evaluate("() => teachingTests.restartKernel()")

    def clear(self) -> None:
        """Remove all cells, so that the next test starts with an empty notebook."""
        self.page.evaluate("() => teachingTests.clear()")

    def set_theme(self, name: str) -> None:
        """Switch JupyterLab's theme and wait for it, and for the splash to go, which fails where there are two."""
        self.page.evaluate("name => teachingTests.setTheme(name)", name)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def hide_sidebars(self) -> None:
        """Give the notebook the whole width of the window."""
        self.page.evaluate("() => teachingTests.hideSidebars()")

    def own_complaints(self) -> list[str]:
        """Return the console's errors and warnings that have to do with our code."""
        return [line for line in self.console if OURS.search(line) and not JUPYTERLABS.search(line)]

    def _wait_ready(self) -> Notebook:
        self.page.wait_for_function("() => window.jupyterapp !== undefined", timeout=OPEN_MS)
        try:
            self.page.evaluate("() => teachingTests.ready()")
        except Error as error:
            raise AssertionError(f"the notebook did not open: {error}\n{self.lab.log()[-3000:]}") from error
        return self

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.console.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: Error) -> None:
        self.console.append(f"pageerror: {error.message}\n{error.stack}")


def _plain(traceback: list[str]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
