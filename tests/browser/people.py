"""The cast: who they are, what the hub knows of them, and each one's own JupyterLab and browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from teaching_nb.schema.roots import root_id
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}

TEACHER = "tina.teacher@school.example"
ALICE = "alice.adams@school.example"
BOB = "bob.brown@school.example"
CAROL = "carol.clark@school.example"
CLASS = "class 1a"
MEMBERS_ONLY = "members-only"


class Person:
    """Somebody with an account at the hub, a JupyterLab of their own and a browser window."""

    def __init__(self, name: str, lab: Lab, browser: Browser, hub_token: str = "") -> None:
        self.name = name
        self.lab = lab
        self.hub_token = hub_token
        self._browser = browser
        self._context: BrowserContext | None = None
        self._notebook: Notebook | None = None
        self._opened: list[Notebook] = []

    @property
    def context(self) -> BrowserContext:
        """Return the person's browser context, made on first use."""
        if self._context is None:
            self._context = self._browser.new_context(viewport=VIEWPORT)
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

    def clear(self) -> None:
        """Empty the main notebook, close every other page and end every other kernel: all would see it connected."""
        for page in self.context.pages if self._context else []:
            if self._notebook is None or page is not self._notebook.page:
                page.close()
        self.lab.end_kernels(except_of=None if self._notebook is None else self._notebook.path)
        if self._notebook is not None:
            self._notebook.clear()

    def check_consoles(self) -> None:
        """Fail when our code complained in a browser console since the last check."""
        complaints = [complaint for notebook in self._opened for complaint in notebook.own_complaints()]
        for notebook in self._opened:
            notebook.console.clear()
        assert not complaints, "\n".join(complaints)

    def close(self) -> None:
        """Close the browser window and end the server."""
        if self._context is not None:
            self._context.close()
        self.lab.stop()


def seed() -> dict[str, Any]:
    """Return what is loaded into the hub: three people in a class, Carol outside, and a root for the class only."""
    people = [(TEACHER, "teacher"), (ALICE, "student"), (BOB, "student"), (CAROL, "student")]
    return {
        "users": [_user(email, role) for email, role in people],
        "groups": [{"name": CLASS, "members": [TEACHER, ALICE, BOB], "admins": [TEACHER]}],
        "documentRoots": [
            {
                "id": root_id(MEMBERS_ONLY),
                "access": "None_DocumentRoot",
                "sharedAccess": "RW_DocumentRoot",
                "groupPermissions": [{"group": CLASS, "access": "RW_StudentGroup"}],
            }
        ],
    }


def _user(email: str, role: str) -> dict[str, str]:
    first, last = email.partition("@")[0].split(".")
    return {"email": email, "firstName": first.title(), "lastName": last.title(), "role": role}
