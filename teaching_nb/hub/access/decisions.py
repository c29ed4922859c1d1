"""Who may do what with a document, decided from what is known of it. Pure: reads no database.

Services gather a `DocumentAudience` inside their transaction (`facts`); the publisher asks `audience_allows` for each
receiver.
"""

from __future__ import annotations

from typing import Any, Protocol

from teaching_nb.hub.access.ownership import Owned, belongs_to
from teaching_nb.hub.actors import ROLE_LEVELS
from teaching_nb.hub.outcomes import DocumentAudience
from teaching_nb.schema.access import Access, effective_access, is_readable, kind, own_permission


class Shared(Owned, Protocol):
    """A document, with how its root is shared."""

    @property
    def shared_access(self) -> Access:
        """What everybody who may open the root may do with the documents of others."""


def access_to(document: Shared, user_id: str, role: str, own: Access) -> Access:
    """Return the effective access of somebody whose own permission on the document's root is `own`."""
    return effective_access(own, document.shared_access, is_own=belongs_to(document, user_id, role, own))


def access_in(audience: DocumentAudience, user_id: str, role: str) -> Access:
    """Return the effective access of a user by the strict rule."""
    own = own_permission(
        audience.root_access,
        audience.group_accesses.get(user_id, ()),
        audience.user_accesses.get(user_id, ()),
    )
    return access_to(audience, user_id, role, own)


def audience_allows(audience: DocumentAudience, user_id: str, role: str) -> bool:
    """Tell whether a user may receive the document's data: by their access, as an admin, or as a manager."""
    level = ROLE_LEVELS.get(role, 0)
    if level >= 2 or (level >= 1 and user_id in audience.managers):
        return True
    return is_readable(access_in(audience, user_id, role))


def depends_on_permissions(row: Any) -> bool:
    """Tell whether permissions of others than the author decide who may see a document."""
    return kind(row.shared_access) != "None" or bool(row.is_shared_main)
