"""Records of the existing backend in the shape of ours. Pure.

Before May 2025 they have fewer keys: of a person's role they say first only whether they are an admin, then the
word in capitals, and at first nothing of who is in a group.
"""

from __future__ import annotations

from typing import Any, Final

from teaching_nb.schema import wire
from teaching_nb.schema.records import RootLoad, StudentGroup, User

_USER: dict[str, Any] = {
    "name": "",
    "emailVerified": False,
    "image": None,
    "firstName": "",
    "lastName": "",
    "banned": None,
    "banReason": None,
    "banExpires": None,
}
SHARED_LIST: Final = {"access": "RO_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}
"""How the root is shared of a list that several of the staff write."""
_GROUP: dict[str, Any] = {"description": "", "parentId": None, "canPresent": False, "presentedDocument": None}


def user_of(record: Any) -> User:
    """Return a person; raises `InvalidInput` for what is none."""
    if isinstance(record, dict):
        record = {**_USER, **record, "role": _role(record)}
        record["name"] = record["name"] or f"{record['firstName']} {record['lastName']}".strip()
    return wire.convert(record, User)


def group_of(record: Any) -> StudentGroup:
    """Return a group; raises `InvalidInput` for what is none."""
    return wire.convert({**_GROUP, **record} if isinstance(record, dict) else record, StudentGroup)


def _role(record: dict[str, Any]) -> str:
    word = record.get("role")
    if isinstance(word, str):
        return word.lower()
    return "admin" if record.get("isAdmin") is True else "student"


def is_shared_list(root: RootLoad) -> bool:
    """Tell whether a root is shared as that of a list which several of the staff write."""
    return (root.access, root.shared_access) == tuple(SHARED_LIST.values())
