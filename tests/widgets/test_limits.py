"""The limits that the browser half checks before sending."""

from __future__ import annotations

import re
from pathlib import Path

from teaching_nb.schema import limits

_LIMITS_TS = Path(__file__).parents[2] / "js" / "src" / "shared" / "limits.ts"


def test_the_browser_knows_the_hubs_limits() -> None:
    """Every limit that the browser half names has the hub's value."""
    named = re.findall(r"export const (\w+) = ([\d_]+);", _LIMITS_TS.read_text())

    assert named
    assert {name: int(value) for name, value in named} == {name: getattr(limits, name) for name, _ in named}
