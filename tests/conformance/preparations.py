"""Out-of-band changes of recordings: reads `preparations.toml` and makes them in the hub's database."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, update

from teaching_nb.hub.people.sessions import token_hash
from teaching_nb.hub.store.tables import documents, one_time_tokens, sessions, users
from tests.conformance.recording import Scenario, Step
from tests.conformance.school import user

_FILE = Path(__file__).with_name("preparations.toml")
_PAST = 1_000
_FUTURE = 4_000_000_000_000


@dataclass(frozen=True)
class Preparation:
    """One change to be made before a step."""

    do: str
    actor: str | None
    settings: dict[str, Any]


class Preparations:
    """Everything that the recordings do not show."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._tables = tables

    @classmethod
    def load(cls, path: Path = _FILE) -> Preparations:
        """Read the file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def before(self, scenario: Scenario, step: Step) -> Iterator[Preparation]:
        """Return the changes to be made before a step."""
        for row in self._tables.get("preparation", []):
            match = re.search(row["about"], step.about) if "about" in row else None
            if match is not None or _is_named(row, scenario, step):
                actor = next((entry["actor"] for entry in step.entries if "actor" in entry), None)
                yield Preparation(row["do"], actor, {**row, **(match.groupdict() if match else {})})

    def initial(self, scenario: Scenario) -> dict[str, Any]:
        """Return the rows that a scenario needs and does not show; none for most."""
        rows = (row["rows"] for row in self._tables.get("initial", []) if row["scenario"] == scenario.name)
        found: dict[str, Any] = next(rows, {})
        return found

    def message(self, scenario: Scenario, step: Step) -> Any:
        """Return the message of a step that was shortened in the recording; None for any other step."""
        return self._row("message", scenario, step).get("value")

    def concurrent(self, scenario: Scenario, step: Step) -> dict[str, Any]:
        """Return the requests of a `concurrent` entry; empty when they are unknown."""
        return self._row("concurrent", scenario, step)

    def _row(self, table: str, scenario: Scenario, step: Step) -> dict[str, Any]:
        rows = (row for row in self._tables.get(table, []) if _is_named(row, scenario, step))
        return next(rows, {})


def make(tx: Connection, preparation: Preparation, token: str | None) -> None:
    """Make one change in the database."""
    _CHANGES[preparation.do](tx, preparation, token)


def _is_named(row: dict[str, Any], scenario: Scenario, step: Step) -> bool:
    return row.get("scenario") == scenario.name and row.get("step") == step.number


def _expire_sessions(tx: Connection, preparation: Preparation, _token: str | None) -> None:
    person = user(preparation.actor or "")
    tx.execute(update(sessions).where(sessions.c.user_id == person.id).values(expires_at=_PAST))


def _renew_sessions(tx: Connection, preparation: Preparation, _token: str | None) -> None:
    person = user(preparation.actor or "")
    tx.execute(update(sessions).where(sessions.c.user_id == person.id).values(expires_at=_FUTURE))


def _set_data(tx: Connection, preparation: Preparation, _token: str | None) -> None:
    written = documents.c.id == preparation.settings["id"]
    tx.execute(update(documents).where(written).values(data=preparation.settings["data"]))


def _expire_token(tx: Connection, _preparation: Preparation, token: str | None) -> None:
    hashed = token_hash(token or "")
    tx.execute(update(one_time_tokens).where(one_time_tokens.c.token_hash == hashed).values(expires_at=_PAST))


def _set_role(tx: Connection, preparation: Preparation, _token: str | None) -> None:
    person = user(preparation.actor or "")
    tx.execute(update(users).where(users.c.id == person.id).values(role=preparation.settings["role"]))


def _remove_passwords(tx: Connection, preparation: Preparation, _token: str | None) -> None:
    ids = [user(name).id for name in preparation.settings["people"]]
    tx.execute(update(users).where(users.c.id.in_(ids)).values(password_hash=None))


_CHANGES: dict[str, Callable[[Connection, Preparation, str | None], None]] = {
    "expire the sessions of the actor": _expire_sessions,
    "renew the sessions of the actor": _renew_sessions,
    "set the data of a document": _set_data,
    "expire the token": _expire_token,
    "set the role of the actor": _set_role,
    "remove passwords": _remove_passwords,
}
