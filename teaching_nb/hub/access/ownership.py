"""Whose document it is: its author's, or its root's. Pure.

Whoever a document belongs to has their own permission on it; everybody else what the root shares.
"""

from __future__ import annotations

from typing import Protocol

from teaching_nb.hub.actors import is_elevated_role
from teaching_nb.schema.access import Access, is_writable, rank

_HIGHEST_OF_ROOTS = 2
"""Rank of the highest access value of a root; what comes from a permission ranks higher."""


class Owned(Protocol):
    """What decides whose a document is."""

    @property
    def author_id(self) -> str:
        """Who has created it."""

    @property
    def is_shared_main(self) -> bool:
        """Whether it is the one document of its type that everybody opens below its root."""

    @property
    def provisional(self) -> bool:
        """Whether no elevated person has opened the root yet."""

    @property
    def creator_id(self) -> str | None:
        """Who has created the root, or has confirmed it."""


def belongs_to(document: Owned, user_id: str, role: str, own: Access) -> bool:
    """Tell whether a document belongs to somebody whose own permission on its root is `own`.

    A shared main document belongs to its root, and so to the elevated people who may say how the root is shared.
    As long as none of them has opened the root, its author keeps it.
    """
    is_author = user_id == document.author_id
    if not document.is_shared_main:
        return is_author
    if is_author and document.provisional:
        return True
    return is_elevated_role(role) and (is_author or governs_root(document.creator_id, user_id, role, own))


def governs_root(creator_id: str | None, user_id: str, role: str, own: Access) -> bool:
    """Tell whether an elevated person may say how a root is shared.

    Admins may, whoever has created or confirmed it, and who has RW through a permission.
    """
    is_permitted = is_writable(own) and rank(own) > _HIGHEST_OF_ROOTS
    return role == "admin" or creator_id == user_id or is_permitted
