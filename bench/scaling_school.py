"""A school in a hub's database, of as many documents as are wanted: made in seconds, in the shape that lessons leave.

A class has 25 students and a teacher, and 40 places in a year; below each place every student has a document of their
own. So 1,000 documents are a class, 100,000 a hundred classes. What cannot be made up, the log and the versions of a
text that was typed, is typed once with the hub's own services; all other live texts are copies of it.
"""

from __future__ import annotations

import heapq
import inspect
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pycrdt
from sqlalchemy import Connection, Table, insert, text

from teaching_nb.hub import clock
from teaching_nb.hub.crdt.document import merged
from teaching_nb.hub.documents import documents, log_entries, update_log
from teaching_nb.hub.documents.update_log import Snapshot
from teaching_nb.hub.people import sessions, users
from teaching_nb.hub.store import tables
from tests.harness.databases import in_database

STUDENTS = 25
PLACES = 40
"""Places of a class; fewer where there are not documents enough for one class."""
LETTERS = 300
"""Letters typed into a live text, each of them an edit."""
_AT_ONCE = 5
"""Letters between two moments in which the hub writes the text back, as at somebody who types five a second."""
_PAUSE_AFTER = 150
"""Letters before the student goes on after a day."""

_PROGRAM = inspect.getsource(heapq.merge)
CODE = _PROGRAM[:720]
"""A program as a notebook comes with it."""
_TYPED = _PROGRAM[720 : 720 + LETTERS]

KINDS = ("live", "stored", "task_state", "task_state", "text_message")
"""What the documents of a place are; the places of a class take turns."""

_DATA = {
    "live": ("code", {"code": CODE}),
    "stored": ("code", {"code": CODE}),
    "task_state": ("task_state", {"state": "checked"}),
    "text_message": ("text_message", {"text": "I think that the second one is right, because it is wider."}),
}
_SHARED_EVERY = 5
"""Every fifth place is one in which the class reads what everybody has written."""


@dataclass
class Place:
    """A place of a class with its documents."""

    root_id: str
    kind: str
    document_ids: list[str] = field(default_factory=list)
    """In the order of the students."""


@dataclass
class SchoolClass:
    """A class as the benchmark uses it."""

    teacher_id: str
    student_ids: list[str]
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class School:
    """What was made."""

    documents: int
    live: int
    last_class: SchoolClass
    tokens: dict[str, str]
    """User id → token, of the last class and the admin."""
    admin_id: str
    bytes_of: dict[str, int]
    """Bytes of the database for documents with their places and people, for logs, and for versions."""

    merged_bytes: int
    """Bytes of the log of a live text, had the hub merged it into one entry."""

    def places(self, kind: str) -> list[Place]:
        """Return the places of the last class whose documents are of a kind."""
        return [place for place in self.last_class.places if place.kind == kind]


