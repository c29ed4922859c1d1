"""Statements as SQL text, for what is run so often that SQLAlchemy's way to the driver counts.

The text is made once, of the same tables and rules as all other SQL. Values and rows are as the driver has them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from teaching_nb.hub.store.sqlalchemy_hooks import compiled


class Statement:
    """SQL text, with the order in which its values are bound."""

    def __init__(self, element: Executable, dialect: Dialect) -> None:
        self.sql, self._names, self._constants = compiled(element, dialect)

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """Return values by name in their order."""
        return [values[name] if name in values else self._constants[name] for name in self._names]


class SqliteStatement(Statement):
    """One that jobs on SQLite run within their transaction: it takes SQLAlchemy several times as long as SQLite."""

    def __init__(self, element: Executable) -> None:
        super().__init__(element, sqlite_dialect())

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it and return its rows."""
        return _driver(tx).execute(self.sql, self.bound(values)).fetchall()

    def run_each(self, tx: Connection, each: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for all values."""
        _driver(tx).executemany(self.sql, [self.bound(values) for values in each])


class FrequentStatement:
    """One that jobs run often, on every database: on SQLite as text.

    For values that drivers know as they are: numbers, text and bytes; truth values are numbers on SQLite.
    """

    def __init__(self, element: Executable) -> None:
        self._element = element
        self._on_sqlite = SqliteStatement(element)

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it and return its rows."""
        if tx.dialect.name == "sqlite":
            return self._on_sqlite.rows(tx, values)
        return [tuple(row) for row in tx.execute(self._element, values)]

    def run(self, tx: Connection, values: Mapping[str, Any]) -> None:
        """Run it for what it does."""
        if tx.dialect.name == "sqlite":
            self._on_sqlite.rows(tx, values)
        else:
            tx.execute(self._element, values)


def _driver(tx: Connection) -> sqlite3.Connection:
    # SQLAlchemy begins a transaction when it runs something, and knows nothing of what runs here.
    assert tx.in_transaction()
    return cast("sqlite3.Connection", tx.connection.driver_connection)
