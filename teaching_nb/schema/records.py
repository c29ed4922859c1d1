"""Records: the objects of the wire. Keys are camelCase there and snake_case here.

Shapes follow the protocol; extra keys of ours (`revision`, `name` of a root) are left out when unset,
so that a client of the existing system sees exactly the keys it knows.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from teaching_nb.schema.access import Access, own_permission

Role = Literal["student", "teacher", "admin"]
STAFF: Final = frozenset({"teacher", "admin"})

RecordType = Literal[
    "Document",
    "User",
    "UserPermission",
    "GroupPermission",
    "DocumentRoot",
    "StudentGroup",
    "AllowedAction",
    "CmsSettings",
]


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all records."""


class User(Record, frozen=True, kw_only=True):
    """A person."""

    id: str
    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: str
    updated_at: str
    first_name: str
    last_name: str
    role: str
    banned: bool | None
    ban_reason: str | None
    ban_expires: str | None
    auth_providers: list[str] | UnsetType = UNSET

    @property
    def is_staff(self) -> bool:
        """Tell whether this is a teacher or an admin."""
        return self.role in STAFF


class StudentGroup(Record, frozen=True, kw_only=True):
    """A class or team; deleted ones are sent without the two id lists."""

    id: str
    name: str
    description: str
    parent_id: str | None
    created_at: str
    updated_at: str
    can_present: bool
    presented_document: Any
    user_ids: list[str] | UnsetType = UNSET
    admin_ids: list[str] | UnsetType = UNSET


class RootUserPermission(Record, frozen=True, kw_only=True):
    """A user permission inside a root record."""

    id: str
    access: Access
    user_id: str


class RootGroupPermission(Record, frozen=True, kw_only=True):
    """A group permission inside a root record."""

    id: str
    access: Access
    group_id: str


class UserPermission(Record, frozen=True, kw_only=True):
    """Access of one user to one root."""

    id: str
    access: Access
    user_id: str
    document_root_id: str


class GroupPermission(Record, frozen=True, kw_only=True):
    """Access of one group to one root."""

    id: str
    group_id: str
    document_root_id: str
    access: Access


class Document(Record, frozen=True, kw_only=True):
    """One piece of state of one user below one root."""

    id: str
    author_id: str
    type: str
    data: Any
    parent_id: str | None
    document_root_id: str
    created_at: str
    updated_at: str
    revision: int | UnsetType = UNSET


class Sharing(Record, frozen=True, kw_only=True):
    """How a main document is shared, for whoever has asked for something else."""

    shared_access: Access
    """Of its root."""
    is_confirmed: bool
    """Whether an elevated person has opened the root."""
    is_elsewhere: bool
    """Whether an elevated person has since opened the other root that the same name stands for."""
    kept_private: int = 0
    """People whose own texts keep the root from being shared as an elevated caller wants it."""


class OpenedDocument(Document, frozen=True, kw_only=True):
    """A main document, and how it is shared."""

    sharing: Sharing | UnsetType = UNSET


class RootMeta(Record, frozen=True, kw_only=True):
    """A document root without its documents."""

    id: str
    access: Access
    shared_access: Access
    user_permissions: list[RootUserPermission]
    group_permissions: list[RootGroupPermission]
    name: str | UnsetType = UNSET
    """The slug that a notebook used; only our hub keeps it."""
    is_confirmed: bool | UnsetType = UNSET
    """Whether an elevated person has opened it; only our hub tells, of a root with a slug."""

    def own_permission(self) -> Access:
        """Return the own permission of whoever is shown the root: all permissions here are those that concern them."""
        groups = [permission.access for permission in self.group_permissions]
        return own_permission(self.access, groups, [permission.access for permission in self.user_permissions])


class RootLoad(RootMeta, frozen=True, kw_only=True):
    """A document root as one user sees it."""

    documents: list[Document]


class AllowedAction(Record, frozen=True, kw_only=True):
    """A document type that may be relinked."""

    id: str
    document_type: str
    action: str


class CmsSettings(Record, frozen=True, kw_only=True):
    """Where a person stands in the editor of the existing system."""

    id: str
    user_id: str
    active_branch: str | None
    active_path: str | None
    token: str | None
    token_expires_at: str | None
    created_at: str
    updated_at: str


class VersionAuthor(Record, frozen=True, kw_only=True):
    """Somebody who edited."""

    id: str
    name: str


class Version(Record, frozen=True, kw_only=True):
    """What a live document held at a time, without the content."""

    number: int
    kind: Literal["start", "edit", "restore"]
    """`start`: before anybody edited it live."""
    created_at: str
    """When it was edited last."""
    revision: int
    size: int
    """Bytes of the data as JSON."""
    authors: list[VersionAuthor]
    """Who edited since the version before; without those whose accounts are deleted."""
    pasted: bool | UnsetType = UNSET
    """Whether something was pasted; the existing backend alone knows."""


class VersionContent(Version, frozen=True, kw_only=True):
    """A version with its content."""

    data: Any


class VersionPage(Record, frozen=True, kw_only=True):
    """Versions of one document, newest first; the first one of all is the present state."""

    versions: list[Version]
    next: int | None
    """Ask for the versions `before` this one; None when there are no more."""


class RootName(Record, frozen=True, kw_only=True):
    """The slug of a document root, for whoever may read something below it."""

    id: str
    name: str


class DocumentSummary(Record, frozen=True, kw_only=True):
    """What an overview lists of a document."""

    id: str
    author_id: str
    type: str
    parent_id: str | None
    document_root_id: str
    created_at: str
    updated_at: str
    root_name: str | None
    data: Any = UNSET
    """What it holds, for those who look after its author: only where that is short, and no live text.

    Of a formatted text that was said in a thread of comments: in which (`thread`), and whether it only says that the
    thread is `resolved`, or open again.
    """
    number_below: int = 0
    """How many documents lie directly below it, as far as whoever asks may read them; for its author always 0."""


class QuestionResult(Record, frozen=True, kw_only=True):
    """How one question of a quiz was answered, and what is right."""

    qid: str
    is_answered: bool
    points: float
    max_points: float
    hits: int
    misses: int
    max_hits: int
    choices: list[int] | None
    """Numbers of the correct options; None for a statement."""
    value: bool | None
    """Whether the statement is true; None for options."""


class Assessment(Record, frozen=True, kw_only=True):
    """How somebody's quiz was scored; without results for its author until it has been assessed."""

    document_id: str
    author_id: str
    is_assessed: bool
    may_check: bool
    """Whether the author may have it assessed now."""
    questions: list[QuestionResult]
    points: float | None = None
    max_points: float | None = None


class KnownRoot(Record, frozen=True, kw_only=True):
    """Somebody who was away: a root, and the change up to which they know what is below it."""

    id: str
    since: int | None = None


class MissedRoot(Record, frozen=True, kw_only=True):
    """What happened below one root meanwhile."""

    id: str
    is_complete: bool
    """Whether `documents` is everything: what is not in it is gone, or hidden by now."""
    root: RootMeta | None
    """The root as it is now; None when there is no such root."""
    documents: list[Document]
    deleted: list[str]


class Missed(Record, frozen=True, kw_only=True):
    """The answer of a catch-up; `since` is what to ask with the next time."""

    since: int
    roots: list[MissedRoot]
