"""A recording: one scenario in a JSON-lines file, as the README of the recordings describes it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]

DONE = frozenset(
    {"http", "connect", "client-disconnect", "emit", "wire", "database", "concurrent", "matrix", "db-fact"}
)
"""Kinds of what was done; everything else is what was then received."""


@dataclass(frozen=True)
class Step:
    """One thing done, and everything that followed from it."""

    number: int
    entries: tuple[Entry, ...]

    def of_kind(self, *kinds: str) -> list[Entry]:
        """Return the entries of some kinds, in order."""
        return [entry for entry in self.entries if entry["kind"] in kinds]

    @property
    def done(self) -> list[Entry]:
        """Return what was done in this step."""
        return [entry for entry in self.entries if entry["kind"] in DONE]

    @property
    def about(self) -> str:
        """Return the remarks on the step."""
        return "; ".join(entry["about"] for entry in self.entries if entry.get("about"))

    @property
    def receivers(self) -> set[str]:
        """Return the actors whose sockets are known to be open at the end of what was done."""
        found = {actor for entry in self.of_kind("quiet") for actor in entry["actors"]}
        return found | {entry["actor"] for entry in self.of_kind("event", "emit", "disconnect", "ack", "no-ack")}


@dataclass(frozen=True)
class Scenario:
    """Steps that begin with a fresh database and a freshly started server."""

    name: str
    title: str
    initial: dict[str, Any]
    steps: tuple[Step, ...]
    placeholders: tuple[str, ...] = field(repr=False)
    """Every placeholder in it, in the order of appearance."""


def read_scenario(path: Path) -> Scenario:
    """Parse one file."""
    text = path.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    if not lines or lines[0].get("kind") != "meta":
        raise ValueError(f"{path} does not begin with a meta line")
    meta, entries = lines[0], lines[1:]
    numbers = list(dict.fromkeys(entry["step"] for entry in entries))
    steps = tuple(Step(number, tuple(entry for entry in entries if entry["step"] == number)) for number in numbers)
    found = dict.fromkeys(re.findall(r"<[a-zA-Z-]+:[^<>\"\\]+>|<unknown-uuid>", text))
    return Scenario(meta["scenario"], meta.get("title", ""), meta.get("initial") or {}, steps, tuple(found))


def read_folder(folder: Path) -> list[Scenario]:
    """Parse all files of a folder, in the order of their names."""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ValueError(f"there are no recordings (*.jsonl) in {folder}")
    return [read_scenario(path) for path in paths]
