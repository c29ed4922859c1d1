"""What all tests share: the order of the files, and what is made once for a whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.cast import Cast, seed
from tests.harness.databases import in_database
from tests.harness.postgresql import PostgresqlServer, postgresql_server

LONG = frozenset(
    {
        "test_cells_in_trouble",
        "test_class_documents",
        "test_cli",
        "test_command",
        "test_document_changes",
        "test_documented_balancers",
        "test_kernels",
        "test_killed_hub",
        "test_limits",
        "test_live_text_crash",
        "test_moved_cells",
        "test_openapi",
        "test_output",
        "test_pressure_memory",
        "test_real_cells",
        "test_recovery",
        "test_rooms",
        "test_several_processes",
        "test_sim",
        "test_storm",
        "test_workers",
    }
)
"""Files that take longest. Begun first, so that at the end no process works alone on one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; nothing else changes its place."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session")
def a_seeded_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """Return a database file with the cast in it; made once, because upgrading an empty one takes its time."""
    path = tmp_path_factory.mktemp("seed") / "hub.db"
    return path, in_database(f"sqlite:///{path}", seed)


@pytest.fixture(scope="session")
def a_postgresql() -> Iterator[PostgresqlServer]:
    """Run a PostgreSQL server of the tests alone; fails, and never skips, where PostgreSQL is not installed."""
    with postgresql_server() as server:
        yield server
