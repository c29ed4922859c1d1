"""The peer: jupyter-collaboration, two browsers in one notebook on one shared JupyterLab server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browser import Person
from pairs import Pair
from playwright.sync_api import Browser

from tests.harness.jupyter_server import JupyterLab

NAME = "jupyter-collaboration"

_EDITOR = ".jp-Notebook .jp-Cell:first-child .cm-content"
_IS_SHARED = "() => window.jupyterapp.shell.currentWidget.context.model.collaborative"
_USER = "() => window.jupyterapp.serviceManager.user.identity.username"
_VERSIONS = """
import importlib.metadata, json
names = ("jupyterlab", "jupyter-server", "jupyter-collaboration", "jupyter-server-ydoc", "pycrdt", "pycrdt-store")
print(json.dumps({name: importlib.metadata.version(name) for name in names}))
"""


@contextmanager
def collaborating_pair(browser: Browser, python: str, folder: Path) -> Iterator[Pair]:
    """Start the server and open one of its notebooks twice, for two users."""
    with JupyterLab(folder, python=python).launch() as lab:
        lab.wait_ready()
        lab.write_notebook("bench.ipynb", "# ")
        people = [Person(browser, f"{NAME} {letter}") for letter in "AB"]
        for person in people:
            # On a slow machine the peer asks what to do while the notebook loads.
            person.answer_dialog("Continue waiting")
            person.open(lab.page_url("bench.ipynb"))
            if not person.page.evaluate(_IS_SHARED):
                raise RuntimeError(f"{person.name}: the notebook is not shared; is jupyter-collaboration enabled?")
            person.use_editor(_EDITOR)
        if len({person.page.evaluate(_USER) for person in people}) != len(people):
            raise RuntimeError("both browsers were taken for the same user")
        yield Pair(NAME, writer=people[0], reader=people[1])


def versions(python: str) -> dict[str, str]:
    """Return the versions of what the peer's environment runs."""
    answer = subprocess.run([python, "-c", _VERSIONS], capture_output=True, check=True, text=True, timeout=60)
    found: dict[str, str] = json.loads(answer.stdout)
    return found
