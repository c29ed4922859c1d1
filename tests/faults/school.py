"""The school on whose data the hub is killed: people, and documents that they write together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.schema import wire
from tests.harness.cast import Cast, Person, add_person, seed
from tests.harness.databases import in_database

CROWD = 30
"""Further people, for tests with many sockets."""


@dataclass(frozen=True)
class School:
    """Who there is, and what everybody may write."""

    cast: Cast
    crowd: tuple[Person, ...]
    root_id: str
    """A root whose documents everybody may read and write."""
    text_id: str
    """A code document, which is written live."""
    record_id: str
    """A document without live text, which is written by REST."""


def make_school(url: str) -> School:
    """Create the database of a school."""
    return in_database(url, _make)


def copy_of(seeded: Path, data_dir: Path) -> Path:
    """Return a data directory with a copy of a school's database."""
    data_dir.mkdir(parents=True)
    shutil.copy(seeded, data_dir / "hub.db")
    return data_dir


def _make(tx: Connection) -> School:
    cast = seed(tx)
    root_id = wire.new_id()
    everybody = document_roots.RootSettings(access="RW_DocumentRoot", shared_access="RW_DocumentRoot")
    document_roots.insert_root(tx, cast.admin.actor, root_id, everybody)
    return School(
        cast=cast,
        crowd=tuple(
            add_person(tx, f"crowd{number}", role="student", first_name=f"C{number}", last_name="Test")
            for number in range(CROWD)
        ),
        root_id=root_id,
        text_id=_document(tx, cast.teacher, root_id, "code", {"code": ""}),
        record_id=_document(tx, cast.teacher, root_id, "list", {"entries": []}),
    )


def _document(tx: Connection, author: Person, root_id: str, type_name: str, data: object) -> str:
    wanted = documents.NewDocument(type=type_name, document_root_id=root_id, data=data)
    created = documents.insert_document(tx, author.actor, wanted, author_id=author.id, main=None)
    return created.record.id
