"""Fixtures of the browser tests: one hub, and one JupyterLab and browser per person, for the whole session."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, expect

from tests.browser.cell_pair import Pair
from tests.browser.held_cell import HeldCell, Hold
from tests.browser.notebook import Notebook
from tests.browser.people import FRONT_ENDS, VIEWPORT, OpenBrowser, Person, add_members_only, lab_of
from tests.harness.cast import ALICE, BOB, CAROL, TEACHER, Cast
from tests.harness.chromium import FLAGS, PROGRAMS, find_chromium
from tests.harness.databases import in_database
from tests.harness.hub_process import HubProcess

EXPECT_MS = 60_000

_NAMES = {"the_teacher": TEACHER, "alice": ALICE, "bob": BOB, "carol": CAROL}
"""Fixture → name in the cast."""

expect.set_options(timeout=EXPECT_MS)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make compat` say which Jupyter the people have; by default it is the one of this environment."""
    parser.addoption("--jupyter-python", default=None, help="interpreter of another environment, with our wheel in it")
    parser.addoption("--front-end", default="lab", choices=sorted(FRONT_ENDS), help="what people open notebooks in")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return the way to start the system's Chromium: Playwright's own cannot be downloaded everywhere."""
    path = find_chromium()
    assert path is not None, (
        f"there is none of {', '.join(PROGRAMS)} on the PATH; `make chromium` installs one on Debian"
    )
    return {**browser_type_launch_args, "executable_path": path, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def open_browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> OpenBrowser:
    """Return what starts a browser for a person."""
    return functools.partial(browser_type.launch_persistent_context, **browser_type_launch_args, viewport=VIEWPORT)


@pytest.fixture(scope="session")
def a_hub(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> Iterator[HubProcess]:
    """Return a running hub that knows the cast."""
    hub = HubProcess.of(a_seeded_file, tmp_path_factory.mktemp("hub") / "data")
    in_database(f"sqlite:///{hub.data_dir / 'hub.db'}", lambda tx: add_members_only(tx, a_seeded_file[1]))
    yield hub.start()
    assert hub.stop() == 0, hub.log()
    assert "Traceback" not in hub.log()


@pytest.fixture(scope="session")
def the_people(
    request: pytest.FixtureRequest,
    a_hub: HubProcess,
    open_browser: OpenBrowser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Person]]:
    """Return everybody whom the chosen tests need, with a JupyterLab of their own; the servers start side by side."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    people: dict[str, Person] = {}
    for fixture, name in _NAMES.items():
        if fixture in wanted:
            lab = lab_of(
                tmp_path_factory.mktemp(fixture),
                a_hub,
                a_hub.token(name),
                front_end=request.config.getoption("--front-end"),
                python=request.config.getoption("--jupyter-python"),
            ).launch()
            people[name] = Person(lab, open_browser, a_hub.token(name))
    for person in people.values():
        person.lab.wait_ready()
    yield people
    for person in people.values():
        person.close()


@pytest.fixture(scope="module")
def standing_pages(the_people: dict[str, Person]) -> Iterator[None]:
    """Close, after the tests of a file, the pages that stay open over them."""
    yield
    for person in the_people.values():
        person.close_standing_pages()


@pytest.fixture
def the_teacher(the_people: dict[str, Person]) -> Iterator[Person]:
    """Return the teacher of the class."""
    yield from _with_an_empty_notebook(the_people[TEACHER])


@pytest.fixture
def alice(the_people: dict[str, Person]) -> Iterator[Person]:
    """Return a student of the class."""
    yield from _with_an_empty_notebook(the_people[ALICE])


@pytest.fixture
def bob(the_people: dict[str, Person]) -> Iterator[Person]:
    """Return another student of the class."""
    yield from _with_an_empty_notebook(the_people[BOB])


@pytest.fixture
def carol(the_people: dict[str, Person]) -> Iterator[Person]:
    """Return a student of another class."""
    yield from _with_an_empty_notebook(the_people[CAROL])


@pytest.fixture
def a_slug(request: pytest.FixtureRequest, _numbers: Iterator[int]) -> str:
    """Return the name of a document root that no other test uses."""
    return f"{request.node.originalname.replace('_', '-')}-{next(_numbers)}"[-100:]


@pytest.fixture
def a_mortal_hub(a_hub: HubProcess, the_people: dict[str, Person]) -> Iterator[HubProcess]:
    """Return the hub, and have it running again afterwards; pages of those who took no part complain of it as well."""
    yield a_hub
    if not a_hub.is_running:
        a_hub.start()
    for person in the_people.values():
        person.forget_outage()


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Return what keeps the kernel of a notebook asleep; at the end it is free, whatever has happened."""
    file = tmp_path / "go on"

    def start(notebook: Notebook, before: str = "") -> HeldCell:
        return HeldCell(notebook, file, before)

    yield start
    file.touch()


@pytest.fixture
def a_pair(alice: Person, bob: Person, standing_pages: None, a_hub: HubProcess, a_slug: str) -> Pair:
    """Return two people at one live cell."""
    return Pair(alice, bob, a_hub, a_slug)


@pytest.fixture(scope="session")
def screenshots(pytestconfig: pytest.Config) -> Path:
    """Return the directory for pictures to look at."""
    directory = pytestconfig.rootpath / "screenshots"
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


def _with_an_empty_notebook(person: Person) -> Iterator[Person]:
    # JupyterLab may have restored a tab of the last test after its end.
    person.clear_standing_pages()
    # A page in which nothing is done may have heard late that the hub was gone in another test.
    person.forget_outage()
    yield person
    person.clear()
    person.check_consoles()
