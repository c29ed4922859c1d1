"""A class whose documents are changed with single statements, and what others may do meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from sqlalchemy import Connection, update

from teaching_nb.hub.documents import changes, documents
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.documents.changes import Change, Result
from teaching_nb.hub.documents.changes_postgresql import DocumentChanges
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.people import groups, permissions, users
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.store import posted_announcements
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.postgresql_statements import Fetch, Statements
from teaching_nb.hub.store.tables import documents as documents_table
from tests.harness.cast import Cast
from tests.hub.scenes import Scene


class NamesPosted:
    """Posts the names of all events."""

    def row(self, results: list[Result]) -> dict[str, Any] | None:
        """Return what is posted."""
        told = [each.event.name for one in results if isinstance(one, Outcome) for each in one.notifications]
        return posted_announcements.row("ours", " ".join(told).encode()) if told else None

    async def post(self, fetch: Fetch, results: list[Result]) -> int | None:
        """Post it."""
        row = self.row(results)
        return None if row is None else await posted_announcements.post_quickly(fetch, row)

    def unknown(self) -> AbstractContextManager[None]:
        """Do nothing more."""
        return nullcontext()

    def has_posted(self, number: int) -> None:
        """Do nothing more."""


class Class:
    """A class whose student 1 has a document, at a hub's database; others have a database object of their own."""

    def __init__(self, database: Database, others: Database, cast: Cast) -> None:
        assert database.statements is not None
        self.database = database
        self.statements: Statements = database.statements
        self.others = others
        self.cast = cast
        self.changes = DocumentChanges(self.statements)
        self.committed: list[Any] = []
        """The results of which it was told that they are stored."""
        self.numbers: list[int | None] = []
        """Those of what was posted with each of them."""
        self.posting = NamesPosted()
        self.root_id = ""
        self.document_id = ""

    async def prepare(self) -> None:
        """Make a root that the class may write below, and the documents."""
        scene = Scene(self.database)
        self.root_id = await scene.root("RO", groups={self.cast.class_a: "RW"})
        self.document_id = await scene.document(self.cast.student1, self.root_id)

    def wanting(self, data: Any, **how: Any) -> Change:
        """Return a change that the student wants."""
        return Change(self.cast.student1.actor, self.document_id, data, **how)

    async def change(self, data: Any, **how: Any) -> Any:
        """Return the result of a change by the student."""
        before = len(self.committed)
        results = await self.changes.change_all([self.wanting(data, **how)], committed=self.committed.append)
        is_stored = results is not None and isinstance(results[0], Outcome) and bool(results[0].notifications)
        assert self.committed[before:] == ([results] if is_stored else []), "told of what is stored, and of that alone"
        return None if results is None else results[0]

    async def change_among_others(self, data: Any, **how: Any) -> Any:
        """Return the result of a change by the student where other processes change documents, too."""
        before = len(self.committed)
        wanted = [self.wanting(data, **how)]
        results = await self.changes.change_all_locked(wanted, posting=self.posting, committed=self._note)
        assert self.committed[before:] == ([] if results is None else [results])
        return None if results is None else results[0]

    def _note(self, results: list[Result], number: int | None) -> None:
        self.committed.append(results)
        self.numbers.append(number)

    async def posted(self) -> list[tuple[int, str]]:
        """Return what was posted, with its numbers."""
        page = await self.others.read(lambda tx: posted_announcements.after(tx, 0))
        return [(row.number, row.body.decode()) for row in page.rows]

    async def stored(self) -> tuple[Any, int] | None:
        """Return data and revision of the document; None when it is gone."""
        row = await self.others.read(lambda tx: documents.find_row(tx, self.document_id))
        return None if row is None else (row.data, row.revision)

    @property
    def driver(self) -> Any:
        """Return the connection of asyncpg that statements run on."""
        return self.statements._driver


def before(
    monkeypatch: pytest.MonkeyPatch, name: str, action: Callable[[], Awaitable[None]], *, times: int = 1
) -> None:
    """Have something happen right before statements of a kind are run."""
    original = getattr(Statements, name)
    left = times

    async def run(self: Statements, *statement: Any, **options: Any) -> list[Any]:
        nonlocal left
        if left:
            left -= 1
            await action()
        rows: list[Any] = await original(self, *statement, **options)
        return rows

    monkeypatch.setattr(Statements, name, run)


Intervention = Callable[[Connection, Class], object]

INTERVENTIONS: dict[str, Intervention] = {
    "permission of the user": lambda tx, of: permissions.put(
        tx, OF_USERS, root_id=of.root_id, subject_id=of.cast.student1.id, access="None_User"
    ),
    "permission of somebody else": lambda tx, of: permissions.put(
        tx, OF_USERS, root_id=of.root_id, subject_id=of.cast.student3.id, access="RW_User"
    ),
    "permission of the group": lambda tx, of: permissions.put(
        tx, OF_GROUPS, root_id=of.root_id, subject_id=of.cast.class_a, access="RO_StudentGroup"
    ),
    "membership": lambda tx, of: groups.remove_member(tx, of.cast.admin.actor, of.cast.class_a, of.cast.student1.id),
    "a manager more": lambda tx, of: groups.set_member(tx, of.cast.class_a, of.cast.teacher2.id, is_admin=True),
    "role of the manager": lambda tx, of: users.set_role(tx, of.cast.teacher.email, "student"),
    "the root is shared": lambda tx, of: document_roots.change(
        tx, of.cast.admin.actor, of.root_id, document_roots.RootSettings(shared_access="RO_DocumentRoot")
    ),
    "access of the root": lambda tx, of: (
        document_roots.change(
            tx, of.cast.admin.actor, of.root_id, document_roots.RootSettings(access="None_DocumentRoot")
        ),
        groups.remove_member(tx, of.cast.admin.actor, of.cast.class_a, of.cast.student1.id),
    ),
    "it is given to its root": lambda tx, of: tx.execute(
        update(documents_table).where(documents_table.c.id == of.document_id).values(is_shared_main=True)
    ),
    "another change": lambda tx, of: changes.change(
        tx, Change(of.cast.student1.actor, of.document_id, {"code": "theirs"})
    ),
    "the same change": lambda tx, of: changes.change(
        tx, Change(of.cast.student1.actor, of.document_id, {"code": "mine"})
    ),
    "deleted": lambda tx, of: document_trees.remove(tx, of.cast.student1.actor, of.document_id),
    "nothing": lambda _tx, _of: None,
}


CASES = [*((name, None) for name in INTERVENTIONS), ("another change", 2), ("the same change", 2)]
