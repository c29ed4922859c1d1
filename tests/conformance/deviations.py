"""Where we differ on purpose: reads `deviations.toml`, and sorts differences into declared and undeclared ones.

A `[[rule]]` follows from a general rule of the hub and holds in every scenario, known or not. A
`[[deviation]]` names a scenario and its steps; each of these steps must still differ in that way.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.differences import Difference
from tests.conformance.recording import Scenario

FILE = Path(__file__).with_name("deviations.toml")
OF_TWO = Path(__file__).with_name("deviations_of_two.toml")
"""What is different besides where two processes serve."""

_PATTERNS = (
    "actor", "place", "method", "path", "event", "record", "emitted", "about", "status", "readable",
    "sender", "member", "may_stream", "repeated", "missing", "unjoined", "may_join",
)  # fmt: skip
_KEYS = {"rule", "we", "scenario", "steps", "depends_on_time", "aspect", "expected", "got", *_PATTERNS}


@dataclass(frozen=True)
class Declaration:
    """One entry of the file. Conditions are patterns; those that are absent hold always."""

    rule: str
    """The hub's rule, or the section of the protocol, from which it follows."""
    we: str
    """What we do instead."""
    conditions: dict[str, Any]
    scenario: str | None = None
    steps: tuple[int, ...] = ()
    depends_on_time: bool = False
    """The difference shows on a slow machine only, so it need not occur."""

    def covers(self, difference: Difference, scenario: Scenario) -> bool:
        """Tell whether a difference is the one that is declared."""
        if self.scenario is not None and (self.scenario != scenario.name or difference.step not in self.steps):
            return False
        return all(_holds(name, wanted, difference) for name, wanted in self.conditions.items())


@dataclass
class Verdict:
    """The differences of one scenario, sorted."""

    declared: list[tuple[Difference, Declaration]] = field(default_factory=list)
    undeclared: list[Difference] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    """Declared differences that do not occur any more."""

    @property
    def is_good(self) -> bool:
        """Tell whether the scenario went as recorded and declared."""
        return not self.undeclared and not self.outdated


class Deviations:
    """All declarations, and which of them were needed."""

    def __init__(self, declarations: list[Declaration]) -> None:
        self.declarations = declarations
        self.uses: Counter[int] = Counter()

    @classmethod
    def load(cls, *paths: Path) -> Deviations:
        """Read the file, or others; raises `ValueError` for an entry that says too little or too much."""
        tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths or (FILE,)]
        rows = [row for kind in ("deviation", "rule") for table in tables for row in table.get(kind, [])]
        return cls([_declaration(row) for row in rows])

    def judge(self, scenario: Scenario, differences: list[Difference]) -> Verdict:
        """Sort the differences of a scenario; particular declarations come before general ones."""
        verdict = Verdict()
        met: set[tuple[int, int]] = set()
        for difference in differences:
            index = next((i for i, one in enumerate(self.declarations) if one.covers(difference, scenario)), None)
            if index is None:
                verdict.undeclared.append(difference)
                continue
            self.uses[index] += 1
            met.add((index, difference.step))
            verdict.declared.append((difference, self.declarations[index]))
        for index, declaration in enumerate(self.declarations):
            if declaration.scenario == scenario.name:
                gone = [step for step in declaration.steps if (index, step) not in met]
                verdict.outdated += [f"step {step}: declared, but it does not occur: {declaration.we}" for step in gone]
        return verdict

    def unused_rules(self) -> list[str]:
        """Return the general rules that no scenario has needed so far."""
        return [
            f"{one.rule}: {one.we}"
            for index, one in enumerate(self.declarations)
            if one.scenario is None and not one.depends_on_time and not self.uses[index]
        ]


def _declaration(row: dict[str, Any]) -> Declaration:
    unknown = row.keys() - _KEYS
    if unknown or not row.get("rule") or not row.get("we"):
        raise ValueError(f"a declaration needs `rule` and `we`, and knows no {sorted(unknown)}: {row}")
    if ("scenario" in row) != ("steps" in row):
        raise ValueError(f"`scenario` and `steps` go together: {row}")
    conditions = {name: row[name] for name in ("aspect", "expected", "got", *_PATTERNS) if name in row}
    return Declaration(
        row["rule"],
        row["we"],
        conditions,
        row.get("scenario"),
        tuple(row.get("steps", ())),
        bool(row.get("depends_on_time", False)),
    )


def _holds(name: str, wanted: Any, difference: Difference) -> bool:
    if name == "aspect":
        return difference.aspect in (wanted if isinstance(wanted, list) else [wanted])
    if name in {"expected", "got"}:
        value = getattr(difference, name)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return re.search(wanted, text) is not None
    value = difference.actor if name == "actor" else difference.place if name == "place" else None
    return re.search(wanted, difference.context.get(name, "") if value is None else value) is not None
