"""Everything undocumented of SQLAlchemy that the hub relies on.

`tests/hub/store/test_sqlalchemy_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Dialect, Executable


class Compiled(NamedTuple):
    """A statement as a driver with numbered or nameless parameters runs it."""

    sql: str
    names: list[str]
    """Names of the parameters, in the order in which the driver wants their values."""
    constants: dict[str, Any]
    """Values of parameters that stand in the statement itself, by name."""


def compiled(element: Executable, dialect: Dialect) -> Compiled:
    """Return the text of a statement; the order of its parameters is not documented."""
    found: Any = element.compile(dialect=dialect)  # type: ignore[attr-defined]  # every clause has it
    return Compiled(str(found), found.positiontup, found.params)
