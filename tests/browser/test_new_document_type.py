"""`docs/new-document-type.md`, word by word: the type is written into a copy of the project, built and clicked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import OpenBrowser, Person
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess
from tests.harness.jupyter_server import JupyterLab

PROJECT = Path(__file__).parents[2]
COPIED = ("teaching_nb", "js", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "static")

_FILE = re.compile(r"^## \d+\. [^\n]*: `([\w./]+)`\n(?:(?!^## ).*\n)*?```\w+\n((?:(?!```).*\n)*)```", re.MULTILINE)
_BOX = re.compile(r"^```(sh|python)\n((?:(?!```).*\n)*)```", re.MULTILINE)


@pytest.fixture(scope="module")
def a_page_of_docs() -> str:
    """Return the page that tells how it is done."""
    return (PROJECT / "docs" / "new-document-type.md").read_text()


@pytest.fixture(scope="module")
def a_copy(tmp_path_factory: pytest.TempPathFactory, a_page_of_docs: str) -> Path:
    """Return a copy of the project with the new type in it, built by the commands of the page."""
    copy = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, copy / name)
    (copy / "js" / "node_modules").symlink_to(PROJECT / "js" / "node_modules")
    files = dict(_FILE.findall(a_page_of_docs))
    assert len(files) == 5, list(files)
    for path, content in files.items():
        assert not (copy / path).exists()
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(content)
    (commands,) = [box for kind, box in _BOX.findall(a_page_of_docs) if kind == "sh"]
    for command in commands.splitlines():
        program, *arguments = command.split()
        run = [sys.executable if program == "python" else program, *arguments]
        subprocess.run(run, cwd=copy, env=_with(copy), check=True, capture_output=True, timeout=120)
    return copy


@pytest.fixture
def somebody(
    a_hub: HubProcess, a_copy: Path, open_browser: OpenBrowser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """Return a student whose Jupyter has the copy."""
    token = a_hub.token(ALICE)
    env = {**_with(a_copy), "TEACHING_NB_HUB_URL": a_hub.url, "TEACHING_NB_HUB_TOKEN": token}
    lab = JupyterLab(tmp_path_factory.mktemp("lab"), env=env).launch()
    lab.wait_ready()
    person = Person(lab, open_browser, token)
    yield person
    person.check_consoles()
    person.close()


@pytest.mark.timeout(300)
def test_a_type_of_five_files_is_shown_and_stored(
    somebody: Person, a_hub: HubProcess, a_copy: Path, a_page_of_docs: str
) -> None:
    """The notebook of the page shows it; a click is stored at the hub, seen in Python, and there after a reload."""
    source = [box for kind, box in _BOX.findall(a_page_of_docs) if kind == "python"][-1]
    notebook = somebody.notebook
    cell = notebook.run(source).node
    good = cell.get_by_role("button", name="good")
    expect(cell.get_by_role("group", name="How are you today?")).to_be_visible()
    expect(good).to_have_attribute("aria-pressed", "false")

    good.click()

    expect(good).to_have_attribute("aria-pressed", "true")
    expect(cell.locator(".tnb-status")).to_contain_text("Saved")
    assert notebook.value("today.model.wait_saved(30) and today.model.data") == {"feeling": "good", "why": ""}
    assert notebook.value("[today.model.is_known, tnb.__file__]") == [True, str(a_copy / "teaching_nb" / "__init__.py")]
    document = str(notebook.value("today.model.id"))
    assert a_hub.stored(document, ALICE) == {"feeling": "good", "why": ""}


def _with(copy: Path) -> dict[str, str]:
    """Return an environment in which the copy is what is imported."""
    return {**os.environ, "PYTHONPATH": str(copy)}
