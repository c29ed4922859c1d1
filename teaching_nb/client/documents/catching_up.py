"""Catching up after a break of the connection: one question for all that was missed below the open roots.

Lives on the loop thread. What the answer leaves in doubt is read as a whole, as everything is with a
hub that does not offer the feature.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from teaching_nb.client.documents.open_documents import DocumentStore
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.stores import RootStore
from teaching_nb.client.sync.syncer import Syncer
from teaching_nb.errors import NotConnected, TeachingNbError
from teaching_nb.schema.access import Access, effective_access, is_readable
from teaching_nb.schema.records import KnownRoot, MissedRoot, RootMeta, User

FEATURE = "sync"
"""How the hub announces that it can be asked."""

ROOTS_AT_ONCE = 500

_logger = logging.getLogger(__name__)


class CatchUp:
    """Up to which change this kernel knows everything, and asking for what came later."""

    def __init__(
        self,
        rest: Rest,
        connection: Connection,
        documents: DocumentStore,
        roots: RootStore,
        user: Callable[[], User | None],
    ) -> None:
        self._rest = rest
        self._connection = connection
        self._documents = documents
        self._roots = roots
        self._user = user
        self._has_feature = False
        self._since: int | None = None
        """Every record was read after this change, or has been told of what came since; None: nobody knows."""

    async def run(self) -> set[Syncer]:
        """Bring records and roots up to date; return the records that need not be read any more.

        Raises `NotConnected` when the connection is lost again.
        """
        try:
            if self._connection.has_to_arrive:
                await self._connection.arrive(group.id for group in await self._rest.groups())
            if not self._has_feature:
                self._has_feature = FEATURE in await self._rest.features()
            return await self._ask() if self._has_feature else set()
        except NotConnected:
            raise
        except TeachingNbError as error:
            # Perhaps a hub of another version: the next time it is asked for its features first.
            _logger.info("the hub does not tell what was missed: %s", error)
            self._has_feature, self._since = False, None
            return set()

    async def _ask(self) -> set[Syncer]:
        ids = sorted({*self._root_ids()})
        caught_up: set[Syncer] = set()
        reached: list[int] = []
        for start in range(0, max(1, len(ids)), ROOTS_AT_ONCE):
            known = [KnownRoot(id=root_id, since=self._since) for root_id in ids[start : start + ROOTS_AT_ONCE]]
            missed = await self._rest.missed(known)
            reached.append(missed.since)
            for root in missed.roots:
                caught_up |= self._take(root)
        self._since = min(reached)
        return caught_up

    def _root_ids(self) -> Iterator[str]:
        yield from (root.id for root in self._roots)
        yield from (record.model.root_id for record in self._records())

    def _records(self) -> Iterator[Syncer]:
        for document in self._documents:
            if not document.syncer.has_subscription and document.model.id:
                yield document.syncer

    def _own_records(self) -> Iterator[Syncer]:
        """Yield the records of which it can be told here who may do what: what is shared belongs to its root."""
        for document in self._documents:
            if not document.syncer.has_subscription and document.model.id and not document.reference.shared:
                yield document.syncer

    def _take(self, missed: MissedRoot) -> set[Syncer]:
        """Apply what happened below one root; return the syncers that agree with the hub by that."""
        if missed.root is None:
            self._roots.remove(missed.id)
            return set()
        if missed.id in self._roots:
            self._roots.put(missed.root)
        records = [record for record in self._own_records() if record.model.root_id == missed.id]
        return {record for record in records if self._catch_up(record, missed, missed.root)}

    def _catch_up(self, record: Syncer, missed: MissedRoot, root: RootMeta) -> bool:
        if record.model.id in missed.deleted:
            record.on_closed("deleted")
            return True
        document = next((each for each in missed.documents if each.id == record.model.id), None)
        is_known = document is not None or (record.has_agreed and not missed.is_complete)
        access = self._access(root, record.model.author_id)
        if not is_known or not is_readable(access):
            # Gone, hidden, or shown to teachers by another rule: the hub has to say which.
            return False
        record.caught_up(document, access)
        return True

    def _access(self, root: RootMeta, author_id: str) -> Access:
        user = self._user()
        return effective_access(
            root.own_permission(), root.shared_access, is_own=user is not None and author_id == user.id
        )
