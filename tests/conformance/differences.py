"""One difference between a recording and a replay."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

NOTHING = "(nothing)"
"""What was expected of, or came from, the side that was silent."""


@dataclass(frozen=True)
class Difference:
    """What was recorded, and what our hub does instead."""

    step: int
    aspect: str
    """answer, content-type, header, body, ack, connect, event, payload, order, rooms, absent, disconnect, exit,
    wire, concurrent, fact."""
    actor: str
    expected: Any
    got: Any
    place: str = ""
    """Path inside of a body or payload, or the name of a header."""
    context: dict[str, str] = field(default_factory=dict)
    """method, path, event, record, about: where they apply."""

    def __str__(self) -> str:
        """Return one line for people."""
        where = " ".join(filter(None, (self.actor, self.aspect, self.place, self.context.get("event"))))
        request = " ".join(filter(None, (self.context.get("method"), self.context.get("path"))))
        return (
            f"step {self.step}: {where}{f' ({request})' if request else ''}: "
            f"recorded {shown(self.expected)}, we {shown(self.got)}"
        )


def shown(value: Any, limit: int = 260) -> str:
    """Return a value as short JSON."""
    text = value if isinstance(value, str) and value.startswith("(") else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[:limit]}…"
