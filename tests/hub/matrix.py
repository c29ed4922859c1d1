"""Every combination of access values as a document root, and what the algebra says about each of them.

One root for each of the 144 combinations of root access, sharing, a permission of class A and one of student 1.
Below each root lie documents of student 1, whom the permissions concern, and of student 3, whom none does.
Expected values come from the pure functions alone, never from the hub.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import shutil
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from teaching_nb.hub.config import Settings
from teaching_nb.schema.access import (
    Access,
    Kind,
    as_group,
    as_root,
    as_user,
    effective_access,
    is_readable,
    own_permission,
)
from tests.harness.hub_process import hub_command
from tests.harness.postgresql import PostgresqlServer
from tests.harness.running_hub import SECRET

K = TypeVar("K")
T = TypeVar("T")

KINDS: tuple[Kind, ...] = ("RO", "RW", "None")
AUTHORS = ("student1", "student3")
CLASS_A = {"student1", "student2", "teacher"}
MANAGED_BY = {"student1": "teacher", "student2": "teacher", "student3": "teacher2"}

AT_ONCE = 8
"""Requests under way at the same time."""

_NAMESPACE = uuid.UUID("6c5ee2c0-6f0a-4f0e-9d0c-6a1c1f5a4a11")


@dataclass(frozen=True)
class Combination:
    """One of the 144 settings of a root."""

    access: Kind
    shared: Kind
    group: Kind | None
    user: Kind | None

    def __str__(self) -> str:
        """Return the row's name in tables."""
        return f"access {self.access}, shared {self.shared}, group {self.group or '-'}, user {self.user or '-'}"

    @property
    def root_id(self) -> str:
        """Return the id of the root."""
        return self._id("root")

    def document_id(self, author: str, place: str = "main") -> str:
        """Return the id of a document: `main`, or `folder`, which others can be linked to."""
        return self._id(f"{author} {place}")

    def own(self, person: str) -> Access:
        """Return the own permission of a person."""
        groups = [as_group(f"{self.group}_StudentGroup")] if self.group and person in CLASS_A else []  # type: ignore[arg-type]  # one of the nine words
        users = [as_user(f"{self.user}_User")] if self.user and person == "student1" else []  # type: ignore[arg-type]  # one of the nine words
        return own_permission(as_root(f"{self.access}_DocumentRoot"), groups, users)

    def effective(self, person: str, author: str) -> Access:
        """Return what a person may do with a document of an author."""
        return effective_access(self.own(person), as_root(f"{self.shared}_DocumentRoot"), is_own=person == author)

    def may_receive(self, person: str, author: str) -> bool:
        """Tell whether a person may see the events of an author's document."""
        if person == "admin" or MANAGED_BY.get(author) == person:
            return True
        return is_readable(self.effective(person, author))

    def _id(self, what: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{self} {what}"))


COMBINATIONS: tuple[Combination, ...] = tuple(
    itertools.starmap(Combination, itertools.product(KINDS, KINDS, (None, *KINDS), (None, *KINDS)))
)


def cells() -> Iterator[tuple[Combination, str]]:
    """Return every combination with every author."""
    return itertools.product(COMBINATIONS, AUTHORS)


def content() -> dict[str, Any]:
    """Return the file for `hub load` with all roots and documents; the people must be there."""
    return {
        "documentRoots": [_root(combination) for combination in COMBINATIONS],
        "documents": [
            _document(combination, author, place)
            for combination, author in cells()
            for place in ("main", "folder", "doomed")
        ],
        "allowedActions": [{"documentType": "code", "action": "update@parent_id"}],
    }


@functools.cache
def file_beside(seeded: Path) -> Path:
    """Return a database file with the cast and all roots, brought in by the command for it, once."""
    directory = seeded.parent / "matrix"
    directory.mkdir()
    shutil.copy(seeded, directory / "hub.db")
    _load(directory)
    return directory / "hub.db"


@functools.cache
def database_beside(server: PostgresqlServer, seeded: str) -> str:
    """Return the name of a PostgreSQL database with the cast of another one and all roots, brought in likewise."""
    name = server.create_database(seeded)
    with tempfile.TemporaryDirectory() as directory:
        _load(Path(directory), "--database", server.url(name))
    return name


def _load(directory: Path, *options: str) -> None:
    done = hub_command(directory, "load", "-", *options, stdin=json.dumps(content()))
    assert done.returncode == 0, done.stderr
    assert "144 document roots" in done.stdout


def settings_of(directory: Path, file: Path) -> Settings:
    """Return the settings of a hub in a folder of its own with a copy of a database file."""
    directory.mkdir()
    shutil.copy(file, directory / "hub.db")
    return Settings(data_dir=directory, port=0, secret=SECRET)


async def answers(keys: Iterable[K], ask: Callable[[K], Awaitable[T]]) -> dict[K, T]:
    """Ask for every key, several at a time, and return the answers by key."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(key: K) -> tuple[K, T]:
        async with places:
            return key, await ask(key)

    return dict(await asyncio.gather(*map(one, keys)))


def assert_same(expected: Mapping[Any, T], actual: Mapping[Any, T]) -> None:
    """Compare two tables and show the rows that differ, each with what it holds and what it should."""
    assert len(expected) == len(actual)
    wrong = [
        f"{_named(key)}: expected {value!r}, was {actual[key]!r}"
        for key, value in expected.items()
        if actual[key] != value
    ]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(expected)} cells are wrong:", *wrong])


def _named(key: Any) -> str:
    return " | ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _root(combination: Combination) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": combination.root_id,
        "access": f"{combination.access}_DocumentRoot",
        "sharedAccess": f"{combination.shared}_DocumentRoot",
    }
    if combination.group:
        entry["groupPermissions"] = [{"group": "classA", "access": f"{combination.group}_StudentGroup"}]
    if combination.user:
        entry["userPermissions"] = [{"user": "student1@school.test", "access": f"{combination.user}_User"}]
    return entry


def _document(combination: Combination, author: str, place: str) -> dict[str, Any]:
    return {
        "id": combination.document_id(author, place),
        "documentRootId": combination.root_id,
        "author": f"{author}@school.test",
        "type": "dir" if place == "folder" else "code",
        "data": {"code": "secret"},
    }
