"""Page object: a page of JupyterLab that stays open, in which notebooks are opened one after another.

Loading JupyterLab and starting a kernel take seconds each; tests that need neither open their notebook here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.browser.notebook import OPEN_MS, Notebook
from tests.harness.jupyter_server import JupyterLab


class StandingPage(Notebook):
    """A JupyterLab in a page; as a notebook it is the one that was opened last. Kernels start when a test asks."""

    def __init__(self, page: Page, lab: JupyterLab) -> None:
        super().__init__(page, lab, "")
        page.add_init_script("teachingTests.startNoKernels()")

    def launch(self) -> StandingPage:
        """Begin to load the page, so that several load side by side."""
        self.page.goto(self.lab.workspace_url(), timeout=OPEN_MS, wait_until="commit")
        return self

    def show(self, path: str) -> StandingPage:
        """Open a notebook that lies there already, beside those that are open."""
        self.path = path
        self._wait_loaded()
        self.page.evaluate("path => teachingTests.show(path)", path)
        return self

    def reload(self) -> StandingPage:
        """Load the page again, as F5 does, and show its notebook."""
        self.page.reload(timeout=OPEN_MS)
        return self.show(self.path)

    def clear(self) -> None:
        """Close all notebooks without saving them: the next test finds an empty page."""
        self.page.evaluate("() => teachingTests.closeAll()")

    @contextmanager
    def notebook_settings(self, **values: object) -> Iterator[None]:
        """Set what JupyterLab itself sets for notebooks that are opened meanwhile when its settings change."""
        self._wait_loaded()
        before = self.page.evaluate("values => teachingTests.setNotebooks(values)", values)
        try:
            yield
        finally:
            self.page.evaluate("values => teachingTests.setNotebooks(values)", before)

    def _wait_loaded(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp !== undefined", timeout=OPEN_MS)
