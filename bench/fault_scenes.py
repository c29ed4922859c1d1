"""What happens to the servers: killed under writers, killed when nobody comes back, set back to a backup."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edits import Edit, differing, tally
from fault_servers import Server
from fault_writers import Writers

EQUAL_SECONDS = 30.0
"""How long replicas may take to become equal."""
BETWEEN_KILLS = (1.0, 5.0)
"""Seconds between everybody being equal again and the next kill."""
DOWN = (0.3, 1.5)
"""Seconds between a kill and the next start."""
SESSION = (2.0, 4.0)
"""Seconds that people type before they go, and on either side of a backup."""


@dataclass(frozen=True)
class Recovery:
    """The server was started again; seconds from the start of its process."""

    accepting: float
    equal: float | None
    """None: not within `EQUAL_SECONDS`."""


@dataclass
class Outcome:
    """What a scene has cost at one server."""

    server: str
    confirms: bool
    typed: int = 0
    confirmed: int = 0
    lost: int = 0
    lost_confirmed: int = 0
    twice: int = 0
    torn: int = 0
    replicas: int = 0
    differing: int = 0
    oldest_lost: list[float] = field(default_factory=list)
    """Per round in which something was lost: seconds between typing the oldest lost edit and the kill."""
    recoveries: list[Recovery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Tell whether something confirmed is lost, or anything is doubled, torn or shown differently."""
        is_unequal = bool(self.differing) or any(recovery.equal is None for recovery in self.recoveries)
        return bool(self.lost_confirmed or self.twice or self.torn) or is_unequal

    def count(self, text: str, edits: Sequence[Edit], *, killed_at: float) -> None:
        """Add what became of the edits of one round."""
        found = tally(text, edits)
        self.typed += found.typed
        self.confirmed += found.confirmed
        self.lost += found.lost
        self.lost_confirmed += found.lost_confirmed
        self.twice += found.twice
        self.torn += found.torn
        if found.oldest_lost_at is not None:
            self.oldest_lost.append(killed_at - found.oldest_lost_at)


Scene = Callable[[Server, int, random.Random], Outcome]


def kills(server: Server, times: int, chance: random.Random) -> Outcome:
    """Kill the server again and again while everybody types, and never close a replica."""
    outcome = Outcome(server.name, server.confirms)
    server.start()
    server.new_document("kills")
    killed_at = time.time()
    with server.writers("kills") as writers:
        writers.type()
        for _ in range(times):
            time.sleep(chance.uniform(*BETWEEN_KILLS))
            server.kill()
            killed_at = time.time()
            time.sleep(chance.uniform(*DOWN))
            outcome.recoveries.append(_recovery(server, writers))
        writers.stop()
        _compare(server, "kills", writers, outcome, killed_at=killed_at)
    server.stop()
    return outcome


def gone(server: Server, times: int, chance: random.Random) -> Outcome:
    """Kill the server once everybody has everything, close all replicas, and look what it has kept."""
    outcome = Outcome(server.name, server.confirms)
    server.start()
    for number in range(times):
        document = f"gone-{number}"
        server.new_document(document)
        with server.writers(document) as writers:
            writers.type()
            time.sleep(chance.uniform(*SESSION))
            writers.stop()
            if not writers.wait_settled(EQUAL_SECONDS):
                outcome.notes.append("people did not see the same before the kill")
            edits = writers.edits()
            server.kill()
            killed_at = time.time()
        server.start()
        outcome.count(server.read(document), edits, killed_at=killed_at)
    server.stop()
    return outcome


def set_back(server: Server, times: int, chance: random.Random) -> Outcome:
    """Replace the server's data by an older backup while everybody keeps the document open."""
    outcome = Outcome(server.name, server.confirms)
    server.start()
    server.new_document("backup")
    with server.writers("backup") as writers:
        writers.type()
        time.sleep(chance.uniform(*SESSION))
        server.stop()
        server.save()
        server.start()
        for _ in range(times):
            time.sleep(chance.uniform(*SESSION))
            server.kill()
            killed_at = time.time()
            server.set_back()
            outcome.recoveries.append(_recovery(server, writers))
        writers.stop()
        _compare(server, "backup", writers, outcome, killed_at=killed_at)
    server.stop()
    return outcome


def _recovery(server: Server, writers: Writers) -> Recovery:
    """Start the server; wait until everybody shows the same of what was typed before."""
    typed = writers.typed()
    start = time.monotonic()
    server.start()
    accepting = time.monotonic() - start
    is_equal = writers.wait_equal(typed, EQUAL_SECONDS)
    return Recovery(accepting, time.monotonic() - start if is_equal else None)


def _compare(server: Server, document: str, writers: Writers, outcome: Outcome, *, killed_at: float) -> None:
    """Compare everybody's replica with what somebody sees who opens the document now."""
    writers.wait_settled(EQUAL_SECONDS)
    text = server.read(document)
    replicas = writers.look()
    outcome.replicas = len(replicas)
    outcome.differing = differing([replica.text for replica in replicas], text)
    outcome.notes += sorted({note for replica in replicas for note in replica.notes})
    outcome.count(text, writers.edits(), killed_at=killed_at)
