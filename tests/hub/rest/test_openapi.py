"""Every operation of the served description: whatever is asked, no failure, and nothing told of the inside."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from tests.harness.cast import Cast
from tests.harness.hub_process import hub_process

INSIDE = ("Traceback", "sqlalchemy", "sqlite", "SELECT ", "INSERT INTO ", 'File "', "site-packages", ".py")
"""Words that no answer may hold."""

PROFILE = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def a_hub_process(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> Iterator[str]:
    """Run a hub as a process of its own; it must end in good order after all that."""
    directory = tmp_path_factory.mktemp("openapi")
    shutil.copy(a_seeded_file[0], directory / "hub.db")
    with hub_process(directory) as hub:
        yield hub.url
        assert hub.stop() == 0


@pytest.fixture(scope="module")
def the_operations(a_hub_process: str) -> list[Any]:
    """Return all operations of the description that the hub serves."""
    description = httpx.get(f"{a_hub_process}/api/v1/openapi.json", timeout=30).json()
    found = schemathesis.openapi.from_dict(description).get_all_operations()
    operations = [result.ok() for result in found if isinstance(result, Ok)]
    assert len(operations) > 30
    return operations


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfit"])
def test_no_request_makes_the_hub_fail(
    a_hub_process: str, the_operations: list[Any], a_cast: Cast, mode: GenerationMode
) -> None:
    """Whoever asks whatever, the answer is below 500, tells nothing of the inside, and the hub stays healthy."""
    with requests.Session() as session:
        for operation in the_operations:
            # Some operations take nothing that could be wrong.
            with contextlib.suppress(Unsatisfiable):
                _attack(session, a_hub_process, operation.as_strategy(generation_mode=mode), a_cast)

    assert httpx.get(f"{a_hub_process}/api/v1/health", timeout=30).json()["status"] == "ok"


def _attack(session: requests.Session, url: str, cases: Any, cast: Cast) -> None:
    @PROFILE
    @given(case=cases)
    def attempt(case: Any) -> None:
        for person in (cast.student1, cast.teacher, cast.admin):
            answer = case.call(base_url=url, headers=person.headers, session=session)
            assert answer.status_code < 500, (answer.status_code, answer.text)
            told = [word for word in INSIDE if word in answer.text]
            assert not told, answer.text

    attempt()
