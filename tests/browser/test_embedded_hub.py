"""A person alone, with no hub configured: the hub that comes with the Jupyter server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.live_cell import SAVED
from tests.browser.people import OpenBrowser, Person
from tests.browser.shared_cell import show
from tests.harness.jupyter_server import JupyterLab


@pytest.fixture
def a_person_alone(open_browser: OpenBrowser, tmp_path: Path) -> Iterator[Person]:
    """Return somebody with a JupyterLab as it comes out of the box."""
    person = Person(JupyterLab(tmp_path).launch().wait_ready(), open_browser)
    yield person
    person.close()


def test_a_live_cell_works_without_any_configuration(a_person_alone: Person) -> None:
    """What is typed is stored by the embedded hub and there again after a restart of the kernel."""
    cell = show(a_person_alone, "alone", "x = 1")
    cell.expect_state(SAVED)
    cell.append("0")
    cell.expect_state(SAVED)

    a_person_alone.notebook.restart_kernel()
    again = show(a_person_alone, "alone", "x = 1")

    again.expect_text("x = 10")
    again.expect_state(SAVED)
    assert a_person_alone.notebook.value("doc.model.code") == "x = 10"
    a_person_alone.check_consoles()
