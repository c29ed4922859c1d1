"""What a person may do with a document that they follow live. Reads only."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from teaching_nb.errors import NotFound
from teaching_nb.hub.access.decisions import access_in, audience_allows
from teaching_nb.hub.access.facts import audiences
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import DocumentAudience
from teaching_nb.schema.access import Access, effective_access, is_readable


class LiveAccesses:
    """The audiences of some documents, to be asked for people."""

    def __init__(self, found: dict[str, DocumentAudience]) -> None:
        self._audiences = found

    def is_gone(self, document_id: str) -> bool:
        """Tell whether the document does not exist any more."""
        return document_id not in self._audiences

    def of(self, actor: Actor, document_id: str) -> Access | None:
        """Return the access of a person, None when the document is hidden from them or gone.

        Admins and elevated users who manage the author may read what is hidden from them otherwise.
        """
        audience = self._audiences.get(document_id)
        if audience is None:
            return None
        access = access_in(audience, actor.user_id, actor.role)
        if is_readable(access):
            is_others = audience.is_said and audience.author_id != actor.user_id
            return effective_access(access, "RO_DocumentRoot", is_own=False) if is_others else access
        return "RO_User" if audience_allows(audience, actor.user_id, actor.role) else None


def live_accesses(tx: Connection, document_ids: Collection[str]) -> LiveAccesses:
    """Gather what decides about the access to these documents."""
    return LiveAccesses(audiences(tx, document_ids))


def live_access(tx: Connection, actor: Actor, document_id: str) -> Access:
    """Return what a person may do with a document; raises `NotFound` when it is hidden from them or gone."""
    access = live_accesses(tx, [document_id]).of(actor, document_id)
    if access is None:
        raise NotFound(f"there is no document {document_id}")
    return access
