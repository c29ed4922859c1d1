"""People of the browser tests: each has a JupyterLab and a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, ViewportSize
from sqlalchemy import Connection

from teaching_nb.hub.documents import roots
from teaching_nb.hub.documents.roots import RootSettings
from teaching_nb.hub.people import permissions
from teaching_nb.schema.roots import root_id
from tests.browser.notebook import Notebook
from tests.browser.standing_page import StandingPage
from tests.harness.cast import Cast
from tests.harness.hub_process import HubProcess
from tests.harness.jupyter_server import JupyterLab, JupyterNotebook

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}

OpenBrowser = Callable[[Path], BrowserContext]
"""Starts a browser that keeps in a folder what it has loaded and compiled: JupyterLab loads faster the next time."""

FRONT_ENDS: dict[str, type[JupyterLab]] = {"lab": JupyterLab, "notebook": JupyterNotebook}

MEMBERS_ONLY = "members-only"
"""Slug of a place that only class A may open."""


class Person:
    """Somebody with an account at the hub, a JupyterLab and a browser of their own."""

    def __init__(self, lab: JupyterLab, open_browser: OpenBrowser, hub_token: str = "") -> None:
        self.lab = lab
        self.hub_token = hub_token
        self._open_browser = open_browser
        self._context: BrowserContext | None = None
        self._notebook: Notebook | None = None
        self._opened: list[Notebook] = []
        self._standing: dict[int, StandingPage] = {}

    @property
    def context(self) -> BrowserContext:
        """Return the person's browser, started on first use; a blank page keeps it running when all others close."""
        if self._context is None:
            self._context = self._open_browser(self.lab.home / "browser")
            (self._blank,) = self._context.pages
        return self._context

    @property
    def notebook(self) -> Notebook:
        """Return the person's main notebook, opened on first use and shared by the tests."""
        if self._notebook is None:
            self._notebook = self.open("lesson.ipynb")
        return self._notebook

    def open(self, path: str, *sources: str, kernel_name: str = "python3") -> Notebook:
        """Write a new notebook with these cells and open it in a new page."""
        return self.open_page(self.lab.write_notebook(path, *sources, kernel_name=kernel_name))

    def open_page(self, path: str) -> Notebook:
        """Open a notebook that lies there already in a new page."""
        return self.open_in(self.context.new_page(), path)

    def open_in(self, page: Page, path: str) -> Notebook:
        """Open a notebook that lies there already in a page that a test has prepared."""
        notebook = Notebook(page, self.lab, path)
        self._opened.append(notebook)
        return notebook.open()

    def standing_page(self, number: int = 0) -> StandingPage:
        """Return a page that stays open over the tests of a file; it begins to load on first use."""
        if number not in self._standing:
            page = StandingPage(self.context.new_page(), self.lab)
            self._opened.append(page)
            self._standing[number] = page.launch()
        return self._standing[number]

    def close_standing_pages(self) -> None:
        """Close what stayed open: another file's tests do not need it."""
        for standing in self._standing.values():
            standing.page.close()
        self._standing.clear()

    def leave(self) -> None:
        """Close all notebooks and end all kernels: nobody sees the person any longer."""
        self.close_standing_pages()
        if self._notebook is not None:
            self._notebook.page.close()
            self._notebook = None
        self.clear()

    def clear(self) -> None:
        """Empty the main notebook, close every other page and end every other kernel: all would see it connected."""
        self.clear_standing_pages()
        if self._context is not None:
            notebooks = [notebook for notebook in (self._notebook, *self._standing.values()) if notebook is not None]
            stays = [self._blank, *(notebook.page for notebook in notebooks)]
            for page in self._context.pages:
                if page not in stays:
                    page.close()
        self.lab.end_kernels(except_of=None if self._notebook is None else self._notebook.path)
        if self._notebook is not None:
            self._notebook.clear()

    def clear_standing_pages(self) -> None:
        """Close all notebooks in the pages that stay open."""
        for number, standing in list(self._standing.items()):
            try:
                standing.clear()
            except Error:
                # A test has failed in the middle of something; the next one gets a new page.
                del self._standing[number]

    def check_consoles(self) -> None:
        """Fail when our code complained in a browser console since the last check."""
        complaints = [complaint for notebook in self._opened for complaint in notebook.own_complaints()]
        for notebook in self._opened:
            notebook.console.clear()
        assert not complaints, "\n".join(complaints)

    def forget_complaints(self, words: str) -> None:
        """Forget complaints in the browser consoles that a test has brought about."""
        for notebook in self._opened:
            notebook.console[:] = [line for line in notebook.console if words not in line]

    def forget_outage(self) -> None:
        """Forget that the browser complains of every request that the Jupyter server could not relay."""
        self.forget_complaints("the server responded with a status of 503")

    def close(self) -> None:
        """Close the browser and end the server."""
        if self._context is not None:
            self._context.close()
        self.lab.stop()


def lab_of(home: Path, hub: HubProcess, token: str, *, front_end: str = "lab", python: str | None = None) -> JupyterLab:
    """Return a JupyterLab, or Notebook, whose user has an account at a hub; it is not yet started.

    `python` is the interpreter of another environment, which has its own copy of our package.
    """
    env = {"TEACHING_NB_HUB_URL": hub.url, "TEACHING_NB_HUB_TOKEN": token}
    if python is None:
        return FRONT_ENDS[front_end](home, env=env)
    return FRONT_ENDS[front_end](home, env=env | {"PYTHONPATH": ""}, python=python)


def add_members_only(tx: Connection, cast: Cast) -> None:
    """Create the place that only class A may open, in a database."""
    root = root_id(MEMBERS_ONLY)
    settings = RootSettings(access="None_DocumentRoot", shared_access="RW_DocumentRoot")
    roots.insert_root(tx, cast.admin.actor, root, settings)
    permissions.put(tx, permissions.OF_GROUPS, root_id=root, subject_id=cast.class_a, access="RW_StudentGroup")