def classes_of(number: int) -> Iterator[int]:
    """Yield the places of each class in a school of so many documents."""
    places = max(1, number // STUDENTS)
    while places > 0:
        yield min(PLACES, places)
        places -= PLACES


def build(folder: Path, number: int) -> School:
    """Make a database `hub.db` of so many documents in a folder."""
    return in_database(f"sqlite:///{folder / 'hub.db'}", lambda tx: _school(tx, number))


def size_of(folder: Path) -> int:
    """Return the bytes of a database that no hub has open."""
    return sum(path.stat().st_size for path in folder.glob("hub.db*"))


def _school(tx: Connection, number: int) -> School:
    before = _bytes(tx)
    admin = users.create(tx, email="admin@example.org", first_name="Ad", last_name="Min", role="admin")
    live: list[tuple[str, str]] = []
    for index, places in enumerate(classes_of(number)):
        made = _class(tx, index, places)
        for place in made.places:
            if place.kind == "live":
                live += zip(place.document_ids, made.student_ids, strict=True)
    with_documents = _bytes(tx)
    template = live[0][0]
    _type(tx, *live[0])
    _copy_logs(tx, live)
    with_logs = _bytes(tx)
    _copy_versions(tx, template)
    people = [admin.id, made.teacher_id, *made.student_ids]
    return School(
        documents=STUDENTS * sum(classes_of(number)),
        live=len(live),
        last_class=made,
        tokens={user_id: sessions.create_bearer(tx, user_id, days=1) for user_id in people},
        admin_id=admin.id,
        merged_bytes=len(zlib.compress(merged(log_entries.updates(tx, template)))),
        bytes_of={
            "documents": with_documents - before,
            "logs": with_logs - with_documents,
            "versions": _bytes(tx) - with_logs,
        },
    )


def _class(tx: Connection, index: int, places: int) -> SchoolClass:
    """Insert a class, in rows: the hub's services would take minutes for all of them."""
    now = clock.now()
    people = [str(uuid.uuid4()) for _ in range(STUDENTS + 1)]
    group_id = str(uuid.uuid4())
    tx.execute(insert(tables.users), [_user(user_id, index, number) for number, user_id in enumerate(people)])
    group = {"id": group_id, "name": f"class {index}", "created_at": now, "updated_at": now}
    tx.execute(insert(tables.student_groups), group)
    members = [
        {"user_id": user_id, "group_id": group_id, "is_admin": number == 0} for number, user_id in enumerate(people)
    ]
    tx.execute(insert(tables.memberships), members)
    made = SchoolClass(people[0], people[1:])
    for number in range(places):
        made.places.append(_place(tx, made, group_id, f"class-{index}-place-{number}", number))
    return made


def _user(user_id: str, index: int, number: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": user_id,
        "email": f"person{number}.class{index}@example.org",
        "name": f"Per {number} Son {index}",
        "first_name": f"Per {number}",
        "last_name": f"Son {index}",
        "role": "student" if number else "teacher",
        "created_at": now,
        "updated_at": now,
    }


def _place(tx: Connection, made: SchoolClass, group_id: str, name: str, number: int) -> Place:
    now, is_shared = clock.now(), number % _SHARED_EVERY == _SHARED_EVERY - 1
    place = Place(str(uuid.uuid4()), KINDS[number % len(KINDS)], [str(uuid.uuid4()) for _ in made.student_ids])
    root = {
        "id": place.root_id,
        "name": name,
        "access": "None_DocumentRoot" if is_shared else "RW_DocumentRoot",
        "shared_access": "RO_DocumentRoot" if is_shared else "None_DocumentRoot",
        "creator_id": made.teacher_id,
        "confirmed_at": now,
        "created_at": now,
    }
    tx.execute(insert(tables.document_roots), root)
    if is_shared:
        permission = {"id": str(uuid.uuid4()), "root_id": place.root_id, "group_id": group_id}
        tx.execute(insert(tables.group_permissions), {**permission, "access": "RW_StudentGroup"})
    type_name, data = _DATA[place.kind]
    rows = [
        {
            "id": document_id,
            "author_id": author_id,
            "root_id": place.root_id,
            "type": type_name,
            "data": data,
            "main_key": documents.main_key(place.root_id, author_id, type_name),
            "created_at": now,
            "updated_at": now,
        }
        for document_id, author_id in zip(place.document_ids, made.student_ids, strict=True)
    ]
    tx.execute(insert(tables.documents), rows)
    return place


def _type(tx: Connection, document_id: str, author_id: str) -> None:
    """Type a program into a document letter by letter, with the hub's services and its clock ahead of ours."""
    start, ahead = clock.now(), 0.0

    def now() -> int:
        return start + int(ahead * 1_000)

    with mock.patch.object(clock, "now", now):
        state = update_log.create(tx, document_id)
        letters = _Letters(state)
        for number in range(0, LETTERS, _AT_ONCE):
            ahead += _AT_ONCE * 0.2 + (86_400 if number == _PAUSE_AFTER else 0)
            for _ in range(_AT_ONCE):
                update_log.append(tx, document_id, letters.type(), author_id)
            known = {document_id: Snapshot(number + _AT_ONCE, {"code": letters.text})}
            update_log.materialize(tx, [document_id], known=known)


class _Letters:
    """Somebody who types on at the end of a text."""

    def __init__(self, state: update_log.LiveState) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        for entry in state.updates:
            self._doc.apply_update(entry)
        self._text: pycrdt.Text = self._doc.get("data", type=pycrdt.Map)["code"]
        self._updates: list[bytes] = []
        self._doc.observe(lambda event: self._updates.append(event.update))
        self._number = 0

    @property
    def text(self) -> str:
        """Return the text."""
        return str(self._text)

    def type(self) -> bytes:
        """Type one letter and return its update."""
        self._text += _TYPED[self._number]
        self._number += 1
        return self._updates.pop()


def _copy_logs(tx: Connection, live: list[tuple[str, str]]) -> None:
    """Give all live documents, each with its author, the log and the text of the first one."""
    (template, _), *others = live
    tx.execute(text("CREATE TEMP TABLE copy_to (id TEXT, author_id TEXT)"))
    tx.execute(text("INSERT INTO copy_to VALUES (:id, :author)"), [{"id": id_, "author": who} for id_, who in others])
    _copy(tx, template, tables.live_texts, "head, materialized, touched_at")
    author = "CASE WHEN known.author_id IS NULL THEN NULL ELSE copy_to.author_id END"
    _copy(tx, template, tables.live_updates, 'number, "update", created_at, is_packed', author_id=author)
    written = "data, revision, updated_at, changed"
    tx.execute(
        text(
            f"UPDATE documents SET ({written}) = (SELECT {written} FROM documents AS typed WHERE typed.id = :template) "  # noqa: S608 - names of ours
            "WHERE id IN (SELECT id FROM copy_to)"
        ),
        {"template": template},
    )


def _copy_versions(tx: Connection, template: str) -> None:
    columns = "number, kind, began_at, created_at, revision, size, content"
    _copy(tx, template, tables.document_versions, columns)
    _copy(tx, template, tables.version_authors, "number", user_id="copy_to.author_id")


def _copy(tx: Connection, template: str, table: Table, columns: str, **others: str) -> None:
    """Copy what one document has in a table for each that is to have the same; `others` are columns that differ."""
    known = ", ".join(f"known.{column.strip()}" for column in columns.split(","))
    whose = {"template": template}
    # SQLite would make a second copy of everything while it reads what it writes to.
    tx.execute(text(f"CREATE TEMP TABLE known AS SELECT * FROM {table.name} WHERE document_id = :template"), whose)  # noqa: S608 - names of ours
    columns = ", ".join([columns, *others])
    copied = f"SELECT copy_to.id, {', '.join([known, *others.values()])} FROM copy_to, known"  # noqa: S608 - as above
    tx.execute(text(f"INSERT INTO {table.name} (document_id, {columns}) {copied}"))
    tx.execute(text("DROP TABLE known"))


def _bytes(tx: Connection) -> int:
    """Return the size of the database with what is in its write-ahead log."""
    pages, size = (tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(size)
