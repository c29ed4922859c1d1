"""What the double of the existing backend stores, and what that shows to whom; as recorded and in its two versions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from teaching_nb.schema.access import Access, as_root, highest, kind, own_permission

Version = Literal["present", "2025"]
Json = dict[str, Any]

PASSWORD = "correct horse battery"


@dataclass
class Pupil:
    """A person of the double's school."""

    first_name: str
    role: str = "student"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def email(self) -> str:
        """Return what they sign in with."""
        return f"{self.first_name.lower()}@school.test"


@dataclass
class Records:
    """The database of the double."""

    version: Version
    people: list[Pupil]
    group_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """The one group, in which everybody is; teachers are its admins."""
    roots: dict[str, Json] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    user_permissions: list[Json] = field(default_factory=list)
    _clock: int = 0

    def now(self) -> str:
        """Return the time in milliseconds; no two calls get the same."""
        self._clock = max(self._clock + 1, int(datetime.now(UTC).timestamp() * 1000))
        moment = datetime.fromtimestamp(self._clock / 1000, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def person(self, user_id: str) -> Pupil:
        """Return a person."""
        return next(each for each in self.people if each.id == user_id)

    def user(self, person: Pupil) -> Json:
        """Return a person's record."""
        times = {"createdAt": "2026-11-01T08:00:00.000Z", "updatedAt": "2026-11-01T08:00:00.000Z"}
        names = {"id": person.id, "email": person.email, "firstName": person.first_name, "lastName": "Test"}
        if self.version == "2025":
            return {**names, "isAdmin": person.role == "admin", **times}
        bans = {"banned": False, "banReason": None, "banExpires": None}
        shown = {"name": f"{person.first_name} Test", "emailVerified": True, "image": None, "role": person.role}
        return {**names, **shown, **bans, **times}

    def group(self) -> Json:
        """Return the group's record."""
        times = {"createdAt": "2026-11-01T08:00:00.000Z", "updatedAt": "2026-11-01T08:00:00.000Z"}
        plain = {"id": self.group_id, "name": "Class A", "description": "", "parentId": None, **times}
        if self.version == "2025":
            return plain
        members = {"userIds": [each.id for each in self.people]}
        admins = {"adminIds": [each.id for each in self.people if each.role == "teacher"]}
        return {**plain, "canPresent": False, "presentedDocument": None, **members, **admins}

    def permission(self, person: Pupil, root: Json) -> Access:
        """Return what a person may do with their own documents below a root."""
        own = [each["access"] for each in self._permissions_of(person, root)]
        return own_permission(root["access"], [], own)

    def access(self, person: Pupil, document: Json) -> Access | None:
        """Return what a person may do with a document asked for by its id, by rank as upstream; None: invisible."""
        root = self.roots[document["documentRootId"]]
        own = self.permission(person, root)
        if document["authorId"] == person.id:
            return own
        if kind(root["sharedAccess"]) == "None":
            return None
        return highest([root["sharedAccess"]], own)

    def load(self, person: Pupil, root_id: str) -> Json | None:
        """Return a root as a person sees it; times of its documents have no zone."""
        root = self.roots.get(root_id)
        if root is None:
            return None
        shown = []
        for document in self.documents.values():
            if document["documentRootId"] == root_id and (access := self.access(person, document)) is not None:
                data = document["data"] if kind(access) != "None" else None
                times = {key: _without_zone(document[key]) for key in ("createdAt", "updatedAt")}
                shown.append({**document, "data": data, **times})
        own = [{key: each[key] for key in ("id", "access", "userId")} for each in self._permissions_of(person, root)]
        raw = {} if shown else {"rootUserPermissions": own, "rootGroupPermissions": []}
        return {**root, **raw, "documents": shown, "userPermissions": own, "groupPermissions": []}

    def make_root(self, root_id: str, body: Json) -> Json:
        """Create a root."""
        shared = as_root(body["sharedAccess"]) if "sharedAccess" in body else "None_DocumentRoot"
        self.roots[root_id] = {"id": root_id, "access": as_root(body.get("access")), "sharedAccess": shared}
        return {**self.roots[root_id], "userPermissions": [], "groupPermissions": []}

    def make_document(self, author: Pupil, body: Json) -> Json:
        """Create a document; an id in the body counts for nothing."""
        now = self.now()
        document = {
            "id": str(uuid.uuid4()),
            "authorId": author.id,
            "type": body["type"],
            "data": body["data"],
            "parentId": body.get("parentId") or None,
            "documentRootId": body["documentRootId"],
            "createdAt": now,
            "updatedAt": now,
        }
        self.documents[document["id"]] = document
        return document

    def write(self, document: Json, data: Any, at: str = "") -> Json:
        """Store data, whatever was there, stamped now or as given; return what is told of it."""
        document |= {"data": data, "updatedAt": at or self.now()}
        return {key: document[key] for key in ("id", "data", "updatedAt")}

    def remove(self, document_id: str) -> None:
        """Delete a document, with what is below it."""
        for child in [each["id"] for each in self.documents.values() if each.get("parentId") == document_id]:
            self.remove(child)
        del self.documents[document_id]

    def main(self, author: Pupil, root_id: str, type_name: str) -> Json | None:
        """Return a person's document of a type below a root."""
        found = (author.id, root_id, type_name)
        return next(
            (d for d in self.documents.values() if (d["authorId"], d["documentRootId"], d["type"]) == found), None
        )

    def rooms_of(self, root_id: str, writer: Pupil, *, of_new: bool = False) -> set[str]:
        """Return the rooms that hear of a document below a root."""
        root = self.roots[root_id]
        permitted = {each["userId"] for each in self.user_permissions if each["documentRootId"] == root_id}
        # Of a new document those hear whose permissions its writer sees: their own.
        permitted &= {writer.id} if of_new else permitted
        is_shared = kind(root["sharedAccess"]) != "None"
        everybody = {"all"} if is_shared else set()
        return permitted | everybody | {writer.id} | (set() if of_new and is_shared else {"admin"})

    def _permissions_of(self, person: Pupil, root: Json) -> list[Json]:
        wanted = (person.id, root["id"])
        return [each for each in self.user_permissions if (each["userId"], each["documentRootId"]) == wanted]


def _without_zone(text: str) -> str:
    return text.removesuffix("Z").rstrip("0").rstrip(".")
