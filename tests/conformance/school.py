"""The people and groups of the start state that all recordings share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

PASSWORD = "correct horse battery"
_NAMESPACE = uuid.UUID("1b0f6f0e-3d4b-5a63-9c58-6a3a5f2f7d10")


@dataclass(frozen=True)
class SchoolUser:
    """One account."""

    name: str
    first_name: str
    last_name: str
    role: str

    @property
    def email(self) -> str:
        """Return the address that the account signs in with."""
        return f"{self.name}@school.test"

    @property
    def id(self) -> str:
        """Return the id, the same in every replay."""
        return str(uuid.uuid5(_NAMESPACE, self.name))


@dataclass(frozen=True)
class SchoolGroup:
    """One group."""

    key: str
    name: str
    can_present: bool
    admins: tuple[str, ...]
    members: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return the id, the same in every replay."""
        return str(uuid.uuid5(_NAMESPACE, self.key))


USERS = (
    SchoolUser("admin", "Ada", "Admin", "admin"),
    SchoolUser("teacher", "Tina", "Teacher", "teacher"),
    SchoolUser("teacher2", "Tom", "Tutor", "teacher"),
    SchoolUser("student1", "Sam", "One", "student"),
    SchoolUser("student2", "Sue", "Two", "student"),
    SchoolUser("student3", "Sid", "Three", "student"),
)
GROUPS = (
    SchoolGroup("classA", "Class A", False, ("teacher",), ("student1", "student2")),
    SchoolGroup("classB", "Class B", False, ("teacher2",), ("student3",)),
    SchoolGroup("present", "Presenting", True, ("teacher",), ("student1", "student2")),
)


def user(name: str) -> SchoolUser:
    """Return the account of an actor; `student1#2` is a second tab of `student1`."""
    owner, _, _ = name.partition("#")
    return next(person for person in USERS if person.name == owner)
