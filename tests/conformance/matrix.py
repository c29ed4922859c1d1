"""Tables of many requests in one entry: plays what can be told to be a request, and says when that is nothing.

The format leaves it to a scenario what its matrices look like. Understood are tables whose cells hold a request and
what came back: `request` with `response` or `status`, or one request with a status per actor. A cell may take from
what surrounds it whatever it does not say itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conformance.recording import Entry
from tests.conformance.school import USERS

NOBODY = frozenset({"nobody", "anonymous", "none", "no session", "noSession"})
"""Words for a request without a session."""

MOST_REASONS = 3
"""Places of a table that are named when they cannot be understood."""

_ACTORS = frozenset(person.name for person in USERS)
_REMARKS = frozenset(
    {"step", "kind", "about", "note", "actor", "request", "response", "status", "method", "path", "body"}
)


@dataclass(frozen=True)
class Cell:
    """One request of a table, as an `http` entry of its own."""

    entry: Entry
    has_body: bool
    """Whether the table shows more of the answer than its status."""


def cells(entry: Entry) -> tuple[list[Cell], list[str]]:
    """Return the requests of a table, and the places in it that could not be understood."""
    found: list[Cell] = []
    strange: list[str] = []
    _walk(entry, {}, "matrix", found, strange)
    if not found and not strange:
        strange.append(f"matrix without a request: {', '.join(sorted(entry.keys() - {'step', 'kind'}))}")
    if len(strange) > MOST_REASONS:
        strange = [*strange[:MOST_REASONS], f"matrix: {len(strange) - MOST_REASONS} more places like these"]
    return found, strange


def _walk(value: Any, outer: dict[str, Any], place: str, found: list[Cell], strange: list[str]) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, outer, f"{place}[{index}]", found, strange)
        return
    if not isinstance(value, dict):
        strange.append(f"{place}: cannot tell what is meant by {str(value)[:60]!r}")
        return
    known = {**outer, **{name: value[name] for name in _REMARKS & value.keys()}}
    if "method" in value and "path" in value:
        known["request"] = {name: value[name] for name in ("method", "path", "body") if name in value}
    if "request" in known and ("response" in value or isinstance(value.get("status"), int)):
        found.append(_cell(known))
    for name in sorted(value.keys() - _REMARKS, key=list(value).index):
        _inside(name, value[name], known, f"{place}.{name}", found, strange)


def _inside(name: str, value: Any, known: dict[str, Any], place: str, found: list[Cell], strange: list[str]) -> None:
    is_somebody = name in _ACTORS | NOBODY or name.partition("#")[0] in _ACTORS
    if is_somebody:
        known = {**known, "actor": name}
    if is_somebody and isinstance(value, int) and "request" in known:
        found.append(_cell({**known, "status": value}))
    else:
        _walk(value, known, place, found, strange)


def _cell(known: dict[str, Any]) -> Cell:
    response = known.get("response") or {"status": known["status"]}
    entry: Entry = {
        "kind": "http",
        "actor": known.get("actor", "nobody"),
        "about": known.get("about", ""),
        "request": known["request"],
        "response": response,
    }
    if entry["actor"] in NOBODY:
        entry |= {"actor": USERS[0].name, "session": False}
    return Cell(entry, has_body="body" in response or bool(response.get("empty")))
