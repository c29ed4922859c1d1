"""Fixtures of the browser tests: one hub, and one JupyterLab and browser window per person, for the whole session."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hub_process import Hub
from tests.browser.lab import Lab
from tests.browser.people import ALICE, BOB, CAROL, TEACHER, Person, seed

EXPECT_MS = 60_000
_CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

_EMAILS = {"the_teacher": TEACHER, "alice": ALICE, "bob": BOB, "carol": CAROL}
"""Fixture → e-mail address."""

expect.set_options(timeout=EXPECT_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return the way to start the system's Chromium: Playwright's own cannot be downloaded everywhere."""
    return {**browser_type_launch_args, "executable_path": _CHROMIUM, "args": _FLAGS.split()}


@pytest.fixture(scope="session")
def a_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Return a running hub that knows the cast."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.load(seed())
    hub.start()
    yield hub
    assert hub.stop() == 0, hub.log()
    assert "Traceback" not in hub.log()


@pytest.fixture(scope="session")
def the_cast(
    request: pytest.FixtureRequest, a_hub: Hub, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Person]]:
    """Return everybody whom the chosen tests need, with a JupyterLab of their own; the servers start side by side."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    people: dict[str, Person] = {}
    for email in (email for name, email in _EMAILS.items() if name in wanted):
        token = a_hub.token(email)
        environment = {"TEACHING_NB_HUB_URL": a_hub.url, "TEACHING_NB_HUB_TOKEN": token}
        lab = Lab(tmp_path_factory.mktemp(email.partition(".")[0]), environment)
        lab.launch()
        people[email] = Person(email, lab, browser, token)
    for person in people.values():
        person.lab.wait_ready()
    yield people
    for person in people.values():
        person.close()


@pytest.fixture
def the_teacher(the_cast: dict[str, Person]) -> Iterator[Person]:
    """Return the teacher of the class."""
    yield from _with_an_empty_notebook(the_cast[TEACHER])


@pytest.fixture
def alice(the_cast: dict[str, Person]) -> Iterator[Person]:
    """Return a student of the class."""
    yield from _with_an_empty_notebook(the_cast[ALICE])


@pytest.fixture
def bob(the_cast: dict[str, Person]) -> Iterator[Person]:
    """Return another student of the class."""
    yield from _with_an_empty_notebook(the_cast[BOB])


@pytest.fixture
def carol(the_cast: dict[str, Person]) -> Iterator[Person]:
    """Return a student of another class."""
    yield from _with_an_empty_notebook(the_cast[CAROL])


@pytest.fixture
def a_slug(request: pytest.FixtureRequest, _numbers: Iterator[int]) -> str:
    """Return the name of a document root that no other test uses."""
    return f"{request.node.originalname.replace('_', '-')}-{next(_numbers)}"[-100:]


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
    yield person
    person.clear()
    person.check_consoles()
