"""What the hub relies on in SQLAlchemy. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy import bindparam, column, literal, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from teaching_nb.hub.store.sqlalchemy_hooks import compiled
from teaching_nb.hub.store.statements import Statement

MOVED = "; mend hub/store/sqlalchemy_hooks.py"

_FIRST: Any = bindparam("first")
_QUERY: Any = select(bindparam("second"), literal("constant"), _FIRST).where(column("1") == _FIRST)


@pytest.mark.parametrize(
    ("make_dialect", "expected"),
    [
        (sqlite_dialect, ["second", "constant", "first", "first"]),
        (asyncpg_dialect, ["second", "constant", "first"]),
    ],
    ids=["sqlite", "asyncpg"],
)
def test_sqlalchemy_has_what_the_hub_reaches_for(make_dialect: Any, expected: list[str]) -> None:
    """The parameters of a statement, in the order in which the driver wants their values, and its constants."""
    found = compiled(_QUERY, make_dialect())

    names = [found.constants.get(name) or name for name in found.names]
    assert names == expected, f"SQLCompiler.positiontup or .params is not what it was: {found}" + MOVED


def test_values_are_bound_in_the_order_of_the_text() -> None:
    """As the driver of SQLite sees it."""
    statement = Statement(select(bindparam("second"), literal("constant"), bindparam("first")), sqlite_dialect())
    values = statement.bound({"first": 1, "second": 2})

    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(statement.sql, values).fetchone() == (2, "constant", 1)
    connection.close()
