"""Two hubs that are started as our documents start those behind a balancer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from tests.faults.school import School
from tests.faults.test_several_processes import UNLIMITED
from tests.harness.cable import Cable
from tests.harness.documented_balancers import hub_options
from tests.harness.hub_process import HubProcess


class Twins:
    """Two hubs that differ in their ports alone, the school that they serve, and the cables by which they hear."""

    def __init__(self, folder: Path, database: str, school: School, cables: tuple[Cable, Cable]) -> None:
        self.hubs = HubProcess(folder / "first"), HubProcess(folder / "second")
        self.school = school
        self._database = database
        self._cables = cables

    def start(self, hub: HubProcess) -> None:
        """Start one, on the port that it had before."""
        redis = self._cables[self.hubs.index(hub)].url.replace("http:", "redis:")
        hub.start("--database", self._database, "--redis", redis, *hub_options(), *UNLIMITED)

    @contextmanager
    def deaf(self, *which: int) -> Iterator[None]:
        """Let hubs hear nothing of each other meanwhile."""
        cables = [self._cables[each] for each in which]
        for cable in cables:
            cable.block(is_blocked=True)
            cable.cut()
        try:
            yield
        finally:
            for cable in cables:
                cable.block(is_blocked=False)

    def with_new_documents(self) -> School:
        """Return the school with documents of which nobody has heard yet."""
        text_id, record_id = self._new("code", {"code": ""}), self._new("list", {"entries": []})
        return replace(self.school, text_id=text_id, record_id=record_id)

    def _new(self, type_name: str, data: Any) -> str:
        body = {"type": type_name, "documentRootId": self.school.root_id, "data": data}
        answer = self.hubs[0].request("POST", "/documents", self.school.cast.teacher.token, body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def taken(self) -> list[set[int]]:
        """Return the connections that each hub has taken, by the other side's port."""
        return [_taken(hub) if hub.is_running else set() for hub in self.hubs]

    def still(self, ports: list[set[int]]) -> list[set[int]]:
        """Return those of each hub that it has still."""
        return [now & then for now, then in zip(self.taken(), ports, strict=True)]


def _taken(hub: HubProcess) -> set[int]:
    port = int(hub.url.rpartition(":")[2])
    connections = psutil.Process(hub.process.pid).net_connections("tcp")
    return {each.raddr.port for each in connections if each.laddr.port == port and each.status == "ESTABLISHED"}
