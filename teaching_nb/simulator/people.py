"""Who is in a simulated class, where they write, and what the hub is told about it. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from teaching_nb.schema.roots import root_id, shared_root_id

MAX_STUDENTS = 1_000
AT_A_TABLE = 5
"""Students who write one text together."""

TEACHER = "sim-teacher@simulation.invalid"
"""Addresses below .invalid belong to nobody, whatever is ever registered."""
GROUP = "_simulation"
"""Groups that begin with _ are shown to nobody as active."""


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Table:
    """Some students, and the text that they write together; nobody else but teachers may see it."""

    number: int
    root_id: str
    members: tuple[str, ...]
    """E-mail addresses."""
    document_id: str = field(default_factory=_new_id)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One run: its people, and the places in which they write, which no other run has."""

    course: str
    students: tuple[str, ...]
    tables: tuple[Table, ...]
    container_id: str = field(default_factory=_new_id)
    """Document below which the messages of the chat lie."""

    @property
    def people(self) -> list[str]:
        """Return all addresses, the teacher's first."""
        return [TEACHER, *self.students]

    @property
    def code_root(self) -> str:
        """Return the place of each student's own program."""
        return root_id("program", self.course)

    @property
    def task_root(self) -> str:
        """Return the place of each student's own tick box."""
        return root_id("task", self.course)

    @property
    def chat_root(self) -> str:
        """Return the place of the chat."""
        return shared_root_id(root_id("chat", self.course), "simple_chat")

    def table_of(self, student: str) -> Table:
        """Return where a student sits."""
        return self.tables[self.students.index(student) // AT_A_TABLE]


def lesson(students: int) -> Lesson:
    """Return a new lesson for so many students."""
    course = f"simulation-{uuid.uuid4().hex[:12]}"
    emails = tuple(f"sim-student-{number:04d}@simulation.invalid" for number in range(1, students + 1))
    tables = tuple(
        Table(
            number,
            shared_root_id(root_id(f"table-{number}", course), "code"),
            emails[number * AT_A_TABLE : (number + 1) * AT_A_TABLE],
        )
        for number in range(-(-students // AT_A_TABLE))
    )
    return Lesson(course, emails, tables)


def class_file(planned: Lesson) -> dict[str, Any]:
    """Return the file for `hub load`; people and group of an earlier run are the same ones."""
    return {
        "version": 2,
        "users": [
            {
                "email": email,
                "firstName": email.partition("@")[0],
                "lastName": "Simulated",
                "role": "teacher" if email == TEACHER else "student",
            }
            for email in planned.people
        ],
        "groups": [{"name": GROUP, "members": planned.people, "admins": [TEACHER]}],
        "documentRoots": [
            *({"id": root, "access": "RW_DocumentRoot"} for root in (planned.code_root, planned.task_root)),
            {"id": planned.chat_root, "access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"},
            *(_root_of(table) for table in planned.tables),
        ],
        "documents": [
            {
                "id": planned.container_id,
                "documentRootId": planned.chat_root,
                "author": TEACHER,
                "type": "simple_chat",
                "data": {"name": "chat"},
            },
            *(_document_of(table) for table in planned.tables),
        ],
    }


def _root_of(table: Table) -> dict[str, Any]:
    return {
        "id": table.root_id,
        "access": "None_DocumentRoot",
        "sharedAccess": "RW_DocumentRoot",
        "userPermissions": [{"user": email, "access": "RW_User"} for email in (TEACHER, *table.members)],
    }


def _document_of(table: Table) -> dict[str, Any]:
    return {
        "id": table.document_id,
        "documentRootId": table.root_id,
        "author": TEACHER,
        "type": "code",
        "data": {"code": f"# table {table.number}\n"},
    }
