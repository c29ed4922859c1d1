"""Order of the test files."""

from __future__ import annotations

import pytest

LONG = frozenset(
    {
        "test_cli",
        "test_command",
        "test_document_changes",
        "test_killed_hub",
        "test_live_text_crash",
        "test_openapi",
        "test_pressure_memory",
        "test_recovery",
        "test_rooms",
        "test_storm",
    }
)
"""Files that take longest. Begun first, so that at the end no process works alone on one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; nothing else changes its place."""
    items.sort(key=lambda item: item.path.stem not in LONG)
