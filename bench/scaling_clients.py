"""What connected clients cost a hub: memory and processor time while nothing happens, and for each delivery."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import figures
from fanout_load import Crowd, drive
from fanout_targets import HUB_SQLITE, Telling
from fanout_targets import targets as servers
from scaling_meter import Meter

AUTHORS = 4
"""Changes under way at the same time while deliveries are measured."""
_WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Empty:
    """A hub that has just started."""

    memory: float
    """Megabytes."""
    own_memory: float
    """What of it no other process shares; a second hub on the same machine takes so much more."""
    minute: float
    """Milliseconds of the processor in a minute."""

    def rows(self) -> list[list[str]]:
        """Return the lines of a table."""
        return [
            ["memory MB", f"{self.memory:.0f}"],
            ["of which its own", f"{self.own_memory:.0f}"],
            ["idle: CPU ms a minute", f"{self.minute:.0f}"],
        ]


@dataclass(frozen=True)
class Clients:
    """What a hub with so many clients has used."""

    clients: int
    connected: float
    """Milliseconds of the processor for a client that connects."""
    memory: float
    """Kilobytes for each client."""
    idle: float
    """Milliseconds of the processor for each client in a minute in which nothing happens."""
    idle_hub: float
    """The same for the hub with all of them, and what it does without any."""
    delivery: float
    """Microseconds of the processor for a change that is told to one client, its share of the change included."""
    change: float
    """Milliseconds of the processor for a change with all its deliveries."""
    per_second: float
    """Deliveries in a second, with as many changes as fit."""
    changes_per_second: float
    p95: float
    """Milliseconds from the request to the arrival at a client."""
    lost: int
    is_bound_by_generator: bool


def hub_of(folder: Path, clients: int) -> Telling:
    """Prepare a hub that so many people can connect to, all of one class."""
    found = servers(folder, authors=AUTHORS, clients=clients)
    return next(target for target in found if target.name == HUB_SQLITE)


def empty(hub: Telling, folder: Path, *, seconds: float, core: int | None) -> Empty:
    """Return what a hub uses that nobody is connected to."""
    with hub.running(folder / "empty.log", core=core) as server:
        meter = Meter(server.process.pid)
        _, used = meter.used_by(lambda: time.sleep(seconds))
        memory = server.process.memory_full_info()
    return Empty(memory.rss / 1e6, memory.uss / 1e6, used * 1_000 * 60 / seconds)


def measured(
    hub: Telling,
    folder: Path,
    clients: int,
    *,
    empty: Empty,
    idle_seconds: float,
    seconds: float,
    core: int | None,
) -> Clients:
    """Connect so many clients, let them do nothing for a time, then have changes told to them."""
    with hub.running(folder / f"{clients}.log", core=core) as server:
        meter, before = Meter(server.process.pid), server.memory()
        crowd, connecting = meter.used_by(lambda: Crowd([server.url], hub.tokens[:clients]))
        memory = (server.memory() - before) / clients / 1_000
        try:
            crowd.stay(_WARM_UP_SECONDS)
            _, idle = meter.used_by(lambda: crowd.stay(idle_seconds))
            warm_up = drive([server.url], hub.authors, crowd, seconds=_WARM_UP_SECONDS, first=1)
            first = warm_up.changes + 1_000
            told, used = meter.used_by(lambda: drive([server.url], hub.authors, crowd, seconds=seconds, first=first))
        finally:
            crowd.close()
    return Clients(
        clients=clients,
        connected=connecting * 1_000 / clients,
        memory=memory,
        idle=max(0.0, idle * 1_000 * 60 / idle_seconds - empty.minute) / clients,
        idle_hub=idle * 1_000 * 60 / idle_seconds,
        delivery=used * 1e6 / len(told.delays),
        change=used * 1_000 / told.changes,
        per_second=told.per_second,
        changes_per_second=told.changes / told.seconds,
        p95=figures.percentile(told.delays, 95) * 1_000,
        lost=told.lost,
        is_bound_by_generator=told.is_bound_by_generator,
    )


def table(measured_clients: list[Clients]) -> str:
    """Return what clients cost, as a table."""
    costs = ["connect ms", "kB each", "idle ms a minute", "delivery µs", "change ms"]
    head = ["clients", *costs, "deliveries/s", "p95 ms"]
    rows = [
        [
            f"{one.clients:,}",
            f"{one.connected:.2f}",
            f"{one.memory:.0f}",
            f"{one.idle:.2f}",
            f"{one.delivery:.1f}",
            f"{one.change:.2f}",
            f"{'≥ ' if one.is_bound_by_generator else ''}{one.per_second:,.0f}",
            f"{one.p95:.0f}",
        ]
        for one in measured_clients
    ]
    return figures.table(head, rows)
