"""Ours: two people, each with a JupyterLab and a kernel, who share a code cell through one standalone hub."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import Person
from pairs import Pair, Sample
from playwright.sync_api import Browser

from tests.harness.hub_process import HubProcess, hub_command
from tests.harness.jupyter_server import JupyterLab
from tests.harness.processes import Process

NAME = "teaching_nb"

_TEACHER = {"email": "teacher@example.org", "firstName": "Tea", "lastName": "Cher", "role": "teacher"}
_STUDENT = {"email": "student@example.org", "firstName": "Stu", "lastName": "Dent", "role": "student"}
_EDITOR = ".jp-OutputArea-output .cm-content"
_ON_THE_LANE = '.tnb-widget[data-road="lane"]'

_TAP = Path(__file__).with_name("tap.py")

CELL_NAME = "teaching_nb, a live cell"
_CELL_EDITOR = ".jp-Notebook .jp-Cell .cm-content"
_CELL_SAVED = '.tnb-cell-state .tnb-status[data-tone="good"]'
_MARK = {"document": "bench-cell", "type": "code", "shared": True}

_SHOW = """
import teaching_nb as tnb

doc = tnb.code("bench", init="# ", shared=True)
doc.model.wait_loaded(timeout=30)
doc
"""
_SHOW_CELL = 0


@dataclass(frozen=True)
class Stations:
    """When which station of the way saw something, in milliseconds since the epoch and in order."""

    to_hub: list[float]
    from_hub: list[float]

    def of(self, sample: Sample) -> list[float] | None:
        """Return all four times of one sample, None when a station saw nothing of it."""
        times = [sample.pressed_at]
        for seen in (self.to_hub, self.from_hub):
            later = [at for at in seen if times[-1] <= at <= (sample.arrived_at or 0)]
            if not later:
                return None
            times.append(later[0])
        return [*times, sample.arrived_at or 0]


@dataclass
class Classroom:
    """The running system and its notes."""

    pair: Pair
    cells: Pair
    """The same people, before a cell of the notebook that is live itself."""
    taps: tuple[Path, Path]

    def stations(self) -> Stations:
        """Collect what the relays have noted."""
        return Stations(
            to_hub=_times(self.taps[0], "to_hub", "UPDATE_DOCUMENT"),
            from_hub=_times(self.taps[1], "from_hub", "DOCUMENT_UPDATE"),
        )

    def milliseconds_in_taps(self) -> list[float]:
        """Return how long the relays held each event."""
        return [note["done"] - note["at"] for tap in self.taps for note in _notes(tap)]


@contextmanager
def classroom(browser: Browser, folder: Path) -> Iterator[Classroom]:
    """Start hub, relays and JupyterLab servers, and open the shared cell in a browser for each person."""
    with ExitStack() as stack:
        data = folder / "hub"
        hub_port = _start_hub(stack, data)
        people, taps, at_cells = [], [], []
        for letter, account in (("A", _TEACHER), ("B", _STUDENT)):
            home = folder / letter
            home.mkdir()
            tap = stack.enter_context(Process([sys.executable, str(_TAP), hub_port], log=home / "tap.log"))
            variables = _extension(tap.wait_for_line("listening on "), data, account)
            lab = stack.enter_context(JupyterLab(home, env=variables).launch())
            people.append(_open_widget(browser, lab, f"{NAME} {letter}"))
            at_cells.append(_open_cell(browser, lab, f"{CELL_NAME} {letter}"))
            taps.append(tap.log)
        for person in people:
            person.page.locator(_ON_THE_LANE).wait_for()
            person.use_editor(_EDITOR)
        for person in at_cells:
            person.page.locator(_CELL_SAVED).wait_for()
            person.use_editor(_CELL_EDITOR)
        pairs = Pair(NAME, writer=people[0], reader=people[1]), Pair(CELL_NAME, writer=at_cells[0], reader=at_cells[1])
        yield Classroom(*pairs, (taps[0], taps[1]))


@contextmanager
def a_hub_with_one_lab(folder: Path) -> Iterator[JupyterLab]:
    """Start a hub and the JupyterLab server of one person, without relays between them."""
    with ExitStack() as stack:
        data, home = folder / "hub", folder / "lab"
        port = _start_hub(stack, data)
        home.mkdir()
        yield stack.enter_context(JupyterLab(home, env=_extension(port, data, _STUDENT)).launch()).wait_ready()


def _start_hub(stack: ExitStack, data: Path) -> str:
    """Start the hub with both accounts and return its port."""
    data.mkdir(parents=True)
    accounts = data / "accounts.json"
    accounts.write_text(json.dumps({"users": [_TEACHER, _STUDENT]}))
    hub_command(data, "load", str(accounts)).check_returncode()
    hub = HubProcess(data).start()
    stack.callback(hub.stop)
    return hub.url.rpartition(":")[2]


def _extension(port: str, data: Path, account: dict[str, str]) -> dict[str, str]:
    token = hub_command(data, "token", account["email"])
    token.check_returncode()
    return {"TEACHING_NB_HUB_URL": f"http://127.0.0.1:{port}", "TEACHING_NB_HUB_TOKEN": token.stdout.strip()}


def _open_cell(browser: Browser, lab: JupyterLab, name: str) -> Person:
    path = lab.write_notebook("cell.ipynb", "# ")
    notebook = json.loads((lab.root / path).read_text())
    notebook["cells"][0]["metadata"]["teaching_nb"] = _MARK
    (lab.root / path).write_text(json.dumps(notebook))
    person = Person(browser, name)
    person.answer_dialog("Connect")
    person.open(lab.page_url(path))
    return person


def _open_widget(browser: Browser, lab: JupyterLab, name: str) -> Person:
    lab.wait_ready()
    person = Person(browser, name)
    person.open(lab.page_url(lab.write_notebook("bench.ipynb", _SHOW)))
    person.run_cell(_SHOW_CELL)
    return person


def _notes(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def _times(log: Path, direction: str, event: str) -> list[float]:
    return [note["at"] for note in _notes(log) if (note["direction"], note["event"]) == (direction, event)]
