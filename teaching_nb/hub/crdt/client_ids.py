"""Whose the Yjs client ids of live documents are: an id belongs to the first person who writes under it.

Somebody who writes under another's id would make the library take that person's next edits for known. Kept as
long as a document is open in this process: after a restart an id is free again, for a client that has what a hub
set back to an older state has lost sends it whoever wrote it. State of this process alone; knows no sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from teaching_nb.errors import Conflict
from teaching_nb.schema.update_reader import items_of

FIRST_CLIENT_ID = 1
"""The hub's own, under which every document begins."""


@dataclass(frozen=True, slots=True)
class _Owner:
    user_id: str
    since: int
    """Clock from which on all items of this id are theirs."""


class ClientIds:
    """The owners of all ids in the documents that are open."""

    def __init__(self, shown_by: Callable[[str, int], str | None]) -> None:
        self._shown_by = shown_by
        """Who shows a cursor under an id in a document just now."""
        self._owners: dict[str, dict[int, _Owner]] = {}

    def of(self, document_id: str, user_id: str) -> Writer:
        """Return what one person may do with the ids of a document."""
        return Writer(document_id, user_id, self._owners.setdefault(document_id, {}), self._shown_by)

    def note(self, document_id: str, user_id: str, update: bytes) -> None:
        """Note that an update which another process has stored is somebody's."""
        writer = self.of(document_id, user_id)
        for client, since in items_of(update).inserted:
            if client != FIRST_CLIENT_ID:
                writer.note_written(client, since)

    def keep(self, document_ids: Collection[str]) -> None:
        """Forget all documents but these."""
        for document_id in self._owners.keys() - set(document_ids):
            del self._owners[document_id]


class Writer:
    """One person who writes into one document."""

    def __init__(
        self,
        document_id: str,
        user_id: str,
        owners: dict[int, _Owner],
        shown_by: Callable[[str, int], str | None],
    ) -> None:
        self._document_id = document_id
        self._user_id = user_id
        self._owners = owners
        self._shown_by = shown_by

    def check_new(self, client: int) -> None:
        """Raise `Conflict` unless they may add items under this id."""
        if client == FIRST_CLIENT_ID or self._owner_of(client) not in (None, self._user_id):
            raise Conflict(
                f"the edit is written under the client id {client}, which belongs to somebody else in this document;"
                " open the document anew and make the change again"
            )

    def has_written(self, client: int, clock: int) -> bool:
        """Tell whether all items of this id from a clock on are theirs."""
        owner = self._owners.get(client)
        return owner is not None and owner.user_id == self._user_id and owner.since <= clock

    def note_written(self, client: int, since: int) -> None:
        """Note that they have added items under this id, from a clock on."""
        self._owners.setdefault(client, _Owner(self._user_id, since))

    def _owner_of(self, client: int) -> str | None:
        owner = self._owners.get(client)
        return self._shown_by(self._document_id, client) if owner is None else owner.user_id
