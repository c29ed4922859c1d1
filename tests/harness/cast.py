"""The cast: who there is in the school of the tests, in which class, and how each of them speaks to a hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Connection

from teaching_nb.hub.actors import Actor
from teaching_nb.hub.people import groups, sessions, users

ADMIN, TEACHER, TEACHER2 = "admin", "teacher", "teacher2"
ALICE, BOB, CAROL = "student1", "student2", "student3"

NAMES = {
    ADMIN: ("Ada", "Admin"),
    TEACHER: ("Tina", "Teacher"),
    TEACHER2: ("Tom", "Tutor"),
    ALICE: ("Alice", "Adams"),
    BOB: ("Bob", "Brown"),
    CAROL: ("Carol", "Clark"),
}
ROLES = {name: name if name == ADMIN else name.rstrip("123") for name in NAMES}
CLASSES = {"classA": (TEACHER, ALICE, BOB), "classB": (TEACHER2, CAROL)}
"""Class → its group admin, then its ordinary members."""


@dataclass(frozen=True)
class Person:
    """One member of the cast with a bearer token."""

    id: str
    name: str
    email: str
    role: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that prove who is calling."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def actor(self) -> Actor:
        """Return the person as a service sees them."""
        return Actor(user_id=self.id, name=self.name, email=self.email, role=self.role)


@dataclass(frozen=True)
class Cast:
    """Everybody, and the ids of the two classes."""

    admin: Person
    teacher: Person
    teacher2: Person
    student1: Person
    student2: Person
    student3: Person
    class_a: str
    class_b: str

    def named(self, name: str) -> Person:
        """Return one person by the name of the field."""
        person: Person = getattr(self, name)
        return person


def seed(tx: Connection) -> Cast:
    """Create the cast in a database."""
    people: dict[str, Any] = {
        name: add_person(tx, name, role=ROLES[name], first_name=first, last_name=last)
        for name, (first, last) in NAMES.items()
    }
    ids = {}
    for name, (head, *members) in CLASSES.items():
        ids[name] = groups.insert_group(tx, name=name, description="", parent_id=None)
        groups.set_member(tx, ids[name], people[head].id, is_admin=True)
        for member in members:
            groups.set_member(tx, ids[name], people[member].id, is_admin=False)
    return Cast(**people, class_a=ids["classA"], class_b=ids["classB"])


def add_person(tx: Connection, name: str, *, role: str, first_name: str, last_name: str) -> Person:
    """Create an account with a token for a program."""
    row = users.create(tx, email=f"{name}@school.test", first_name=first_name, last_name=last_name, role=role)
    token = sessions.create_bearer(tx, row.id, days=1)
    return Person(id=row.id, name=row.name, email=row.email, role=role, token=token)


class Caller:
    """A person at the REST interface of a hub."""

    def __init__(self, client: httpx.AsyncClient, person: Person) -> None:
        self._client = client
        self.person = person

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Send GET below /api/v1."""
        return await self.send("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send POST below /api/v1."""
        return await self.send("POST", path, body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send PUT below /api/v1."""
        return await self.send("PUT", path, body, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        """Send DELETE below /api/v1."""
        return await self.send("DELETE", path, **options)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send any request; a path that does not begin with /api is below /api/v1."""
        url = path if path.startswith("/api") else f"/api/v1{path}"
        options: dict[str, Any] = {} if body is None else {"json": body}
        return await self._client.request(
            method, url, params=params, headers={**self.person.headers, **(headers or {})}, **options
        )
