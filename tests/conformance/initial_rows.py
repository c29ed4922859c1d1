"""The rows that were in the database of a recording in addition to the start state."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.administration.class_file import (
    ActionEntry,
    Content,
    DocumentEntry,
    GroupAccessEntry,
    RootEntry,
    UserAccessEntry,
)
from teaching_nb.hub.store.database import Database
from tests.conformance.placeholders import Bindings
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario
from tests.conformance.school import USERS

SEEDED_DATA = {"text": "seed"}
"""What documents held of which a recording does not show the first state."""


async def add_initial(database: Database, scenario: Scenario, bindings: Bindings, prepared: Preparations) -> None:
    """Put the rows of a scenario's `initial` into the database, or those that it does not show."""
    content = _initial(replace(scenario, initial=scenario.initial or prepared.initial(scenario)), bindings)
    await database.write(lambda tx: class_load.load(tx, content, {}))


def _initial(scenario: Scenario, bindings: Bindings) -> Content:
    roots = scenario.initial.get("roots", {})
    emails = {f"<user:{person.name}>": person.email for person in USERS}
    return Content(
        document_roots=[
            RootEntry(
                id=_bound(name, bindings),
                access=root.get("access", "RW_DocumentRoot"),
                shared_access=root.get("sharedAccess", "None_DocumentRoot"),
                group_permissions=[
                    GroupAccessEntry(group=_bound(entry["group"], bindings), access=entry["access"])
                    for entry in root.get("groupPermissions", [])
                ],
                user_permissions=[
                    UserAccessEntry(user=emails[entry["user"]], access=entry["access"])
                    for entry in root.get("userPermissions", [])
                ],
            )
            for name, root in roots.items()
        ],
        documents=[
            _document(scenario, bindings, name, {**entry, "author": emails[entry["author"]]})
            for name, entry in _documents(scenario)
        ],
        allowed_actions=[
            ActionEntry(document_type=entry["documentType"], action=entry["action"])
            for entry in _list(scenario.initial.get("allowedActions"))
        ],
    )


def _document(scenario: Scenario, bindings: Bindings, name: str, entry: dict[str, Any]) -> DocumentEntry:
    seen = _first_seen(scenario, name)
    return DocumentEntry(
        id=_bound(name, bindings),
        document_root_id=_bound(entry["root"], bindings),
        author=entry["author"],
        type=entry.get("type") or seen.get("type") or "note",
        data=bindings.fill(entry.get("data", seen.get("data", SEEDED_DATA))),
        parent_id=_bound(entry["parent"], bindings) if entry.get("parent") else None,
    )


def _documents(scenario: Scenario) -> Iterator[tuple[str, dict[str, Any]]]:
    documents = scenario.initial.get("documents", {})
    if isinstance(documents, dict):
        yield from documents.items()
        return
    # In words: every root holds one document by the named person.
    author = next(name for name in scenario.placeholders if name.startswith("<user:") and name in documents)
    person = author.strip("<>").split(":")[1]
    for root in scenario.initial.get("roots", {}):
        yield f"<doc:{person}@{root.strip('<>').split(':')[1]}>", {"root": root, "author": author}


def _first_seen(scenario: Scenario, name: str) -> dict[str, Any]:
    """Return type and, unless it was changed before, data with which a document first appears in answers."""
    seen: dict[str, Any] = {}
    for step in scenario.steps:
        for entry in step.entries:
            request = entry.get("request", {})
            if request.get("method") == "PUT" and name in request.get("path", ""):
                return seen
            for record in _records([entry.get("response"), entry.get("payload")]):
                if record.get("id") == name and "documentRootId" in record:
                    seen["type"] = record["type"]
                    # Whoever may not read a document sees null instead of its data.
                    if record.get("data") is not None:
                        return {**seen, "data": record["data"]}
    return seen


def _records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for entry in value.values():
            yield from _records(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _records(entry)


def _bound(name: str, bindings: Bindings) -> str:
    known = bindings.known(name)
    if known is None:
        known = str(uuid.uuid4())
        bindings.bind(name, known)
    return known


def _list(value: Any) -> list[dict[str, Any]]:
    return list(value.values()) if isinstance(value, dict) else list(value or [])
