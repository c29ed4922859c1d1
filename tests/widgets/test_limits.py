"""What the browser half has to know as the other parts do: limits, reasons for closing."""

from __future__ import annotations

import re
from pathlib import Path

from teaching_nb.schema import closing, limits

_SCHEMA = Path(__file__).parents[2] / "js" / "src" / "schema"
_LIMITS_TS = _SCHEMA / "limits.ts"


def test_the_browser_knows_the_hubs_limits() -> None:
    """Every limit that the browser half names has the hub's value."""
    named = re.findall(r"export const (\w+) = ([\d_]+);", _LIMITS_TS.read_text())

    assert named
    assert {name: int(value) for name, value in named} == {name: getattr(limits, name) for name, _ in named}


def test_the_browser_knows_the_reasons_for_closing() -> None:
    """What the Jupyter server says when it has found no hub means the same to pages."""
    named = re.findall(r'export const (\w+) = "(.+)";', (_SCHEMA / "closing.ts").read_text())

    assert named
    assert dict(named) == {name: getattr(closing, name) for name, _ in named}
