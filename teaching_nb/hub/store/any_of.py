"""`column IN (…)` with one statement for lists of any length, which databases and drivers keep prepared."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Dialect, String, Text, TypeDecorator, bindparam, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Words(TypeDecorator[list[str]]):
    """A list of words as one value: JSON text for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's
        """Return the text that `json_each` takes apart."""
        return msgspec.json.encode(value or []).decode()


class _Each(FunctionElement[str]):
    """A table with the column `value`, made of a list."""

    inherit_cache = True


def any_of(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the words bound as the list `name`."""
    words = bindparam(name, type_=_Words().with_variant(ARRAY(String), "postgresql"))
    return column.in_(select(literal_column("value", String)).select_from(_Each(words)))


@compiles(_Each)
def _from_array(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **options)}) AS value"


@compiles(_Each, "sqlite")
def _from_json(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"
