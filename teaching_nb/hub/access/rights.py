"""What people may do with one document, as services ask it: the one place where a change is allowed or refused.

Made of a document's row and the facts around it, so that one document and a hundred at once are judged alike.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, NotFound
from teaching_nb.hub.access.decisions import access_to
from teaching_nb.hub.access.facts import PermissionFacts
from teaching_nb.hub.actors import Actor
from teaching_nb.schema.access import Access, is_readable, is_writable

NOT_FOUND = "Document not found"


class Rights:
    """What people may do with one document; its row has the columns `DECISIVE`."""

    def __init__(self, row: Any, around: PermissionFacts) -> None:
        self._row = row
        self._around = around

    @classmethod
    def read(cls, tx: Connection, row: Any, actor: Actor) -> Rights:
        """Return the rights to a document, to be asked for its author and one caller."""
        return cls(row, PermissionFacts.read(tx, [row], [actor.user_id]))

    def of_author(self) -> Access:
        """Return the author's own permission on the root."""
        return self._around.own(self._row.author_id, self._row)

    def own(self, actor: Actor) -> Access:
        """Return the caller's own permission on the root."""
        return self._around.own(actor.user_id, self._row)

    def effective(self, actor: Actor) -> Access:
        """Return the effective access: what the caller may do with the document."""
        return access_to(self._row, actor.user_id, actor.role, self.own(actor))

    def is_author(self, actor: Actor) -> bool:
        """Tell whether the caller has created the document."""
        return bool(self._row.author_id == actor.user_id)

    def looks_after(self, actor: Actor) -> bool:
        """Tell whether an elevated caller manages the author: an admin, a group admin of theirs, or themselves."""
        is_manager = self.is_author(actor) or self._around.manages(actor.user_id, self._row.author_id)
        return actor.is_admin or (actor.is_elevated and is_manager)

    def may_read(self, actor: Actor) -> bool:
        """Tell whether the caller may see what the document holds."""
        return is_readable(self.effective(actor)) or self.looks_after(actor)

    def check_changeable(self, actor: Actor, *, on_behalf_of: bool) -> None:
        """Raise `Forbidden` when the caller may only know of the document, and `NotFound` when it is hidden from them.

        `on_behalf_of` asks whether an elevated caller manages the author instead of what the root allows.
        """
        if on_behalf_of and actor.is_elevated:
            if not self.looks_after(actor):
                raise NotFound(NOT_FOUND)
            return
        access = self.effective(actor)
        if is_writable(access):
            return
        if is_readable(access) or self.is_author(actor):
            raise Forbidden("Not authorized")
        raise NotFound(NOT_FOUND)
