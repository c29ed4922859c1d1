"""Who is in the demo class, and what the hub is told about them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from teaching_nb.schema.roots import root_id, shared_root_id

MAX_STUDENTS = 30

_STUDENTS = (
    *("Alice", "Bob", "Carol", "David", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jonas"),
    *("Kira", "Leo", "Mia", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Simon", "Tara"),
    *("Uma", "Victor", "Wanda", "Xenia", "Yann", "Zoe", "Amir", "Bea", "Chen", "Dora"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a JupyterLab of their own."""

    first_name: str
    last_name: str
    role: str
    notebooks: tuple[str, ...]
    """The first one is opened."""

    @property
    def name(self) -> str:
        """Return the name for people."""
        return f"{self.first_name} {self.last_name}"

    @property
    def key(self) -> str:
        """Return the name for folders and files."""
        return self.first_name.lower()

    @property
    def email(self) -> str:
        """Return the address that the hub knows the person by; such addresses belong to nobody."""
        return f"{self.key}@school.example"


def people(students: int) -> list[Person]:
    """Return the teacher and that many students."""
    teacher = Person("Thea", "Teacher", "teacher", ("03_teacher_observes.ipynb", "02_shared_cell.ipynb"))
    notebooks = ("02_shared_cell.ipynb", "01_first_document.ipynb")
    return [teacher, *(Person(name, "Student", "student", notebooks) for name in _STUDENTS[:students])]


def class_file(everybody: list[Person]) -> dict[str, Any]:
    """Return the file for `hub load`: the people, their class, and the roots of the demo notebooks."""
    teachers = [person.email for person in everybody if person.role == "teacher"]
    return {
        "version": 2,
        "users": [
            {"email": person.email, "firstName": person.first_name, "lastName": person.last_name, "role": person.role}
            for person in everybody
        ],
        "groups": [
            {
                "name": "classA",
                "description": "The class of the demo",
                "members": [person.email for person in everybody],
                "admins": teachers,
            }
        ],
        "documentRoots": [
            {"id": root_id("first-steps"), "access": "RW_DocumentRoot", "sharedAccess": "None_DocumentRoot"},
            {
                "id": shared_root_id(root_id("fibonacci"), "code"),
                "name": "fibonacci",
                "access": "RW_DocumentRoot",
                "sharedAccess": "RW_DocumentRoot",
            },
            {
                "id": root_id("teacher-notes"),
                "access": "None_DocumentRoot",
                "sharedAccess": "None_DocumentRoot",
                "userPermissions": [{"user": email, "access": "RW_User"} for email in teachers],
            },
        ],
    }
