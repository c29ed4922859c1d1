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
"""Kinds of what was done."""

RECEIVED = frozenset({"ack", "no-ack", "event", "disconnect", "quiet", "server-exit"})
"""Kinds of what was then received."""

DATABASE = re.compile(r"(?:the )?database(?: server)?(?: is| was)? (?P<state>stopped|started)\b")
"""Begin of the remark on a step in which the database server is stopped or started."""

_COMMON = frozenset({"step", "kind", "actor", "about"})
_FIELDS: dict[str, frozenset[str]] = {
    "http": frozenset({"request", "response", "session"}),
    "connect": frozenset({"request", "response"}),
    "client-disconnect": frozenset(),
    "emit": frozenset({"event", "args", "ack"}),
    "wire": frozenset({"request", "packets"}),
    "database": frozenset(),
    "concurrent": frozenset({"request", "statuses", "documentsInDatabase"}),
    "db-fact": frozenset({"data"}),
    "ack": frozenset({"event", "payload"}),
    "no-ack": frozenset({"event", "waitedMs"}),
    "event": frozenset({"event", "payload"}),
    "disconnect": frozenset({"reason"}),
    "quiet": frozenset({"actors"}),
    "server-exit": frozenset({"code", "signal", "error"}),
}
"""What an entry of each kind may say; a matrix says what it likes."""

_PARTS: dict[str, frozenset[str]] = {
    "http.request": frozenset({"method", "path", "headers", "body", "rawBody"}),
    "http.response": frozenset({"status", "contentType", "body", "empty", "headers"}),
    "connect.request": frozenset({"auth", "transports"}),
    "connect.response": frozenset({"connected", "sid", "error"}),
    "wire.request": frozenset({"path", "headers"}),
}

_INITIAL = frozenset({"roots", "documents", "allowedActions", "note"})


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
    def not_understood(self) -> list[str]:
        """Return what this format does not know: kinds of entries, and fields of known kinds."""
        found: list[str] = []
        for entry in self.entries:
            kind = entry["kind"]
            if kind not in DONE | RECEIVED:
                found.append(f"unknown kind of entry {kind!r}: {entry.get('about', '')}".rstrip(": "))
            elif kind in _FIELDS:
                found += [f"{kind} with the unknown field {name!r}" for name in sorted(_unknown_fields(entry))]
        return list(dict.fromkeys(found))

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

    @property
    def stops_database(self) -> bool:
        """Tell whether the database server is stopped in it."""
        return any(step.of_kind("database") or DATABASE.match(step.about) for step in self.steps)

    @property
    def not_understood(self) -> list[str]:
        """Return the rows of `initial` that this format does not know."""
        return [f"unknown rows in `initial`: {name!r}" for name in sorted(self.initial.keys() - _INITIAL)]


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


def _unknown_fields(entry: Entry) -> set[str]:
    kind = entry["kind"]
    found = entry.keys() - _COMMON - _FIELDS[kind]
    for part in ("request", "response"):
        inner = entry.get(part)
        if isinstance(inner, dict) and f"{kind}.{part}" in _PARTS:
            found |= {f"{part}.{name}" for name in inner.keys() - _PARTS[f"{kind}.{part}"]}
    return found
