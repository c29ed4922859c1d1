"""The file format of `hub load` and `hub dump`, described in docs/architecture.md.

People are named by e-mail, groups by name or id.
"""

from __future__ import annotations

from typing import Any

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire

VERSIONS = (1, 2)
"""Versions of the format that can be read; the last one is written."""


class _Entry(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything in the file; a misspelt key is a mistake."""


class UserEntry(_Entry, kw_only=True):
    """A person."""

    email: str
    id: str | None = None
    first_name: str = ""
    last_name: str = ""
    role: str = "student"
    password: str | None = None
    name: str | None = None
    """What others see, where it is not first and last name."""
    subject: str | None = None
    """The account of a Jupyter server."""
    banned: bool = False
    ban_reason: str | None = None
    ban_expires: str | None = None


class GroupEntry(_Entry, kw_only=True):
    """A group; its admins are members too."""

    name: str
    id: str | None = None
    description: str = ""
    parent: str | None = None
    can_present: bool = False
    presented_document: Any = None
    members: list[str] = []
    admins: list[str] = []


class GroupAccessEntry(_Entry, kw_only=True):
    """What a group may do below a root."""

    group: str
    access: str


class UserAccessEntry(_Entry, kw_only=True):
    """What a person may do below a root."""

    user: str
    access: str


class RootEntry(_Entry, kw_only=True):
    """A document root."""

    id: str
    name: str | None = None
    access: str = "RW_DocumentRoot"
    shared_access: str = "None_DocumentRoot"
    provisional: bool = False
    """No elevated person has opened it yet."""
    creator: str | None = None
    group_permissions: list[GroupAccessEntry] = []
    user_permissions: list[UserAccessEntry] = []


class DocumentEntry(_Entry, kw_only=True):
    """A document."""

    document_root_id: str
    author: str
    type: str
    data: Any
    id: str | None = None
    parent_id: str | None = None
    shared: bool = False
    """Whether it is the one that everybody opens below its root."""


class ActionEntry(_Entry, kw_only=True):
    """An allowed action."""

    document_type: str
    action: str


class Content(_Entry, kw_only=True):
    """The whole file."""

    version: int = 1
    """1: what is shared under a slug lies below the root of each person's own documents; 2: below one of its own."""
    users: list[UserEntry] = []
    groups: list[GroupEntry] = []
    document_roots: list[RootEntry] = []
    documents: list[DocumentEntry] = []
    allowed_actions: list[ActionEntry] = []


def parse(raw: bytes) -> Content:
    """Parse a file; raises `InvalidInput` with the path of the first mistake."""
    content = wire.decode(raw, Content)
    wire.check_no_nul(raw)
    if content.version not in VERSIONS:
        raise InvalidInput(f"the file has version {content.version}, this hub reads 1 and 2: load it with a newer hub")
    return content


def encode(content: Content) -> bytes:
    """Return the file, indented for people."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
