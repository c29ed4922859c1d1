"""What came back in one step of a replay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.conformance.actors import Answer, Heard
from tests.conformance.recording import Entry
from tests.conformance.wire import Packet


@dataclass
class Observed:
    """Everything of one step, beside the entries that caused it."""

    answers: list[tuple[Entry, Answer]] = field(default_factory=list)
    cells: list[tuple[Entry, Answer]] = field(default_factory=list)
    """Of tables that show nothing but the status of an answer."""
    acks: list[tuple[Entry, list[Any] | None]] = field(default_factory=list)
    """None: an acknowledgement was asked for and none came."""
    connects: list[tuple[Entry, str | None]] = field(default_factory=list)
    """None: connected; otherwise why not."""
    frames: list[tuple[Entry, list[Packet]]] = field(default_factory=list)
    statuses: list[tuple[Entry, dict[str, int]]] = field(default_factory=list)
    """Of concurrent requests."""
    counts: list[tuple[Entry, int]] = field(default_factory=list)
    """Documents that concurrent requests have made."""
    facts: list[tuple[Entry, list[dict[str, Any]]]] = field(default_factory=list)
    heard: dict[str, list[Heard]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    """Actor → why the hub closed their socket in this step."""
    absent: set[str] = field(default_factory=set)
    """Actors whose socket the hub had closed in an earlier step."""
    newcomers: set[str] = field(default_factory=set)
    """Actors who connected in this step."""
    not_played: list[str] = field(default_factory=list)
    """Entries that cannot be played, and why."""
