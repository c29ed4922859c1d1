"""Starting the hub: what takes time and is not needed to serve is left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from teaching_nb.hub.process import not_installed
from tests.harness.databases import in_database
from tests.harness.hub_process import hub_process

NOT_NEEDED = frozenset({
    "aiohttp.client", "alembic.command", "httpx", "mako.template", "pygments.lexer", "requests.sessions",
    "tornado.httpserver", "websocket._core",
})  # fmt: skip
"""One module of each package that was loaded at every start; together they took a third of it."""

NOT_INSTALLED = frozenset({"asyncpg", "greenlet", "sqlalchemy.ext.asyncio"})
"""What comes with extras: a hub on SQLite starts where it is missing. For a Redis python-socketio looks by itself."""


@pytest.fixture
def a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a module that can be imported and has not been."""
    name = "a_module_to_hide"
    (tmp_path / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


def test_serving_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """Of a hub whose tables are of this version; to make or upgrade them it loads Alembic."""
    in_database(f"sqlite:///{tmp_path / 'hub.db'}", lambda _tx: None)
    with hub_process(tmp_path, PYTHONPROFILEIMPORTTIME="1") as hub:
        times = hub.log()

    loaded = {line.rpartition("|")[2].strip() for line in times.splitlines() if line.startswith("import time:")}
    assert {"socketio", "sqlalchemy", "starlette"} <= loaded
    assert loaded & (NOT_NEEDED | NOT_INSTALLED) == set()


def test_hidden_module_can_be_imported_afterwards(a_module: str) -> None:
    """It is missing for what is imported inside, and what was there stays there."""
    with not_installed((a_module, "sys")):
        import sys as still_there

        with pytest.raises(ImportError):
            __import__(a_module)
    __import__(a_module)

    assert still_there is sys
    assert a_module in sys.modules
