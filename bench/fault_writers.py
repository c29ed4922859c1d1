"""The people of a fault run: a process that types into one document, and what its replicas show."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from edits import Edit, are_equal

from tests.harness.processes import LineProcess

ANSWER_SECONDS = 30.0
"""How long the process may take to answer a command."""
READY_SECONDS = 60.0
"""How long all people may take to open the document."""
POLL_SECONDS = 0.05
QUIET_SECONDS = 1.0
"""How long a freshly opened document must stay as it is to be taken for complete."""


@dataclass(frozen=True)
class Replica:
    """What one person sees."""

    text: str
    typed: int
    confirmed: int
    is_ready: bool
    is_saved: bool
    """False while the client says that something is not stored; always true for one that is never told."""
    notes: tuple[str, ...]


class Writers:
    """Several people with one document open; `close` ends them like closed tabs."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._process = LineProcess(command, log=log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_ready(self) -> None:
        """Wait until everybody has the document."""
        if not self._wait(lambda replicas: all(replica.is_ready for replica in replicas), READY_SECONDS):
            said = self._process.output()[-2000:]
            raise TimeoutError(f"not everybody could open the document within {READY_SECONDS:g} s:\n{said}")

    def type(self) -> None:
        """Have everybody begin to type."""
        self._ask("type")

    def stop(self) -> None:
        """Have everybody stop typing."""
        self._ask("stop")

    def look(self) -> list[Replica]:
        """Return what everybody sees."""
        return [
            Replica(
                text=found["text"],
                typed=found["typed"],
                confirmed=found["confirmed"],
                is_ready=found["isReady"],
                is_saved=found["isSaved"],
                notes=tuple(found["notes"]),
            )
            for found in self._ask("look")
        ]

    def typed(self) -> dict[int, int]:
        """Return how much everybody has typed so far."""
        return {number: replica.typed for number, replica in enumerate(self.look())}

    def edits(self) -> list[Edit]:
        """Return everything that was typed."""
        everybody = [found for edits in self._ask("log") for found in edits]
        return [Edit(found["word"], found["at"], found["isConfirmed"]) for found in everybody]

    def wait_equal(self, typed: Mapping[int, int], seconds: float) -> bool:
        """Wait until everybody shows the same of what was typed up to then; False when time is up."""
        return self._wait(lambda replicas: are_equal([replica.text for replica in replicas], typed), seconds)

    def wait_settled(self, seconds: float) -> bool:
        """Wait until everybody shows the same of everything and is told that it is stored; False when time is up."""
        typed = self.typed()

        def is_settled(replicas: list[Replica]) -> bool:
            are_saved = all(replica.is_saved for replica in replicas)
            return are_saved and are_equal([replica.text for replica in replicas], typed)

        return self._wait(is_settled, seconds)

    def close(self) -> None:
        """End the process at once, without a farewell to the server."""
        self._process.kill()

    def _wait(self, is_there: Callable[[list[Replica]], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not is_there(self.look()):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _ask(self, command: str) -> Any:
        self._process.tell(json.dumps(command))
        return json.loads(self._process.hear(timeout=ANSWER_SECONDS))


def read_fresh(command: list[str], log: Path) -> str:
    """Open the document as somebody who has never seen it, and return its text once it does not change any more."""
    with Writers(command, log) as reader:
        reader.wait_ready()
        deadline = time.monotonic() + READY_SECONDS
        text, since = reader.look()[0].text, time.monotonic()
        while time.monotonic() < min(since + QUIET_SECONDS, deadline):
            time.sleep(POLL_SECONDS)
            present = reader.look()[0].text
            if present != text:
                text, since = present, time.monotonic()
        return text
