"""Random sequences of what a school does, at two processes on one PostgreSQL behind a balancer."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from teaching_nb.hub.config import Settings
from teaching_nb.hub.live import write_back
from tests.harness.cast import Cast
from tests.harness.postgresql import PostgresqlServer
from tests.harness.running_hub import SECRET, RunningHub
from tests.harness.several_hubs import serving_twice
from tests.hub.test_stateful import PROFILE, check_school


@pytest.mark.timeout(300)
@pytest.mark.parametrize("examples", [6, pytest.param(40, marks=pytest.mark.by_hand)])
def test_a_school_at_two_processes_hears_and_sees_the_same(
    tmp_path: Path,
    a_postgresql: PostgresqlServer,
    a_seeded_template: tuple[str, Cast],
    monkeypatch: pytest.MonkeyPatch,
    examples: int,
) -> None:
    """Behind a balancer, with every request and every tab at the next process."""
    monkeypatch.setattr(write_back, "MATERIALIZE_SECONDS", 3_600)
    template, cast_of_school = a_seeded_template

    def serve(directory: Path) -> AbstractAsyncContextManager[RunningHub]:
        url = a_postgresql.url(a_postgresql.create_database(template))
        return serving_twice(Settings(data_dir=directory, port=0, secret=SECRET, database=url))

    check_school(tmp_path, cast_of_school, serve, hypothesis_settings(PROFILE, max_examples=examples))
